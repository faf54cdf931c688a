"""The options of GEPA; the defaults are the paper's but where said."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from landrace.optimizers.search.pareto import Kind
from landrace.schemas.base import Strict

Selector: TypeAlias = Literal["pareto", "current-best", "epsilon-greedy", "top-5"]


class Options(Strict):
    """Options of ``gepa``."""

    selector: Selector = Field(
        default="pareto",
        description="Whose child is next: `pareto` draws by how much a candidate leads, "
        "`current-best` takes the best mean, `epsilon-greedy` one time in ten anybody, `top-5` "
        "one of the five best.",
    )
    frontier: Kind = Field(
        default="instance",
        description="What there is to lead: each case (`instance`), each metric of a combined "
        "score (`objective`), both (`hybrid`), or each metric on each case (`cartesian`).",
    )
    component: Literal["round-robin", "all"] = Field(
        default="round-robin", description="Which of a program's nodes a proposal rewrites."
    )
    minibatch: int = Field(
        default=16,
        ge=1,
        le=200,
        description="Search cases on which parent and child are compared before all of select is "
        "paid for. The paper has 3, which miss two of three improvements of 6 points.",
    )
    shown: int = Field(
        default=4,
        ge=1,
        le=16,
        description="Most cases of the minibatch that a reflection sees: the worst, and for "
        "contrast the best.",
    )
    merges: int = Field(
        default=5,
        ge=0,
        le=100,
        description="Most times that what two candidates learned in different nodes is joined; "
        "what is tried and rejected does not count.",
    )
    patience: int = Field(
        default=20,
        ge=1,
        le=1000,
        description="Proposals in a row without an improvement that end the search; the paper's "
        "goes on until its budget is spent.",
    )
