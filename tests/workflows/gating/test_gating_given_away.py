"""Cases of base's holdout that head's splits let a search see."""

from __future__ import annotations

import pytest

from colours import CONFIG
from gating_world import verdicts
from landrace.store.project import Project
from landrace.store.splits import assign_splits
from landrace.workflows.gating.changes import find_changes
from landrace.workflows.gating.gate import matches, most_answers
from landrace.workflows.gating.given_away import given_away
from skill import PROMPT, PUPIL, words

SWAPPED = {"search": "holdout", "holdout": "search", "select": "select"}
WAY_OUT = "keep more of them by `split: holdout`"


def source_of(world):
    return Project(world.root).read_prompt(PROMPT)


def splits_of(world):
    source = source_of(world)
    return assign_splits(source.eval_set().cases, source.config.splits)


def holdout_of(world):
    return [name for name, split in splits_of(world).items() if split == "holdout"]


def put_into_search(world, moved, lines=None):
    lines = lines or words(60)
    world.cases([{**line, "split": "search"} if line["id"] in moved else line for line in lines])


@pytest.fixture
def away(world):
    """What base's holdout loses by what is written in the test."""

    def find():
        with find_changes(world.root, "main", None) as changes:
            return given_away(changes.base_tree.prompt(PROMPT), source_of(world))

    return find


class TestWhatIsGivenAway:
    def test_nothing_where_the_splits_are_the_same(self, world, away):
        world.template(10)
        assert away() == frozenset()

    def test_nothing_by_new_cases_of_other_words_or_by_removed_ones(self, world, away):
        world.cases([*words(60)[5:], *words(30, "other")])
        assert away() == frozenset()

    def test_what_head_moves_by_hand_whatever_its_id_and_label(self, world, away):
        moved = holdout_of(world)[:3]
        renamed = [
            {**line, "id": f"my-{line['id']}", "expected": "blue", "split": "search"}
            if line["id"] in moved
            else line
            for line in words(60)
        ]
        world.cases(renamed)
        assert away() == frozenset(moved)

    def test_what_another_seed_moves(self, world, away):
        before = set(holdout_of(world))
        world.config(splits={"seed": 1})
        assert away() == before - set(holdout_of(world))
        assert 0 < len(away()) < len(before)

    def test_a_copy_beside_the_case(self, world, away):
        one = holdout_of(world)[0]
        kept = [{**line, "split": "holdout"} if line["id"] == one else line for line in words(60)]
        copy = {"id": "copy", "inputs": {"word": f"{one.upper()}!"}, "expected": "red"}
        world.cases([*kept, {**copy, "split": "select"}])
        assert away() == {one}

    def test_an_input_that_head_adds_hides_no_case(self, world, away):
        one = holdout_of(world)[0]
        properties = {**CONFIG["inputs"]["properties"], "more": {"type": "string", "default": ""}}
        world.config(inputs={**CONFIG["inputs"], "properties": properties})
        noise = {"word": one, "more": "a b c d e f g h i j k l m n"}
        lines = [{**line, "inputs": noise} if line["id"] == one else line for line in words(60)]
        put_into_search(world, [one], lines)
        assert one in away(), "and others, since the default is a part of what is hashed"

    def test_no_near_duplicate_that_base_put_apart(self, world, away):
        one = holdout_of(world)[0]
        kept = [{**line, "split": "holdout"} if line["id"] == one else line for line in words(60)]
        copy = {"id": "copy", "inputs": {"word": f"{one}!"}, "expected": "red", "split": "search"}
        world.cases([*kept, copy])
        world.commit()
        world.cases([*kept, copy, *words(5, "other")])
        assert away() == frozenset()


class TestTheGate:
    def test_compares_on_the_others_and_says_so(self, world):
        held = holdout_of(world)
        world.pin(60)
        put_into_search(world, held[:5])
        run = world.gate()
        cell = next(cell for cell in run.report.cells if cell.model == PUPIL)
        assert (cell.split, cell.cases) == ("holdout", len(held) - 5)
        assert {score.case_id for score in cell.scores}.isdisjoint(held[:5])
        assert (
            f"5 of the {len(held)} holdout cases that base has of colours are left out: "
            "head's splits let its search see them"
        ) in run.report.notes

    def test_does_not_evaluate_on_too_few(self, world):
        held = holdout_of(world)
        world.pin(100)
        splits = splits_of(world)
        world.cases([{**line, "split": SWAPPED[splits[line["id"]]]} for line in words(60)])
        run = world.gate()
        cell = next(cell for cell in run.report.cells if cell.model == PUPIL)
        assert (cell.verdict, run.report.exit_code) == ("NOT EVALUATED", 2)
        assert f"give {len(held)} of base's {len(held)} holdout cases to the search" in cell.reason
        assert WAY_OUT in cell.reason

    def test_does_not_count_the_questions_of_what_is_not_compared(self, world):
        world.pin(100)
        put_into_search(world, holdout_of(world))
        with find_changes(world.root, "main", None) as changes:
            one = matches(changes)[0]
            assert one.not_compared
            assert most_answers(one) == 2 * len(one.new_suite.cases)

    def test_does_not_lose_a_critical_case(self, world):
        one = holdout_of(world)[0]
        lines = [
            {**line, "metadata": {"critical": True}} if line["id"] == one else line
            for line in words(60)
        ]
        world.cases(lines)
        world.commit()
        world.pin(60)
        put_into_search(world, [one], lines)
        cell = next(cell for cell in world.gate().report.cells if cell.model == PUPIL)
        assert cell.verdict == "NOT EVALUATED"
        assert f"the critical case {one} to the search" in cell.reason

    def test_compares_what_no_search_on_head_has_made_on_all(self, world):
        world.pin(90)
        world.commit()
        put_into_search(world, holdout_of(world))
        assert set(verdicts(world.gate()).values()) == {"PASS"}
        world.repo.git("rm", "-r", "--quiet", "-f", "registry")
        with find_changes(world.root, "main", None) as changes:
            assert [one.left_out for one in matches(changes)] == [0, 0]
