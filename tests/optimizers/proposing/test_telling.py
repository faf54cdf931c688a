"""What proposers are told of the form of an answer."""

from __future__ import annotations

import pytest

from landrace.optimizers.proposing.telling import answer_rule, contract_rule
from landrace.optimizers.slots.formats import FORMATS
from sammo_world import LABEL, context, study_of


@pytest.mark.parametrize("form", ["marker", "xml"])
def test_a_proposer_is_told_what_the_answer_format_says_after_the_instruction(tmp_path, form):
    with study_of(tmp_path) as study:
        rule = answer_rule(context(study, layout="user", format=form).view)
    assert rule.startswith(f"{contract_rule(LABEL)} ")
    assert rule.endswith(f'"{FORMATS[form].ask}"')


@pytest.mark.parametrize("form", ["base", "label"])
def test_of_a_format_that_says_nothing_a_proposer_is_told_nothing(tmp_path, form):
    with study_of(tmp_path) as study:
        rule = answer_rule(context(study, layout="user", format=form).view)
    assert rule == contract_rule(LABEL)
