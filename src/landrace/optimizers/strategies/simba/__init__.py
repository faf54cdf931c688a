"""``simba``: stochastic introspective mini-batch ascent (SIMBA of DSPy, `simba.py` of 3.4.1).

Step by step: candidates drawn by a softmax of their scores run on one minibatch; the cases on
which their runs differ most are the lessons; each makes a new candidate, with the best run as an
example or with a rule that the proposer draws from the best and the worst run; the new ones are
scored on the same minibatch. At the end the winners of steps at equal distances, and those of
other models, meet on all of select. Minibatches are of ``search`` cases, because examples and
rules are made of them, and what taught a candidate says nothing of it; ``select`` chooses, and the
claim is made on ``holdout``. DSPy selects and reports on the training set.

Mended:

- Scores of different minibatches are compared by residuals against what each case gives to
  anybody; DSPy compares plain means, and whoever met an easy batch is drawn more often.
- A case that a candidate shows, as an example or in its text, is not asked of it, so it cannot
  score by heart, and is not shown a second time.
- Runs of one case differ because different candidates make them (``spread: candidates``), at the
  parameters that will be served: each run is a score, too, and none is made twice. Further runs
  of the same candidate at temperature 1, as DSPy's six copies of the model make them, are made
  while there is only one candidate, and always with ``spread: repeats``.
- A rule needs two runs that differ. DSPy asks for one even where they are equal.
- A run is poor by the first decile of its minibatch only if others are above it, and good by the
  last only if others are below it. In DSPy nothing new is made once fewer than a tenth of the
  runs fail, as a perfect run is then in the first decile, and no rule where fewer than a tenth
  succeed.
- A budget too small for three full steps has smaller steps; no step is begun that it would not
  carry; and where finalists cannot all be scored in full, successive rejects find the best.
"""

from __future__ import annotations

from landrace.optimizers.strategies.simba.options import Options
from landrace.optimizers.strategies.simba.plan import least, longest_answer, shares
from landrace.optimizers.strategies.simba.strategy import VERSION, optimize

__all__ = ["VERSION", "Options", "least", "longest_answer", "optimize", "shares"]
