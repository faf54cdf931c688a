"""``auto``: the strategy that a user need not change.

A pipeline of parts that were measured to pay for themselves:

1. A headroom probe (CoinFlip, 2604.14585: half of all runs had nothing to gain). How much scores
   vary in it sizes the slice of cases on which children meet their parents (BudgetAPO, 2610.05671:
   sigma over a tenth, squared, 10 to 30). All of select is probed, for the rivals need it anyway.
2. A pool from every cheap source, for every node: other models' winners, examples (MIPRO §6: they
   beat instructions in most tasks) as chat turns or in the text (SAMMO), instructions, formats.
3. Successive halving on shared cases, paired, so far fewer calls for the same choice.
4. Generations for as long as calls last: reflection on what a node did (GEPA) with a memory of
   what was tried (GPO's relevance, TPGO), rejected edits (SkillOpt) and a cosine limit of words
   (GPO); mistakes as examples; other examples; crossings; formats; edits without a model
   (SAMMO). Parents lead on some case; operators and nodes are drawn by their gain per token.
   With few calls there are none, and the first round is wider.
5. What the best learned apart is joined; the best by all that is known is crowned, by successive
   rejects where there were no generations.
6. SAMMO's compression: examples and halves of the instruction that are not missed on select are
   left out, in every node.

Where this differs from its sources: a parent that was chosen of many looks better on the cases of
that choice than it is, so children meet their parents on ``search`` cases that neither shows, and
whose answers no proposer was told for them (16: with GEPA's three, two of three children that are
6 points better are thrown away), and who breeds goes by all that is known. A part of ``select`` is
kept back for who is crowned.
"""

from __future__ import annotations

from landrace.optimizers.strategies.auto.options import Options
from landrace.optimizers.strategies.auto.plan import least, shares
from landrace.optimizers.strategies.auto.strategy import VERSION, optimize

__all__ = ["VERSION", "Options", "least", "optimize", "shares"]
