"""Intervals, paired tests, power, and looking more than once. Pure; scipy does the mathematics.

Binary scores get exact or score-based methods, graded ones BCa limits in closed form and sign
flips of a fixed seed, so that the same scores always give the same numbers.

``scipy.stats`` takes half a second to import, and its quantiles a hundred times as long as
those of ``scipy.special``: only functions import scipy, and quantiles come from the latter.
"""

from landrace.stats.interval import Interval
from landrace.stats.means import Mean, around_weighted_mean, mean_interval, weighted
from landrace.stats.pairs import Paired, Pairs, paired

__all__ = [
    "Interval",
    "Mean",
    "Paired",
    "Pairs",
    "around_weighted_mean",
    "mean_interval",
    "paired",
    "weighted",
]
