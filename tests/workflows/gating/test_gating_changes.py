"""Which cells are found to differ, and what is said of everything else that a head does."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from colours import CONFIG
from landrace.errors import (
    ConfigError,
    FormatError,
    IntegrityError,
    NewerFormatError,
    RefusedError,
    RepositoryError,
)
from landrace.pin import PIN_FILE, Pin, PinnedModel, variant_digest
from landrace.workflows.gating.changes import (
    WORK_TREE,
    compare,
    find_changes,
    read_revisions,
    select,
)
from landrace.workflows.gating.gate import matches
from program_world import graph_json
from skill import PROMPT, PUPIL, TWIN, template, words

if TYPE_CHECKING:
    from gating_world import World

GRADER = "def same(inputs, expected, output, answer):\n    return answer == expected\n"
SHARED = "prompts/_shared/_rules.jinja"


def changed(world: World, **how) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(cell.prompt, cell.model.id): cell.changed for cell in world.changes(**how).cells}


def notes(world: World, **how) -> str:
    return "\n".join(world.changes(**how).notes)


def test_nothing_changed(world):
    found = world.changes()
    assert (found.cells, found.notes) == ((), ())
    assert found.unchanged == ((PROMPT, PUPIL), (PROMPT, TWIN))
    assert found.head == WORK_TREE
    assert found.base == world.repo.git("rev-parse", "main")


def test_only_the_changed_prompt_is_found(world):
    world.prompt("shapes")
    world.commit()
    world.template(80)
    assert changed(world) == {(PROMPT, PUPIL): ("template",), (PROMPT, TWIN): ("template",)}
    assert world.changes().unchanged == (("shapes", PUPIL), ("shapes", TWIN))


@pytest.mark.parametrize("committed", [True, False])
def test_a_pin_is_of_one_cell(world, committed):
    world.branch()
    world.pin(80, TWIN)
    if committed:
        world.commit()
    assert changed(world, head="topic" if committed else None) == ({(PROMPT, TWIN): ("pin",)})


def test_a_rendering_of_the_same_pin_is_no_change(world):
    world.pin(80)
    world.commit()
    world.repo.write("registry/colours/fake%2Fpupil/report.md", "# Other words\n")
    assert changed(world) == {}


def test_each_part_of_a_prompt_is_told_apart(world):
    world.template(80)
    world.cases(words(61))
    inputs = {**CONFIG["inputs"], "description": "A word."}
    output = {"type": "label", "labels": ["red", "blue", "green"], "max_tokens": 9}
    metrics = [{"metric": "exact_match", "ignore_case": True}]
    world.config(inputs=inputs, output=output, metrics=metrics, splits={"seed": 3})
    assert changed(world)[PROMPT, PUPIL] == (
        *("template", "cases", "metrics", "splits", "inputs", "output"),
    )


def test_line_ends_and_the_order_of_cases_are_no_change(world):
    text = (world.root / "prompts/colours/prompt.jinja").read_text()
    world.repo.write("prompts/colours/prompt.jinja", text.replace("\n", "\r\n"))
    world.cases(words(60)[::-1])
    assert changed(world) == {}


def styled(*names):
    style = {"type": "object", "default": dict.fromkeys(names, "x")}
    return {**CONFIG["inputs"], "properties": {**CONFIG["inputs"]["properties"], "style": style}}


def test_a_default_that_prints_in_another_order_is_a_change(world):
    world.config(inputs=styled("tone", "form"))
    world.commit()
    assert changed(world) == {}
    world.config(inputs=styled("form", "tone"))
    assert changed(world)[PROMPT, PUPIL] == ("cases", "inputs")


def repin(world, **members):
    """Pin the same template with other members."""
    folder = world.root / "registry/colours/fake%2Fpupil"
    pin = Pin.read(folder / PIN_FILE)._replace(**members)
    (folder / PIN_FILE).write_text(pin._replace(variant=variant_digest(pin)).dumps())


def test_a_pin_for_a_schema_in_another_order_is_a_change(world):
    world.pin(80)
    params = {"response_format": {"schema": {"properties": {"reason": {}, "label": {}}}}}
    turned = {"response_format": {"schema": {"properties": {"label": {}, "reason": {}}}}}
    repin(world, model=PinnedModel(PUPIL, params, ()))
    world.commit()
    assert changed(world) == {}
    repin(world, model=PinnedModel(PUPIL, turned, ()))
    assert changed(world) == {(PROMPT, PUPIL): ("pin",)}


def test_a_pin_of_another_graph_over_the_same_templates_is_a_change(world):
    def asking(**params):
        return graph_json({"prompt": {"generate": {"params": params}}}, "prompt")

    world.pin(80)
    repin(world, program=asking(seed=1))
    world.commit()
    assert changed(world) == {}
    repin(world, program=asking(seed=2))
    assert changed(world) == {(PROMPT, PUPIL): ("pin",)}


def test_a_partial_that_prompts_share_changes_those_that_include_it(world):
    world.prompt("shapes")
    world.repo.write("prompts/shapes/prompt.jinja", '{% include "_rules.jinja" %}{{ word }}\n')
    world.repo.write(SHARED, "Be brief.\n")
    world.commit()
    world.repo.write(SHARED, "Be quick.\n")
    assert changed(world) == {("shapes", PUPIL): ("template",), ("shapes", TWIN): ("template",)}


@pytest.mark.parametrize(
    ("file", "function"),
    [
        ("graders/g.py", "graders/g.py:same"),
        ("graders/g.py", "graders.g:same"),
        ("graders/g.py", "./graders/g.py:same"),
        ("graders/g.py", "graders/.//g.py:same"),
        ("graders/g.py", "graders..g:same"),
        ("grädig er/g.py", "grädig er/g.py:same"),
        ("prompts/shapes/g.py", "prompts/shapes/g.py:same"),
        ("prompts/_shared/g.py", "prompts/_shared/g.py:same"),
        ("g.py", "g:same"),
        ("pipelines/g.py", "pipelines/g.py:same"),
        ("registry/g.py", "registry.g:same"),
    ],
)
def test_a_grader_changes_the_prompts_that_name_it(world, file, function):
    world.prompt("shapes")
    world.config(metrics=[{"metric": "python", "function": function}])
    world.repo.write(file, GRADER)
    world.commit()
    world.repo.write(file, GRADER + "# changed\n")
    world.branch()
    world.commit()
    for head in (None, "topic"):
        found = changed(world, head=head)
        assert found == {(PROMPT, PUPIL): ("metrics",), (PROMPT, TWIN): ("metrics",)}
    assert "the metrics of colours changed: base's decide here" in notes(world)


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("rubrics/polite.md", "rubrics/polite.md"),
        ("rubrics/très polite.md", "rubrics//très polite.md"),
        ("prompts/README.md", "prompts/./README.md"),
    ],
)
def test_a_rubric_file_is_found_as_well(world, file, named):
    world.config(metrics=[{"metric": "llm_judge", "model": "fake/judge", "rubric_file": named}])
    world.repo.write(file, "Polite?")
    world.commit()
    world.repo.write(file, "Rude?")
    assert changed(world)[PROMPT, PUPIL] == ("metrics",)


@pytest.mark.parametrize(
    "written", [r'"\x67raders/g.py:same"', '"graders/\\\n    g.py:same"', "'graders/g.py:same'"]
)
def test_a_grader_is_found_however_yaml_writes_its_name(world, written):
    config = world.root / f"prompts/{PROMPT}/prompt.yaml"
    world.config(metrics=[{"metric": "python", "function": "NAME"}])
    text = config.read_text("utf-8")
    config.write_text(re.sub('"?NAME"?', lambda _: written, text), encoding="utf-8")
    world.repo.write("graders/g.py", GRADER)
    world.commit()
    world.repo.write("graders/g.py", GRADER + "# changed\n")
    assert changed(world)[PROMPT, PUPIL] == ("metrics",)


def test_a_prompt_of_base_that_cannot_be_read_names_nothing(world):
    world.repo.write("prompts/half/prompt.yaml", r'metrics: [{function: "\x67/g.py:f"')
    world.commit()
    world.repo.write("g/g.py", GRADER)
    assert world.changes().cells == ()


def test_files_of_others_are_nobodys_change(world):
    world.repo.write("src/app.py", "print()\n")
    world.repo.write("docs/prompts/colours.md", "x")
    world.repo.write("prompts/README.md", "x")
    assert world.changes().cells == ()


def test_files_that_git_does_not_know_yet_are_head_and_ignored_ones_are_not(world):
    world.prompt("shapes")
    world.repo.write(".landrace/prompts/x/prompt.yaml", "nonsense")
    assert notes(world) == "shapes is new: there is nothing to compare it with"


def test_what_others_merged_into_base_is_no_change_of_head(world):
    world.prompt("shapes")
    world.commit()
    world.branch()
    world.template(80)
    world.commit()
    world.switch("main")
    world.template(10, "shapes")
    world.prompt("sizes")
    world.commit()
    world.switch("topic")
    for head in (None, "topic"):
        assert set(changed(world, head=head)) == {(PROMPT, PUPIL), (PROMPT, TWIN)}
        assert notes(world, head=head) == ""


def test_nor_where_a_shared_file_makes_every_prompt_a_suspect(world):
    world.prompt("shapes")
    world.repo.write("prompts/colours/prompt.jinja", '{% include "_rules.jinja" %}{{ word }}\n')
    world.repo.write(SHARED, "Be brief.\n")
    world.commit()
    world.branch()
    world.repo.write(SHARED, "Be quick.\n")
    world.commit()
    world.switch("main")
    world.template(10, "shapes")
    world.pin(20, prompt="shapes")
    world.prompt("sizes")
    world.commit()
    assert set(changed(world, head="topic")) == {(PROMPT, PUPIL), (PROMPT, TWIN)}
    assert notes(world, head="topic") == ""


def test_a_prompt_that_both_changed_is_compared_and_said_to_be_both(world):
    world.branch()
    world.template(80)
    world.commit()
    world.switch("main")
    world.cases(words(61))
    world.commit()
    assert changed(world, head="topic")[PROMPT, PUPIL] == ("template",)
    assert "colours changed on base, too" in notes(world, head="topic")


def test_the_same_change_on_both_sides_is_none(world):
    world.branch()
    world.template(80)
    world.commit()
    world.switch("main")
    world.template(80)
    world.commit()
    assert changed(world, head="topic") == {}


def test_new_removed_and_renamed_prompts_are_told(world):
    world.prompt("shapes")
    world.commit()
    (world.root / "prompts/shapes").rename(world.root / "prompts/forms")
    said = notes(world)
    assert "forms is new: there is nothing to compare it with" in said
    assert "shapes is removed: there is nothing left to evaluate" in said
    assert changed(world) == {}


def test_a_removed_prompt_is_not_counted_as_unchanged(world):
    world.prompt("shapes")
    world.commit()
    world.branch()
    world.repo.git("rm", "-r", "--quiet", "prompts/shapes")
    world.commit()
    world.switch("main")
    world.prompt("later")  # which head does not have, either, and has not removed
    world.commit()
    found = world.changes(head="topic")
    assert found.removed == (("shapes", PUPIL), ("shapes", TWIN))
    assert {prompt for prompt, _ in found.unchanged} == {PROMPT, "later"}
    alone = select(found, ["shapes"], [])  # a name of base's, and no error
    assert (alone.removed, alone.unchanged) == (found.removed, ())


def test_a_prompt_that_base_has_removed_meanwhile_is_told(world):
    world.prompt("shapes")
    world.commit()
    world.branch()
    world.template(10, "shapes")
    world.commit()
    world.switch("main")
    world.repo.git("rm", "-r", "--quiet", "prompts/shapes")
    world.commit()
    assert notes(world, head="topic") == (
        "shapes is gone from base: there is nothing to compare it with"
    )


def test_a_changed_prompt_of_no_pipeline_is_told(world):
    world.prompt("shapes")
    world.pipeline(prompts=[PROMPT])
    world.commit()
    world.template(10, "shapes")
    assert changed(world) == {}
    assert notes(world) == "no pipeline of base names shapes, so it is not evaluated"


def test_a_base_without_pipelines_is_told(world):
    world.repo.git("rm", "--quiet", "pipelines/all.yaml")
    world.commit()
    world.template(10)
    assert "base has no pipeline, so nothing is evaluated" in notes(world)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"prompts": ["*"], "models": ["fake/other"], "gate": {"confidence": 0.6}}),
        "[not a pipeline",
    ],
)
def test_a_changed_pipeline_is_told_and_never_read(world, text):
    world.repo.write("pipelines/all.yaml", text)
    world.repo.write(
        "pipelines/new\udcff one.yaml".encode("utf-8", "surrogateescape").decode("latin-1"), text
    )
    world.template(80)
    found = world.changes()
    assert {cell.model.id for cell in found.cells} == {PUPIL, TWIN}
    assert all(cell.pipeline.config.gate.confidence == 0.95 for cell in found.cells)
    assert "pipelines/all.yaml changed: base's models and policy decide here" in found.notes


def test_a_pin_of_a_cell_that_base_does_not_have_is_told(world):
    world.pin(80, "fake/other")
    assert changed(world) == {}
    assert "colours is pinned for fake/other" in notes(world)


def test_a_pin_that_is_removed_or_made_for_other_parameters_is_told(world):
    world.pin(80)
    world.commit()
    world.repo.git("rm", "-r", "--quiet", "registry")
    assert "colours on fake/pupil is not pinned any more" in notes(world)
    world.pipeline(models=[{"id": PUPIL, "params": {"temperature": 1}}])
    world.commit()
    world.pin(70)
    assert "pinned for other parameters than base calls the model with" in notes(world)


def test_where_an_older_pin_is_served_the_comparison_of_templates_says_so(world):
    world.pin(80)
    world.commit()
    world.template(70)
    found = world.changes()
    assert [(cell.model.id, cell.by_pin, cell.serves_other) for cell in found.cells] == [
        (PUPIL, False, True),
        (TWIN, False, False),
    ]
    [note] = found.told
    assert note == (
        "applications are served a pin of an older prompt, not the template that is compared "
        "here, until `landrace optimize` makes a new pin: colours on fake/pupil"
    )
    assert select(found, [], [TWIN]).told == ("1 changed cell is left out, as was asked",)


def test_of_many_such_cells_the_first_are_named(world):
    for prompt in ("shapes", "sizes"):
        world.prompt(prompt)
    for prompt in ("colours", "shapes", "sizes"):
        world.pin(80, prompt=prompt)
        world.pin(80, TWIN, prompt)
    world.commit()
    for prompt in ("colours", "shapes", "sizes"):
        world.template(70, prompt)
    [note] = world.changes().told
    named = "colours on fake/pupil, colours on fake/twin, shapes on fake/pupil and 3 more"
    assert note.endswith(f": {named}")


@pytest.mark.parametrize("pinned", [False, True], ids=["no pin", "a new pin"])
def test_where_nothing_older_is_served_nothing_of_it_is_said(world, pinned):
    if pinned:
        world.pin(80)
        world.commit()
    world.template(70)
    if pinned:
        world.pin(75)
    found = world.changes()
    assert not any(cell.serves_other for cell in found.cells)
    assert found.told == found.notes


def test_marks_of_cases_are_bases_to_give(world):
    marked = words(60)
    marked[0]["metadata"] = {"critical": True}
    world.cases(marked)
    world.commit()
    world.cases(words(60))
    assert changed(world) == {}
    assert "base's critical cases and tags decide here" in notes(world)


def test_two_pipelines_with_one_cell_give_one_cell_and_a_note(world):
    world.pipeline("other", models=[PUPIL])
    world.commit()
    world.template(80)
    found = world.changes()
    assert [(cell.model.id, cell.pipeline.name) for cell in found.cells] == [
        (PUPIL, "all"),
        (TWIN, "all"),
    ]
    assert "stands in the pipelines all and other: the policy of all decides" in found.notes[0]
    assert len(found.notes) == 1


def test_a_policy_without_a_rule_for_a_prompt_is_told(world):
    world.pipeline(gate={"metrics": [{"metric": "exact_mtach"}]})
    world.commit()
    world.template(80)
    assert "no rule of the pipeline all is about a metric of colours (exact_match)" in notes(world)


@pytest.mark.parametrize("side", ["base", "head"])
def test_an_error_says_in_which_commit_its_place_is(world, side):
    wrong = [{"metric": "exact_macht"}]
    world.config(**({"metrics": wrong} if side == "base" else {}))
    base = world.commit() if side == "base" else world.repo.git("rev-parse", "main")
    world.branch()
    world.config(**({"metrics": wrong} if side == "head" else {}))
    head = world.commit()
    with pytest.raises(FormatError) as caught:
        world.changes(base=base, head=head)
    label = {"base": base, "head": head}[side][:12]
    assert caught.value.where == f"{label}:prompts/colours/prompt.yaml:1"
    if side == "head":
        with pytest.raises(FormatError) as caught:
            world.changes(base=base)
        assert caught.value.where == "prompts/colours/prompt.yaml:1"


@pytest.mark.parametrize("committed", [True, False])
def test_a_pinned_variant_that_was_edited_is_refused(world, committed):
    world.pin(80)
    world.commit()
    world.branch()
    world.repo.edit("registry/colours/fake%2Fpupil/prompt.jinja", "Pinned", "Edited")
    if committed:
        world.commit()
    with pytest.raises(IntegrityError, match="not the one that its pin names") as caught:
        world.changes(head="topic" if committed else None)
    label = f"{world.repo.git('rev-parse', 'topic')[:12]}:" if committed else ""
    assert caught.value.where == f"{label}registry/colours/fake%2Fpupil/prompt.jinja"
    assert caught.value.exit_code == 3


def test_a_pin_of_base_that_nobody_can_load_is_none(world):
    world.pin(80)
    world.repo.edit("registry/colours/fake%2Fpupil/prompt.jinja", "Pinned", "Edited")
    world.commit()
    world.pin(85)
    assert changed(world) == {(PROMPT, PUPIL): ("pin",)}
    assert notes(world) == (
        "the pin that base has of colours on fake/pupil cannot be loaded: "
        "base's template is compared instead"
    )
    with find_changes(world.root, "main", None) as found:
        match = matches(found)[0]
    assert (match.base.side.kind, match.head.side.kind) == ("template", "pin")


def test_a_pin_of_base_that_a_newer_landrace_has_written_is_an_error(world):
    """Applications with that one are served it, so the template is no stand-in."""
    world.pin(80)
    path = f"registry/{PROMPT}/fake%2Fpupil/pin.json"
    world.repo.edit(path, '"schema": 1', '"schema": 2')
    world.commit()
    world.repo.edit(path, '"schema": 2', '"schema": 1')
    with pytest.raises(NewerFormatError, match="newer landrace") as caught:
        world.changes()
    assert "upgrade" in caught.value.fix


@pytest.mark.parametrize(
    "graph",
    [
        {"nodes": {"main": {"divine": {}}}, "output": "main"},
        {"nodes": {"main": {"generate": {"template": "other.jinja"}}}, "output": "main"},
    ],
    ids=["an unknown node", "a file that is not there"],
)
def test_a_pin_of_base_whose_graph_nobody_can_load_is_none(world, graph):
    world.pin(80)
    path = world.root / f"registry/{PROMPT}/fake%2Fpupil/pin.json"
    text, pin = path.read_text(), Pin.read(path)._replace(program=graph)
    path.write_text(pin._replace(variant=variant_digest(pin)).dumps())
    world.commit()
    path.write_text(text)
    assert "cannot be loaded: base's template is compared instead" in str(world.changes().notes)
    with find_changes(world.root, "main", None) as found:
        assert matches(found)[0].base.side.kind == "template"


@pytest.mark.parametrize(
    "path",
    [
        "prompts/colours/prompt.jinja",
        "prompts/colours",
        "prompts/colours/more",
        "registry/colours",
        "registry",
        "pipelines/more.yaml",
        "prompts/_shared/_x.jinja",
    ],
)
@pytest.mark.parametrize("kind", ["link", "submodule"])
def test_links_and_submodules_of_head_are_refused(world, path, kind):
    world.branch()
    sha = world.repo.git("rev-parse", "main")
    world.repo.git("rm", "-r", "--cached", "--quiet", "--ignore-unmatch", path)
    mode = "160000" if kind == "submodule" else "120000"
    oid = sha if kind == "submodule" else world.repo.git("hash-object", "-w", ".gitignore")
    world.repo.git("update-index", "--add", "--cacheinfo", f"{mode},{oid},{path}")
    world.repo.git("commit", "--quiet", "--message", "strange")
    with pytest.raises(RefusedError) as caught:
        world.changes(head="topic")
    assert caught.value.where == f"{world.repo.git('rev-parse', 'topic')[:12]}:{path}"
    assert caught.value.exit_code == 3


def test_a_link_in_the_work_tree_is_refused(world):
    world.repo.write("elsewhere.jinja", template(80))
    (world.root / "prompts/colours/prompt.jinja").unlink()
    (world.root / "prompts/colours/prompt.jinja").symlink_to("../../elsewhere.jinja")
    with pytest.raises(RefusedError, match="symbolic links"):
        world.changes()


def test_an_unknown_ref_and_histories_without_a_common_commit(world):
    with pytest.raises(RepositoryError, match="there is no commit `mian` here"):
        world.changes(base="mian")
    world.repo.git("checkout", "--quiet", "--orphan", "other")
    world.template(80)
    world.commit()
    with pytest.raises(RepositoryError, match="`main` and `other` have no common commit here"):
        world.changes(head="other")


def test_the_trees_are_gone_afterwards(world):
    with find_changes(world.root, "main", "main") as found:
        folders = [found.base_tree.project.root, found.head_tree.project.root]
        assert all(folder.is_dir() for folder in folders)
    assert not any(folder.exists() for folder in folders)


def test_a_comparison_can_be_of_some_cells_only(world):
    world.template(80)
    with read_revisions(world.root, "main", None) as revisions:
        found = compare(revisions, only=[(PROMPT, TWIN)])
    assert [cell.model.id for cell in found.cells] == [TWIN]
    assert found.unchanged == ()


class TestSelection:
    def test_patterns_choose_and_what_is_left_out_is_told(self, world):
        world.prompt("shapes")
        world.commit()
        world.template(80)
        world.template(80, "shapes")
        found = select(world.changes(), ["sh*"], ["fake/p*"])
        assert [(cell.prompt, cell.model.id) for cell in found.cells] == [("shapes", PUPIL)]
        assert found.notes == ("3 changed cells are left out, as was asked",)
        assert found.unchanged == ()

    def test_an_unchanged_cell_may_be_asked_for(self, world):
        world.prompt("shapes")
        world.commit()
        world.template(80)
        found = select(world.changes(), ["shapes"], [])
        assert found.cells == ()
        assert found.unchanged == (("shapes", PUPIL), ("shapes", TWIN))

    @pytest.mark.parametrize(
        ("prompts", "models", "problem", "fix"),
        [
            (["colour"], [], "no pipeline of base has a prompt `colour`", "`colours`?"),
            (["zzz*"], [], "no pipeline of base has a prompt `zzz*`", "there are colours"),
            ([], ["fake/pupils"], "has a model `fake/pupils`", "`fake/pupil`?"),
            (["colours", "x"], [], "has a prompt `x`", "there are colours"),
        ],
    )
    def test_a_name_that_matches_nothing_is_an_error(self, world, prompts, models, problem, fix):
        with pytest.raises(ConfigError) as caught:
            select(world.changes(), prompts, models)
        assert problem in caught.value.problem
        assert fix in caught.value.fix
