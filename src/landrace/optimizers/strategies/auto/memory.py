"""What a search remembers of its instructions: tries with scores, rejected edits, cases seen."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from landrace.optimizers.proposing.opening import context_of
from landrace.optimizers.proposing.reflection import Lore
from landrace.optimizers.proposing.wording import instruction_of
from landrace.optimizers.search.recall import Past, recalled, word_counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.proposing.reflection import Deed
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case

RECALLED = 3
REJECTED = 3


class Memory:
    """The instructions that were tried, node by node, in the order of their trial.

    What a try is worth is told as its mean on ``cases``, which all that breed have met.
    """

    def __init__(self, study: Study, cases: Sequence[Case]) -> None:
        self._study = study
        self._cases = cases
        self._tried: dict[str, list[Past]] = defaultdict(list)
        self._rejected: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._seen: dict[str, frozenset[str]] = {}

    def note(self, child: Entry, parent: Entry, node: str, score: float, *, kept: bool) -> None:
        """Keep what became of a child; nothing where its instruction is its parent's.

        ``score`` is what the child is believed to get on the cases.
        """
        text = self._text(child, node)
        if text == self._text(parent, node):
            return
        self._tried[node].append(Past(text, min(1.0, max(0.0, score))))
        if not kept:
            self._rejected[parent.digest, node].append(text)

    def saw(self, child: Candidate, done: Iterable[Deed]) -> None:
        """Keep of which cases the proposer was told the answer when it wrote the child."""
        self._seen[child.digest] = frozenset(deed.case for deed in done)

    def seen(self, child: Candidate) -> frozenset[str]:
        """The ids of the cases whose answers may stand in the child's instruction."""
        return self._seen.get(child.digest, frozenset())

    def lore(self, context: Context, words: int) -> Lore:
        """What is told with the context's node: what is most like its instruction, of all tries.

        What is told as rejected is left out before, for nothing is more like the instruction.
        """
        text = instruction_of(context)
        score = self._study.table.mean(context.entry.digest, self._cases) or 0.0
        rejected = self._rejected[context.entry.digest, context.node][-REJECTED:]
        told = {text, *rejected}
        others = [item for item in self._tried[context.node] if item.text not in told]
        found = recalled([*others, Past(text, score)], RECALLED + 1, "relevance", word_counts)
        return Lore(found[:-1], rejected, score, words)

    def _text(self, entry: Entry, node: str) -> str:
        return instruction_of(context_of(self._study, entry, node, self._study.rng("texts")))
