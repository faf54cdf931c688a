"""One variant on a stream of cases: what is counted, what it weighs, and where a budget ends it."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from worlds import SOURCE, cases, colour, perfect, task

from landrace.errors import CallError, EvidenceError
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.metrics.table import build
from landrace.optimizers.variants import Program, write_variant
from landrace.pin import PIN_FILE, variant_digest
from landrace.schemas.candidate import Candidate
from landrace.schemas.case import SPLITS
from landrace.schemas.output import OutputContract
from landrace.schemas.pipeline import Budget, ModelConfig
from landrace.schemas.prompt import MetricConfig
from landrace.store.registry import cell_path
from landrace.workflows.evaluate import WORST, evaluate
from landrace.workflows.evaluation_setup import set_up
from landrace.workflows.services import Services
from pinned import pin_prompt
from repositories import repository

MODEL = "fake/pupil"
LENGTH = MetricConfig(metric="length", unit="chars", target=100)
LIMIT = MetricConfig(metric="length", unit="chars", limit=100)
PINNED = "{% user %}\nPinned. Word: {{ word }}\n{% enduser %}\n"


class Eval:
    """An eval of the colours, and what it handed on."""

    def __init__(self, folder, stream, script=perfect, *, calls=None, **changes):
        cell = task(**changes)
        self.outcomes = []
        self.gateway = ScriptedGateway(script)
        with Ledger(folder / "ledger.jsonl") as ledger:
            self.found = evaluate(
                write_variant(cell.program, Candidate()),
                stream,
                model=cell.model,
                metric=cell.metric,
                budget=Budget(calls=calls),
                services=Services(self.gateway, ledger),
                on_outcome=lambda outcome, _spent: self.outcomes.append(outcome),
            )

    @property
    def ids(self):
        return [outcome.case_id for outcome in self.outcomes]


def weighing(stream, weights):
    """The cases with these weights, by id; others weigh one."""
    return [case.model_copy(update={"weight": weights.get(case.id, 1.0)}) for case in stream]


def word_of(request):
    return request.messages[-1].content.rsplit(" ", 1)[-1]


def wrong_on(*words):
    """A model that knows every colour but of these words."""

    def answer(request):
        word = word_of(request)
        right = colour(word)
        return {"red": "blue", "blue": "red"}[right] if word in words else right

    return answer


class TestABudgetThatEnds:
    def test_what_was_paid_for_counts_and_why_it_ended_is_said(self, tmp_path):
        # One after the other: of two at once, either may be the one that is paid last.
        alone = ModelConfig(id=MODEL, concurrency=1)
        run = Eval(tmp_path, cases("word", 100), wrong_on("word3"), calls=20, model=alone)
        assert run.found.ended == "the next call might pass the ceiling of 20 calls"
        assert (run.found.cases, run.found.scored, run.found.coverage) == (20, 20, 1.0)
        assert run.found.interval.mean == pytest.approx(19 / 20)
        assert run.found.spent.calls == run.gateway.calls == 20
        assert run.ids == [f"word{n}" for n in range(20)]

    def test_it_goes_on_where_it_ended_when_the_ceiling_is_raised(self, tmp_path):
        Eval(tmp_path, cases("word", 30), calls=20)
        more = Eval(tmp_path, cases("word", 30), calls=30)
        assert (more.found.ended, more.found.cases, more.gateway.calls) == ("", 30, 10)

    def test_what_an_earlier_eval_paid_for_is_free(self, tmp_path):
        Eval(tmp_path, cases("word", 18))
        again = Eval(tmp_path, cases("word", 18), calls=5)
        assert (again.found.ended, again.found.cases, again.gateway.calls) == ("", 18, 0)
        assert again.found.spent.calls == 0

    def test_only_calls_that_are_made_count(self, tmp_path):
        alone = ModelConfig(id=MODEL, concurrency=1)
        Eval(tmp_path, cases("word", 18), model=alone)
        more = Eval(tmp_path, cases("word", 30), calls=5, model=alone)
        assert (more.found.cases, more.found.spent.calls, more.gateway.calls) == (23, 5, 5)

    def test_before_the_first_call_there_is_no_score(self, tmp_path):
        found = Eval(tmp_path, (), calls=1).found
        assert (found.cases, found.interval, found.parts, found.coverage) == (0, None, {}, 0.0)


class TestWeights:
    def test_each_case_weighs_what_it_says(self, tmp_path):
        stream = weighing(cases("word", 40), {"word7": 10.0, "word30": 0.5})
        both = build([MetricConfig(metric="exact_match", weight=3.0), LIMIT])
        found = Eval(tmp_path, stream, wrong_on("word7", "word9"), metric=both).found
        right = 37.5 / (37.5 + 11)
        assert found.parts == pytest.approx({"exact_match": right, "length": 1.0})
        assert found.interval.mean == pytest.approx((3 * right + 1) / 4)

    def test_what_has_no_score_takes_its_weight_with_it(self, tmp_path):
        """Else every case after it would weigh what the one before it says."""
        stream = weighing(cases("word", 40), {"word0": 100.0, "word20": 10.0})

        def answer(request):
            is_first = word_of(request) == "word0"
            return CallError("no") if is_first else wrong_on("word20")(request)

        found = Eval(tmp_path, stream, answer).found
        assert (found.cases, found.scored) == (40, 39)
        assert found.interval.mean == pytest.approx(38 / 48)


class TestTheWorst:
    def of(self, folder, sizes):
        """An eval of texts of these sizes, each of which scores as many points."""
        text = OutputContract(type="text")
        program = Program.of("colours", SOURCE, text, path="prompt.jinja")
        by_word = dict(zip((case.id for case in cases("word", len(sizes))), sizes, strict=True))
        return Eval(
            folder,
            cases("word", len(sizes)),
            lambda request: "x" * by_word[word_of(request)],
            program=program,
            metric=build([LENGTH]),
        ).found

    @pytest.mark.parametrize("order", [sorted, lambda sizes: sorted(sizes)[::-1]])
    def test_the_ten_lowest_are_kept_lowest_first(self, tmp_path, order):
        sizes = order(range(40, 80))
        found = self.of(tmp_path, sizes)
        lowest = [(n / 100, f"word{sizes.index(n)}") for n in range(40, 40 + WORST)]
        assert found.worst == [(pytest.approx(value), case) for value, case in lowest]

    def test_the_best_score_is_never_among_them(self, tmp_path):
        assert [case for _, case in self.of(tmp_path, [100, 30, 100]).worst] == ["word1"]


class TestSetUp:
    def one(self, project, **changes):
        wanted = {"models": (MODEL,), "variant": "base", "split": "all", "cases": None}
        (setup,) = set_up(project, "colours", **wanted | changes)
        return setup

    def others(self, folder):
        """A file with thirty cases that are not the prompt's."""
        lines = [
            case.model_dump_json(include={"id", "inputs", "expected"})
            for case in cases("other", 30)
        ]
        path = folder / "others.jsonl"
        path.write_text("\n".join(lines))
        return path

    def test_a_pinned_variant_is_what_is_asked(self, tmp_path):
        project = repository(tmp_path / "repo")
        pin_prompt(project.root, "colours", MODEL, variant=PINNED)
        variant = self.one(project, variant="pinned").variant
        assert variant.files == {"prompt.jinja": PINNED}
        [message] = variant.first_messages({"word": "sky"})
        assert message["content"] == "Pinned. Word: sky"

    @pytest.mark.parametrize("models", [f"[{MODEL}]", "[fake/other]"])
    def test_a_pinned_variant_is_asked_as_applications_ask_it(self, tmp_path, models):
        """With the pin's parameters, whatever a pipeline says by now."""
        project = repository(tmp_path / "repo", f'prompts: ["*"]\nmodels: {models}\n')
        pin = pin_prompt(project.root, "colours", MODEL, variant=PINNED)
        proved = {"temperature": 1, "max_tokens": 9}
        pin = pin._replace(model=pin.model._replace(params=proved))
        pin = pin._replace(variant=variant_digest(pin))
        (project.root / cell_path("colours", MODEL) / PIN_FILE).write_text(pin.dumps())
        assert self.one(project, variant="pinned").model.params == proved
        assert self.one(project).model.params["temperature"] == 0

    @pytest.mark.parametrize("variant", ["base", "pinned"])
    def test_an_alias_of_a_pipelines_model_is_that_model(self, tmp_path, variant):
        models = f"[fake/twin, {{id: {MODEL}, aliases: [small]}}]"
        project = repository(tmp_path / "repo", f'prompts: ["*"]\nmodels: {models}\n')
        pin_prompt(project.root, "colours", MODEL, variant=PINNED)
        assert self.one(project, models=("small",), variant=variant).model.id == MODEL

    def test_a_model_without_a_pin_has_none(self, tmp_path):
        project = repository(tmp_path / "repo")
        pin_prompt(project.root, "colours", "fake/twin", variant=PINNED)
        with pytest.raises(EvidenceError, match="colours has no pin for fake/pupil"):
            self.one(project, variant="pinned")

    def test_other_cases_take_the_place_of_the_prompts_own(self, tmp_path):
        project = repository(tmp_path / "repo")
        setup = self.one(project, cases=self.others(tmp_path))
        for _ in range(2):  # they stream anew for each model
            assert [case.id for case in setup.cases()] == [f"other{n}" for n in range(30)]

    def test_cases_are_checked_as_they_stream(self, tmp_path):
        project, path = repository(tmp_path / "repo"), tmp_path / "large.jsonl"
        self.one(project)  # what a first run loads is not counted
        with path.open("w") as file:
            for n in range(500):
                case = {"id": f"c{n}", "inputs": {"word": "x" * 20_000}, "expected": "red"}
                file.write(json.dumps(case) + "\n")
        tracemalloc.start()
        try:
            setup = self.one(project, cases=path)
            assert sum(1 for _ in setup.cases()) == 500
            assert tracemalloc.get_traced_memory()[1] < 2_000_000
        finally:
            tracemalloc.stop()

    def test_a_split_of_other_cases_is_of_those(self, tmp_path):
        project, path = repository(tmp_path / "repo"), self.others(tmp_path)
        parts = [
            {case.id for case in self.one(project, cases=path, split=split).cases()}
            for split in SPLITS
        ]
        assert all(parts)
        assert sorted(id_ for part in parts for id_ in part) == sorted(
            case.id for case in cases("other", 30)
        )
