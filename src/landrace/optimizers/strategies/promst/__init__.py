"""``promst``: a tree of prompts grown from named faults (Chen et al. 2024, arXiv 2402.08702).

PROMST has rules that people write look at what an agent did; each fault that one finds has a name
and a sentence. What was found is summed up by name, a generator rewrites the prompt with its
ancestors and their scores in view, eight children a parent, of which the two best grow the next
level. A score model, fitted to the prompts that have run, leaves out children before they run. The
tree ends when the best of a level has fallen three times running.

Here the rules are `detectors.DETECTORS`, for any node; a fault that none knows has the metric's
words. The score model is a ridge regression on words, not a Longformer, and is heeded only as far
as it foretells scores that it was not fitted to. The released code goes depth first, with the two
best children of each parent, so that its tree doubles with every level; here it goes level by
level with the two best of all. Ancestors are shown with their scores. Children are compared on the
same select cases by halving, faults come from search cases, and the best of the whole tree wins,
not of its last level. Parents of whom no child came are tried again on other cases, and three such
levels in a row end the tree.
"""

from __future__ import annotations

from landrace.optimizers.strategies.promst.options import Options
from landrace.optimizers.strategies.promst.plan import least, shares
from landrace.optimizers.strategies.promst.strategy import VERSION, optimize

__all__ = ["VERSION", "Options", "least", "optimize", "shares"]
