"""Two sides of a cell, read and rendered before anything is asked."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from colours import CONFIG
from landrace.errors import ConfigError, RefusedError, TemplateError
from landrace.pin import Pin, variant_digest
from landrace.store.splits import split_cases
from landrace.workflows.gating.changes import find_changes
from landrace.workflows.gating.gate import judges, matches, models, most_answers
from skill import PROMPT, PUPIL, TWIN, variant, words

if TYPE_CHECKING:
    from gating_world import World

TONE = {
    **CONFIG["inputs"],
    "properties": {"word": {"type": "string"}, "tone": {"type": "string", "default": "kind"}},
}
LOOPS = "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}"


@contextmanager
def matched(world: World, head: str | None = None):
    with find_changes(world.root, "main", head) as changes:
        yield matches(changes)


def first(world: World):
    with matched(world) as found:
        return found[0]


def test_a_changed_template_is_compared_on_all_cases(world):
    world.template(80)
    one = first(world)
    assert (one.base.side.kind, one.head.side.kind, one.split) == ("template", "template", "all")
    assert len(one.suite.cases) == 60
    assert one.head.side.file == "prompts/colours/prompt.jinja"
    assert one.base.side.digest != one.head.side.digest


def test_a_changed_pin_is_compared_on_the_holdout(world):
    world.pin(90)
    world.commit()
    world.pin(80)
    world.template(70)
    with matched(world) as found:
        one, other = found
        source = one.base.source
        holdout = split_cases(source.eval_set().cases, source.config.splits).holdout
    assert (one.base.side.kind, one.head.side.kind, one.split) == ("pin", "pin", "holdout")
    assert [case.id for case in one.suite.cases] == [case.id for case in holdout]
    assert one.head.side.file == "registry/colours/fake%2Fpupil/prompt.jinja"
    assert "skill=80" in one.head.variant.files["prompt.jinja"]
    assert (other.cell.model.id, other.base.side.kind, other.split) == (TWIN, "template", "all")


def test_a_first_pin_is_compared_with_the_template(world):
    world.pin(80)
    one = first(world)
    assert (one.base.side.kind, one.head.side.kind, one.split) == ("template", "pin", "holdout")


def test_a_removed_pin_with_the_template(world):
    world.pin(80)
    world.commit()
    world.repo.git("rm", "-r", "--quiet", "registry")
    one = first(world)
    assert (one.base.side.kind, one.head.side.kind, one.split) == ("pin", "template", "holdout")


def test_both_sides_have_the_same_cases_in_the_order_of_the_splits_hash(world):
    world.template(80)
    one = first(world)
    ids = [case.id for case in one.suite.cases]
    assert [case.id for case in one.base.cases] == [case.id for case in one.head.cases] == ids
    assert ids != [case["id"] for case in words(60)]
    assert sorted(ids) == sorted(case["id"] for case in words(60))


def test_cases_splits_metrics_and_models_are_bases(world):
    world.template(80)
    world.cases(words(5, "other"))
    world.config(splits={"seed": 7}, metrics=[{"metric": "contains"}])
    world.pipeline(models=[{"id": PUPIL, "params": {"api_base": "http://elsewhere.example"}}])
    base = first(world)
    assert {case.id for case in base.suite.cases} == {case["id"] for case in words(60)}
    assert base.suite.metric_names == ("exact_match",)
    assert base.head.model.params == {"temperature": 0, "max_tokens": 8}
    assert base.new_suite is not None
    assert len(base.new_suite.cases) == 5


def test_a_prompts_own_limit_of_tokens_is_part_of_its_side(world):
    world.config(output={**CONFIG["output"], "max_tokens": 9})
    one = first(world)
    assert one.base.model.params["max_tokens"] == 8
    assert one.head.model.params["max_tokens"] == 9
    assert not one.is_same


@pytest.mark.parametrize("what", ["cases", "metrics", "inputs"])
def test_where_only_the_suite_changed_both_sides_are_the_same(world, what):
    if what == "cases":
        world.cases(words(61))
    else:
        other = {"metrics": [{"metric": "contains"}], "inputs": {**CONFIG["inputs"], "title": "x"}}
        world.config(**{what: other[what]})
    assert first(world).is_same


def test_the_first_changed_line_is_that_of_heads_file(world):
    path = "prompts/colours/prompt.jinja"
    world.repo.edit(path, "Word:", "A word:")
    assert first(world).line == 5
    world.repo.write(path, "{{ word }}\n")
    assert first(world).line == 1
    world.template(90)
    lines = (world.root / path).read_text().splitlines(keepends=True)
    world.repo.write(path, "".join(lines[:-1]) + "Word: {{ word }}")
    world.commit()
    world.repo.write(path, "".join(lines) + "Only one.\n")
    assert first(world).line == 6
    world.commit()
    world.repo.write(path, "".join(lines))
    assert first(world).line == 5, "the file has no sixth line any more"


class TestInputs:
    """A head that wants other inputs than base's cases have."""

    def test_a_new_input_with_a_default_gets_it(self, world):
        world.config(inputs=TONE)
        world.repo.write("prompts/colours/prompt.jinja", "{{ tone }} {{ word }}\n")
        one = first(world)
        assert {case.inputs["tone"] for case in one.head.cases} == {"kind"}
        assert all("tone" not in case.inputs for case in one.base.cases)
        assert not one.head.unfit

    def test_another_default_is_asked_with_by_head(self, world):
        world.config(inputs=TONE)
        world.repo.write("prompts/colours/prompt.jinja", "{{ tone }} {{ word }}\n")
        world.commit()
        rude = {"word": {"type": "string"}, "tone": {"type": "string", "default": "rude"}}
        world.config(inputs={**TONE, "properties": rude})
        one = first(world)
        assert one.cell.changed == ("cases", "inputs")
        assert {case.inputs["tone"] for case in one.base.cases} == {"kind"}
        assert {case.inputs["tone"] for case in one.head.cases} == {"rude"}
        assert not one.is_same

    def test_a_default_in_another_order_is_asked_with_by_head(self, world):
        style = {"type": "object", "default": {"tone": "kind", "form": "note"}}
        properties = {"word": {"type": "string"}, "style": style}
        world.config(inputs={**CONFIG["inputs"], "properties": properties})
        world.commit()
        style["default"] = {"form": "note", "tone": "kind"}
        world.config(inputs={**CONFIG["inputs"], "properties": properties})
        assert not first(world).is_same

    def test_an_input_that_is_gone_is_left_out(self, world):
        world.config(inputs=TONE)
        world.commit()
        world.config()
        world.template(80)
        one = first(world)
        assert all(set(case.inputs) == {"word"} for case in one.head.cases)
        assert not one.head.unfit

    @pytest.mark.parametrize(
        ("inputs", "template", "says"),
        [
            ({"term": {"type": "string"}}, "{{ term }}", "`term`"),
            (
                {"word": {"type": "string"}, "tone": {"type": "string"}},
                "{{ word }} {{ tone }}",
                "`tone`",
            ),
            ({"word": {"type": "integer"}}, "{{ word }}", "`word`"),
        ],
    )
    def test_a_head_that_cannot_take_the_cases_is_unfit(self, world, inputs, template, says):
        world.config(inputs={**CONFIG["inputs"], "properties": inputs, "required": [*inputs]})
        world.cases(
            [
                {
                    "id": "a",
                    "inputs": dict.fromkeys(inputs, 1 if "integer" in str(inputs) else "x"),
                    "expected": "red",
                }
            ]
        )
        world.repo.write("prompts/colours/prompt.jinja", template + "\n")
        one = first(world)
        assert says in one.head.unfit
        assert "case `word" in one.head.unfit
        assert one.head.cases == ()


class TestTemplatesThatFail:
    @pytest.mark.parametrize("template", ["{{ word }}{{ 1 / (word | length - 5) }}", "{{ wrod }}"])
    def test_one_that_fails_for_a_case_is_unfit(self, world, template):
        world.repo.write("prompts/colours/prompt.jinja", template + "\n")
        assert "does not render" in first(world).head.unfit

    @pytest.mark.parametrize(
        ("template", "error"),
        [
            (LOOPS + "{{ word }}", RefusedError),
            ("{{ word.__class__.__mro__ }}", RefusedError),
            ("{% if %}{{ word }}", TemplateError),
            ('{% include "../../.git/config" %}{{ word }}', TemplateError),
            ('{% include "_gone.jinja" %}{{ word }}', TemplateError),
        ],
    )
    @pytest.mark.parametrize("committed", [True, False])
    def test_one_that_attacks_or_is_malformed(self, world, template, error, committed):
        world.branch()
        world.repo.write("prompts/colours/prompt.jinja", template + "\n")
        head = None
        label = ""
        if committed:
            label, head = f"{world.commit()[:12]}:", "topic"
        with pytest.raises(error) as caught, matched(world, head):
            raise AssertionError
        assert caught.value.where.startswith(f"{label}prompts/colours/prompt.jinja:1")

    def test_base_itself_must_render(self, world):
        world.repo.write(
            "prompts/colours/prompt.jinja", "{{ word }}{{ 1 / (word | length - 5) }}\n"
        )
        sha = world.commit()
        world.template(80)
        with pytest.raises(ConfigError, match="base fails on its own cases") as caught:
            first(world)
        assert caught.value.where == f"{sha[:12]}:prompts/colours/prompt.jinja"


class TestEstimate:
    def test_answers_of_a_changed_template(self, world):
        world.template(80)
        one = first(world)
        assert most_answers(one) == 2 * 60

    def test_repeats_count_where_the_model_can_vary(self, world):
        world.pipeline(models=[{"id": PUPIL, "params": {"temperature": 1}}])
        world.commit()
        world.template(80)
        assert most_answers(first(world)) == 2 * 60 * 3

    def test_a_changed_suite_is_asked_as_well(self, world):
        world.cases(words(70))
        assert most_answers(first(world)) == 2 * (60 + 70)
        world.template(80)
        assert most_answers(first(world)) == 2 * 60 + 2 * 70

    def test_a_judge_is_asked_about_each_answer(self, world):
        judge = {"metric": "llm_judge", "model": "fake/judge", "rubric": "Is it red?"}
        world.config(metrics=[judge])
        world.pipeline(models=[PUPIL])
        world.commit()
        world.template(80)
        one = first(world)
        assert most_answers(one) == 2 * 60 * 2
        assert [model.id for model in models([one])] == [PUPIL, PUPIL]
        assert [judge.model for judge in judges([one])] == ["fake/judge"]
        world.config(metrics=[{**judge, "rubric": "Is it blue?"}])
        assert most_answers(first(world)) == 2 * (2 * 60 * 2)

    def test_nothing_is_asked_where_nothing_that_is_asked_changed(self, world):
        world.config(inputs={**CONFIG["inputs"], "title": "Word"})
        one = first(world)
        assert most_answers(one) == 0
        assert (models([one]), judges([one])) == ([], [])

    def test_nor_of_an_empty_holdout(self, world):
        world.cases([{**case, "split": "search"} for case in words(9)])
        world.commit()
        world.pin(80)
        one = first(world)
        assert one.suite.cases == ()
        assert most_answers(one) == 0


def test_a_prompt_of_many_models_is_read_once(world, monkeypatch):
    world.pipeline(models=[f"fake/{number}" for number in range(10)])
    world.commit()
    world.template(80)
    world.cases(words(61))
    reads = []
    real = json.loads
    monkeypatch.setattr(
        "landrace.store.cases.parse", lambda data, where: reads.append(where) or real(data)
    )
    with matched(world) as found:
        assert len(found) == 10
    assert max(reads.count(where) for where in reads) <= 4, "twice a side: compared, and asked"


def test_variants_of_pins_are_those_that_are_served(world):
    world.pin(80)
    assert first(world).head.text == variant(80)
    assert first(world).cell.prompt == PROMPT


def test_each_pin_is_asked_with_the_decoding_parameters_that_it_serves(world):
    world.pin(80)
    world.commit()
    edit_params(world, max_tokens=1)
    one = first(world)
    assert one.cell.changed == ("pin",)
    assert one.base.model.params["max_tokens"] == 8
    assert one.head.model.params["max_tokens"] == 1
    assert not one.is_same


def test_a_pin_sends_no_call_elsewhere(world):
    world.pin(80)
    world.commit()
    edit_params(world, api_base="http://elsewhere.example")
    one = first(world)
    assert "api_base" not in {**one.base.model.params, **one.head.model.params}
    assert one.is_same


@pytest.mark.parametrize("spec", [{}, {"kind": "unheard-of"}, {"kind": "label"}])
def test_a_pin_whose_parser_no_application_can_use_is_unfit(world, spec):
    """Without this the base's parser would stand in for an empty one, and all would look well."""
    world.pin(80)
    world.commit()
    edit_pin(world, lambda pin: pin._replace(output=pin.output._replace(parser=spec)))
    assert "its pin's parser cannot be used" in first(world).head.unfit


def edit_params(world, **params):
    def change(pin):
        return pin._replace(model=pin.model._replace(params={**pin.model.params, **params}))

    edit_pin(world, change)


def edit_pin(world, change):
    """Edit a pin as somebody would who knows how it is hashed."""
    path = world.root / "registry/colours/fake%2Fpupil/pin.json"
    pin = change(Pin.read(path))
    path.write_text(pin._replace(variant=variant_digest(pin)).dumps())
