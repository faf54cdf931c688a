"""What the job that may write refuses: one thing wrong refuses it all."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from kinds import TWIN

from landrace.digest import json_digest, sha256, text_digest
from landrace.errors import EvidenceError, FormatError, LandraceError, RefusedError
from landrace.pin import Pin, variant_digest
from landrace.reports.markdown import markdown
from landrace.schemas.report import Report
from landrace.store.atomic import json_text
from landrace.workflows.pull_request.accept import accept, read_results
from landrace.workflows.pull_request.evidence import evidence_text, parse_evidence
from landrace.workflows.pull_request.fitting import MOST_RESULT_BYTES
from pull_request_world import CELL, PROMPT, PUPIL, World, as_json, with_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from landrace.schemas.results import Results

TEMPLATE = "{% user %}\nWord: {{ word }}\n{% enduser %}\n"
BOMB = "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}"
SECRET = "sk-ant-api03-" + "Ab1_" * 20  # of the shape, and nobody's


class Tampering(NamedTuple):
    name: str
    make: Callable[[dict[str, str]], None]
    error: type[LandraceError]
    problem: str


def whole(files: dict[str, str]) -> None:
    """Make pin and evidence fit the template and the report that stand there."""
    pin = Pin.loads(files["pin.json"])
    pin = pin._replace(files={"prompt.jinja": text_digest(files["prompt.jinja"])})
    pin = pin._replace(variant=variant_digest(pin))
    files["pin.json"] = pin.dumps()
    fit_evidence(files, variant=pin.variant)


def fit_evidence(files: dict[str, str], /, **changes: Any) -> None:
    others = {name: text for name, text in files.items() if name != "evidence.json"}
    old = parse_evidence(files["evidence.json"], "")
    digests = {name: text_digest(text) for name, text in others.items()}
    update = {"files": digests, **changes}
    files["evidence.json"] = evidence_text(old.model_copy(update=update))


def template(text: str) -> Callable[[dict[str, str]], None]:
    def make(files: dict[str, str]) -> None:
        files["prompt.jinja"] = text
        whole(files)

    return make


def pin(**changes: Any) -> Callable[[dict[str, str]], None]:
    """A pin with other keys, and everything made to fit it."""

    def make(files: dict[str, str]) -> None:
        data = {**json.loads(files["pin.json"]), **changes}
        files["pin.json"] = Pin.from_dict(data).dumps()
        whole(files)

    return make


def report(**changes: Any) -> Callable[[dict[str, str]], None]:
    def make(files: dict[str, str]) -> None:
        found = Report.model_validate({**json.loads(files["report.json"]), **changes})
        files["report.json"] = json_text(found.model_dump(mode="json"))
        files["report.md"] = markdown(found)
        fit_evidence(files)

    return make


def inside(key: str, **changes: Any) -> Callable[[dict[str, str]], None]:
    """A part of the pin with other keys."""

    def make(files: dict[str, str]) -> None:
        part = {**json.loads(files["pin.json"])[key], **changes}
        pin(**{key: part})(files)

    return make


def put(name: str, text: str) -> Callable[[dict[str, str]], None]:
    return lambda files: files.update({name: text})


def edit(name: str, old: str, new: str) -> Callable[[dict[str, str]], None]:
    def make(files: dict[str, str]) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)

    return make


def then_fit(change: Callable[[dict[str, str]], None]) -> Callable[[dict[str, str]], None]:
    def make(files: dict[str, str]) -> None:
        change(files)
        fit_evidence(files)

    return make


def evidence(**changes: Any) -> Callable[[dict[str, str]], None]:
    return lambda files: fit_evidence(files, **changes)


def older_inputs(files: dict[str, str]) -> None:
    inputs = {**parse_evidence(files["evidence.json"], "").inputs, "template": "0" * 64}
    fit_evidence(files, inputs=inputs, digest=json_digest(inputs))


NOTHING_ELSE = "and nothing else"
TAMPERINGS = [
    Tampering("an extra file", put("run.sh", "rm -rf /"), RefusedError, NOTHING_ELSE),
    Tampering("a path out of the folder", put("../../x", "x"), RefusedError, NOTHING_ELSE),
    Tampering("an absolute path", put("/etc/passwd", "x"), RefusedError, NOTHING_ELSE),
    Tampering("a workflow", put("../../../.github/workflows/x.yml", "x"), RefusedError, NOTHING_ELSE),
    Tampering("a signature of its own", put("evidence.json.sig", "x"), RefusedError, NOTHING_ELSE),
    Tampering("another case of a name", put("PIN.json", "{}"), RefusedError, NOTHING_ELSE),
    Tampering("a missing file", lambda files: files.pop("report.md"), RefusedError, NOTHING_ELSE),
    Tampering("no evidence", lambda files: files.pop("evidence.json"), RefusedError, NOTHING_ELSE),
    Tampering("a large template", template("x" * (5 << 20)), RefusedError, "larger than"),
    Tampering("large evidence", put("evidence.json", " " * (17 << 20)), RefusedError, "larger than"),
    Tampering("half of a surrogate pair", put("prompt.jinja", "\ud800"), RefusedError, "which is no text"),
    Tampering("another template", put("prompt.jinja", TEMPLATE), RefusedError, "it is not the file that its pin names"),
    Tampering("an edited pin", edit("pin.json", '"temperature": 0', '"temperature": 1'), RefusedError, "is not the hash of what the pin serves"),
    Tampering("a pin that is none", put("pin.json", "{}"), RefusedError, "it is no pin"),
    Tampering("a pin in another form", edit("pin.json", "\n", "\n\n"), RefusedError, "it is not as landrace writes it"),
    Tampering("another cell's pin", inside("model", id=PUPIL), RefusedError, "the pin is another cell's"),
    Tampering("another prompt's pin", pin(prompt="paints"), RefusedError, "the pin is another cell's"),
    Tampering("other names", inside("model", aliases=["default"]), RefusedError, "its aliases are not those of the pipeline"),
    Tampering("a training that was not", pin(training={"model": "fake/x", "round": 1, "command": ["x"], "rows": "0" * 64}), RefusedError, "a training that base's pin does not"),
    Tampering("a training that the report alone has", report(training={"model": "fake/x", "round": 1}), RefusedError, "it tells of another training than the pin"),
    Tampering("another address", inside("model", params={"temperature": 0, "max_tokens": 8, "api_base": "http://x"}), EvidenceError, "the model's parameters changed"),
    Tampering("other inputs", pin(inputs={"type": "object", "properties": {}}), EvidenceError, "the inputs changed"),
    Tampering("another contract", inside("output", contract={"type": "text"}), EvidenceError, "the output contract changed"),
    Tampering("another base", inside("base", template="0" * 64), EvidenceError, "the template changed"),
    Tampering("other splits", inside("splits", holdout=0.1), EvidenceError, "the shares of the splits changed"),
    Tampering("another seed", inside("search", seed=8), EvidenceError, "the pipeline's seed changed"),
    Tampering("another version of a strategy", inside("search", version="0"), RefusedError, "of a strategy that this landrace does not have"),
    Tampering("another parent", pin(parent="0" * 64), EvidenceError, "base pins another variant now"),
    Tampering("scores that the report does not have", pin(inflation=0.5), RefusedError, "its scores are not those of the pin"),
    Tampering("an unknown parser", inside("output", parser={"kind": "eval"}), RefusedError, "its parser cannot be used"),
    Tampering("an empty parser", inside("output", parser={}), RefusedError, "its parser cannot be used"),
    Tampering("a template that does not parse", template("{% user %}{{ word "), RefusedError, "the variant cannot be rendered"),
    Tampering("a template that reads what it must not", template("{{ word.__class__ }}"), RefusedError, "the variant cannot be rendered"),
    Tampering("a template that calls", template("{{ word() }}"), RefusedError, "the variant cannot be rendered"),
    Tampering("a template without end", template(BOMB), RefusedError, "the variant cannot be rendered"),
    Tampering("a template that doubles", template("{% set x = 'a' %}" + "{% set x = x ~ x %}" * 60 + "{{ x }}"), RefusedError, "the variant cannot be rendered"),
    Tampering("a deep template", template("{% if word %}" * 9000 + "{% endif %}" * 9000), RefusedError, "the variant cannot be rendered"),
    Tampering("a deep expression", template("{{ " + "(" * 50_000 + "word" + ")" * 50_000 + " }}"), RefusedError, "the variant cannot be rendered"),
    Tampering("a deep pin", put("pin.json", "[" * 100_000), RefusedError, "it is no pin"),
    Tampering("a deep report", put("report.json", "[" * 100_000), RefusedError, "it is no report"),
    Tampering("a template with unknown inputs", template("{{ wrod }}"), RefusedError, "the variant cannot be rendered"),
    Tampering("a template that includes", template('{% include "_x.jinja" %}'), RefusedError, "the variant cannot be rendered"),
    Tampering("an edited report", put("report.md", "# All is well\n"), RefusedError, "it is not what report.json says"),
    Tampering("an image in the report", then_fit(edit("report.md", "\n", "\n![x](https://x)\n")), RefusedError, "it is not what report.json says"),
    Tampering("a report that is none", put("report.json", "[]"), RefusedError, "it is no report"),
    Tampering("a report that is no JSON", put("report.json", "{"), RefusedError, "it is no report"),
    Tampering("a report in another form", edit("report.json", "\n", "\n\n"), RefusedError, "it is not as landrace writes it"),
    Tampering("a report with escapes", edit("report.json", '"fake/twin"', '"\\u0066ake/twin"'), RefusedError, "it is not as landrace writes it"),
    Tampering("a report with a number that is none", edit("report.json", '"confidence": 0.95', '"confidence": 1e999'), RefusedError, "it is not as landrace writes it"),
    Tampering("another cell's report", report(model=PUPIL), RefusedError, "the report is another cell's"),
    Tampering("a report that nothing is new", report(decision="kept incumbent"), RefusedError, "scores are not those of the pin"),
    Tampering("evidence that is none", put("evidence.json", "{}"), RefusedError, "it is no evidence"),
    Tampering("evidence that is no JSON", put("evidence.json", "{"), RefusedError, "it is no evidence"),
    Tampering("another cell's evidence", evidence(model=PUPIL), RefusedError, "the evidence is another cell's"),
    Tampering("evidence of other files", evidence(files={"pin.json": "0" * 64}), RefusedError, "the evidence is about other files"),
    Tampering("evidence of another variant", evidence(variant="0" * 64), RefusedError, "the evidence is about other files"),
    Tampering("evidence without a report", lambda files: fit_evidence(files, files={"pin.json": text_digest(files["pin.json"])}), RefusedError, "the evidence is about other files"),
    Tampering("evidence of other inputs", older_inputs, EvidenceError, "base or head has changed"),
    Tampering("a secret in the template", template(f"{TEMPLATE}{SECRET}\n"), RefusedError, "looks like a secret"),
    Tampering("a secret in the pin", inside("search", options={"max_demos": 8, "key": SECRET}), RefusedError, "looks like a secret"),
    Tampering("a secret in the report's data", report(reason=SECRET), RefusedError, "looks like a secret"),
    Tampering("a secret in the report", then_fit(edit("report.md", "\n", f"\n{SECRET}\n")), RefusedError, "looks like a secret"),
    Tampering("a secret in the evidence", evidence(prompt=SECRET), RefusedError, "looks like a secret"),
]  # fmt: skip


@pytest.fixture(scope="session")
def two(tmp_path_factory) -> tuple[World, Results]:
    """Two cells that are both to be done, so that half of it could be taken by mistake."""
    world = World.make(tmp_path_factory.mktemp("two") / "repo", models=(PUPIL, TWIN))
    world.template(51)
    world.commit()
    results = world.carry_out()
    assert len(results.cells) == 2
    return world, results


def tampered(results: Results, make: Callable[[dict[str, str]], None], index: int) -> Results:
    cell = results.cells[index]
    files = dict(cell.files)
    make(files)
    cells = list(results.cells)
    cells[index] = cell.model_copy(update={"files": files})
    return results.model_copy(update={"cells": tuple(cells)})


def test_untouched_results_are_taken(two):
    world, results = two
    with world.opened() as change:
        cells = accept(results, change)
    assert [(cell.prompt, cell.model) for cell in cells] == [(PROMPT, PUPIL), (PROMPT, TWIN)]
    assert set(cells[0].files) == {
        f"{CELL}/{name}"
        for name in ("prompt.jinja", "pin.json", "report.md", "report.json", "evidence.json")
    }


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: tampering.name)
def test_tampered_results_are_refused(two, tampering: Tampering):
    """In the second cell, when the first is in order already."""
    world, results = two
    bad = tampered(results, tampering.make, 1)
    assert bad != results
    with world.opened() as change, pytest.raises(LandraceError) as caught:
        accept(bad, change)
    assert isinstance(caught.value, tampering.error)
    assert tampering.problem in caught.value.problem
    assert SECRET not in str(caught.value)


def renamed(results: Results, **names: str) -> Results:
    first, *rest = results.cells
    return results.model_copy(update={"cells": (first.model_copy(update=names), *rest)})


@pytest.mark.parametrize(
    "names",
    [
        {"prompt": "../../etc"},
        {"prompt": "paints"},
        {"prompt": ""},
        {"prompt": "colours/../colours"},
        {"model": "fake/other"},
        {"model": "../../.git/hooks"},
        {"model": "fake%2Fpupil"},
        {"model": "\u202efake"},
    ],
    ids=str,
)
def test_a_cell_that_nobody_asked_for_is_refused(two, names):
    world, results = two
    with (
        world.opened() as change,
        pytest.raises(RefusedError, match="which needs no work") as caught,
    ):
        accept(renamed(results, **names), change)
    assert str(caught.value).isascii()


def test_the_same_cell_twice_is_refused(two):
    world, results = two
    twice = results.model_copy(update={"cells": (*results.cells, results.cells[0])})
    with world.opened() as change, pytest.raises(RefusedError, match="which needs no work"):
        accept(twice, change)


def test_one_cells_files_under_anothers_name_are_refused(two):
    world, results = two
    swapped = results.model_copy(
        update={
            "cells": tuple(
                one.model_copy(update={"files": other.files})
                for one, other in zip(results.cells, reversed(results.cells), strict=True)
            )
        }
    )
    with world.opened() as change, pytest.raises(RefusedError, match="the pin is another cell's"):
        accept(swapped, change)


def test_results_of_another_head_are_stale(reworded):
    world, results = reworded
    world.template(70)
    world.commit()
    with world.opened() as change, pytest.raises(EvidenceError, match="the template changed"):
        accept(results, change)


def test_results_for_what_somebody_else_has_done_meanwhile_are_stale_and_no_crime(reworded):
    world, results = reworded
    world.take(results)
    with world.opened() as change, pytest.raises(EvidenceError, match="which needs no work"):
        accept(results, change)


def test_results_after_base_moved_on_are_stale(reworded):
    world, results = reworded
    with world.on_main():
        world.pin_with(PUPIL, 60)
    with world.opened() as change, pytest.raises(EvidenceError, match="base pins another variant"):
        accept(results, change)


def test_a_kept_variant_is_the_one_that_is_served(settled):
    """Nothing new under the name of something old."""
    settled.template(59)
    settled.commit()
    results = settled.carry_out(lambda _request: "red", ledger=".landrace/perfect.jsonl")
    assert json.loads(results.cells[0].files["report.json"])["decision"] == "kept incumbent"
    bad = tampered(results, template(TEMPLATE), 0)
    with settled.opened() as change, pytest.raises(RefusedError, match="nothing new is served"):
        accept(bad, change)


def test_the_prompt_as_it_is_written_is_kept_where_what_is_served_was_left_behind(settled):
    """It wants an input that no case has any more."""
    for name in ("prompt.yaml", "prompt.jinja", "cases.jsonl"):
        path = f"prompts/{PROMPT}/{name}"
        settled.repo.write(path, re.sub(r"\bword\b", "term", settled.read(path)))
    settled.commit()
    results = settled.carry_out(lambda _request: "red", ledger=".landrace/perfect.jsonl")
    assert not results.unfinished
    assert json.loads(results.cells[0].files["report.json"])["decision"] == "kept incumbent"
    with settled.opened() as change:
        (cell,) = accept(results, change)
    assert b"{{ term }}" in cell.files[f"{CELL}/prompt.jinja"]


class TestOfAMeasuredCell:
    """Its pin is head's own; only the evidence is new."""

    @pytest.fixture
    def measured(self, settled):
        settled.pin_with(PUPIL, 95)
        settled.commit()
        return settled, settled.carry_out()

    def test_it_takes_the_evidence_alone(self, measured):
        world, results = measured
        with world.opened() as change:
            (cell,) = accept(results, change)
        assert set(cell.files) == {f"{CELL}/evidence.json"}
        assert cell.report is None

    @pytest.mark.parametrize("name", ["pin.json", "prompt.jinja", "report.md"])
    def test_it_takes_no_other_file(self, measured, name):
        world, results = measured
        bad = with_file(results, name, world.read(f"{CELL}/{name}"))
        with world.opened() as change, pytest.raises(RefusedError, match=NOTHING_ELSE):
            accept(bad, change)

    def test_it_takes_no_evidence_of_another_pin(self, measured):
        world, results = measured
        text = results.cells[0].files["evidence.json"]
        old = parse_evidence(text, "")
        bad = with_file(
            results, "evidence.json", evidence_text(old.model_copy(update={"variant": "0" * 64}))
        )
        with world.opened() as change, pytest.raises(RefusedError, match="about other files"):
            accept(bad, change)


class TestOfTheFile:
    def dumped(self, results: Results) -> bytes:
        return json_text(results.model_dump(mode="json")).encode()

    def test_it_comes_back_as_it_was(self, two):
        data = self.dumped(two[1])
        assert read_results(data, sha256(data), where="results.json") == two[1]

    def test_another_file_than_the_one_whose_hash_was_told_is_refused(self, two):
        data = self.dumped(two[1])
        with pytest.raises(RefusedError, match="not the one whose hash"):
            read_results(data + b" ", sha256(data), where="results.json")

    def test_a_large_file_is_refused(self):
        data = b" " * (MOST_RESULT_BYTES + 1)
        with pytest.raises(RefusedError, match="larger than"):
            read_results(data, sha256(data), where="results.json")

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"{}",
            b"[]",
            b"\xff",
            b"[" * 100_000,
            as_json("{}", schema_version=2).encode(),
            b'{"cells": NaN}',
        ],
    )
    def test_what_is_no_results_file_is_an_error(self, data):
        with pytest.raises(FormatError):
            read_results(data, sha256(data), where="results.json")

    @pytest.mark.parametrize(
        "changes",
        [
            {"run": "x\nSigned-off-by: evil"},
            {"run": "x\r\ny"},
            {"run": ""},
            {"run": " x"},
            {"run": "x" * 200},
            {"run": "\u202e"},
            {"head": "HEAD"},
            {"base": "--upload-pack=x"},
            {"head": "0" * 40 + "\n"},
            {"surprise": 1},
        ],
        ids=str,
    )
    def test_names_that_could_lead_elsewhere_are_refused(self, two, changes):
        data = as_json(self.dumped(two[1]).decode(), **changes).encode()
        with pytest.raises(FormatError, match="this is no results file"):
            read_results(data, sha256(data), where="results.json")
