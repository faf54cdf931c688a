"""Which cases say how good a candidate is, and which of two is better."""

from __future__ import annotations

from landrace.schemas.candidate import Candidate, Demo
from sammo_world import SOURCE, study_of


def showing(case):
    demo = Demo(case_id=case.id, user=f"Word: {case.id}", assistant="red")
    return Candidate.plain(operator="examples", layout="user", demos=(demo,))


def test_a_case_that_one_of_them_shows_says_nothing(tmp_path):
    with study_of(tmp_path) as study:
        one, two = study.admit_all([showing(study.search[0]), showing(study.search[1])])
        assert study.informative(study.search, one) == list(study.search[1:])
        assert study.informative(study.search, one, two) == list(study.search[2:])
        assert study.fresh_cases(one) == list(study.search[1:])


def test_cases_that_what_is_served_shows_do_not_confirm_another(tmp_path):
    with study_of(tmp_path / "a") as study:
        served = study.search[3].id
    source = f"Word: {served}\nred\n\n{SOURCE}"
    incumbent = Candidate.plain(operator="incumbent", source=source)
    with study_of(tmp_path / "b", incumbent=incumbent) as study:
        assert served not in {case.id for case in study.fresh_cases(study.base)}


def test_cases_that_the_model_was_trained_on_say_nothing(tmp_path):
    with study_of(tmp_path, search_is_known=True) as study:
        every = (*study.select, *study.search)
        assert study.informative(every, study.base) == list(study.select)
        assert study.fresh_cases(study.base) == []
