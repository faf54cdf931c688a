"""What the watch over models found: the text of its pull request, its commit, and a table."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from landrace.reports import figures
from landrace.reports.gate.markdown import fitting
from landrace.reports.markdown import table
from landrace.reports.neutralise import code, one_line, prose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from landrace.schemas.model_findings import Ending, ModelFindings, New

# Characters for each of at most three parts; a forge takes some 65,000 for all.
ROOM = 18_000
PROMPTS_NAMED = 10
# Of a commit's message.
LINES, LINE = 50, 200

_SOURCE = (
    "This is what the table of models in the installed litellm says about the lists in "
    "`pipelines/`. No provider was asked."
)
_REMOVED = (
    "What is pinned for them stays in `registry/` and goes on being served: remove those folders "
    "once no application asks for these models."
)
_ADDED = (
    "They match `allowed_models`, and those come first whose names look newest, of each pattern "
    "in turn. The table does not say since when a model exists, so no minimum age was kept: look "
    "at what you let in. Their prompts are optimized on this pull request."
)
_CLOSING = (
    "Close this pull request if you do not want it: it is not opened again for just these "
    "changes. After a commit of yours to its branch, the branch is left to you."
)


def pull_request_body(findings: ModelFindings) -> str:
    """The reasons, as Markdown."""
    return "\n\n".join([_SOURCE, *_sections(findings), _CLOSING]) + "\n"


def summary(findings: ModelFindings) -> str:
    """The same for the page of a job, also where nothing was found."""
    parts = list(_sections(findings))
    if not parts:
        return "## landrace: the lists of models are in order\n"
    return "\n\n".join(["## landrace: the lists of models", _SOURCE, *parts]) + "\n"


def headline(findings: ModelFindings) -> str:
    """One line: how many models the edits add and remove."""
    added = sum(len(edit.add) for edit in findings.edits)
    removed = sum(len(edit.remove) for edit in findings.edits)
    ending = f"remove {figures.plural(removed, 'model')} that end{'s' if removed == 1 else ''}"
    new = f"add {figures.plural(added, 'new model')}"
    text = " and ".join(part for part, n in ((ending, removed), (new, added)) if n)
    return text[:1].upper() + text[1:]


def commit_lines(findings: ModelFindings) -> list[str]:
    """The edits, a line each; no line is anybody else's text."""
    ends = {(one.pipeline, one.model): one.ends for one in findings.ending}
    lines = []
    for edit in findings.edits:
        name = edit.pipeline
        lines += [f"- {name}: remove {model}, ends on {ends[name, model]}" for model in edit.remove]
        lines += [f"- {name}: add {model}" for model in edit.add]
    more = len(lines) - LINES
    shown = [one_line(line, LINE) for line in lines[:LINES]]
    return [*shown, *([f"- and {more} more"] if more > 0 else [])]


def rows(findings: ModelFindings) -> Iterator[tuple[str, ...]]:
    """Pipeline, model, what is the matter and what to do, for a terminal."""
    for ending in findings.ending:
        what = f"ends on {ending.ends}"
        yield ending.pipeline, ending.model, what + _role(ending), ending.told or "remove it"
    for new in findings.new:
        if not new.told:
            yield new.pipeline, new.model, "new", "add it"
    for pipeline, why, many in _left_out(findings.new):
        yield pipeline, f"({figures.plural(many, 'more model')})", "new", why
    for unpinned in findings.unpinned:
        what = f"no pin for {_names(unpinned.prompts)}"
        yield unpinned.pipeline, unpinned.model, what, unpinned.command


def _sections(findings: ModelFindings) -> Iterator[str]:
    removed = [one for one in findings.ending if not one.told]
    if removed:
        lines = [(_code(one.pipeline), _code(one.model), str(one.ends)) for one in removed]
        yield f"### Removed\n\n{_table(('pipeline', 'model', 'ends on'), lines)}\n\n{_REMOVED}"
    added = [one for one in findings.new if not one.told]
    if added:
        pairs = [(_code(one.pipeline), _code(one.model)) for one in added]
        yield f"### Added\n\n{_table(('pipeline', 'model'), pairs)}\n\n{_ADDED}"
    left = [*_told_endings(findings), *_told_new(findings), *_told_unpinned(findings)]
    if left:
        shown, more = fitting(left, ROOM)
        yield "### Left to you\n\n" + "\n".join(
            [*shown, *([f"- And {more} more."] if more else [])]
        )


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    title, rule, *lines = table(header, rows, left=len(header)).split("\n")
    shown, more = fitting(lines, ROOM)
    note = f"\n\nAnd {figures.plural(more, 'more model')}." if more else ""
    return "\n".join([title, rule, *shown]) + note


def _told_endings(findings: ModelFindings) -> Iterator[str]:
    for one in findings.ending:
        if one.told:
            yield (
                f"- {_code(one.model)}{_role(one)} of {_code(one.pipeline)} ends on {one.ends}, "
                f"and stays: {prose(one.told)}."
            )


def _told_new(findings: ModelFindings) -> Iterator[str]:
    for pipeline, why, many in _left_out(findings.new):
        models = figures.plural(many, "more model")
        yield f"- {models} may be added to {_code(pipeline)}: {prose(why)}."


def _told_unpinned(findings: ModelFindings) -> Iterator[str]:
    for one in findings.unpinned:
        yield (
            f"- {_code(one.model)} of {_code(one.pipeline)} has no pin for "
            f"{_names(one.prompts, code)}. This makes one: {code(one.command, 500)}"
        )


def _left_out(new: Sequence[New]) -> Iterator[tuple[str, str, int]]:
    """How many new models of a pipeline are not added for the same reason."""
    told = Counter((one.pipeline, one.told) for one in new if one.told)
    for (pipeline, why), many in told.items():
        yield pipeline, why, many


def _role(one: Ending) -> str:
    return " as the proposer" if one.role == "proposer" else ""


def _names(prompts: Sequence[str], show: Callable[[str], str] = str) -> str:
    more = len(prompts) - PROMPTS_NAMED
    shown = [show(prompt) for prompt in prompts[:PROMPTS_NAMED]]
    return ", ".join([*shown, *([f"{more} more"] if more > 0 else [])])


def _code(text: str) -> str:
    return code(text, 200, cell=True)
