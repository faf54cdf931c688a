from __future__ import annotations

import pytest

from landrace.optimizers.strategies.gepa.options import Options
from landrace.optimizers.strategies.gepa.pool import Pool
from sammo_world import study_of


def test_sums_are_by_the_weights_of_the_cases(tmp_path):
    with study_of(tmp_path, lambda _request: "red") as study:
        study.evaluate([study.base], study.search[:3])
        cases = [
            case.model_copy(update={"weight": weight})
            for case, weight in zip(study.search[:3], (1.0, 10.0, 100.0), strict=True)
        ]
        (found,) = Pool(study, Options()).sums([study.base], cases)
        mean = study.table.mean(study.base.digest, cases)
    assert 0 < mean < 1
    assert found == pytest.approx(111 * mean)
