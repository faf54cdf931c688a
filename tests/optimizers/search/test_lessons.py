from __future__ import annotations

import random

from landrace.optimizers.search.epochs import Epochs
from landrace.optimizers.search.lessons import unshown_batch
from sammo_world import study_of
from strategy_world import served_with


def test_a_batch_has_what_the_candidate_does_not_show(tmp_path):
    with study_of(tmp_path, lambda _request: "red") as study:
        some = study.admit(served_with(study.search[:-2]).candidate)
        every = study.admit(served_with(study.search).candidate)
        batches = Epochs(study.search, 3, random.Random(0))
        assert {case.id for case in unshown_batch(study, batches, some)} == {
            case.id for case in study.search[-2:]
        }
        assert unshown_batch(study, batches, every) == []
        usual = Epochs(study.search, 3, random.Random(1))
        same = Epochs(study.search, 3, random.Random(1))
        assert unshown_batch(study, same, study.base) == usual.batch()
