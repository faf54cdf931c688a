"""What is left out of the best, and who wins then."""

from __future__ import annotations

import pytest

from landrace.optimizers.strategies.auto import Options
from landrace.optimizers.strategies.auto.shortening import shorten
from sammo_world import colour, study_of

FIRST, WHOLE = "Be exact.", "Be exact. Be quick."
WRONG = {"select0", "selectx1"}  # wrong with both sentences
HARMED = {"searchxxx15", "search16", "selectx21"}  # and with the first alone


def world(harmed):
    """Without its first sentence nothing is right; without the second, what is not harmed."""

    def model(request):
        text = request.messages[-1].content
        word = text.rsplit(maxsplit=1)[-1]
        wrong = WRONG if "quick" in text else harmed
        return colour(word) if "exact" in text and word not in wrong else "neither"

    return model


@pytest.mark.parametrize(("harmed", "left"), [(HARMED, WHOLE), (frozenset(), FIRST)])
def test_what_is_missed_on_search_cases_does_not_win_by_select_alone(tmp_path, harmed, left):
    with study_of(tmp_path, world(harmed), options=Options()) as study:
        words = study.base.candidate.changed("words", instruction=WHOLE)
        (best,) = study.admit_all([words.changed("words", layout="user")])
        study.evaluate([best], (*study.search, *study.select))
        shorten(study, best)
        winner = study.best()
        assert winner is not None
        assert winner.candidate.slots().instruction == left
        cut = next(e for e in study.entries.values() if e.candidate.slots().instruction == FIRST)
        assert study.ranked([best, cut], study.select)[0] is cut
