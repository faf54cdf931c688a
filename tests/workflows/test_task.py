"""The name under which a search resumes: another one for all that changes the search."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from worlds import CONFIG, SOURCE, task

from landrace.optimizers.strategies.auto import Options
from landrace.optimizers.table import STRATEGIES
from landrace.optimizers.variants import Program
from landrace.pin import PinnedTraining
from landrace.schemas.candidate import Candidate
from landrace.schemas.pipeline import Budget, ModelConfig, Policy, Strategy, Training
from landrace.workflows.task import CellTask, Incumbent

ONE, TWO = (Candidate.plain(source=f"{n}: {{{{ word }}}}", operator="old") for n in (1, 2))
MODEL = ModelConfig(id="fake/pupil", params={"temperature": 0})
PROPOSER = ModelConfig(id="fake/writer", params={"temperature": 1})
TRAINED = PinnedTraining("fake/pupil", 1, ("train",), "d" * 64)
JUDGED = SimpleNamespace(judges=(object(),))
START = task(
    model=MODEL,
    incumbent=Incumbent(ONE, "d" * 64, 0),
    others=(ONE,),
    pipeline=task().pipeline.model_copy(update={"proposer": PROPOSER}),
)


def program(name="colours", source=SOURCE):
    return Program.of(name, source, CONFIG.output, path="prompt.jinja")


def pipeline(**changes):
    return START.pipeline.model_copy(update=changes)


def config(**changes):
    return CONFIG.model_copy(update=changes)


def answering(*names):
    params = {"response_format": {"schema": {"properties": {name: {} for name in names}}}}
    return MODEL.model_copy(update={"params": params})


def styled(*names):
    style = {"type": "object", "default": dict.fromkeys(names, "x")}
    return {**CONFIG.inputs, "properties": {**CONFIG.inputs["properties"], "style": style}}


def hashes(**changes):
    return START.fingerprints._replace(**changes)


OTHER_SEARCHES = {
    "another prompt": {"program": program(name="shades")},
    "another template": {"program": program(source=SOURCE + "!")},
    "another description": {"config": config(description="Words have shades.")},
    "other shares of the splits": {
        "config": config(splits=CONFIG.splits.model_copy(update={"search": 0.1}))
    },
    "another whole template, or a corpus": {"fingerprints": hashes(template="e" * 64)},
    "other cases": {"fingerprints": hashes(eval_set="e" * 64)},
    "another split seed": {"fingerprints": hashes(split_seed=1)},
    "other metrics": {"fingerprints": hashes(metrics="e" * 64)},
    "another seed": {"pipeline": pipeline(seed=1)},
    "another strategy": {"pipeline": pipeline(strategy=Strategy(name="ape"))},
    "another policy": {"pipeline": pipeline(policy=Policy(max_growth=2))},
    "another proposer": {"pipeline": pipeline(proposer=ModelConfig(id="fake/poet"))},
    "a proposer called otherwise": {
        "pipeline": pipeline(proposer=PROPOSER.model_copy(update={"params": {}}))
    },
    "no proposer": {"pipeline": pipeline(proposer=None)},
    "another model": {"model": MODEL.model_copy(update={"id": "fake/twin"})},
    "a model called otherwise": {"model": MODEL.model_copy(update={"params": {"top_p": 0.5}})},
    "other options": {"options": Options(max_demos=3)},
    "fewer calls": {"budget": Budget(calls=500)},
    "a model that answers in an order": {"model": answering("reason", "label")},
    "a model that answers in another order": {"model": answering("label", "reason")},
    "a proposer that answers in an order": {
        "pipeline": pipeline(proposer=answering("reason", "label"))
    },
    "a proposer that answers in another order": {
        "pipeline": pipeline(proposer=answering("label", "reason"))
    },
    "a default that prints in an order": {"config": config(inputs=styled("tone", "form"))},
    "a default that prints in another order": {"config": config(inputs=styled("form", "tone"))},
    "a ceiling on tokens": {"budget": Budget(calls=600, tokens=10**6)},
    "a ceiling on money": {"budget": Budget(calls=600, cost_usd=9)},
    "a ceiling on time": {"budget": Budget(calls=600, seconds=900)},
    "nothing pinned": {"incumbent": None},
    "another incumbent": {"incumbent": Incumbent(TWO, "d" * 64, 0)},
    "no other winners": {"others": ()},
    "another winner": {"others": (TWO,)},
    "more winners": {"others": (ONE, TWO)},
    "winners in another order": {"others": (TWO, ONE)},
    "a model that knows the search cases": {"training": TRAINED},
    # By the metric alone: the stages' shares of the budget hang on how many calls a case takes.
    "another number of calls a case": {"metric": JUDGED},
}
# What tells of the same thing elsewhere: cases and metric by their hashes in `fingerprints`.
HASHED = {"search", "select", "holdout", "metric"}
# What no search can know.
COUNTED = {"earlier_looks"}
SAME_SEARCH = {
    "more calls at once": {"model": MODEL.model_copy(update={"concurrency": 1})},
    "another alias": {"model": MODEL.model_copy(update={"aliases": ("pupil",)})},
    "a proposer with more calls at once": {
        "pipeline": pipeline(
            proposer=PROPOSER.model_copy(update={"concurrency": 1, "aliases": ("writer",)})
        )
    },
    "an incumbent whose holdout was looked at": {"incumbent": Incumbent(ONE, "e" * 64, 7)},
    "a holdout that was looked at": {"earlier_looks": 2},
    "other cells in the pipeline": {"pipeline": pipeline(prompts=("*",), description="All.")},
    "a training command": {"pipeline": pipeline(training=Training(command=("train",)))},
}


@pytest.mark.parametrize("change", OTHER_SEARCHES.values(), ids=OTHER_SEARCHES)
def test_another_search_has_another_name(change):
    assert START._replace(**change).study != START.study


def test_each_has_a_name_of_its_own():
    names = [START._replace(**change).study for change in OTHER_SEARCHES.values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("change", SAME_SEARCH.values(), ids=SAME_SEARCH)
def test_the_same_search_keeps_its_name(change):
    assert START._replace(**change).study == START.study


def test_every_field_of_a_task_has_its_say():
    changed = {field for change in OTHER_SEARCHES.values() for field in change}
    assert changed | HASHED | COUNTED == set(CellTask._fields)


def test_another_version_of_the_strategy_has_another_name(monkeypatch):
    before = START.study
    monkeypatch.setitem(STRATEGIES, "auto", STRATEGIES["auto"]._replace(version="another"))
    assert START.study != before


def test_strategies_of_one_version_have_names_of_their_own():
    ape, apo = (pipeline(strategy=Strategy(name=name)) for name in ("gpo/ape", "gpo/apo"))
    assert STRATEGIES["gpo/ape"].version == STRATEGIES["gpo/apo"].version
    assert START._replace(pipeline=ape).study != START._replace(pipeline=apo).study


def test_the_round_of_a_training_is_no_part_of_the_search():
    """A model that was trained anew is another one, by its id or by its file's hash."""
    known = START._replace(training=TRAINED)
    assert known._replace(training=TRAINED._replace(round=2)).study == known.study


def test_a_teacher_has_one_limit_that_of_the_model_whose_place_it_takes():
    proposer = ModelConfig(id="fake/writer", params={"max_completion_tokens": 4000, "seed": 3})
    model = ModelConfig(id="fake/pupil", params={"temperature": 0, "max_tokens": 9})
    options = SimpleNamespace(teacher=True)
    taught = START._replace(model=model, options=options, pipeline=pipeline(proposer=proposer))
    assert taught.teacher.params == {"temperature": 0, "max_completion_tokens": 9, "seed": 3}
