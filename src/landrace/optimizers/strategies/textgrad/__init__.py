"""``textgrad``: critiques go backward through the program, edge by edge (Yuksekgonul et al. 2024).

TextGrad (arXiv 2406.07496, §2) takes a system of calls for a graph of variables. A loss says what
is wrong with the answer; backward, a variable's critique is made from the critiques of what reads
it; a step rewrites the variable from all of its critiques of a batch. For prompts (§3.3) it takes
batches of 3 and twelve steps, and undoes one that scores worse on validation.
Here the variables are instructions of nodes; what other nodes wrote is passed through.

Mended: momentum, whose question the original never builds, shows earlier steps and their fate;
critiques stand in the order of cases and edges, where the original keeps a set without one; an
answer without tags is sent back once and then skipped, where the original ends with an error; no
step sees the holdout, where the original scores the test set at each. The loss is the metric's
words and the right answer, so it takes no question; of a right answer none is asked, either. A
batch without a critique is no step, and cases that the program shows as examples are in no batch:
it has those right by heart.
"""

from __future__ import annotations

from landrace.optimizers.strategies.textgrad.options import Options
from landrace.optimizers.strategies.textgrad.step import REWRITE_TOKENS
from landrace.optimizers.strategies.textgrad.strategy import VERSION, least, optimize, shares
from landrace.optimizers.strategy import at_most

__all__ = ["VERSION", "Options", "least", "longest_answer", "optimize", "shares"]

longest_answer = at_most(REWRITE_TOKENS)
