"""``protegi``: a beam search whose gradients are critiques (Pryzant et al. 2023, arXiv 2305.03495).

A round has each prompt of the beam run on search cases. A critique of some mistakes is the
gradient, an edit that answers it with these mistakes in view is the step, and paraphrases explore
around it (§3.1, algorithm 2); a bandit chooses the next beam from old and new (§3.2). Where the
instruction has a section `task`, only that is edited, as the original edits only the part under
one heading.

Mended: selection is cumulative on shared cases, by default by halving, which loses less than UCB in
simulation and as little as exact successive rejects; critiques see search cases, selection select
cases, the winner is crowned on all of these and proved on cases that no search has seen, where
the original reports the best of its beam on the test set. Of the twelve children that a prompt
could have, the original makes all and draws eight at random; here only those are made that will
be looked at, the edits of all gradients first and then a paraphrase of each in turn, as far as
the round can tell them apart. A prompt itself is paraphrased only where no edit of it is found.
"""

from __future__ import annotations

from landrace.optimizers.strategies.protegi.options import Options
from landrace.optimizers.strategies.protegi.plan import least, shares
from landrace.optimizers.strategies.protegi.strategy import VERSION, optimize

__all__ = ["VERSION", "Options", "least", "optimize", "shares"]
