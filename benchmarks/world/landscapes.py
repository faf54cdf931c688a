"""The landscapes: what it is that makes a prompt better, and how able the proposer is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Proposer:
    """How able the model is that writes instructions; all are chances, 0 to 1.

    ``insight`` is the chance that a sentence it adds is a useful rule of the skill whose mistakes
    it was shown; of examples without mistakes half of that, of nothing a fifth. Of the other
    sentences a share of ``harm`` does harm, the rest nothing. ``slips`` is the chance that it
    loses a sentence on the way, ``babble`` that it says nothing of use.
    """

    insight: float
    harm: float
    slips: float
    babble: float
    is_weak: bool = False


CAPABLE = Proposer(insight=0.5, harm=0.25, slips=0.03, babble=0.01)
WEAK = Proposer(insight=0.15, harm=0.4, slips=0.15, babble=0.15, is_weak=True)


@dataclass(frozen=True)
class Landscape:
    """What a world is drawn from. All but the proposer are logits of being right, unless said.

    ``ability`` is what the task model brings along; ``rule`` what a useful rule adds to the cases
    of its skill, on average, and ``harm`` what a harmful one takes away; ``ceiling`` is what all
    rules can add to one skill. ``demos`` is what the best examples can add. ``form`` are the
    logits that the base's answer has the promised form, ``formats`` the spread of what another
    form of inputs or answers does to that and to being right. ``wording`` is the spread of what
    the choice of words does, ``clash`` that of what two rules do to each other. With ``nodes`` 2
    a first node writes a hint that the second can hardly do without, with ``first`` for ability.
    """

    name: str
    summary: str
    ability: float = 0.0
    rule: float = 0.4
    harm: float = 0.5
    ceiling: float = 2.0
    demos: float = 0.5
    form: float = 2.0
    formats: float = 0.2
    wording: float = 0.15
    clash: float = 0.0
    nodes: int = 1
    first: float = 0.0
    proposer: Proposer = CAPABLE


LANDSCAPES: dict[str, Landscape] = {
    landscape.name: landscape
    for landscape in (
        Landscape("demos", "examples help most", ability=-0.5, rule=0.2, demos=2.0, form=1.5),
        Landscape("instructions", "rules help most", ability=-0.3, rule=0.9, demos=0.2),
        Landscape(
            "weak proposer",
            "rules help most, but the proposer seldom finds one",
            ability=-0.3,
            rule=0.9,
            demos=0.4,
            proposer=WEAK,
        ),
        Landscape(
            "format",
            "the form of inputs and answers decides",
            ability=0.8,
            rule=0.2,
            demos=0.3,
            form=-0.5,
            formats=0.8,
        ),
        Landscape(
            "flat",
            "nothing helps, some things do harm",
            ability=0.5,
            rule=0.0,
            demos=0.0,
            form=9.0,
            formats=0.0,
            wording=0.0,
        ),
        Landscape(
            "two nodes",
            "a program whose first node is weak",
            ability=1.2,
            rule=0.5,
            demos=0.8,
            nodes=2,
            first=-1.0,
        ),
        Landscape(
            "rugged",
            "rules help and hinder each other, and words matter",
            rule=0.7,
            demos=0.8,
            formats=0.4,
            wording=0.4,
            clash=0.25,
        ),
    )
}
