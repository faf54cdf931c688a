"""GPO: prompt search seen as gradient descent (Tang et al. 2024, arXiv 2402.17564).

A step shows the proposer where the search stands (the direction: the present instruction with its
score, perhaps what is wrong with it), where it has been (momentum) and how far it may go (step
size: a number of words), and has it edit the instruction or write it anew. The paper takes its
peers apart into the same options (table 4); `FAMILY` has them as presets.

Mended: the original scores test cases at every step and always moves on, even to something worse,
and returns where it ends. Here each step goes on from its best new candidate, too, but the winner
is the best of all steps, base and incumbent among them, and has to prove itself on cases that no
search has seen. Recent steps are listed with the newest last, as the most relevant are, where the
released code has it first. The word limit is measured and enforced instead of only asked for. A
warm-up does not begin with 0 words, and the schedule ends at the last step that the runs surely
pay, not one after the last epoch. By default a step's candidates are compared by halving on
shared cases (``allocation: full`` scores each on all, as the original does).
"""

from __future__ import annotations

from landrace.optimizers.strategies.gpo.options import FAMILY, Options
from landrace.optimizers.strategies.gpo.plan import least, shares
from landrace.optimizers.strategies.gpo.strategy import VERSION, optimize

__all__ = ["FAMILY", "VERSION", "Options", "least", "optimize", "shares"]
