from __future__ import annotations

import itertools
import random
import subprocess
import sys

from landrace.optimizers.search.credit import Observation, Point, points
from landrace.optimizers.search.surrogate import Surrogate

SIZES = (6, 6)
PLANTED = (2, 4)


def _score(choice, case, *, noise):
    """A combination is good if both parts are; cases differ more than combinations do."""
    right = 0.25 + 0.2 * (choice[0] == PLANTED[0]) + 0.2 * (choice[1] == PLANTED[1])
    right += 0.15 * (choice == PLANTED)
    return float(noise.random() < right + 0.15 * (case % 2))


def _tells_until_found(ask, seed, most=60):
    noise = random.Random(seed)
    told = []
    for number in range(1, most + 1):
        choice = ask(told)
        if choice == PLANTED:
            return number
        batch = range(number // 5 * 20, number // 5 * 20 + 20)
        told.append(
            Observation(choice, {str(case): _score(choice, case, noise=noise) for case in batch})
        )
    return most


def _by_surrogate(seed):
    surrogate = Surrogate(SIZES, random.Random(seed))

    def ask(told):
        known = {observation.choice for observation in told}
        return surrogate.ask(points(told, "residuals"), known)

    return ask


def _at_random(seed):
    every = list(itertools.product(*map(range, SIZES)))
    random.Random(seed).shuffle(every)
    return lambda told: every[len(told)]


def test_it_finds_a_planted_combination_with_fewer_trials_than_random_search():
    seeds = range(30)
    ours = sorted(_tells_until_found(_by_surrogate(seed), seed) for seed in seeds)
    theirs = sorted(_tells_until_found(_at_random(seed), seed) for seed in seeds)
    assert sum(ours) < 0.75 * sum(theirs)
    assert ours[15] < theirs[15]


def test_what_is_good_only_together_is_drawn_together():
    """Each value of either variable is as good as its others; only the pairs differ."""
    pairs = list(itertools.product(range(3), repeat=2)) * 5
    told = [Point(pair, float(pair[0] == pair[1])) for pair in pairs]
    surrogate = Surrogate((3, 3), random.Random(0), random_start=0)
    drawn = [surrogate.ask(told) for _ in range(60)]
    assert sum(one == other for one, other in drawn) > 40


def _conversation(surrogate, rounds=12):
    told = []
    for number in range(rounds):
        choice = surrogate.ask(points(told, "residuals"))
        noise = random.Random(number)
        scores = {str(case): _score(choice, case, noise=noise) for case in range(10)}
        told.append(Observation(choice, scores))
    return [observation.choice for observation in told]


def test_the_same_tells_give_the_same_asks():
    one, other = (_conversation(Surrogate(SIZES, random.Random(3))) for _ in range(2))
    assert one == other
    assert one != _conversation(Surrogate(SIZES, random.Random(4)))


def test_the_first_choices_show_every_value():
    surrogate = Surrogate((5, 3), random.Random(0))
    first = [surrogate.ask([]) for _ in range(5)]
    assert {choice[0] for choice in first} == set(range(5))
    assert {choice[1] for choice in first} == set(range(3))


def test_a_known_choice_is_not_given_again_while_there_are_others():
    surrogate = Surrogate((2, 2), random.Random(1))
    told = []
    for _ in range(4):
        known = {point.choice for point in told}
        choice = surrogate.ask(told, known)
        assert choice not in known
        told.append(Point(choice, 1.0))
    assert surrogate.ask(told, known | {choice}) in known | {choice}


def test_a_space_without_a_choice_is_asked_all_the_same():
    assert _conversation(Surrogate((1, 1), random.Random(0)), rounds=3) == [(0, 0)] * 3


def test_optuna_is_silent_and_loaded_late(tmp_path):
    code = (
        "import random, sys\n"
        "from landrace.optimizers.search.surrogate import Surrogate\n"
        "from landrace.optimizers.search.credit import Point\n"
        "assert 'optuna' not in sys.modules\n"
        "s = Surrogate((3, 3), random.Random(0))\n"
        "told = []\n"
        "for n in range(6):\n"
        "    told.append(Point(s.ask(told), n / 6))\n"
        "assert 'optuna' in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
