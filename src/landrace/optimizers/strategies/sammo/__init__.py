"""SAMMO: structure-aware search over prompts as programs (Schnabel and Neville 2024, 2404.02319).

Operators change the words, the parameters and the structure of a prompt; a search tries them:
enumerative, beam, regularized evolution or sequential. Three presets are the paper's use cases:
`sammo/instruction-tuning`, `sammo/rag-tuning` and `sammo/compression`.

On purpose otherwise than in sammo 0.3.3: by default candidates are compared by halving on shared
cases (``allocation: full`` scores each on all of them, as there), and a beam is full from its
first round; operators are drawn by what they gained per token; n draws of a rewording are n
requests; an evolution's tournament has at least one member; what keeps a bound on accuracy is
confirmed, with the standard error and on search cases, too; and the winner has to prove itself on
cases that no search has seen.
"""

from __future__ import annotations

from landrace.optimizers.strategies.sammo.family import FAMILY
from landrace.optimizers.strategies.sammo.fitting import check
from landrace.optimizers.strategies.sammo.options import Options
from landrace.optimizers.strategies.sammo.reaching import reach
from landrace.optimizers.strategies.sammo.strategy import VERSION, least, optimize, shares

__all__ = ["FAMILY", "VERSION", "Options", "check", "least", "optimize", "reach", "shares"]
