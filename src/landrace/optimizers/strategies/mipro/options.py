"""The options of MIPRO, and the members of its family as other defaults of them."""

from __future__ import annotations

import math
from copy import copy
from typing import Any, Literal, NamedTuple, Self, TypeAlias

from pydantic import Field, create_model, model_validator

from landrace.optimizers.search.credit import Credit
from landrace.schemas.base import Strict

Search: TypeAlias = Literal["tpe", "random", "module-opro", "program-opro", "ca-opro", "settings"]
Minibatch: TypeAlias = Literal["shared", "fresh", "off"]
Auto: TypeAlias = Literal["light", "medium", "heavy"]

MINIBATCH_FROM = 50  # a smaller select split is scored whole at every trial
OPRO_TRIALS = 3  # times n: an instruction of a history gets one trial
BREADTH = 5  # instructions of a node before coordinate ascent goes on to the next
DEPTH = 3  # times round all nodes, as in COPRO
RANDOM_TRIALS = 16  # of BootstrapFewShotWithRandomSearch


class Scale(NamedTuple):
    """What MIPROv2 calls light, medium and heavy."""

    n: int
    cases: int


SCALES: dict[str, Scale] = {
    "light": Scale(6, 100),
    "medium": Scale(12, 300),
    "heavy": Scale(18, 1000),
}


class Options(Strict):
    """Options of ``mipro``; the defaults are the joint search with our mended statistics."""

    auto: Auto = Field(
        default="light",
        description="How much to try, as in MIPROv2: sets of examples and instructions for each "
        "node, trials, and the most select cases (100, 300, 1000).",
    )
    search: Search = Field(
        default="tpe",
        description="Who chooses the next trial: `tpe` or `random` among the pools, `module-opro`, "
        "`program-opro` or `ca-opro` by writing new instructions after each trial, `settings` by "
        "TPE over what the proposer is shown.",
    )
    instructions: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description="Instructions a node, its own among them; null for what `auto` says, 1 for "
        "its own alone. For `tpe` and `random`, as the others write on in their trials.",
    )
    demo_sets: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description="Sets of examples a node, the empty one among them; null for what `auto` "
        "says, 1 for the empty one alone. For `tpe` and `random`, as the others choose none.",
    )
    trials: int | None = Field(
        default=None, ge=1, le=2000, description="Most trials; null for what `auto` says."
    )
    minibatch: Minibatch = Field(
        default="shared",
        description="Cases of a trial: `shared` by the trials of a round, moving through select; "
        "`fresh` ones at random, as in the paper; `off` for all of select.",
    )
    minibatch_size: int = Field(
        default=35, ge=1, le=1000, description="Cases of a trial if select has more than 50."
    )
    full_every: int = Field(
        default=5, ge=1, le=100, description="Trials before the best of them is scored in full."
    )
    credit: Credit = Field(
        default="residuals",
        description="What TPE is told: `residuals` against what each case gives to anybody, or "
        "the `means` of minibatches as in the paper.",
    )
    max_bootstrapped: int = Field(
        default=4, ge=0, le=32, description="Most examples of a set that are runs of the program."
    )
    max_labelled: int = Field(
        default=4, ge=0, le=32, description="Most examples of a set once labelled cases fill it."
    )
    threshold: float = Field(
        default=1.0, ge=0, le=1, description="Score from which a run is good enough to be shown."
    )
    bootstrap_cases: int = Field(
        default=40, ge=1, le=1000, description="Most search cases that the program is run on."
    )
    teacher: bool = Field(
        default=False,
        description="Let the pipeline's proposer run the program for the examples, instead of "
        "the model that they are for.",
    )
    data_summary: bool = Field(default=True, description="Show the proposer a summary of the data.")
    program_summary: bool = Field(
        default=True, description="Show it the program's source and what each node is for."
    )
    shown_demos: bool = Field(default=True, description="Show it examples.")
    tips: bool = Field(default=True, description="Give it a random tip.")
    layout: Literal["system", "user"] = Field(
        default="system", description="Where an instruction stands."
    )

    @model_validator(mode="after")
    def _of_use(self) -> Self:
        for name in ("instructions", "demo_sets"):
            if self.writes_in_trials and getattr(self, name) not in {None, 1}:
                raise ValueError(
                    f"`{name}` has no effect with `search: {self.search}`, "
                    "which writes instructions in its trials and chooses no examples"
                )
        return self

    @property
    def scale(self) -> Scale:
        return SCALES[self.auto]

    @property
    def pool(self) -> int:
        """Instructions of a node that are made before the first trial, its own among them."""
        if self.writes_in_trials:
            return 1
        if self.instructions is not None:
            return self.instructions
        return self.scale.n if self.demo_sets == 1 else self.scale.n // 2

    @property
    def sets(self) -> int:
        """Sets of examples that a node may show, the empty one among them."""
        if self.writes_in_trials:
            return 1
        return self.scale.n if self.demo_sets is None else self.demo_sets

    @property
    def needs_runs(self) -> bool:
        """Whether demos are wanted, be it for the model or for the proposer."""
        return self.sets > 1 or (self.shown_demos and self.writes)

    @property
    def writes(self) -> bool:
        """Whether a proposer is asked for instructions."""
        return self.pool > 1 or self.writes_in_trials

    @property
    def writes_in_trials(self) -> bool:
        return self.search not in {"tpe", "random"}

    @property
    def max_demos(self) -> int:
        """The most demos in a candidate; estimates of tokens rest on it."""
        return max(self.max_bootstrapped, self.max_labelled) if self.sets > 1 else 0

    def most_trials(self, nodes: int) -> int:
        """MIPROv2's number of trials, unless ``trials`` says otherwise.

        Coordinate ascent comes to each node as often as in COPRO.
        """
        if self.trials is not None:
            return self.trials
        n = self.scale.n
        if self.writes_in_trials:
            round_trips = DEPTH * BREADTH * nodes if self.search == "ca-opro" else 0
            return max(OPRO_TRIALS * n, round_trips)
        variables = nodes * ((self.pool > 1) + (self.sets > 1))
        return max(int(2 * variables * math.log2(n)), int(1.5 * n), 1)


def member(name: str, summary: str, **defaults: Any) -> type[Options]:
    """A member of the family: the same options with other defaults."""
    fields: dict[str, Any] = {}
    for option, default in defaults.items():
        field = copy(Options.model_fields[option])
        field.default = default
        fields[option] = (field.annotation, field)
    return create_model(name, __base__=Options, __doc__=summary, **fields)


class Member(NamedTuple):
    """A preset: its options, and the section of the paper (2406.11695) that it is from."""

    options: type[Options]
    summary: str


FAMILY: dict[str, Member] = {
    name: Member(member(kind, summary, **defaults), summary)
    for name, kind, summary, defaults in (
        (
            "bootstrap-random-search",
            "BootstrapRandomSearch",
            "sets of examples tried at random (MIPRO, §4.1)",
            {
                "search": "random",
                "instructions": 1,
                "demo_sets": RANDOM_TRIALS + 1,  # the empty one is the base's
                "minibatch": "off",
                "trials": RANDOM_TRIALS,
            },
        ),
        (
            "bayesian-bootstrap",
            "BayesianBootstrap",
            "sets of examples chosen by TPE (MIPRO, §4.4)",
            {"instructions": 1},
        ),
        (
            "module-opro",
            "ModuleOpro",
            "a history of instructions for each node (MIPRO, §4.2)",
            {"search": "module-opro", "demo_sets": 1},
        ),
        (
            "program-opro",
            "ProgramOpro",
            "one history of the instructions of all nodes (MIPRO, §4.5)",
            {"search": "program-opro", "demo_sets": 1},
        ),
        (
            "ca-opro",
            "CoordinateAscentOpro",
            "instructions of one node at a time (MIPRO, §4.5)",
            {"search": "ca-opro", "demo_sets": 1},
        ),
        (
            "0-shot",
            "ZeroShot",
            "instructions chosen by TPE, no examples (MIPRO, §4.4)",
            {"demo_sets": 1},
        ),
        (
            "0-shot-plus",
            "ZeroShotPlus",
            "TPE over what the proposer is shown, no examples (MIPRO, §4.4)",
            {"search": "settings", "demo_sets": 1},
        ),
    )
}
