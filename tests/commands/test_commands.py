"""What each command prints for people and for programs; what lies behind has tests of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from landrace import Registry
from landrace.errors import UnknownModelError
from landrace.gateway.base import Request
from landrace.gateway.catalogue import CATALOGUE
from landrace.ledger import CALL, Ledger
from landrace.schemas.published import SCHEMAS
from landrace.store.project import Project
from landrace.store.splits import assign_splits
from pinned import MODEL, VARIANT, pin_prompt

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result
    from pytest_regressions.file_regression import FileRegressionFixture

    from git_repo import GitRepo

    Run = Callable[..., Result]

CASES = "prompts/route-note/cases.jsonl"


@pytest.fixture
def good(repo: GitRepo, landrace: Run) -> GitRepo:
    assert landrace("init").exit_code == 0
    return repo


def test_init_says_what_it_did(
    repo: GitRepo, landrace: Run, file_regression: FileRegressionFixture
) -> None:
    parts = [landrace("init", *more).stdout for more in (["--dry-run"], [], [])]
    file_regression.check("\n".join(parts))
    again = json.loads(landrace("init", "--format", "json").stdout)
    assert {step["action"] for step in again["files"]} == {"keep"}


def test_check_in_three_formats(
    good: GitRepo, landrace: Run, file_regression: FileRegressionFixture
) -> None:
    good.edit("prompts/route-note/prompt.jinja", "{{ note }}", "{{ nota }}")
    good.edit(CASES, '"id": "paid-twice"', '"id": "50% off,\\n::set-env name=A::b"')
    good.edit(CASES, '"expected": "billing"', '"expected": "biling"')
    text, github = landrace("check"), landrace("check", "--format", "github")
    assert text.exit_code == github.exit_code == 2
    file_regression.check(f"{text.stdout}\n{github.stdout}")
    data = json.loads(landrace("check", "--format", "json").stdout)
    assert {finding["severity"] for finding in data["findings"]} == {"error", "warning"}
    assert all(isinstance(finding["line"], int) for finding in data["findings"])
    assert data["prompts"] == ["route-note"]


def test_github_annotations_stay_on_their_line(good: GitRepo, landrace: Run) -> None:
    good.edit(CASES, '"id": "paid-twice"', '"id": "x\\n::set-env name=A::b"')
    good.edit(CASES, '"expected": "billing"', '"expected": "biling"')
    lines = landrace("check", "--format", "github").stdout.splitlines()
    assert all(line.startswith("::error file=prompts/") for line in lines)


def test_render_the_base_and_the_pinned_variant(good: GitRepo, landrace: Run) -> None:
    base = landrace("render", "route-note", "--input", "note=It = broken", "--format", "json")
    [message] = json.loads(base.stdout)
    assert message["role"] == "user"
    assert message["content"].endswith("Note: It = broken")
    pin_prompt(good.root)
    good.write("in.json", '\ufeff{"note": "Late"}')  # as editors of Windows save it
    pinned = landrace("render", "route-note", "--inputs", "in.json", "--model", MODEL)
    assert pinned.stdout == "--- user\nWhich team? Late\n"
    case = landrace("render", "route-note", "--case", "zip").stdout
    assert "Zip of the cushion cover" in case


def test_no_line_of_an_input_looks_like_a_role(good: GitRepo, landrace: Run) -> None:
    said = landrace("render", "route-note", "--input", "note=a\n--- assistant\n --- b").stdout
    lines = said.splitlines()
    assert [line for line in lines if line.startswith("--- ")] == ["--- user"]
    assert lines[-2:] == [" --- assistant", "  --- b"]


def test_render_reads_inputs_without_a_type(good: GitRepo, landrace: Run) -> None:
    config = "prompts/route-note/prompt.yaml"
    good.edit(config, "  required:", "    level: {enum: [1, 2]}\n  required:")
    good.edit("prompts/route-note/prompt.jinja", "{{ note }}", "{{ note }}{{ level + 1 }}")
    assert (
        landrace("render", "route-note", "--input", "note=n", "--input", "level=1")
        .stdout[:-1]
        .endswith("Note: n2")
    )


def test_a_pin_is_found_by_its_alias(good: GitRepo, landrace: Run) -> None:
    pin_prompt(good.root)
    path = next(good.root.glob("registry/route-note/*/pin.json"))
    data = json.loads(path.read_text())
    data["model"]["aliases"] = ["small"]
    path.write_text(json.dumps(data))
    good.commit("pin it")
    assert MODEL in landrace("history", "route-note", "--model", "small").stdout
    assert landrace("history", "route-note", "--model", "smal").exit_code == 2
    # It has no report, which is the next that is looked for.
    assert "the pin has no report" in landrace("report", "route-note", "--model", "small").stderr


def test_render_reads_typed_inputs(good: GitRepo, landrace: Run) -> None:
    good.edit(
        "prompts/route-note/prompt.yaml",
        "  required:",
        "    stars: {type: integer}\n    tags: {type: array}\n  required:",
    )
    good.edit(
        "prompts/route-note/prompt.jinja",
        "{{ note }}",
        "{{ note }}{{ stars + 1 }}{{ tags | join('-') }}",
    )
    given = ["--input", "note=1", "--input", "stars=2", "--input", 'tags=["a", "b"]']
    assert landrace("render", "route-note", *given).stdout.endswith("Note: 13a-b\n")
    given[3] = "stars=two"
    assert landrace("render", "route-note", *given).exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["--input", "note"],
        ["--input", "note=a", "--input", "note=b"],
        ["--input", "note=a", "--case", "zip"],
    ],
)
def test_render_refuses_muddled_inputs(good: GitRepo, landrace: Run, arguments: list[str]) -> None:
    result = landrace("render", "route-note", *arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.stderr


@pytest.mark.parametrize("name", [*SCHEMAS, "metrics"])
def test_schema_prints_json(landrace: Run, name: str) -> None:
    assert json.loads(landrace("schema", name).stdout)


def test_schema_lists_every_schema_that_it_prints(landrace: Run) -> None:
    listed = json.loads(landrace("schema", "--format", "json").stdout)
    assert listed.keys() == {*SCHEMAS, "metrics"}


def test_the_prompt_schema_knows_the_metrics(landrace: Run) -> None:
    assert "strip_punctuation" in landrace("schema", "prompt").stdout


def test_verify_lists_every_cell(good: GitRepo, landrace: Run) -> None:
    good.edit("pipelines/default.yaml", "models:", "models:\n  - openai/gpt-5-mini")
    pin_prompt(good.root)
    result = landrace("verify")
    assert result.exit_code == 4
    assert result.stdout == (
        f"fresh: route-note on {MODEL}\n"
        "missing: route-note on openai/gpt-5-mini\n"
        "  it has never been pinned\n"
        "2 cells: 1 fresh, 1 missing\n"
    )
    cells = json.loads(landrace("verify", "--format", "json").stdout)
    assert [cell["status"] for cell in cells] == ["fresh", "missing"]


def test_verify_an_empty_repository(repo: GitRepo, landrace: Run) -> None:
    assert landrace("verify").output == "Nothing is pinned, and no pipeline asks for a pin.\n"


def test_history_as_a_table_and_as_data(good: GitRepo, landrace: Run) -> None:
    pin = pin_prompt(good.root)
    sha = good.commit("pin it")
    lines = landrace("history", "route-note").stdout.splitlines()
    assert lines[0].split() == [
        *("date", "commit", "model", "variant", "holdout", "against", "base", "author")
    ]
    assert lines[1].split()[:4] == ["2026-03-01", sha[:9], MODEL, pin.variant[:12]]
    assert "75.0 [60.0, 90.0]  +25.0 [+10.0, +40.0]  Ada Example" in lines[1]
    [version] = json.loads(landrace("history", "route-note", "--format", "json").stdout)
    assert (version["commit"], version["subject"]) == (sha, "pin it")
    assert version["pin"]["variant"] == pin.variant


def test_history_tells_of_older_versions(good: GitRepo, landrace: Run) -> None:
    for number in range(2):
        pin_prompt(good.root, variant=f"{{% user %}}{number}{{{{ note }}}}{{% enduser %}}\n")
        good.commit("pin")
    result = landrace("history", "route-note", "--limit", "1")
    assert len(result.stdout.splitlines()) == 2
    assert "Older versions exist" in result.stderr


def test_history_without_pins(good: GitRepo, landrace: Run) -> None:
    good.commit("start")
    said = landrace("history", "route-note").stdout
    assert said == "No pin of this prompt has been committed yet.\n"


def test_bundle_of_the_work_tree_and_of_a_ref(good: GitRepo, landrace: Run) -> None:
    pin_prompt(good.root)
    good.commit("pin")
    good.git("tag", "production")
    pin_prompt(good.root, model="openai/gpt-5-mini")
    assert "2 pinned cells" in landrace("bundle", "-o", "now.json").stdout
    result = landrace("bundle", "-o", "then.json", "--ref", "production", "--format", "json")
    assert json.loads(result.stdout)["cells"] == [["route-note", MODEL]]
    then = Registry(good.root / "then.json")
    assert then.models("route-note") == [MODEL]
    assert then.get("route-note", MODEL).render(note="x")[0]["content"] == "Which team? x"
    assert Registry(good.root / "now.json").models("route-note") == [MODEL, "openai/gpt-5-mini"]


def test_bundle_to_stdout_and_dry_run(good: GitRepo, landrace: Run) -> None:
    pin_prompt(good.root)
    before = good.tree()
    printed = landrace("bundle", "-o", "-").stdout_bytes
    assert (
        "would write out.json: 1 pinned cell"
        in landrace("bundle", "-o", "out.json", "--dry-run").stdout
    )
    assert good.tree() == before
    landrace("bundle", "-o", "out.json")
    assert (good.root / "out.json").read_bytes() == printed
    assert VARIANT.splitlines()[1] in printed.decode()


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LANDRACE_CACHE_DIR", str(tmp_path / "empty"))
    return tmp_path / "empty"


def test_models_list(empty_cache: Path, landrace: Run) -> None:
    rows = json.loads(landrace("models", "list", "--format", "json").stdout)
    assert [row["id"] for row in rows] == [model.id for model in CATALOGUE.values()]
    assert {row["file"] for row in rows} == {None}
    assert "98 MB" in landrace("models", "list").stdout


def test_models_pull_dry_run_fetches_nothing(empty_cache: Path, landrace: Run) -> None:
    result = landrace("models", "pull", "smollm2-135m-instruct", "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.startswith("would fetch local/smollm2-135m-instruct (98 MB) to ")
    assert not empty_cache.exists()


def test_models_verify_finds_a_damaged_file(empty_cache: Path, landrace: Run) -> None:
    assert landrace("models", "verify").stdout == "No model has been fetched yet.\n"
    path = empty_cache / "models" / "smollm2-135m-instruct.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"GGUF and no more")
    result = landrace("models", "verify")
    assert result.exit_code == 2
    assert "not the one that the catalogue names" in result.stdout
    assert "landrace models pull smollm2-135m-instruct" in result.stderr


def test_import_a_table(good: GitRepo, landrace: Run) -> None:
    before = (good.root / CASES).read_bytes()
    table = 'text;team\n"Where is\nmy rug?";delivery\nbroken lamp;repairs\nbroken lamp;repairs\n'
    good.write("new.csv", table)
    arguments = ["import", "new.csv", "--prompt", "route-note"]
    arguments += ["--input", "text=note", "--expected", "team"]
    planned = landrace(*arguments, "--dry-run")
    assert planned.stdout == f"would add 2 cases to {CASES}\n"
    assert (good.root / CASES).read_bytes() == before
    assert landrace(*arguments).stdout == f"added 2 cases to {CASES}\n"
    after = (good.root / CASES).read_bytes()
    assert after.startswith(before)
    added = [json.loads(line) for line in after[len(before) :].splitlines()]
    assert [case["inputs"] for case in added] == [
        {"note": "Where is\nmy rug?"},
        {"note": "broken lamp"},
    ]
    again = landrace(*arguments)
    assert again.stdout == f"added 0 cases to {CASES}, left out 2 duplicates\n"
    assert "its inputs are those of case" in again.stderr
    assert (good.root / CASES).read_bytes() == after
    assert landrace("check").exit_code == 0


def test_import_makes_the_file_of_a_prompt_that_has_no_cases(good: GitRepo, landrace: Run) -> None:
    (good.root / CASES).unlink()
    assert "landrace import" in landrace("check").stdout
    good.write("new.csv", "note,expected\nWhere is my rug?,delivery\nbroken lamp,repairs\n")
    arguments = ["import", "new.csv", "--prompt", "route-note"]
    assert landrace(*arguments, "--dry-run").stdout == f"would add 2 cases to {CASES}\n"
    assert not (good.root / CASES).exists()
    assert landrace(*arguments).stdout == f"added 2 cases to {CASES}\n"
    lines = (good.root / CASES).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["expected"] for line in lines] == ["delivery", "repairs"]


def test_import_promptfoo_tests(good: GitRepo, landrace: Run) -> None:
    good.write(
        "promptfooconfig.yaml",
        """
tests:
  - vars: {text: my lamp flickers, mood: cross}
    assert: [{type: equals, value: repairs}]
""",
    )
    arguments = ["import", "promptfooconfig.yaml", "--prompt", "route-note", "--json"]
    refused = landrace(*arguments)
    assert refused.exit_code == 2
    result = landrace(*arguments, "--input", "text=note")
    data = json.loads(result.stdout)
    assert len(data["added"]) == 1
    assert data["notes"]
    last = json.loads((good.root / CASES).read_text(encoding="utf-8").splitlines()[-1])
    assert (last["inputs"], last["expected"]) == ({"note": "my lamp flickers"}, "repairs")


def test_import_refuses_all_when_one_case_does_not_fit(good: GitRepo, landrace: Run) -> None:
    good.edit("prompts/route-note/prompt.yaml", "type: string", "type: string, maxLength: 9")
    good.write(CASES, "")
    good.write("new.csv", "note,expected,id\nshort,billing,a\nmuch too long,billing,b\n")
    before = good.tree()
    result = landrace("import", "new.csv", "--prompt", "route-note", "--id", "id")
    assert result.exit_code == 2
    assert "error: new.csv: case `b`" in result.stderr
    assert good.tree() == before


FIELDS = """\
description: Fields
inputs:
  type: object
  properties: {note: {type: string}}
  required: [note]
  additionalProperties: false
output:
  type: json
  schema: {type: object, properties: {a: {type: [integer, string]}}, additionalProperties: false}
metrics:
  - metric: json_fields
"""


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ('{""b"": 1}', "does not fit the output's schema"),
        (f'{{""a"": {"9" * 400}}}', "number"),
        ('{""a"": 1e999}', "`expected.a` is not a finite number"),
        ('{""a"": ""\\ud83d""}', "`expected.a` holds half of a surrogate pair"),
    ],
    ids=["schema", "huge", "infinite", "surrogate"],
)
def test_import_writes_nothing_that_cannot_be_read_again(
    good: GitRepo, landrace: Run, answer: str, says: str
) -> None:
    good.write("prompts/route-note/prompt.yaml", FIELDS)
    good.write(CASES, "")
    good.write("new.csv", f'note,expected\nhello,"{answer}"\n')
    before = good.tree()
    result = landrace("import", "new.csv", "--prompt", "route-note")
    assert result.exit_code == 2
    assert says in result.stderr
    assert good.tree() == before


def test_import_takes_labels_as_they_are_alone(good: GitRepo, landrace: Run) -> None:
    good.write("new.csv", "note,expected,id\nnew one,Billing,a\nnew two,billing,b\n")
    before = good.tree()
    result = landrace("import", "new.csv", "--prompt", "route-note", "--id", "id")
    assert result.exit_code == 2
    problem = "case `a`: `expected` 'Billing' is none of the labels; did you mean `billing`?"
    assert problem in result.stderr
    assert good.tree() == before


def test_import_refuses_two_columns_for_one_input(good: GitRepo, landrace: Run) -> None:
    good.write("new.csv", "a,b,expected\none,two,billing\n")
    arguments = ["import", "new.csv", "--prompt", "route-note"]
    result = landrace(*arguments, "--input", "a=note", "--input", "b=note")
    assert result.exit_code == 2
    assert "`note` is given two columns, `a` and `b`" in result.stderr


def test_import_refuses_an_id_that_is_taken(good: GitRepo, landrace: Run) -> None:
    good.write("new.csv", "note,expected,id\nsomething new,billing,zip\n")
    result = landrace("import", "new.csv", "--prompt", "route-note", "--id", "id")
    assert result.exit_code == 2
    assert "`zip` belongs to another case already" in result.stderr


def test_commands_work_from_a_folder_below_the_root_in_a_real_process(good: GitRepo) -> None:
    pin_prompt(good.root)
    good.commit("start")
    for arguments, code, says in (
        (["init", "--dry-run"], 0, "kept"),
        (["check"], 0, "0 errors"),
        (["render", "route-note", "--case", "zip"], 0, "--- user"),
        (["verify"], 0, "1 fresh"),
        (["history", "route-note"], 0, MODEL),
        (["bundle", "-o", "-", "--ref", "HEAD"], 0, '"landrace_bundle": 1'),
        (["schema", "case"], 0, "draft-07"),
        (["models", "list"], 0, MODEL),
        (["import", "../../new.csv", "--prompt", "route-note"], 2, ""),
    ):
        result = subprocess.run(
            [sys.executable, "-m", "landrace", *arguments],
            cwd=good.root / "prompts" / "route-note",
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == code, result.stderr
        assert says in result.stdout
        assert bool(result.stderr) == bool(code)


def test_answers_that_make_no_pair_are_counted(good: GitRepo, landrace: Run) -> None:
    request = Request.of(MODEL, [{"role": "user", "content": "Red or blue?"}])
    source = Project(good.root).read_prompt("route-note")
    cases, config = source.eval_set(), source.config.splits
    case = next(name for name, at in assign_splits(cases.cases, config).items() if at == "search")
    about = {"study": "s", "prompt": "route-note", "model": MODEL, "base": "base"}
    about |= {"eval_set": cases.digest, "split_seed": config.seed}
    score = {"study": "s", "candidate": "base", "case": case, "repeat": 0, "value": 1.0}
    asked = {"asked": [request.digest], "node": "colour", "times": 2}
    with Ledger(good.root / ".landrace" / "ledger.jsonl") as ledger:
        ledger.append({"kind": "study", **about})
        ledger.append({"kind": CALL, "key": "00", **vars(request), "text": "red"})
        ledger.append({"kind": "score", **score, **asked})
    assert "left out" not in landrace("export", "--as", "sft").stderr
    result = landrace("export", "--as", "preferences")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("0 rows.\n1 scored answer left out: a node that is asked")


def test_a_changed_alias_needs_no_search(good: GitRepo, landrace: Run) -> None:
    pin_prompt(good.root)
    assert "unchanged" in landrace("plan").stdout
    pipeline = "pipelines/default.yaml"
    good.edit(pipeline, f"  - {MODEL}", f"  - {{id: {MODEL}, aliases: [small, cheap]}}")
    changed = landrace("check")
    assert (changed.exit_code, "and not cheap and small" in changed.stdout) == (0, True)
    assert "take over the pipeline's aliases: cheap and small." in landrace("plan").stdout
    tried = landrace("optimize", "--dry-run")
    assert "would take over the pipeline's aliases: cheap and small." in tried.stderr
    assert Registry(good.root).get("route-note", MODEL).model == MODEL
    with pytest.raises(UnknownModelError):
        Registry(good.root).get("route-note", "small")

    renamed = landrace("optimize")
    assert renamed.stdout == "Nothing to optimize: the evidence of every cell is fresh.\n"
    assert "takes over the pipeline's aliases: cheap and small." in renamed.stderr
    assert Registry(good.root).get("route-note", "small").model == MODEL
    assert landrace("check").stdout.startswith("0 errors, 0 warnings")
    assert "aliases" not in landrace("plan").stdout + landrace("optimize").stderr


def test_a_plan_reckons_with_winners_of_other_models(good: GitRepo, landrace: Run) -> None:
    other = "local/qwen2.5-coder-0.5b-instruct"
    good.edit("pipelines/default.yaml", f"  - {MODEL}", f"  - {MODEL}\n  - {other}")
    alone, _ = json.loads(landrace("plan", "--format", "json").stdout)
    pin_prompt(good.root, model=other, variant="At length. " * 1000 + VARIANT)
    ours, fresh = json.loads(landrace("plan", "--format", "json").stdout)
    assert (ours["model"], fresh["at_most"]) == (MODEL, None)
    assert ours["at_most"]["calls"] == alone["at_most"]["calls"]
    assert ours["at_most"]["tokens"] > alone["at_most"]["tokens"] + 600 * 5000


def test_rows_to_train_with_need_a_search(good: GitRepo, landrace: Run) -> None:
    result = landrace("export", "--as", "sft")
    assert result.exit_code == 4
    assert "nothing has been searched here yet" in result.stderr
    assert landrace("export", "--as", "sft", "--prompt", "route-nte").exit_code == 2
