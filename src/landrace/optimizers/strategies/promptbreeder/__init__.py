"""``promptbreeder``: prompts that evolve with the way they are changed (2309.16797).

Fernando et al. 2023. A unit has two task prompts and a mutation prompt. Units meet in binary
tournaments; the winner's child takes the loser's place. A child is made by an operator drawn at
random (§3.2): from the description or from the parent (direct), from lists of the population's
prompts (estimation of distribution: plain, by rank, by lineage), by a mutation prompt that has
been mutated itself (hyper-mutation), or backwards from right answers (Lamarckian). Now and then a
prompt comes from another unit, or the examples are drawn anew.

Otherwise than in the paper:

- A node asks once, so its two task prompts stand one after the other in one instruction; the
  paper asks twice. The start has its own instruction as the first, and no second.
- Fitness is measured on the same ``select`` cases for all instead of 100 random ones for each;
  right answers, for examples and to guess from, are of ``search`` cases, and under a graded metric
  the best ones where none has full marks; the winner is proved on ``holdout``.
- A list by rank says that the best is last; the paper's says the reverse of what it shows, lest the
  last be copied. A lineage has the best of every generation, not only of the unit's own ancestors,
  for few runs feed few generations.
- Prompts that are alike in 95% of their words are listed once; the paper asks embeddings.
- A unit that is made shows ``max_shots`` examples of a node at most; what is served, or another
  model's winner, may show more.
- The population is no larger than lets the runs feed six generations.
"""

from __future__ import annotations

from landrace.optimizers.strategies.promptbreeder.options import Options
from landrace.optimizers.strategies.promptbreeder.strategy import VERSION, least, optimize, shares

__all__ = ["VERSION", "Options", "least", "optimize", "shares"]
