"""What each proposal sees: the facts, and demos and a tip drawn for it (MIPRO, §3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.proposing.grounded import SHOWN_DEMOS, TIPS, Facts, Tried, View

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from landrace.optimizers.slots.bootstrap import DemoSet
    from landrace.optimizers.strategies.mipro.options import Options
    from landrace.optimizers.variants import NodeBase
    from landrace.schemas.candidate import Demo


class Views:
    """Draws views; ``demo_sets`` are what can be shown, the empty one among them."""

    def __init__(
        self, options: Options, facts: Facts, demo_sets: Sequence[DemoSet], rng: random.Random
    ) -> None:
        self.facts = facts
        self.demo_sets = list(demo_sets) if options.shown_demos else [{}]
        self.tips = list(TIPS.values()) if options.tips else [""]
        self._rng = rng

    def draw_together(self, nodes: Sequence[NodeBase]) -> tuple[dict[str, list[Demo]], str]:
        """Demos of one set for each node, by name, and a tip: for one question about all."""
        tip = self._rng.choice(self.tips)
        demo_set = self._rng.choice(self.demo_sets)
        return {node.name: self._few(demo_set.get(node.name, ())) for node in nodes}, tip

    def draw(self, node: NodeBase, history: Sequence[Tried] = ()) -> View:
        tip = self._rng.choice(self.tips)
        shown = self._rng.choice(self.demo_sets).get(node.name, ())
        return View(self.facts, self._few(shown), tip, history)

    def _few(self, shown: Sequence[Demo]) -> list[Demo]:
        return self._rng.sample(shown, min(SHOWN_DEMOS, len(shown)))
