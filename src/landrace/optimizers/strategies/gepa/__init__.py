"""``gepa``: reflective evolution on a Pareto frontier over cases (GEPA, 2507.19457).

Agrawal et al. 2025: a parent is drawn from those that lead on some case; a proposer reads what one
of its nodes did on a minibatch, with the metric's words, and writes that node's instruction anew;
the child stays if it beats the parent on the same minibatch, and then all of the validation set
is paid for. Now and then two candidates that learned in different nodes are merged.

Mended, and said with each option where the original may be wanted:

- The original selects and reports on one validation set. Here reflection and the minibatch take
  ``search`` cases, the frontier ``select`` cases, and the claim is made on ``holdout``.
- The minibatch has 16 cases instead of 3 (``minibatch``): with 3, two of three children that are
  6 points better are thrown away, and there are 1.7 good for each bad one accepted instead of 2.6.
  A child that is behind half-way is spared the rest. A reflection still sees four cases, the
  worst three and the best (``shown``).
- Mistakes are looked for on cases that the parent does not show as examples: those it has right by
  heart, and so has a child that keeps them.
- A minibatch without a mistake is no proposal and takes no patience.
- A failed call is missing and counts for neither side of a pair; a candidate with too few scores
  is not taken in, but for what is to be beaten.
- No proposal is begun that could not be scored in full, the random streams do not depend on when
  a run was killed, and a score is paid for once.
"""

from __future__ import annotations

from landrace.optimizers.strategies.gepa.options import Options
from landrace.optimizers.strategies.gepa.strategy import VERSION, least, optimize, shares

__all__ = ["VERSION", "Options", "least", "optimize", "shares"]
