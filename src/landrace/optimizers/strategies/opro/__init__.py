"""``opro``: a proposer reads what was tried and how well it did (Yang et al. 2023, 2309.03409).

A step shows the best instructions so far with their scores, the best last, and some examples, and
draws eight answers to this one question (§4). Proposals that are too long, or were made before, are
skipped.

Mended: examples come from search cases, scores from select cases, where the original has one
training set for both; the best of its history are crowned on all select cases by successive rejects
and proved on others, since its training scores were 5 to 20 points above its test scores. In a
program the nodes take turns, each with a history of its own, and a proposal changes the best
candidate so far. `landrace.optimizers.strategies.mipro` has OPRO for programs in MIPRO's form.
"""

from __future__ import annotations

from landrace.optimizers.strategies.opro.options import Options
from landrace.optimizers.strategies.opro.plan import least, shares
from landrace.optimizers.strategies.opro.strategy import VERSION, optimize

__all__ = ["VERSION", "Options", "least", "optimize", "shares"]
