"""``promptwizard``: mutate, criticise, synthesise, then add examples (Agarwal et al. 2024).

PromptWizard (arXiv 2405.18369, §3) refines an instruction in three iterations: in three rounds
each it is varied by thinking styles, five at a time; the best variant is criticised by what it got
wrong of 25 examples, and synthesised anew from these mistakes and the critique. Then examples are
chosen, wrong ones first, the instruction is refined with them in place, and an expert's role is
put before it.

Mended: the original compares variants on six questions at most, each on its own, and takes every
later edit unseen, which has led to collapse (CAPO, arXiv 2504.16005, table 2). Here variants and
example sets meet the same select cases, and an edit that scores worse there is undone. Examples
show their label or the model's own right answer; neither examples nor reasons are invented, nor
keywords added. A variant without mistakes stays as it is, where the original has it praised and
rewritten. No variant shows more than ``examples`` of a node, though what is served may show more.
"""

from __future__ import annotations

from landrace.optimizers.strategies.promptwizard.edits import longest_answer
from landrace.optimizers.strategies.promptwizard.options import Options
from landrace.optimizers.strategies.promptwizard.plan import least, shares
from landrace.optimizers.strategies.promptwizard.strategy import VERSION, optimize

__all__ = ["VERSION", "Options", "least", "longest_answer", "optimize", "shares"]
