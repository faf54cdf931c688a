from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from git_repo import GitRepo
from landrace.errors import ConfigError
from landrace.runtime.choices import Choices
from landrace.workflows import findings
from landrace.workflows.check import check
from landrace.workflows.initialise import initialise
from pinned import pin_prompt, pretend_pulled

if TYPE_CHECKING:
    from pathlib import Path

PROMPT = "prompts/route-note/prompt.yaml"
TEMPLATE = "prompts/route-note/prompt.jinja"
CASES = "prompts/route-note/cases.jsonl"
PIPELINE = "pipelines/default.yaml"
MODELS_LINE = "  - local/smollm2-135m-instruct"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitRepo:
    pretend_pulled(tmp_path / "cache", monkeypatch)
    made = GitRepo.make(tmp_path / "repo")
    initialise(made.root)
    return made


def found(repo: GitRepo, *prompts: str, **options: bool) -> list[str]:
    return [
        f"{finding.severity} {finding.where}: {finding.problem}"
        for finding in check(repo.root, prompts, **options).findings
    ]


def test_counts_what_it_looked_at(repo: GitRepo) -> None:
    pin_prompt(repo.root)
    checked = check(repo.root)
    assert checked == (("route-note",), ("default",), 1, [])


def test_every_misfit_of_a_yaml_file_has_its_line(repo: GitRepo) -> None:
    repo.edit(PROMPT, "description: Sends", "descripton: Sends")
    repo.edit(PROMPT, "type: label", "type: lable")
    repo.edit(PROMPT, "holdout: 0.40", "holdout: many")
    assert sorted(line.partition(": ")[0] for line in found(repo)) == [
        f"error {PROMPT}:10",
        f"error {PROMPT}:18",
        f"error {PROMPT}:2",  # the key that is not known
        f"error {PROMPT}:2",  # the one that is missing for it
    ]


def test_every_bad_case_is_reported(repo: GitRepo) -> None:
    path = repo.root / CASES
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] = "{not json"
    lines[3] = lines[2]
    lines[5] = '{"id": "a", "inputs": {"text": "?"}, "expected": "billing"}'
    lines[7] = '{"id": "b", "inputs": {"note": "?"}, "expected": {"team": "billing"}}'
    lines[9] = '{"id": "c", "inputs": {"note": "?"}, "expected": "biling"}'
    lines[11] = '{"id": "d", "inputs": {"note": 3}, "expected": "billing", "lable": 1}'
    repo.write(CASES, "\n".join(lines))
    problems = found(repo)
    places = [int(problem.split(":")[1]) for problem in problems]
    assert places == [2, 4, 6, 8, 10, 12]
    assert "labels" in problems[4]
    assert "lable" in problems[5]


def test_undeclared_and_unused_inputs(repo: GitRepo) -> None:
    repo.edit(TEMPLATE, "Note: {{ note }}", "\n{% if urgent %}\n{{ nota }}\n{% endif %}")
    undeclared = [line for line in found(repo) if TEMPLATE in line]
    assert undeclared == [
        f"error {TEMPLATE}:13: the template reads `nota`, which is no input of the prompt",
        f"error {TEMPLATE}:12: the template reads `urgent`, which is no input of the prompt",
    ]
    [unused] = [line for line in found(repo) if line.startswith("warning")]
    assert unused == f"warning {PROMPT}:6: the template never reads the input `note`"


def test_extra_inputs_may_be_read_where_the_schema_allows_them(repo: GitRepo) -> None:
    repo.edit(PROMPT, "additionalProperties: false", "additionalProperties: true")
    repo.edit(TEMPLATE, "{{ note }}", "{{ note }}{{ hint | default('') }}")
    assert found(repo) == []


def test_an_include_is_followed_and_a_missing_one_reported(repo: GitRepo) -> None:
    repo.edit(TEMPLATE, "Note: {{ note }}", '{% include "_note.jinja" %}')
    [missing] = [line for line in found(repo) if line.startswith("error")]
    assert missing.startswith(f"error {TEMPLATE}:11: ")
    repo.write("prompts/_shared/_note.jinja", "{{ note }}{{ nope }}")
    assert [line for line in found(repo) if "nope" in line] == [
        f"error {TEMPLATE}: the template reads `nope`, which is no input of the prompt"
    ]


def test_a_slip_in_a_metrics_file_has_the_line_in_that_file(repo: GitRepo) -> None:
    repo.edit(PROMPT, "metrics:", "metrics:\n  - {metric: python, function: 'mine.py:f'}")
    repo.write("mine.py", "\ufeffdef f(inputs, expected, output, answer):\n    return 1\n")
    assert found(repo) == []
    repo.write("mine.py", "\ufeffdef f(inputs, expected, output, answer):\n    return (\n")
    assert found(repo) == [
        "error mine.py:2: the metric mine.py:f is not Python: SyntaxError: '(' was never closed"
    ]


def test_each_bad_metric_is_reported(repo: GitRepo) -> None:
    repo.edit(PROMPT, "strip_punctuation: true", "strip_punctation: true\n  - metric: no_such")
    lines = [line for line in found(repo) if PROMPT in line]
    assert ["strip_punctation" in lines[0], "no_such" in lines[1]] == [True, True]
    assert [line.split(":")[1] for line in lines] == ["16", "17"]


def test_too_few_cases_for_the_splits(repo: GitRepo) -> None:
    path = repo.root / CASES
    repo.write(CASES, "\n".join(path.read_text(encoding="utf-8").splitlines()[:12]))
    [line] = found(repo)
    assert line.startswith(f"error {CASES}: too few cases")


@pytest.mark.parametrize(
    ("old", "new", "place", "problem"),
    [
        (MODELS_LINE, "  - local/no-such", "6", "catalogue has no such model"),
        (MODELS_LINE, f"{MODELS_LINE}\n{MODELS_LINE}", "7", "stands twice"),
        ("name: auto", "name: atuo", "7", "there is no strategy `atuo`"),
        ("name: auto", "name: auto, options: {rouds: 3}", "7", "`strategy.options.rouds`"),
        ('["*"]', '["*", gone]', "3", "no prompt is called `gone`"),
        ("seed: 0", "seed: 0\nsede: 1", "11", "`sede` is not a known key"),
        ("seed: 0", "gate: {metrics: [{metric: exact_mtch}]}", "10", "which no metric is called"),
    ],
)
def test_mistakes_of_a_pipeline(
    repo: GitRepo, old: str, new: str, place: str, problem: str
) -> None:
    repo.edit(PIPELINE, old, new)
    [line] = found(repo)
    assert line.startswith(f"error {PIPELINE}:{place}: ")
    assert problem in line


@pytest.mark.parametrize(
    ("key", "value", "fix"),
    [("strategy", "capo", "write {name: capo}"), ("budget", "300", "write {calls: 300}")],
)
def test_a_value_in_place_of_its_mapping_is_shown_as_one(
    repo: GitRepo, key: str, value: str, fix: str
) -> None:
    lines = (repo.root / PIPELINE).read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(f"{key}:")]
    repo.write(PIPELINE, "\n".join([*kept, f"{key}: {value}"]))
    [finding] = check(repo.root).findings
    assert finding.problem.startswith(f"`{key}` must be a mapping, not ")
    assert finding.fix == fix


def test_a_model_file_that_this_machine_lacks(
    repo: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANDRACE_CACHE_DIR", str(tmp_path / "empty"))
    assert [line.partition(" ")[0] for line in found(repo)] == ["warning"]
    assert [line.partition(" ")[0] for line in found(repo, ready=True)] == ["error"]


def test_a_parser_that_this_machine_lacks(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    repo.edit(PIPELINE, "name: auto", "name: sammo/compression")
    problem = f"{PIPELINE}:7: `syntax` and `prune syntax` need spaCy, which is not installed"
    assert found(repo) == [f"warning {problem}"]
    assert found(repo, ready=True) == [f"error {problem}"]


def test_a_judges_key_that_this_machine_lacks(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    judge = "  - {metric: llm_judge, model: openai/gpt-4o, rubric: Is it right?}"
    repo.edit(PROMPT, "metrics:", f"metrics:\n{judge}\n{judge}")
    places = [f"{PROMPT}:{line}: openai/gpt-4o: a missing API key" for line in (14, 15)]
    assert found(repo) == [f"warning {place}" for place in places]
    assert found(repo, ready=True) == [f"error {place}" for place in places]
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    assert not found(repo, ready=True)


def test_a_parameter_that_no_judge_may_have(repo: GitRepo) -> None:
    judge = "{metric: llm_judge, model: openai/x, rubric: Is it right?, params: {api_key: x}}"
    repo.edit(PROMPT, "metrics:", f"metrics:\n  - {judge}")
    (line,) = found(repo)
    assert line.startswith(f"error {PROMPT}:14: openai/x: `api_key` must not be among")


def test_the_judges_of_a_prompt_that_no_pipeline_has_are_nobodys(repo: GitRepo) -> None:
    repo.edit(PROMPT, "metrics:", "metrics:\n  - {metric: llm_judge, model: openai/x, rubric: y}")
    (repo.root / PIPELINE).unlink()
    assert not found(repo, ready=True)


def test_a_case_that_the_template_cannot_show(repo: GitRepo) -> None:
    repo.edit(TEMPLATE, "{{ note }}", "{{ note.subject }}")
    (line,) = found(repo)
    assert line == (
        f"error {CASES}:1: route-note does not render with case `half-arrived`: "
        f"`note.subject` is undefined in {TEMPLATE}:11"
    )


def test_options_that_fit_nothing_of_a_prompt(repo: GitRepo) -> None:
    options = {"search": "grid", "space": {"optional": ["*/sections/rolle"]}}
    strategy = json.dumps({"name": "sammo", "options": options})
    repo.edit(PIPELINE, "strategy: {name: auto}", f"strategy: {strategy}")
    (line,) = found(repo)
    assert line.endswith(": `*/sections/rolle` matches nothing of route-note")
    assert line.startswith(f"error {PIPELINE}:")


def test_options_that_the_model_does_not_take(repo: GitRepo) -> None:
    options = {"search": "grid", "space": {"values": {"*/params/top_k": [40, 5000]}}}
    strategy = json.dumps({"name": "sammo", "options": options})
    repo.edit(PIPELINE, "strategy: {name: auto}", f"strategy: {strategy}")
    (line,) = found(repo)
    assert line.endswith(": local/smollm2-135m-instruct: `top_k` is 5000")
    assert line.startswith(f"error {PIPELINE}:")


def test_options_may_fit_what_is_served_alone(repo: GitRepo) -> None:
    variant = (
        "{% user %}\n{% section rolle %}\nSort.\n{% endsection %}\n{{ note }}\n{% enduser %}\n"
    )
    pin_prompt(repo.root, variant=variant)
    repo.commit("Pin a variant with a section of its own")
    options = {"search": "grid", "space": {"optional": ["*/sections/rolle"]}}
    strategy = json.dumps({"name": "sammo", "options": options})
    repo.edit(PIPELINE, "strategy: {name: auto}", f"strategy: {strategy}")
    assert found(repo) == []


@pytest.mark.parametrize(
    ("margin", "told"),
    [
        (0, None),
        (0.05, "it takes 73 holdout cases at least, or a wider margin; without one, only gains"),
        (1e-6, "it takes a wider margin; without one, only gains"),
        (0.2, None),
    ],
)
def test_a_margin_that_so_few_cases_cannot_show(
    repo: GitRepo, margin: float, told: str | None
) -> None:
    repo.edit(PIPELINE, MODELS_LINE, f"{MODELS_LINE}\npolicy: {{margin: {margin:f}}}")
    found = [one for one in check(repo.root).findings if "margin" in one.problem]
    if told is None:
        assert not found
        return
    (finding,) = found
    assert (finding.severity, finding.file) == ("warning", PIPELINE)
    assert finding.problem.startswith("with the 20 holdout cases of route-note no winner can")
    assert finding.problem.endswith("reaches 16.1 points below zero")
    assert finding.fix is not None
    assert finding.fix.startswith(told)


def test_a_margin_of_cases_that_weigh_differently_takes_more_of_them(repo: GitRepo) -> None:
    path = repo.root / "prompts/route-note/cases.jsonl"
    weighed = [
        {**json.loads(line), "weight": 1 + 4 * (number % 2)}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines())
    ]
    path.write_text("".join(json.dumps(case) + "\n" for case in weighed), encoding="utf-8")
    repo.edit(PIPELINE, MODELS_LINE, f"{MODELS_LINE}\npolicy: {{margin: 0.05}}")
    [finding] = [one for one in check(repo.root).findings if "margin" in one.problem]
    reach = float(finding.problem.split("reaches ")[1].split()[0])
    assert reach > 20
    assert finding.fix is not None
    assert int(finding.fix.split()[2]) > 100


def test_two_pipelines_may_not_share_a_cell(repo: GitRepo) -> None:
    text = (repo.root / PIPELINE).read_text(encoding="utf-8")
    repo.write("pipelines/nightly.yaml", text)
    [line] = found(repo)
    assert line.startswith("error pipelines/nightly.yaml:5: ")
    assert "stands in the pipeline default, too" in line


NEITHER = "an application that asks for it would get neither"


def aliased(*models: str) -> str:
    return "\n".join(f"  - {{id: {model}, aliases: [small, cheap]}}" for model in models)


def test_an_alias_of_two_models_of_a_prompt_names_neither(repo: GitRepo) -> None:
    repo.edit(PIPELINE, MODELS_LINE, aliased("openai/gpt-5", "openai/gpt-5-mini"))
    lines = [line for line in found(repo) if NEITHER in line]
    assert lines == [
        f"error {PIPELINE}:7: openai/gpt-5-mini has the alias `{alias}` for route-note, and so has "
        f"openai/gpt-5 ({PIPELINE}:6): {NEITHER}"
        for alias in ("small", "cheap")
    ]


def test_two_models_of_different_prompts_may_share_an_alias(repo: GitRepo) -> None:
    repo.edit(PIPELINE, MODELS_LINE, aliased("openai/gpt-5"))
    for path in (PROMPT, TEMPLATE, CASES):
        text = (repo.root / path).read_text(encoding="utf-8")
        repo.write(path.replace("route-note", "other-note"), text)
    repo.edit(PIPELINE, '["*"]', "[route-note]")
    text = (repo.root / PIPELINE).read_text(encoding="utf-8")
    other = text.replace("[route-note]", "[other-note]").replace("gpt-5", "gpt-5-mini")
    repo.write("pipelines/nightly.yaml", other)
    assert not [line for line in found(repo) if NEITHER in line]


def test_a_pin_of_a_model_that_was_replaced_may_not_keep_its_alias(repo: GitRepo) -> None:
    pin = pin_prompt(repo.root)
    pin = pin._replace(model=pin.model._replace(aliases=("small",)))
    cell = "registry/route-note/local%2Fsmollm2-135m-instruct"
    repo.write(f"{cell}/pin.json", pin.dumps())
    assert not [line for line in found(repo) if NEITHER in line]
    repo.edit(PIPELINE, MODELS_LINE, aliased("openai/gpt-5"))
    (finding,) = [one for one in check(repo.root).findings if NEITHER in one.problem]
    assert finding.where == f"{PIPELINE}:6"
    assert f"and so has local/smollm2-135m-instruct ({cell}/pin.json)" in finding.problem
    assert finding.fix is not None
    assert finding.fix.endswith(
        "the pin of a model that is no longer used can be removed with its folder"
    )


def test_a_pin_that_was_edited_and_a_file_that_no_pin_names(repo: GitRepo) -> None:
    pin_prompt(repo.root)
    cell = "registry/route-note/local%2Fsmollm2-135m-instruct"
    repo.write(f"{cell}/notes.txt", "?")
    assert found(repo) == [f"error {cell}/notes.txt: no pin names this file"]
    repo.edit(f"{cell}/prompt.jinja", "Which", "What")
    assert found(repo) == [f"error {cell}/prompt.jinja: the file is not the one that its pin names"]
    assert findings.exit_code(check(repo.root).findings) == 3


def test_choices_stand_beside_their_own_pin(repo: GitRepo) -> None:
    pin = pin_prompt(repo.root)
    path = "registry/route-note/local%2Fsmollm2-135m-instruct/choices.json"
    choices = Choices(pin.prompt, pin.model.id, pin.variant, 8, {}, ())
    repo.write(path, json.dumps(choices.to_dict()))
    assert found(repo) == []
    repo.write(path, json.dumps(choices._replace(winner="0" * 64).to_dict()))
    assert found(repo) == [f"warning {path}: it is about another pin, so it is not used"]
    repo.edit(path, '"neighbours": 8', '"neighbours": 9')
    assert found(repo) == [f"error {path}: the file is not what its digest says"]


def test_pins_of_no_prompt_and_folders_of_no_pin(repo: GitRepo) -> None:
    repo.write("registry/route-note/openai%2Fx/prompt.jinja", "?")
    repo.write("registry/gone/openai%2Fx/report.md", "?")
    repo.write("registry/route-note/OpenAI/pin.json", "{}")
    repo.write("registry/route-note/pin.json", "{}")
    lines = found(repo)
    assert [line.split(": ")[0] for line in lines] == [
        "warning registry/gone",
        "error registry/gone/openai%2Fx",
        "error registry/route-note/pin.json",
        "error registry/route-note/OpenAI",
        "error registry/route-note/openai%2Fx",
    ]


def test_one_prompt_alone(repo: GitRepo) -> None:
    initialise(repo.root, prompt="other")
    repo.write("prompts/other/prompt.yaml", "?")
    repo.write(PIPELINE, "?")
    assert found(repo, "route-*") == []
    assert len(found(repo)) >= 2
    with pytest.raises(ConfigError, match="there is no prompt `rout`"):
        check(repo.root, ["rout"])


def test_a_link_is_refused_with_3_and_the_rest_is_still_looked_at(
    repo: GitRepo, tmp_path: Path
) -> None:
    initialise(repo.root, prompt="other")
    (tmp_path / "elsewhere").write_text("x")
    (repo.root / "prompts/other/_part.jinja").symlink_to(tmp_path / "elsewhere")
    repo.edit(TEMPLATE, "{{ note }}", "{{ note")
    checked = check(repo.root)
    assert [finding.exit_code for finding in checked.findings] == [3, 2]
    assert findings.exit_code(checked.findings) == 3


def test_findings_of_a_huge_file_are_cut_off(repo: GitRepo) -> None:
    repo.write(CASES, "{}\n" * 150)
    lines = found(repo)
    assert len(lines) == 101
    assert lines[-1].endswith("and 50 more problems in this file")
