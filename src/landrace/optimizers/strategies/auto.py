"""``auto``: the strategy that a user need not change. First version.

A pipeline of parts that were measured to pay for themselves: a headroom probe (CoinFlip,
2604.14585: half of all runs had nothing to gain), a wide cheap pool with demos first (MIPRO
§6: demos beat instructions in most tasks), successive halving on shared cases (paired, so
far fewer calls for the same choice), refinement from mistakes (ProTeGi, GEPA), successive
rejects for the crown, and SAMMO's compression under an accuracy constraint.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from pydantic import Field

from landrace.optimizers.allocation.rungs import halving
from landrace.optimizers.allocation.screening import crown, has_headroom, reached, screen
from landrace.optimizers.proposing import proposers
from landrace.optimizers.search.turns import in_turn
from landrace.optimizers.slots import demos
from landrace.optimizers.slots.formats import formats_for
from landrace.schemas.base import Strict
from landrace.schemas.candidate import Candidate, Demo, Layout, Slots

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.strategy import Sizes
    from landrace.optimizers.study import Entry, Study
    from landrace.schemas.case import Case

VERSION = "1"

PROBE = 16  # select cases that show whether there is anything to gain
SURVIVORS = 4
LEAST_POOL = 6
CALLS_A_CANDIDATE = 16
MISTAKES = 12  # search cases on which a survivor is questioned


class Options(Strict):
    """Options of ``auto``; the defaults suit most prompts."""

    pool: int = Field(default=20, ge=4, le=64, description="Most candidates in the first round.")
    max_demos: int = Field(default=8, ge=0, le=64, description="Most demos in a candidate.")
    proposals: int = Field(
        default=4, ge=0, le=32, description="Instructions asked of the proposer for the pool."
    )


def least(options: Options, sizes: Sizes) -> int:
    """The fewest calls with which a search makes sense."""
    return sizes.rivals * sizes.select + options.proposals + 3 * sizes.select


def shares(options: Options, sizes: Sizes, calls: int) -> dict[str, int]:
    """The most calls of each stage, for a search that has ``calls`` in all."""
    probe = min(calls, sizes.rivals * sizes.select)
    propose = min(calls - probe, options.proposals + min(MISTAKES, sizes.search))
    rest = calls - probe - propose
    screening, refine, crown = (rest * part // 100 for part in (40, 30, 15))
    return {
        "probe": probe,
        "propose": propose,
        "screen": screening,
        "refine": refine,
        "crown": crown,
        "shorten": rest - screening - refine - crown,
    }


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell."""
    options: Options = study.setting.options
    rivals = [entry for entry in (study.incumbent, study.base) if entry]
    with study.stage("probe", "how good is what we have"):
        study.evaluate(rivals, study.select[:PROBE])
        study.evaluate(rivals, study.select)
    if not has_headroom(study):
        study.log("no headroom")
        return
    found: list[Candidate] = []
    with study.stage("propose", "demos, instructions and formats"):
        # One by one: what came before the end of the budget stays.
        for candidate in _pool(study, options):
            found.append(candidate)  # noqa: PERF402 - see above
    # A wider pool than the calls can tell apart picks its survivors by luck.
    room = max(LEAST_POOL, study.shares["screen"] // CALLS_A_CANDIDATE)
    chosen = found[: min(options.pool, room)]
    pool = study.admit_all([*(entry.candidate for entry in rivals), *chosen])
    survivors = pool
    with study.stage("screen", "successive halving on shared cases") as calls:
        rungs = halving(len(pool), SURVIVORS, calls, len(study.select))
        survivors = screen(study, pool, rungs)
    survivors = survivors[:SURVIVORS]
    with study.stage("refine", "crossing, and mending after mistakes") as calls:
        survivors = _refine(study, survivors, calls)
    with study.stage("crown", "successive rejects") as calls:
        crown(study, survivors, calls)
    with study.stage("shorten", "the same accuracy with fewer tokens"):
        _shorten(study)


def _pool(study: Study, options: Options) -> Iterator[Candidate]:
    """The first candidates, the likeliest to win first."""
    yield from study.setting.others
    if study.setting.program.main.parts is not None:
        yield from in_turn(
            [_with_demos(study, options), _formats(study), _instructions(study, options)]
        )


def _with_demos(study: Study, options: Options) -> Iterator[Candidate]:
    """Labelled demos in different counts, choices and orders, in both layouts."""
    pool = demos.short_enough(demos.labelled_cases(_known(study)), options.max_demos)
    counts = [c for c in (8, 4, 2, 16, 1, 32) if c <= min(options.max_demos, len(pool))]
    for draw in range(4):
        rng = study.rng(f"demos/{draw}")
        for number, count in enumerate(counts):
            layout: Layout = "system" if (draw + number) % 2 == 0 else "user"
            chosen = demos.labelled(study, demos.balanced(pool, count, rng))
            yield _made(study, f"{count} labelled demos", layout=layout, demos=chosen)
    yield from _bootstrapped(study, options)


def _known(study: Study) -> Sequence[Case]:
    """The search cases that can be shown: in a program, those on which the base was run."""
    if study.setting.program.is_plain:
        return study.search
    cases = study.search[:MISTAKES]
    study.evaluate([study.base], cases)
    return cases


def _bootstrapped(study: Study, options: Options) -> Iterator[Candidate]:
    cases = study.search[:MISTAKES]
    study.evaluate([study.base], cases)
    own = demos.bootstrapped(study, study.base, cases)[: options.max_demos]
    if own:
        operator = f"{len(own)} demos in the model's own words"
        yield _made(study, operator, layout="system", demos=own)


def _formats(study: Study) -> Iterator[Candidate]:
    """The base instruction with the output rule, then with every other answer format."""
    instruction = proposers.base_instruction(study)
    rule = proposers.output_rule(study)
    if rule:
        text = f"{instruction}\n\n{rule}"
        yield _made(study, "output rule", instruction=text, layout="user")
        yield _made(study, "output rule", instruction=text, layout="system")
    for form in formats_for(study.setting.program.main.contract)[1:]:
        yield _made(study, f"format {form.name}", layout="user", format=form.name)


def _instructions(study: Study, options: Options) -> Iterator[Candidate]:
    """New instructions: induced ones only from a weak proposer, which rewrites badly."""
    rng = study.rng("instructions")
    labelled = demos.labelled_cases(_known(study))
    shown = demos.labelled(study, demos.balanced(labelled, min(4, options.max_demos), rng))
    for number in range(options.proposals):
        cases = demos.balanced(labelled, 5, rng)
        if study.setting.proposer_is_weak or number % 2:
            text, operator = proposers.induced(study, cases), "induced instruction"
        else:
            tip = proposers.TIPS[number % len(proposers.TIPS)]
            text, operator = proposers.rewritten(study, cases, tip=tip), "rewritten instruction"
        if text:
            yield _made(study, operator, instruction=text, layout="user")
            yield _made(
                study, f"{operator} and demos", instruction=text, layout="system", demos=shown
            )


def _refine(study: Study, survivors: list[Entry], calls: int) -> list[Entry]:
    """One round of children from the survivors, screened together with them."""
    free = _better_read(study, survivors)
    # What reads better is ranked before it has children.
    parents = study.ranked([*survivors, *free], study.select)[:SURVIVORS]
    questioned = parents[: 1 + calls // 200]
    sources = [_mended(study, questioned), _crossed(study, parents)]
    room = max(2, calls // CALLS_A_CANDIDATE)
    children = study.admit_all(list(itertools.islice(in_turn(sources), room)))
    together = list({entry.digest: entry for entry in (*parents, *children)}.values())
    left = calls - MISTAKES * len(questioned)
    return screen(
        study, together, halving(len(together), SURVIVORS, max(0, left), len(study.select))
    )


def _better_read(study: Study, survivors: Sequence[Entry]) -> list[Entry]:
    """Survivors that a more tolerant parser reads better; their calls are paid for already."""
    cases = study.select[: reached(study, survivors)]
    entries = study.admit_all(list(_tolerant(study, survivors)))
    study.evaluate(entries, cases)
    return [
        entry
        for entry in entries
        if study.ranked([study.entries[entry.candidate.parents[0]], entry], cases)[0] is entry
    ]


def _tolerant(study: Study, survivors: Sequence[Entry]) -> Iterator[Candidate]:
    """The same template read by a more tolerant parser: costs no call."""
    for form in formats_for(study.setting.program.main.contract)[1:]:
        if form.ask:
            continue
        for entry in survivors:
            if _is_composed(study, entry) and _slots(study, entry).format == "base":
                yield _child(study, entry, f"read as {form.name}", format=form.name)


def _crossed(study: Study, survivors: Sequence[Entry]) -> Iterator[Candidate]:
    """The demos of one with the instruction and format of another."""
    parents = [entry for entry in survivors if _is_composed(study, entry)]
    for one in parents:
        for other in parents:
            ours, theirs = _slots(study, one), _slots(study, other)
            if one is not other and theirs.demos != ours.demos and theirs.demos:
                yield _child(study, one, "crossed", layout=theirs.layout, demos=theirs.demos)


def _mended(study: Study, survivors: Sequence[Entry]) -> Iterator[Candidate]:
    """Mistakes on search cases become demos, and are shown to the proposer."""
    for entry in survivors:
        if not _is_composed(study, entry):
            continue
        shown = {demo.case_id for demo in _slots(study, entry).demos}
        cases = [case for case in study.search if case.id not in shown][:MISTAKES]
        study.evaluate([entry], cases)
        wrong = demos.labelled_cases([case for case, _ in study.errors(entry, cases)])
        yield from _taught(study, entry, wrong)
        text = proposers.mended(study, entry, cases, words=50)
        if text:
            yield _child(study, entry, "mended instruction", instruction=text)


def _taught(study: Study, entry: Entry, wrong: list[Case]) -> Iterator[Candidate]:
    limit = study.setting.options.max_demos
    kept = _slots(study, entry).demos
    for count in (2, 4):
        extra = demos.labelled(study, wrong[:count])
        if len(extra) == count and count <= limit:
            together: tuple[Demo, ...] = (*kept, *extra)[-limit:]
            yield _child(study, entry, f"{count} mistakes as demos", demos=together)


def _shorten(study: Study) -> None:
    """Drop demos and text from the best as long as it stays as good on all of `select`."""
    best = study.best()
    while best is not None:
        shorter = next(_no_worse(study, best), None)
        if shorter is None:
            return
        best = shorter


def _no_worse(study: Study, best: Entry) -> Iterator[Entry]:
    for entry in study.admit_all(list(_shorter(study, best))):
        for stop in (len(study.select) // 4, len(study.select) // 2, len(study.select)):
            study.evaluate([entry], study.select[:stop])
            if study.ranked([entry, best], study.select[:stop])[0] is best:
                break
        else:
            yield entry


def _shorter(study: Study, best: Entry) -> Iterator[Candidate]:
    if not _is_composed(study, best):
        return
    shown = _slots(study, best).demos
    half = len(shown) // 2
    if half:
        yield _child(study, best, "half the demos", demos=shown[half:])
        yield _child(study, best, "half the demos", demos=shown[:half])
    if shown:
        yield _child(study, best, "no instruction", instruction="", layout="user")
        yield _child(study, best, "one demo less", demos=shown[1:])


def _slots(study: Study, entry: Entry) -> Slots:
    return entry.candidate.slots(study.setting.program.main.name)


def _is_composed(study: Study, entry: Entry) -> bool:
    slots = _slots(study, entry)
    return slots.source is None and slots.layout != "base"


def _made(study: Study, operator: str, **slots: Any) -> Candidate:
    return Candidate().changed(operator, node=study.setting.program.main.name, **slots)


def _child(study: Study, parent: Entry, operator: str, **slots: Any) -> Candidate:
    node = study.setting.program.main.name
    return parent.candidate.changed(operator, node=node, parent=parent.digest, **slots)
