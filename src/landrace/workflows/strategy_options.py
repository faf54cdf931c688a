"""A pipeline's strategy and options, as checks, plans and searches read them: with places."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from landrace.errors import ConfigError
from landrace.gateway import connect
from landrace.optimizers.option_error import OptionError
from landrace.optimizers.table import STRATEGIES
from landrace.store.validate import read_value, validate_value
from landrace.strict_json import near_fix

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from landrace.optimizers.strategy import Strategy
    from landrace.optimizers.variants import Program
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.pipeline import ModelConfig
    from landrace.store.project import PipelineSource
    from landrace.store.validate import Problem

OPTIONS = ("strategy", "options")


def strategy_of(pipeline: PipelineSource) -> Strategy:
    """The strategy that a pipeline names.

    Raises:
        ConfigError: there is none of that name.
    """
    name = pipeline.config.strategy.name
    strategy = STRATEGIES.get(name)
    if strategy is None:
        hint, listing = near_fix(name, STRATEGIES), _known(name)
        raise ConfigError(
            f"there is no strategy `{name}`",
            where=pipeline.document.where(("strategy", "name")),
            fix=f"{hint} ({listing})" if hint else listing,
        )
    return strategy


def option_problems(pipeline: PipelineSource) -> list[Problem]:
    """All that is wrong with the strategy's options by themselves. Raises like `strategy_of`."""
    read = read_value(strategy_of(pipeline).options, pipeline.config.strategy.options, at=OPTIONS)
    return read if isinstance(read, list) else []


def options_read(pipeline: PipelineSource) -> Any:
    """The strategy's options.

    Raises:
        ConfigError: there is no such strategy.
        FormatError: the options are not those that it takes.
    """
    return validate_value(
        strategy_of(pipeline).options,
        pipeline.config.strategy.options,
        pipeline.document.where,
        at=OPTIONS,
    )


@contextmanager
def options_of(pipeline: PipelineSource) -> Iterator[None]:
    """Name the line of the pipeline in what a strategy says of its options."""
    try:
        yield
    except OptionError as error:
        error.where = pipeline.document.where((*OPTIONS, *error.path))
        raise


def check_options(
    pipeline: PipelineSource,
    options: Any,
    program: Program,
    served: Sequence[Candidate],
    models: Sequence[ModelConfig],
) -> None:
    """Raise `OptionError` where the strategy's options suit neither the program nor what is
    ``served`` of it, or give parameters that one of the ``models`` is known not to take.
    """

    def takes(params: Mapping[str, Any]) -> None:
        for model in models:
            connect.check_params(model.id, params)

    with options_of(pipeline):
        strategy_of(pipeline).check(options, program, served, takes)


def _known(name: str) -> str:
    """The presets of the family that a name begins with, or else the families."""
    family = name.partition("/")[0]
    presets = [known for known in STRATEGIES if known.startswith(f"{family}/")]
    if "/" in name and presets:
        return f"the presets of `{family}` are {', '.join(presets)}"
    return f"the strategies are {', '.join(known for known in STRATEGIES if '/' not in known)}"
