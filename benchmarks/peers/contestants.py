"""Who takes part: one row a contestant. A peer is a module in ``runners/`` and a row here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.peers.ours import run_ours
from benchmarks.peers.peer import run_peer

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.peers.contest import Contest, Found
    from benchmarks.peers.counted import CountedGateway


class Contestant(NamedTuple):
    """``name`` is in file names; ``run`` searches and has its winner answer the holdout.

    ``seeded`` is false where every seed comes to the same, so that one is enough.
    """

    name: str
    title: str
    run: Callable[[Contest, CountedGateway], Found]
    seeded: bool = True


def ours(name: str, strategy: str, **options: Any) -> Contestant:
    return Contestant(
        name, f"landrace `{strategy}`", partial(run_ours, strategy=strategy, options=options)
    )


def peer(name: str, title: str, module: str, **options: Any) -> Contestant:
    return Contestant(name, title, partial(run_peer, module=module, options=options))


# A strategy of ours stands before the peers that it is held against.
CONTESTANTS: dict[str, Contestant] = {
    each.name: each
    for each in (
        Contestant(
            "base", "the base prompt", partial(run_ours, strategy=None, options={}), seeded=False
        ),
        ours("landrace-auto", "auto"),
        peer("dspy-bootstrap", "dspy BootstrapFewShotWithRandomSearch", "dspy_bootstrap"),
        ours("landrace-mipro", "mipro"),
        peer("dspy-miprov2", "dspy MIPROv2", "dspy_miprov2"),
        ours("landrace-gepa", "gepa"),
        peer("dspy-gepa", "dspy GEPA", "dspy_gepa"),
        ours("landrace-simba", "simba"),
        peer("dspy-simba", "dspy SIMBA", "dspy_simba"),
        ours("landrace-sammo", "sammo/instruction-tuning"),
        peer("sammo-beam", "sammo BeamSearch", "sammo_beam"),
        ours("landrace-capo", "capo"),
        peer("promptolution-capo", "promptolution CAPO", "promptolution_capo"),
        ours("landrace-opro", "opro"),
        peer("promptolution-opro", "promptolution OPRO", "promptolution_opro"),
        ours("landrace-evoprompt", "evoprompt"),
        peer("promptolution-ga", "promptolution EvoPromptGA", "promptolution_evo", way="ga"),
        ours("landrace-evoprompt-de", "evoprompt/de"),
        peer("promptolution-de", "promptolution EvoPromptDE", "promptolution_evo", way="de"),
    )
}

_PEERS = tuple(name for name in CONTESTANTS if not name.startswith(("base", "landrace-")))

# What one table compares; every one has the base prompt.
GROUPS: dict[str, tuple[str, ...]] = {
    "all": tuple(CONTESTANTS),
    "auto": ("base", "landrace-auto", *_PEERS),
    "mipro-sammo": ("base", "landrace-mipro", "dspy-miprov2", "landrace-sammo", "sammo-beam"),
    "gepa-simba": ("base", "landrace-gepa", "dspy-gepa", "landrace-simba", "dspy-simba"),
    "populations": (
        "base",
        "landrace-capo",
        "promptolution-capo",
        "landrace-opro",
        "promptolution-opro",
        "landrace-evoprompt",
        "promptolution-ga",
        "landrace-evoprompt-de",
        "promptolution-de",
    ),
}
