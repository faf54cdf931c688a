"""Which strategies are excused from what all others are held to, each with its reason.

A new strategy is held to everything and needs no row here. What it does with a proposer is read
off a run of it.
"""

from __future__ import annotations

from landrace.optimizers.table import STRATEGIES
from strategy_world import admitted_texts, question

# By the name of a strategy, or of one and all its presets.
EXCUSED: dict[str, dict[str, str]] = {
    "takes other models' winners": {
        "mipro": "its candidates are combinations of what it makes itself, as in the paper",
        "sammo/compression": "it takes an accurate one on for its price alone",
    },
    "changes the incumbent": {
        "mipro": "its instructions are grounded in the base, and its candidates have no parents",
        "trained": "a model that was trained on base templates is asked to write them anew",
    },
    "finds better words for the incumbent": {
        "mipro": "it does not change the incumbent",
        "sammo": "it tries other forms of the answer as well, and one of those may win",
        "simba": "it asks so little that no answer need have the better words",
        "textgrad": "it asks so little that no answer need have the better words",
        "trained": "it does not change the incumbent",
    },
    "mends the weak node of a program": {},
    "comes to every node": {
        "mipro": "a candidate sets all nodes at once, and has no parents to compare it with",
        "trained": "it reads whole templates, which no model here writes; see its own tests",
    },
    "comes to every node as often": {
        "evoprompt": "a child takes nodes over from two parents, so it differs from each in several",
        "capo": "a child is crossed where its parents differ, which is in nodes that pay: more each time",
    },
}


def held_to(promise: str) -> list[str]:
    """The strategies that have to keep it."""
    excused = EXCUSED[promise].keys()
    return [name for name in STRATEGIES if not {name, name.partition("/")[0]} & excused]


def asks_a_proposer(ran) -> bool:
    return any(question(request) is None for request in ran.gateway.requests)


def takes_words(ran, **inputs) -> bool:
    """Whether what `strategy_world.proposal` says got into a candidate."""
    return any(", in style " in text for _, text in admitted_texts(ran, **inputs))
