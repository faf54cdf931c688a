"""What all of the statistics share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TIE = 1e-9  # two scores nearer than this are equal; float noise of a mean of parts


class Interval(NamedTuple):
    """A mean and where it lies with the asked confidence."""

    mean: float
    low: float
    high: float


def is_binary(values: NDArray[np.float64]) -> bool:
    """Whether every value is zero or one."""
    return bool(np.all((np.abs(values) < TIE) | (np.abs(values - 1) < TIE)))


def normal_quantile(confidence: float) -> float:
    """How many standard errors a two-sided interval reaches to either side."""
    from scipy.special import ndtri  # noqa: PLC0415 - see the package

    return float(ndtri(0.5 + confidence / 2))


def student_quantile(confidence: float, freedom: float) -> float:
    """The same where the standard error is an estimate with so many degrees of freedom."""
    from scipy.special import stdtrit  # noqa: PLC0415 - see the package

    return float(stdtrit(freedom, 0.5 + confidence / 2))
