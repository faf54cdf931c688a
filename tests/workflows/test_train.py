"""Prompts, weights, prompts: from an optimized cell to a trained model's own pin."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from worlds import apt_pupil, cases, perfect

from landrace import Registry
from landrace.errors import (
    BudgetExhaustedError,
    ConfigError,
    EvidenceError,
    ModelError,
    OutageError,
    RefusedError,
)
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.pin import Pin
from landrace.schemas.candidate import Candidate
from landrace.schemas.pipeline import Budget
from landrace.store.project import Project
from landrace.store.registry import read_pins
from landrace.workflows.choices import find_choices
from landrace.workflows.optimize import optimize
from landrace.workflows.plan import Selection, plan
from landrace.workflows.services import Services
from landrace.workflows.tasks import Ceilings, make_task, read_in_work_tree
from landrace.workflows.train import FOLDER, Tools, refuse_in_ci, task_to_train, train
from landrace.workflows.training_budget import answering_calls
from landrace.workflows.training_data import rows_of, run_on_search
from landrace.workflows.verify import verify
from repositories import commit, registry_bytes, repository

PUPIL = "fake/pupil"
# Each training gives a model of its own, whose name says how many there were before.
TRAINER = (
    "import json, os, pathlib\n"
    "log = pathlib.Path('.landrace/trainings.jsonl')\n"
    "with log.open('a') as lines:\n"
    "    print(json.dumps({k: v for k, v in os.environ.items() if 'LANDRACE' in k}), file=lines)\n"
    "model = os.environ['LANDRACE_MODEL'] + '-heir'\n"
    "pathlib.Path(os.environ['LANDRACE_ANSWER']).write_text(json.dumps({'model': model}))\n"
)


def heir(request):
    """A model that needs no prompt any more once it was trained."""
    return perfect(request) if "heir" in request.model else apt_pupil(request)


def write_pipeline(root, code=TRAINER, **options):
    config = {
        "prompts": ["*"],
        "models": [{"id": PUPIL, "aliases": ["small"]}],
        "budget": {"calls": 600},
        "training": {"command": [sys.executable, "-c", code], **options},
    }
    (root / "pipelines" / "all.yaml").write_text(json.dumps(config))
    return Project(root)


def cell_of(project, model=None):
    chosen = Selection(models=(model,)) if model else Selection()
    (cell,) = plan(project, chosen, read_pins(project.root))
    return cell


@pytest.fixture(scope="module")
def optimized(tmp_path_factory):
    """A repository after its first search."""
    root = tmp_path_factory.mktemp("trained") / "repo"
    repository(root)
    project = write_pipeline(root)
    with Ledger(root / ".landrace/ledger.jsonl") as ledger:
        services = Services(ScriptedGateway(apt_pupil), ledger)
        list(optimize(project, [cell_of(project)], services))
    return root


@pytest.fixture
def root(optimized, tmp_path):
    return shutil.copytree(optimized, tmp_path / "repo")


def trained(project, model=heir, environ=None, check=lambda _model, _params: None, *, of=None):
    """What training gives; ``of`` names the model that is trained, if there are others."""
    gateway = ScriptedGateway(model)
    with Ledger(project.root / ".landrace/ledger.jsonl") as ledger:
        tools = Tools(Services(gateway, ledger), environ or {}, check)
        return list(train(project, cell_of(project, of), tools)), gateway


def trainings(root):
    path = root / ".landrace/trainings.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_the_trained_model_gets_a_pin_of_its_own_that_says_how_it_came_about(root):
    before = registry_bytes(root)
    (found,), _ = trained(write_pipeline(root))
    pin = Registry(root).get("colours", "fake/pupil-heir").pin
    assert found.model == pin.model.id == "fake/pupil-heir"
    assert (pin.training.model, pin.training.round) == (PUPIL, 1)
    assert pin.training.command == (sys.executable, "-c", TRAINER)
    report = (root / "registry/colours/fake%2Fpupil-heir/report.md").read_text()
    assert f"trained by `landrace train` from `{PUPIL}`, in round 1" in report
    assert before.items() <= registry_bytes(root).items()


def test_the_alias_stays_with_the_first_model(root):
    trained(write_pipeline(root))
    registry = Registry(root)
    assert registry.get("colours", "small").model == PUPIL
    assert registry.get("colours", "fake/pupil-heir").pin.model.aliases == ()


def test_the_second_search_starts_from_the_firsts_winner(root):
    trained(write_pipeline(root), apt_pupil)  # training has changed nothing, so it searches
    with Ledger(root / ".landrace/ledger.jsonl") as ledger:
        records = list(ledger.records())
    (study,) = (r for r in records if r["kind"] == "study" and r["model"] == "fake/pupil-heir")
    operators = {
        r["slots"]["operator"]
        for r in records
        if r["kind"] == "candidate" and r["study"] == study["study"]
    }
    assert f"winner of {PUPIL}" in operators


def test_the_command_is_given_answers_to_all_search_cases_and_to_no_others(root):
    project = write_pipeline(root)
    search = {case.inputs["word"] for case in make_task(project, cell_of(project)).search}
    trained(project)
    (told,) = trainings(root)
    assert (told["LANDRACE_PROMPT"], told["LANDRACE_MODEL"]) == ("colours", PUPIL)

    def rows(variable):
        read = [json.loads(line) for line in Path(told[variable]).read_text().splitlines()]
        return [[*row.get("messages", [])[:-1], *row.get("prompt", [])] for row in read]

    def words(turns):
        return {each[-1]["content"].split()[-1] for each in turns}

    with_examples = [turns for turns in rows("LANDRACE_REWARDS") if len(turns) > 2]
    pinned = (root / "registry/colours/fake%2Fpupil/prompt.jinja").read_text().split()
    assert len(search - set(pinned)) < len(search)
    assert search - set(pinned) <= words(with_examples)  # which only the pinned prompt has for all
    for *before, asked in with_examples:
        assert asked["content"].split()[-1] not in " ".join(t["content"] for t in before).split()
    assert words(rows("LANDRACE_REWARDS")) == search
    for variable in ("LANDRACE_SFT", "LANDRACE_PREFERENCES"):
        assert words(rows(variable)) <= search
        assert rows(variable)


@pytest.mark.skipif(sys.platform == "win32", reason="no such permissions there")
def test_rows_are_nobody_elses(root):
    trained(write_pipeline(root))
    (told,) = trainings(root)
    assert Path(told["LANDRACE_SFT"]).parent.stat().st_mode & 0o077 == 0


def test_the_same_rows_are_trained_on_once_and_paid_for_once(root):
    project = write_pipeline(root)
    (first,), _ = trained(project)
    (second,), gateway = trained(project)
    assert len(trainings(root)) == 1
    assert gateway.calls == 0
    assert second.report == first.report


def test_rows_stay_the_same_once_what_was_found_is_committed(root):
    trained(write_pipeline(root))
    commit(root, "pins")
    trained(write_pipeline(root))
    assert len(trainings(root)) == 1


def test_a_row_is_left_out_as_a_whole_whatever_separates_lines_in_its_text(root):
    """JSON does not escape U+2028, and a reader of lines may split there."""

    def chatty(request):
        return f"Same.\u2028{perfect(request)}\u2028Same."

    project = write_pipeline(root)
    with Ledger(root / ".landrace/ledger.jsonl") as ledger:
        task = make_task(project, cell_of(project))
        services = Services(ScriptedGateway(chatty), ledger)
        run_on_search(task._replace(budget=Budget(calls=600)), [], services, lambda _now: None)
        for text in rows_of(task, ledger).texts.values():
            assert all(json.loads(line) for line in text.split("\n")[:-1])


def test_choosing_still_finds_the_search_after_a_training(root):
    """The answers to train on are a study without any case of `select`."""
    commit(root, "a pin")
    project = write_pipeline(root)
    trained(project)
    with Ledger(root / ".landrace/ledger.jsonl") as ledger:
        pin = read_pins(root)["colours", PUPIL]
        found = find_choices(make_task(project, cell_of(project)), pin, ledger.records())
    assert found.cases == len(make_task(project, cell_of(project)).select)


@pytest.mark.parametrize(
    ("budget", "fix"),
    [
        ({"calls": 10}, "raise `calls` in the pipeline's `budget`, or --max-calls"),
        ({"tokens": 400}, "raise `tokens` in the pipeline's `budget`, or --max-tokens"),
    ],
)
def test_what_cannot_all_be_answered_is_an_error_and_kept(root, tmp_path, budget, fix):
    project = write_pipeline(root)
    with Ledger(tmp_path / "new.jsonl") as ledger:  # the repository's has the search's rows
        services = Services(ScriptedGateway(heir), ledger)
        task = make_task(project, cell_of(project))._replace(budget=Budget(**budget))
        with pytest.raises(BudgetExhaustedError, match="colours on fake/pupil") as caught:
            run_on_search(task, [], services, lambda _progress: None)
        assert caught.value.fix.startswith(fix)
        assert 0 < rows_of(task, ledger).counts()["rewards"] < len(task.search)


def with_many_search_cases(root):
    """So many that to answer them takes more calls than the least search."""
    with (root / "prompts/colours/cases.jsonl").open("w") as lines:
        for number, case in enumerate(cases("word", 240)):
            split = "search" if number < 200 else "select" if number < 220 else "holdout"
            row = case.model_dump(include={"id", "inputs", "expected"})
            print(json.dumps({**row, "split": split}), file=lines)


def test_too_few_calls_for_what_is_trained_on_are_told_before_the_first(root, tmp_path):
    """The number that is told is enough, and no more than that."""
    with_many_search_cases(root)
    project = write_pipeline(root)
    with pytest.raises(ConfigError, match="200 calls are too few to train for colours") as caught:
        task_to_train(project, cell_of(project), Ceilings(calls=200))
    assert caught.value.where == "--max-calls"
    needed = int(re.search(r"allow (\d+) calls", caught.value.fix)[1])
    assert 350 < needed < 400  # the pinned prompt shows some of them
    assert caught.value.fix.endswith("raise `calls` in the pipeline's `budget`, or --max-calls")
    task = task_to_train(project, cell_of(project), Ceilings(calls=needed))
    pinned = read_in_work_tree(project, "colours", PUPIL).candidate("pinned")
    gateway = ScriptedGateway(apt_pupil)
    with Ledger(tmp_path / "new.jsonl") as ledger:
        run_on_search(task, [pinned], Services(gateway, ledger), lambda _progress: None)
    assert gateway.calls == needed


def test_training_spends_nothing_under_a_ceiling_that_ends_it(root):
    with_many_search_cases(root)
    project = write_pipeline(root)
    gateway = ScriptedGateway(heir)
    with Ledger(root / ".landrace/ledger.jsonl") as ledger:
        tools = Tools(Services(gateway, ledger), {}, lambda _model, _params: None)
        with pytest.raises(ConfigError, match="too few to train"):
            list(train(project, cell_of(project), tools._replace(ceilings=Ceilings(calls=200))))
    assert gateway.calls == 0


def test_where_nothing_is_pinned_the_base_alone_needs_calls_until_a_later_round(tmp_path):
    repository(tmp_path / "repo")
    with_many_search_cases(tmp_path / "repo")
    project = write_pipeline(tmp_path / "repo")
    enough = Ceilings(calls=200)
    assert task_to_train(project, cell_of(project), enough).budget.calls == 200
    project = write_pipeline(tmp_path / "repo", rounds=2)
    with pytest.raises(ConfigError, match="takes up to 400"):
        task_to_train(project, cell_of(project), enough)
    assert task_to_train(project, cell_of(project), enough, number=2)


def test_what_is_pinned_and_is_the_base_is_not_counted_twice(tmp_path):
    repository(tmp_path / "repo")
    with_many_search_cases(tmp_path / "repo")
    project = write_pipeline(tmp_path / "repo")
    task = make_task(project, cell_of(project))
    assert answering_calls(task, [Candidate(operator="winner")]) == 200


def test_a_budget_without_calls_is_no_such_ceiling(root):
    with_many_search_cases(root)
    path = write_pipeline(root).root / "pipelines/all.yaml"
    path.write_text(json.dumps({**json.loads(path.read_text()), "budget": {"seconds": 900}}))
    project = Project(root)
    assert task_to_train(project, cell_of(project), Ceilings()).budget.calls is None


def test_each_round_trains_what_the_last_one_gave(root):
    found, _ = trained(write_pipeline(root, rounds=2))
    assert [each.model for each in found] == ["fake/pupil-heir", "fake/pupil-heir-heir"]
    assert [told["LANDRACE_MODEL"] for told in trainings(root)] == [PUPIL, "fake/pupil-heir"]
    pin = Registry(root).get("colours", "fake/pupil-heir-heir").pin
    assert (pin.training.model, pin.training.round) == ("fake/pupil-heir", 2)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("raise SystemExit('out of memory')", ConfigError),
        ("pass", ConfigError),
        (TRAINER.replace("-heir", ""), RefusedError),
    ],
    ids=["fails", "says nothing", "names the model that it was given"],
)
def test_what_goes_wrong_in_training_loses_nothing(root, code, error):
    before = registry_bytes(root)
    with pytest.raises(error):
        trained(write_pipeline(root, code))
    assert registry_bytes(root) == before
    trained(write_pipeline(root))
    assert "fake/pupil-heir" in Registry(root).models("colours")


def test_an_answer_cannot_have_another_models_pin_overwritten(root):
    project = write_pipeline(root)
    trained(project)
    path = root / "registry/colours/fake%2Fpupil-heir/pin.json"
    pin = Pin.read(path)
    path.write_text(pin._replace(training=None).dumps())
    before = registry_bytes(root)
    with pytest.raises(RefusedError, match="not a model that it has made"):
        trained(project)
    assert registry_bytes(root) == before


def test_one_id_is_not_trained_for_two_prompts(root):
    """Whatever was pinned for the first prompt would be answered by the second's weights."""
    project = write_pipeline(root)
    trained(project)
    path = root / "registry/colours/fake%2Fpupil-heir"
    pin = Pin.read(path / "pin.json")
    shutil.rmtree(path)
    other = root / "registry/paints/fake%2Fpupil-heir"
    other.mkdir(parents=True)
    (other / "pin.json").write_text(pin._replace(prompt="paints").dumps())
    with pytest.raises(RefusedError, match="the one that was trained for paints"):
        trained(project)


def test_what_was_trained_is_kept_while_models_has_its_id_too_early(root):
    write_pipeline(root)
    path = root / "pipelines/all.yaml"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "models": [*config["models"], "fake/pupil-heir"]}))
    before = registry_bytes(root)
    for _ in range(2):
        with pytest.raises(RefusedError, match="in `models` and not pinned yet") as caught:
            trained(Project(root), of=PUPIL)
        assert caught.value.where.startswith("pipelines/all.yaml")
        assert "take it out of `models` until it is pinned" in caught.value.fix
        assert str(root / FOLDER) in caught.value.fix
    assert registry_bytes(root) == before
    (found,), _ = trained(write_pipeline(root))
    assert found.model == "fake/pupil-heir"
    assert len(trainings(root)) == 1


def test_a_model_that_cannot_be_called_is_told_before_the_search(root):
    def check(model, _params):
        raise ModelError("no such file", where=model)

    before = registry_bytes(root)
    with pytest.raises(ModelError, match="no such file"):
        trained(write_pipeline(root), check=check)
    assert registry_bytes(root) == before


def test_an_answer_that_cannot_be_used_is_not_kept_once_the_script_was_mended(root):
    """The command stays the same words, as that of a script in a file does."""
    code = "import runpy; runpy.run_path('train.py')"
    (root / "train.py").write_text(TRAINER.replace("-heir", ""))
    with pytest.raises(RefusedError, match="an id of its own"):
        trained(write_pipeline(root, code))
    (root / "train.py").write_text(TRAINER)
    (found,), _ = trained(write_pipeline(root, code))
    assert found.model == "fake/pupil-heir"


def test_the_trained_model_is_checked_with_the_parameters_of_its_calls(root):
    seen = {}
    trained(write_pipeline(root), check=lambda model, params: seen.update({model: params}))
    assert seen["fake/pupil-heir"] == cell_of(Project(root)).model.params
    assert seen["fake/pupil-heir"]["temperature"] == 0


def test_a_trained_model_that_does_not_answer_leaves_the_first_pin(root):
    before = registry_bytes(root)
    with pytest.raises(OutageError):
        trained(write_pipeline(root), lambda _request: OutageError("gone"))
    assert registry_bytes(root) == before


def test_without_right_answers_there_is_nothing_to_train_with(tmp_path):
    repository(tmp_path / "repo")
    project = write_pipeline(tmp_path / "repo")
    with pytest.raises(EvidenceError, match="no right answers"):
        trained(project, lambda _request: "mauve")
    assert not (project.root / FOLDER).exists()


def test_a_graded_metric_trains_without_an_answer_that_is_fully_right(tmp_path):
    """Of one answer a case there are no preferences either; rewards tell good from bad."""
    repository(tmp_path / "repo")
    project = write_pipeline(tmp_path / "repo")
    path = project.root / "prompts/colours/prompt.yaml"
    graded = {"metrics": [{"metric": "f1"}], "output": {"type": "text"}}
    path.write_text(json.dumps({**json.loads(path.read_text()), **graded}))

    def chatty(request):
        return (
            perfect(request) if "heir" in request.model else f"It may well be {apt_pupil(request)}"
        )

    (found,), _ = trained(project, chatty)
    assert found.model == "fake/pupil-heir"
    (told,) = trainings(project.root)
    assert Path(told["LANDRACE_SFT"]).read_text() == ""


def test_without_a_search_the_base_answers_what_is_trained_on(tmp_path):
    repository(tmp_path / "repo")
    project = write_pipeline(tmp_path / "repo")
    (found,), _ = trained(project)
    assert found.model == "fake/pupil-heir"


@pytest.mark.parametrize("change", [{"eval_set": "0" * 64}, {"split_seed": 1}])
def test_answers_from_before_the_splits_changed_are_not_trained_on(root, change):
    """Prompts of that time may show what is holdout now."""
    project = write_pipeline(root)
    with Ledger(root / ".landrace/ledger.jsonl") as ledger:
        task = make_task(project, cell_of(project))
        changed = task._replace(fingerprints=task.fingerprints._replace(**change))
        assert rows_of(task, ledger).counts()["sft"] > 0
        assert rows_of(changed, ledger).counts()["sft"] == 0


def test_no_prompt_that_shows_what_is_holdout_now_is_trained_on(root):
    """What is pinned keeps its examples when the splits are drawn anew."""
    project = write_pipeline(root)
    with Ledger(root / ".landrace/ledger.jsonl") as ledger:
        task = make_task(project, cell_of(project))
        before = rows_of(task, ledger).texts
        case = next(c for c in task.search if _shown_in(before, c))
        others = tuple(each for each in task.search if each is not case)
        after = rows_of(task._replace(search=others, holdout=(case,)), ledger).texts
    assert after["LANDRACE_SFT"]
    assert not _shown_in(after, case)


@pytest.mark.parametrize(("hidden", "is_trained"), [("blue", True), ("red or blue", False)])
def test_a_hidden_case_that_the_instruction_names_is_told_or_costs_no_rows(
    tmp_path, hidden, is_trained
):
    """`Say red or blue` stands in every prompt; what may be an example is left out, and named."""
    repository(tmp_path / "repo")
    project = write_pipeline(tmp_path / "repo")
    case = {"id": "named", "inputs": {"word": hidden}, "expected": "blue", "split": "holdout"}
    with (project.root / "prompts/colours/cases.jsonl").open("a") as lines:
        print(json.dumps(case), file=lines)
    if is_trained:
        assert trained(project)[0]
        return
    with pytest.raises(EvidenceError, match="left out, each since its prompt shows") as told:
        trained(project)
    assert told.value.fix.endswith("cases out of the prompt: named")


def _shown_in(texts, case):
    """Whether the case's input stands in some row's prompt, and not only as what is asked."""
    rows = [json.loads(line)["messages"][:-1] for line in texts["LANDRACE_SFT"].splitlines()]
    prompts = ["\n".join(turn["content"] for turn in row) for row in rows]
    word = case.inputs["word"]
    return any(re.search(rf"\b{word}\b(?!\Z)", prompt.strip()) for prompt in prompts)


def test_a_pipeline_without_a_command_says_so(tmp_path):
    project = repository(tmp_path / "repo", "prompts: ['*']\nmodels: [fake/pupil]\n")
    with pytest.raises(ConfigError, match="no `training`"):
        trained(project)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CI", "true"),
        ("CI", "1"),
        ("CI", "yes"),
        ("TF_BUILD", "True"),
        ("JENKINS_URL", "http://ci"),
    ],
)
def test_in_ci_no_command_is_run(name, value):
    with pytest.raises(RefusedError, match="CI"):
        refuse_in_ci({name: value})


@pytest.mark.parametrize("environ", [{}, {"CI": ""}, {"CI": "false"}, {"CI": "0"}])
def test_elsewhere_it_is(environ):
    refuse_in_ci(environ)


def test_the_trained_models_cell_verifies(root):
    project = write_pipeline(root)
    trained(project)
    statuses = {cell.model: cell.status for cell in verify(project.root)}
    assert statuses == {PUPIL: "fresh", "fake/pupil-heir": "fresh"}


@pytest.mark.parametrize("is_committed", [True, False], ids=["committed", "not committed"])
def test_a_later_search_for_the_trained_model_keeps_what_its_pin_says_of_its_training(
    root, is_committed
):
    project = write_pipeline(root)
    trained(project)
    if is_committed:
        commit(root, "a trained model")
    heir_pin = read_pins(root)["colours", "fake/pupil-heir"]
    path = root / "pipelines/all.yaml"
    config = {**json.loads(path.read_text()), "models": ["fake/pupil-heir"], "seed": 1}
    path.write_text(json.dumps(config))
    assert make_task(Project(root), cell_of(Project(root))).training == heir_pin.training
    with Ledger(root / ".landrace/ledger.jsonl") as ledger:
        services = Services(ScriptedGateway(heir), ledger)
        list(optimize(Project(root), [cell_of(Project(root))], services))
    again = read_pins(root)["colours", "fake/pupil-heir"]
    assert again.search.seed == 1
    assert again.training == heir_pin.training is not None


def test_a_base_does_not_know_what_the_work_tree_says_of_a_training(root):
    trained(write_pipeline(root))
    cell = cell_of(Project(root))
    heirs = cell._replace(model=cell.model.model_copy(update={"id": "fake/pupil-heir"}))
    task = make_task(Project(root), heirs, incumbents=lambda _prompt, _model: None)
    assert task.training is None


def test_rows_change_with_the_search_that_they_come_from(root):
    project = write_pipeline(root)
    with Ledger(root / ".landrace/ledger.jsonl") as ledger:
        task = make_task(project, cell_of(project))
        every = rows_of(task, ledger)
        fewer = rows_of(task._replace(search=task.search[:5]), ledger)
    assert every.digest != fewer.digest
    assert every.counts()["sft"] > fewer.counts()["sft"] > 0
