"""``pe2``: prompt engineering a prompt engineer (Ye et al. 2023, arXiv 2311.05661).

A step takes the best of all prompts so far, not only of the last step (back-tracking), shows a
proposer a batch of what each gets wrong (hard negatives), and has it examine these case by case
along a fixed row of questions before it writes a new prompt (§3). The question also explains the
task in two steps and says where in the model's input the prompt stands. Each part can be
left out, as in the paper's ablation (§5). The 50-word limit is measured and enforced: what is
longer is sent back once, then dropped.

Mended: hard negatives come from search cases, others at each step, scores from shared select
cases, where by default halving drops the worse half of a step early; each step's best are scored
on all of them; and the winner is proved on others. Children are made only as far as a step's
runs can tell them apart. Where a step has fewer parents than it may have, as it has one without
first guesses, each of them has more children. First guesses are held to the limit of words, too.
A parent without mistakes is shown some of its right answers.
"""

from __future__ import annotations

from landrace.optimizers.strategies.pe2.litter import ANSWER_TOKENS
from landrace.optimizers.strategies.pe2.options import Options
from landrace.optimizers.strategies.pe2.plan import least, shares
from landrace.optimizers.strategies.pe2.strategy import VERSION, optimize
from landrace.optimizers.strategy import at_most

__all__ = ["VERSION", "Options", "least", "longest_answer", "optimize", "shares"]

longest_answer = at_most(ANSWER_TOKENS)
