"""What people, and what a pull request holds, may do to a run: nothing that they are not asked."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt
from steps import JobRun
from workflow_file import PROMPTS

from signing_keys import make_key
from world import (
    BUDGET,
    CASES,
    CONFIG,
    PIPELINE,
    PROMPT,
    REWORDED,
    SIGNERS,
    TEMPLATE,
    cell,
    lines,
    pipeline,
    prompt,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from steps import Run

    from world import World

    Files = dict[str, bytes | None]

EVIDENCE = f"{cell()}/evidence.json"
SIGNATURE = f"{EVIDENCE}.sig"


def begun(world: World, event: dict[str, str] | None = None) -> Run:
    return world.begin(event or world.runs.pull_request(1))


# Evidence that is not what it says.


def forged(world: World) -> str:
    """Every answer of head is right."""
    old, new = '"score": 0.0, "side": "head"', '"score": 1.0, "side": "head"'
    text = world.read(EVIDENCE)
    assert old in text
    return text.replace(old, new)


def edited(world: World) -> Files:
    return {EVIDENCE: forged(world).encode()}


def unsigned(world: World) -> Files:
    return {**edited(world), SIGNATURE: None}


def by_a_stranger(world: World) -> Files:
    text = forged(world).encode()
    signature = make_key(world.folder, "stranger").sign(text)
    return {EVIDENCE: text, SIGNATURE: signature.encode()}


def by_a_stranger_whom_head_allows(world: World) -> Files:
    text = forged(world).encode()
    key = make_key(world.folder, "stranger")
    return {EVIDENCE: text, SIGNATURE: key.sign(text).encode(), SIGNERS: key.allowed().encode()}


@pytest.mark.parametrize(
    ("forge", "reason"),
    [
        (edited, "the signature is not of this content"),
        (unsigned, "the evidence is not signed, and base asks for a signature"),
        (by_a_stranger, "signed by somebody whom allowed_signers does not name"),
        (by_a_stranger_whom_head_allows, "signed by somebody whom allowed_signers does not name"),
    ],
)
def test_forged_evidence_is_refused(
    landed: World, forge: Callable[[World], Files], reason: str
) -> None:
    landed.push(forge(landed))
    gate = landed.gate()
    assert gate.exit_code == 3
    assert gate.told == {"verdict": "NOT EVALUATED", "failed": "true"}
    assert reason in gate.log


def test_results_that_are_not_those_of_the_optimize_job_are_refused(
    optimized: tuple[World, Run],
) -> None:
    world, run = optimized
    head = world.head
    [artifact] = (run.folder / "artifacts").rglob("results.json")
    artifact.write_text(f"{artifact.read_text()} ")
    assert run.job("commit").exit_code == 3
    assert "not the one whose hash the optimize job told" in run.jobs["commit"].log
    assert world.head == head


# A fork.


def their_files(world: World) -> Files:
    """Policy, signers, workflow and action as a stranger would like them, and a grader."""
    mark = world.folder / "ran"
    code = (
        f"from pathlib import Path\nPath({str(mark)!r}).touch()\n\ndef grade(**_):\n    return 1\n"
    )
    metric = {"metric": "python", "function": "metrics/mine.py:grade"}
    theirs = pipeline(world.provider.api_base, budget={"calls": 10**6}, gate={"confidence": 0.6})
    return {
        **prompt("shapes"),
        "prompts/shapes/prompt.yaml": json.dumps({**CONFIG, "metrics": [metric]}).encode(),
        "metrics/mine.py": code.encode(),
        TEMPLATE: REWORDED.encode(),
        PIPELINE: theirs,
        SIGNERS: make_key(world.folder, "stranger").allowed().encode(),
        PROMPTS: b"on: pull_request\njobs: {}\n",
        "action.yml": b"name: theirs\nruns:\n  using: composite\n  steps: []\n",
    }


def test_a_fork_is_planned_and_gated_by_base_and_nothing_of_it_is_run(pushed: World) -> None:
    pushed.repository.commit("theirs", their_files(pushed), start="main")
    number = pushed.github.open_pull("theirs", fork="eve/prompts")
    refs, calls = pushed.repository.git("for-each-ref"), pushed.provider.calls
    run = begun(pushed, pushed.runs.pull_request(number))
    run.all()
    assert run.codes == {"plan": 0, "gate": 4}
    plan, gate = run.jobs["plan"], run.jobs["gate"]
    assert BUDGET <= int(plan.told["calls"]) < BUDGET + 60  # base's, and a comparison
    assert "shapes is not optimized before it is merged" in plan.log
    assert gate.told["verdict"] == "NOT EVALUATED"
    for job in (plan, gate):
        assert "a maintainer can start this workflow by hand" in job.summary
        assert not job.environment["LANDRACE_SIGNING_KEY"]
        assert "OPENAI_API_KEY" not in job.environment
        token = pushed.github.tokens.find(job.environment["GITHUB_TOKEN"])
        assert token is not None
        assert set(token.rights.values()) == {"read"}
    assert pushed.provider.calls == calls
    assert pushed.comments == []
    assert refs in pushed.repository.git("for-each-ref")  # but for the merge that GitHub makes
    assert not (pushed.folder / "ran").exists()


def test_a_maintainer_can_have_a_fork_searched_and_nothing_is_pushed_there(
    optimized: tuple[World, Run],
) -> None:
    world, _ = optimized
    world.repository.commit("theirs", {TEMPLATE: REWORDED.encode()}, start="main")
    number = world.github.open_pull("theirs", fork="eve/prompts")
    refs = world.repository.git("for-each-ref")
    run = begun(world, world.runs.dispatch(pull_request=str(number)))
    run.all()
    assert run.codes == {"plan": 0, "optimize": 0, "gate": 4, "report": 0}
    [comment] = world.comments
    assert comment.number == number
    assert "## ⚪ landrace: NOT EVALUATED" in comment.body
    assert "1 better variant found, and not committed" in comment.body
    assert "nothing is pushed to a fork" in comment.body
    assert "## From the base to the winner" in comment.body
    assert world.repository.git("for-each-ref") == refs


# Templates that attack who renders them.

ATTACKS = {
    "classes": ("{{ word.__class__.__mro__[1].__subclasses__() }}", "a Call expression"),
    "calls": ("{{ cycler.__init__.__globals__.os.popen('id') }}", "a Call expression"),
    "numbers": ("{{ 'x' * 300000000 }}", "rendering handled more than 16,000,000"),
    "loops": (
        "{% for a in word %}{% for b in word %}{{ word * 99999 }}{% endfor %}{% endfor %}",
        "the output is longer than 1,000,000",
    ),
}


def test_templates_that_attack_are_errors_of_their_cells(optimized: tuple[World, Run]) -> None:
    world, _ = optimized
    attacking = {
        f"prompts/{name}/prompt.jinja": f"{attack}\n{REWORDED}".encode()
        for name, (attack, _) in ATTACKS.items()
    }
    others = {path: data for name in ATTACKS for path, data in prompt(name).items()}
    world.push({**others, **attacking})
    calls = world.provider.calls
    run = begun(world)
    run.all()
    assert run.codes == {"plan": 0, "optimize": 3, "commit": 0, "gate": 4, "report": 0}
    assert world.provider.calls == calls  # none of them was sent, and the honest one is known
    [comment] = world.comments
    for name, (_, reason) in ATTACKS.items():
        assert reason in run.jobs["plan"].log
        assert f"| `{name}` |" in comment.body
        assert f"{cell(name)}/pin.json" not in world.repository.files("feature")
    assert f"{cell()}/pin.json" in world.repository.files("feature")


def test_a_template_that_reads_a_file_is_an_error_of_its_line(landed: World) -> None:
    landed.push({TEMPLATE: b"{% include '/etc/passwd' %}\n"})
    run = begun(landed)
    run.all()
    assert run.codes == {"plan": 2, "gate": 2, "report": 2}
    [comment] = landed.comments
    assert "## ⚪ landrace: NOT EVALUATED" in comment.body
    assert f"{TEMPLATE}:1" in comment.body
    assert landed.github.statuses[-1].state == "error"


# Texts of cases that want to be more than texts.

ACTING = (
    "::set-output name=head::evil ##[error]no @octocat <img src=//evil.example/a.png> "
    "![a](https://evil.example/a.png) </summary></details> ada/prompts#1 GH-7 `"
)
KEY = "sk-proj-SomebodyPastedThisKeyIntoACase0123456789"


def hostile(world: World, text: str) -> Run:
    """A run of a pull request to a base that has this text in every case."""
    cases = words()
    for one in cases:
        # What has nearly the same words would be in one split.
        noise = hashlib.sha256(one["id"].encode()).digest().hex(" ")
        one["inputs"]["word"] = f"{text} {noise} {one['id']}"
    world.push({CASES: lines(cases)}, branch="main")
    world.bring_up_to_date("feature")
    return begun(world)


def told(world: World, run: Run) -> Iterator[str]:
    """Everything that leaves a job for a reader, but for files of the commit."""
    for job in run.jobs.values():
        yield from (job.log, job.summary, *job.told.values(), *job.outputs.values())
    yield from (comment.body for comment in world.comments)
    yield from (status.description for status in world.github.statuses)
    yield from (world.repository.message(oid) for oid in world.repository.history("feature")[:1])


def live(page: str) -> str:
    """The parts of a page that a forge makes links, pictures, mentions and HTML of."""
    found = []
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(page):
        if token.type in {"html_block", "inline"}:
            parts = token.children or [token]
            found += [part.content for part in parts if part.type != "code_inline"]
            found += [str(part.attrs) for part in parts if part.attrs]
    return "\n".join(found)


def test_texts_that_want_to_act_are_only_text_wherever_they_are_shown(pushed: World) -> None:
    run = hostile(pushed, ACTING)
    run.all()
    assert run.codes == dict.fromkeys(["plan", "optimize", "commit", "gate", "report"], 0)
    [comment] = pushed.comments
    for text in ("set-output", "octocat", "img src", "prompts#1"):
        assert text in comment.body, "the texts of cases are shown"
    assert run.jobs["commit"].told == {"head": pushed.head, "committed": "true"}
    ours = re.compile(r"(?m)^::(notice|warning|error)( title=landrace gate)?::.*$\n?")
    for text in told(pushed, run):
        assert not re.search(r"(?m)^\s*::|##\w*\[", ours.sub("", text))
    pages = [comment.body, pushed.read(f"{cell()}/report.md"), run.jobs["gate"].summary]
    for page in pages:
        assert not re.search(r"@octocat|<img|evil\.example|prompts#1|!\[", live(page))


def test_a_key_in_a_case_leaves_no_job(pushed: World) -> None:
    run = hostile(pushed, KEY)
    head = pushed.head
    run.all()
    # Every example that a search can choose has the key, so that no winner may leave the job.
    assert run.codes == {"plan": 0, "optimize": 3, "gate": 4, "report": 0}
    assert pushed.head == head
    [comment] = pushed.comments
    assert "looks like a secret (a key of OpenAI); take it out of the prompt" in comment.body
    [artifact] = (run.folder / "artifacts").rglob("results.json")
    for text in (*told(pushed, run), artifact.read_text()):
        assert KEY not in text


def test_a_comment_with_too_many_cells_is_cut_and_says_so(pushed: World) -> None:
    names = [f"{'a-long-name-' * 7}{number}" for number in range(150)]
    pushed.push({path: data for name in names for path, data in prompt(name).items()})
    run = begun(pushed)
    run.job("plan")
    run.jobs.update(dict.fromkeys(("optimize", "commit"), JobRun("skipped")))
    run.all()
    [comment] = pushed.comments
    assert len(comment.body) <= 60_100
    assert re.search(r"\n\d+ more cells not shown\.\n", comment.body)
    assert len(comment.body) > 45_000
    assert run.jobs["report"].told["changed"] == "151"


# Prompts that are gone.


def merged(world: World) -> dict[str, bytes]:
    """The pull request is merged, and base has another prompt, too; the files of the prompt."""
    world.repository.git("update-ref", "refs/heads/main", world.head)
    world.push(prompt("shapes"), branch="main")
    world.bring_up_to_date("feature")
    found = world.repository.files("feature").items()
    return {name: data for name, data in found if name.split("/")[1:2] == [PROMPT]}


def test_a_renamed_prompt_is_a_new_one_and_the_old_pin_is_told(landed: World) -> None:
    old = merged(landed)
    prompts = {name: data for name, data in old.items() if name.startswith("prompts/")}
    renamed = {name.replace(PROMPT, "paints"): data for name, data in prompts.items()}
    landed.push({**renamed, **dict.fromkeys(prompts)})
    run = begun(landed)
    run.all()
    assert run.codes == dict.fromkeys(["plan", "optimize", "commit", "gate", "report"], 0)
    assert f"{cell('paints')}/pin.json" in landed.repository.files("feature")
    [comment] = landed.comments
    assert "paints is new: there is nothing to compare it with" in comment.body
    assert "colours is removed, and is served all the same" in comment.body


def test_a_removed_prompt_is_told_and_leaves_nothing_to_be_done(landed: World) -> None:
    landed.push(dict.fromkeys(merged(landed)))
    run = begun(landed)
    run.all()
    assert run.codes == {"plan": 0, "gate": 0, "report": 0}
    [comment] = landed.comments
    assert "colours is removed: there is nothing left to evaluate" in comment.body
    assert "colours is not pinned for openai/pupil any more" in comment.body
