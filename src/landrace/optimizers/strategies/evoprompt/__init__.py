"""``evoprompt``: evolution whose operators are questions (Guo et al. 2023, arXiv 2309.08532).

GA (§3.2, algorithm 2): two parents by roulette, crossed and mutated by one question; of parents
and children together the best stay. DE (§3.3, algorithm 3): what sets two random members apart is
mutated, put into the best one and crossed with the member itself, which it replaces if it is
better. All in one question.

Mended: fitness is measured on ``select`` cases that all share, the winner is proved on
``holdout``, and the prompt that is to be beaten is a member of the first population as it is. The
population is no larger than lets the runs feed three generations. The two parents of a child are
never the same, and no child of a generation has another for a parent. In a program a child is
crossed in one node in which the parents differ; of the others it has either parent's. The
paper's top-p of .95 is left to the proposer's own ``params``.
"""

from __future__ import annotations

from landrace.optimizers.strategies.evoprompt.litter import ANSWER_TOKENS
from landrace.optimizers.strategies.evoprompt.options import FAMILY, Options
from landrace.optimizers.strategies.evoprompt.plan import least, shares
from landrace.optimizers.strategies.evoprompt.strategy import VERSION, optimize
from landrace.optimizers.strategy import at_most

__all__ = ["FAMILY", "VERSION", "Options", "least", "longest_answer", "optimize", "shares"]

longest_answer = at_most(ANSWER_TOKENS)
