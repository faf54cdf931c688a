"""``capo``: cost-aware evolution of instructions and examples (Zehle et al. 2025, 2504.16005).

A generation crosses random parents by one question and mutates what comes out by another; the
set of examples is crossed, too, and one is added, taken away, or none, by a third each (§4,
algorithms 1 and 2). Parents and children race: block after block of cases in one order, and who
is beaten by as many as may survive drops out. Score is accuracy less a penalty on length (§4).

Mended:

- In the authors' first release an added example is overwritten; here it stays.
- Their last ranking forgets the penalty and compares means over unequal blocks. Here survivors
  are compared on the cases that all have, and the last ones on all of ``select``, penalty
  included.
- A block has 15 cases instead of 30: eval sets here are smaller, and a race in blocks of 15 is as
  good. Examples come from ``search`` cases alone, and the winner is proved on ``holdout``.
- A child's new examples show what the first prompt answered, right and in its own words, where it
  did; the original has every child answer its own, which takes runs that no score is made of.
- Length is what is measured: input tokens of a case, over those of the longest first candidate.
- The population is no larger than half of the runs feed, and the prompt that is to be beaten and
  other models' winners are members of the first one as they are. Where they show more than
  ``max_shots``, what is made of them does not.
"""

from __future__ import annotations

from landrace.optimizers.strategies.capo.options import Options
from landrace.optimizers.strategies.capo.strategy import VERSION, least, optimize, shares

__all__ = ["VERSION", "Options", "least", "optimize", "shares"]
