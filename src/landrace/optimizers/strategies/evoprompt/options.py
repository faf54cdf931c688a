"""The options of the strategy and of its preset; defaults as in the paper (§4.1)."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pydantic import Field

from landrace.schemas.base import Strict

LEAST_POPULATION = 4  # DE needs a member, two others that differ, and a best one


class Options(Strict):
    """Options of ``evoprompt``; the defaults are the paper's (§4.1)."""

    algorithm: Literal["ga", "de"] = Field(default="ga", description="Genetic or differential.")
    population: int = Field(
        default=10, ge=LEAST_POPULATION, le=64, description="Members, as far as runs suffice."
    )
    steps: int = Field(default=10, ge=1, le=100, description="Generations, as far as runs suffice.")
    cases: int = Field(
        default=200, ge=4, le=1000, description="Most select cases that fitness is measured on."
    )
    temperature: float = Field(
        default=0.5, ge=0, le=2, description="Of the proposer when it crosses and mutates."
    )


class Differential(Options):
    """Options of ``evoprompt/de``."""

    algorithm: Literal["ga", "de"] = "de"


class Member(NamedTuple):
    """A preset: other defaults of the same options."""

    summary: str
    options: type[Options]


FAMILY = {"de": Member("differential evolution, by questions (EvoPrompt, §3.3)", Differential)}
