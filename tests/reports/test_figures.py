from __future__ import annotations

import pytest

from landrace.reports import figures
from report_examples import estimate


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        (lambda: figures.points(0.8049), "80.5"),
        (lambda: figures.points(-0.0001), "0.0"),
        (lambda: figures.signed(0.0321), "+3.2"),
        (lambda: figures.signed(-0.0004), "0.0"),
        (lambda: figures.signed(-0.05), "-5.0"),
        (lambda: figures.estimate(None), "–"),
        (lambda: figures.estimate(estimate(1, 0.951, 1, 75)), "100.0 [95.1, 100.0]"),
        (lambda: figures.cases(estimate(1, 1, 1, 1200)), "1,200"),
        (lambda: figures.cases(estimate(1, 1, 1, 106, 106 / 120)), "106 (88.3%)"),
        (lambda: figures.probability(0.0009), "< 0.001"),
        (lambda: figures.probability(0.04), "0.040"),
        (lambda: figures.share(1.0), "100%"),
        (lambda: figures.share(0.99999), "99.9%"),
        (lambda: figures.share(0.95), "95%"),
        (lambda: figures.share(0.29), "29%"),
        (lambda: figures.mean_count(None), "–"),
        (lambda: figures.mean_count(4.06), "4.1"),
        (lambda: figures.mean_count(1234.4), "1,234"),
        (lambda: figures.dollars(None), "–"),
        (lambda: figures.dollars(0.0), "$0"),
        (lambda: figures.dollars(0.0000312), "$0.0000312"),
        (lambda: figures.dollars(0.9), "$0.900"),
        (lambda: figures.dollars(1234.5), "$1,234.50"),
        (lambda: figures.plural(1, "case"), "1 case"),
        (lambda: figures.plural(1200, "case"), "1,200 cases"),
    ],
)
def test_a_number_reads_so(call, shown):
    assert call() == shown
