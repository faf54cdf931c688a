"""What a strategy is: a function over a study, its options, and what it will spend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from landrace.optimizers.study import Study
    from landrace.optimizers.variants import Program
    from landrace.schemas.base import Strict
    from landrace.schemas.candidate import Candidate

    LongestAnswer = Callable[[Any, "Sizes"], int]
    ReachOf = Callable[[Any], "Reach"]
    # Raises `ModelError` where a model does not take the parameters.
    Takes = Callable[[Mapping[str, Any]], None]
    Check = Callable[[Any, Program, Sequence[Candidate], Takes], None]


class Sizes(NamedTuple):
    """What is known before the first call. ``rivals`` is 1, or 2 with an incumbent.

    ``nodes`` are the program's nodes that ask a model; where the prompt ``is_plain``, there are
    no others, and what the one reads is known without a run.
    """

    search: int
    select: int
    holdout: int
    rivals: int
    nodes: int = 1
    is_plain: bool = True


class Reach(NamedTuple):
    """How far a search's candidates go beyond what it starts from, in what makes a call longer.

    ``examples`` are the most that it shows in a node; ``values`` what it may give to parameters of
    calls and to fields of nodes, by address as in `landrace.optimizers.slots.selectors`.
    """

    examples: int
    values: Mapping[str, Sequence[Any]]


class Strategy(NamedTuple):
    """A row of the strategies table.

    ``shares`` gives the most runs of the program that each stage may make when the search has so
    many in all; `optimize` holds its stages to the same numbers, so a plan bounds what is spent.
    A question to the proposer counts as a run, which it never exceeds. ``longest_answer`` gives
    the most tokens that one question lets the proposer answer, ``reach`` what else of the options
    makes calls dearer than those of what is served. ``check`` raises `OptionError` where options
    do not suit a program, of which it is also given what is served already, or where they give
    parameters that a model does not take.
    """

    version: str
    summary: str
    options: type[Strict]
    optimize: Callable[[Study], None]
    shares: Callable[[Any, Sizes, int], dict[str, int]]
    least: Callable[[Any, Sizes], int]
    reach: ReachOf
    longest_answer: LongestAnswer
    check: Check


def suits_all(
    options: Any, program: Program, candidates: Sequence[Candidate], takes: Takes
) -> None:
    """The check of options that name nothing of a program or a model."""
    del options, program, candidates, takes


def usual_answer(options: Any, sizes: Sizes) -> int:
    """The tokens of an instruction with room for a few words around it."""
    del options, sizes
    return 512


def at_most(tokens: int) -> LongestAnswer:
    """The same for all options and sizes."""
    return lambda _options, _sizes: tokens


def shows(examples: int) -> Reach:
    """The reach of who shows so many examples in a node at most, and varies no values."""
    return Reach(examples, {})


def words_alone(options: Any) -> Reach:
    """The reach of who adds no examples and varies no values, whatever the options."""
    del options
    return shows(0)


class _Searching(Protocol):
    """What a strategy's module has, but for its options."""

    VERSION: str

    @property
    def optimize(self) -> Callable[[Study], None]: ...
    @property
    def shares(self) -> Callable[[Any, Sizes, int], dict[str, int]]: ...
    @property
    def least(self) -> Callable[[Any, Sizes], int]: ...


class _Module(_Searching, Protocol):
    """A module with options of its own."""

    @property
    def Options(self) -> type[Strict]: ...  # noqa: N802 - it is the class's name


class _Member(Protocol):
    """A preset: the same search with other defaults."""

    @property
    def summary(self) -> str: ...
    @property
    def options(self) -> type[Strict]: ...


def _strategy(
    module: _Searching,
    summary: str,
    options: type[Strict],
    *,
    reach: ReachOf,
    longest_answer: LongestAnswer,
    check: Check,
) -> Strategy:
    return Strategy(
        module.VERSION,
        summary,
        options,
        module.optimize,
        module.shares,
        module.least,
        reach,
        longest_answer,
        check,
    )


def row(
    module: _Module,
    summary: str,
    *,
    reach: ReachOf,
    longest_answer: LongestAnswer = usual_answer,
    check: Check = suits_all,
) -> Strategy:
    """The row of a strategy's module."""
    return _strategy(
        module,
        summary,
        module.Options,
        reach=reach,
        longest_answer=longest_answer,
        check=check,
    )


def family(
    name: str,
    module: _Searching,
    members: Mapping[str, _Member],
    *,
    reach: ReachOf,
    longest_answer: LongestAnswer = usual_answer,
    check: Check = suits_all,
) -> dict[str, Strategy]:
    """The presets of a strategy, as ``name/preset``."""
    return {
        f"{name}/{preset}": _strategy(
            module,
            member.summary,
            member.options,
            reach=reach,
            longest_answer=longest_answer,
            check=check,
        )
        for preset, member in members.items()
    }
