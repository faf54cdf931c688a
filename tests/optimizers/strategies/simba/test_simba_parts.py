from __future__ import annotations

import random
import re
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.gateway.base import Completion
from landrace.optimizers.entry import Entry
from landrace.optimizers.strategies.simba.buckets import Bucket, Marks, Run, marks, ordered
from landrace.optimizers.strategies.simba.changes import Source, thinned, with_demo
from landrace.optimizers.strategies.simba.options import Options
from landrace.optimizers.strategies.simba.plan import Plan, least, plan, shares
from landrace.optimizers.strategies.simba.programs import Lottery, Programs
from landrace.optimizers.strategy import Sizes
from landrace.schemas.candidate import Candidate, Demo, Slots
from landrace.schemas.pipeline import Policy
from landrace.schemas.prompt import OutputContract
from landrace.schemas.score import Usage
from sammo_world import cases as colours
from sammo_world import colour, study_of
from strategy_world import cases, chain


def bucket(name, *scores):
    (case,) = cases(name, 1)
    return Bucket.of(case, [Run(None, 0, score) for score in scores])


def test_the_widest_gap_comes_first_then_the_best_then_what_beats_the_mean():
    wide = bucket("wide", 0.0, 1.0, 1.0)
    rare = bucket("rare", 0.0, 0.0, 1.0)
    high = bucket("high", 0.5, 1.0)
    low = bucket("low", 0.0, 0.5)
    flat = bucket("flat", 1.0, 1.0)
    assert ordered([flat, low, high, wide, rare]) == [rare, wide, high, low, flat]


def test_the_best_and_the_worst_run_are_at_the_ends_of_a_bucket():
    found = bucket("a", 0.25, 1.0, 0.5)
    assert (found.best.score, found.worst.score) == (1.0, 0.25)
    assert found.promise == pytest.approx((0.75, 1.0, 1 - 1.75 / 3))


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), min_size=2, max_size=60))
def test_marks_are_the_deciles_of_all_runs(scores):
    low, high, lowest, highest = marks([bucket("a", *scores)])
    count = len(scores)
    assert (lowest, highest) == (min(scores), max(scores))
    assert min(scores) <= low <= high <= max(scores)
    assert sum(score < low for score in scores) <= count / 10 + 1
    assert sum(score > high for score in scores) <= count / 10 + 1


def test_a_single_run_says_nothing_of_what_is_usual():
    found = marks([bucket("a", 0.5)])
    assert not found.is_poor(0.5)
    assert not found.is_good(0.5)


@pytest.mark.parametrize("failed", [0, 1, 9, 10])
def test_a_perfect_run_is_not_poor_however_few_fail(failed):
    found = marks([bucket("a", *[0.0] * failed, *[1.0] * (100 - failed))])
    assert not found.is_poor(1.0)
    assert found.is_poor(0.0)


@pytest.mark.parametrize("right", [0, 1, 9, 10])
def test_a_failed_run_is_not_good_however_few_succeed(right):
    found = marks([bucket("a", *[1.0] * right, *[0.0] * (100 - right))])
    assert not found.is_good(0.0)
    assert found.is_good(1.0)
    assert found.is_poor(0.0)


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), min_size=2, max_size=60))
def test_neither_is_the_best_run_of_all_poor_nor_the_worst_good(scores):
    found = marks([bucket("a", *scores)])
    assert found.is_poor(max(scores)) == (max(scores) == 0)
    assert not found.is_good(min(scores))


def test_between_them_the_deciles_say_what_is_usual():
    found = marks([bucket("a", *(number / 100 for number in range(101)))])
    assert [found.is_poor(score) for score in (0.05, 0.1, 0.15)] == [True, True, False]
    assert [found.is_good(score) for score in (0.85, 0.9, 0.95)] == [False, True, True]


sizes = st.builds(
    Sizes,
    search=st.integers(8, 200),
    select=st.integers(8, 200),
    holdout=st.integers(8, 50),
    rivals=st.integers(1, 2),
    nodes=st.integers(1, 4),
)
options = st.builds(
    Options, batch=st.integers(2, 64), candidates=st.integers(1, 10), steps=st.integers(1, 12)
)


@given(options, sizes, st.integers(0, 5000))
def test_the_least_budget_and_more_carry_a_step_and_a_full_score(options, sizes, spare):
    calls = least(options, sizes) + spare
    found = shares(options, sizes, calls)
    assert sum(found.values()) == calls
    assert plan(options, sizes.search, found["steps"]).cost <= found["steps"]
    assert found["confirm"] >= sizes.select


@given(options, sizes, st.integers(0, 5000))
def test_shares_never_pass_the_budget(options, sizes, calls):
    found = shares(options, sizes, calls)
    assert sum(found.values()) == calls
    assert min(found.values()) >= 0


def test_a_large_budget_has_the_steps_of_the_original():
    assert plan(Options(), 100, 10_000) == Plan(6, 32)
    assert Plan(6, 32).cost == 192 + 224 + 7


def test_a_small_budget_has_fewer_candidates_first_then_fewer_cases():
    assert plan(Options(), 100, 600) == Plan(2, 32)
    small = plan(Options(), 100, 200)
    assert small.candidates == 2
    assert 8 < small.batch < 32
    assert 3 * small.cost <= 200 < 3 * small._replace(batch=small.batch + 1).cost


def demos(count):
    return tuple(Demo(case_id=f"search{n}", user="u", assistant="a") for n in range(count))


def showing(count):
    slots = Slots(layout="user", demos=demos(count))
    candidate = Candidate(nodes={"clue": slots, "colour": slots})
    return Entry(candidate, SimpleNamespace(digest="parent"))


PLAIN = "{% section task %}\nSay the colour.\n{% endsection %}\n\nWord: {{ word }}\n"
STUDY = SimpleNamespace(setting=SimpleNamespace(program=chain()))


@pytest.mark.parametrize("count", [1, 3, 4, 6, 12])
def test_examples_are_dropped_together_and_never_too_few(count):
    left = []
    for seed in range(300):
        child = thinned(STUDY, showing(count), 4, random.Random(seed))
        ids = [[demo.case_id for demo in child.slots(n).demos] for n in ("clue", "colour")]
        assert ids[0] == ids[1]
        left.append(len(ids[0]))
    assert max(left) == min(count, 3)  # one more makes four
    mean = count - sum(left) / len(left)
    if count < 4:
        assert mean == pytest.approx(count / 4, abs=0.2)


def test_without_examples_nothing_is_dropped_and_with_none_allowed_all_are():
    bare = showing(0)
    assert thinned(STUDY, bare, 4, random.Random(0)) is bare.candidate
    assert thinned(STUDY, showing(2), 0, random.Random(0)).slots("clue").demos == ()


def test_what_is_believed_of_candidates_is_as_far_apart_as_their_scores(tmp_path):
    """So that chances are those which the temperature of the softmax says."""
    texts = ("All red.", "All blue.", "Neither.")
    given = [Candidate.plain(operator="given", instruction=text, layout="system") for text in texts]

    def model(request):
        return request.messages[0].content.partition("All ")[2][:4].strip(". ") or "neither"

    with study_of(tmp_path, model) as study:
        entries = study.admit_all(given)
        study.evaluate(entries, study.search[:6])
        believed = Programs(study, entries, 6, 0.2).believed()
        for entry in entries:
            mean = study.table.mean(entry.digest, study.search)
            assert believed[entry.digest] == pytest.approx(mean, abs=1e-6)
        assert len(set(believed.values())) > 1


@pytest.mark.parametrize("number", [3, 4])
def test_an_example_that_stands_in_the_text_is_not_added(tmp_path, number):
    """Its author wrote it there, or a search did whose winner is pinned."""
    (shown,) = colours("search", number + 1)[number].inputs.values()
    example = f"Red or blue? For {shown} say red."
    text = f"{{% section task %}}\n{example}\n{{% endsection %}}\n\nWord: {{{{ word }}}}\n"
    written = Candidate.plain(source=text, operator="incumbent")
    with study_of(tmp_path, lambda _request: "red", incumbent=written) as study:
        case = study.search[3]
        study.evaluate([study.base], [case])
        bucket = Bucket.of(case, [Run(study.base, 0, 1.0)])
        source = Source(study.rival.candidate, study.rival.digest)
        child = with_demo(study, source, bucket, Marks(0.0, 1.0, 0.0, 1.0), random.Random(0))
        assert (child is None) == (number == 3)
        assert child is None or [demo.case_id for demo in child.slots().demos] == [case.id]


@pytest.mark.parametrize("form", ["base", "xml"])
@pytest.mark.parametrize("by", ["base", "xml"])
def test_an_example_is_in_the_form_that_is_asked_for(tmp_path, form, by):
    """Whatever the form in which the best run answered."""
    thought = {"base": "green", "xml": "Hm.\n<answer>green</answer>"}

    def model(request):
        return thought["xml" if "<answer>" in request.messages[0].content else "base"]

    text = OutputContract(type="text")
    forms = {
        name: Candidate.plain(
            operator=name, layout="user", format=name, instruction="Which colour?"
        )
        for name in thought
    }
    with study_of(tmp_path, model, source=PLAIN, contract=text) as study:
        entries = {name: study.admit(candidate) for name, candidate in forms.items()}
        case = study.search[0]
        study.evaluate(list(entries.values()), [case])
        found = Bucket.of(case, [Run(entries[by], 0, 1.0)])
        source = Source(forms[form], entries[form].digest)
        child = with_demo(study, source, found, Marks(0.0, 1.0, 0.0, 1.0), random.Random(0))
        (written,) = study.admit(child).variant.templates.values()
    (shown,) = re.findall(r"{% assistant %}\n(.*?)\n{% endassistant %}", written, re.DOTALL)
    assert ("<answer>" in shown) == (form == "xml")
    assert "green" in shown


def test_who_is_too_long_is_neither_drawn_nor_a_winner_of_its_step(tmp_path):
    """By the search cases, as it has met no others. Each word of it is many tokens."""

    def model(request):
        text = request.messages[-1].content
        word = text.rsplit(maxsplit=1)[-1]
        is_long = "long" in text
        return Completion(
            colour(word) if is_long else "red", usage=Usage(200 if is_long else 100, 1)
        )

    with study_of(tmp_path, model, policy=Policy(max_growth=1.7)) as study:
        made = [
            study.base.candidate.changed("words", instruction=text, layout="user")
            for text in ("A long one.", "A short one.")
        ]
        long, short = study.admit_all(made)
        study.evaluate([study.base, long, short], study.search[:8])
        programs = Programs(study, [study.base, long, short], 1, 0.2)
        assert programs.believed()[long.digest] > programs.believed()[short.digest]
        assert long not in programs.lottery().pool
        assert programs.best([long, short]) is short
        assert programs.best([long]) is long


def test_nobody_is_drawn_from_an_empty_pool():
    assert Lottery([], {}, 0.2).draw(3, random.Random(0)) == []
