"""What a pull request's pipelines may do: head says what is wanted, base what is allowed.

Budgets, policies, the gate, training commands and whether winners are tried on other models are
base's. Strategy, options, seed and which prompts are head's: they are data, and cost no more than
the budget.
Models are between the two: a request goes out under the repository's credentials, so a model
that base does not name, and a parameter that could send a request elsewhere, need base's word.
"""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from landrace.gateway.catalogue import CATALOGUE, LOCAL_PREFIX, is_local
from landrace.workflows.decoding import misfit, routing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from landrace.schemas.pipeline import ModelConfig, PipelineConfig
    from landrace.store.project import PipelineSource, Project


class Mandate(NamedTuple):
    """Head's pipelines as far as base allows them.

    ``refused`` are sentences without a full stop, each with what is to be done.
    """

    pipelines: tuple[PipelineSource, ...]
    refused: tuple[str, ...]


def mandate(base: Project, head: Project) -> Mandate:
    """Bound head's pipelines by base's.

    Raises:
        ConfigError: a pipeline of either cannot be read.
    """
    allowed = {name: base.read_pipeline(name) for name in base.pipelines()}
    trusted = _Trusted([source.config for source in allowed.values()])
    pipelines: list[PipelineSource] = []
    refused: list[str] = []
    for name in head.pipelines():
        wanted = head.read_pipeline(name)
        if name not in allowed:
            refused.append(
                f"pipelines/{name}.yaml is new and takes effect once it is merged; "
                "until then no call is made for it"
            )
            continue
        config = trusted.bound(name, wanted.config, allowed[name].config, refused)
        if config is not None:
            pipelines.append(replace(wanted, config=config))
    return Mandate(tuple(pipelines), tuple(refused))


class _Trusted:
    """The models that base calls, in whatever role and pipeline."""

    def __init__(self, configs: Iterable[PipelineConfig]) -> None:
        self._known: dict[str, list[ModelConfig]] = {}
        for config in configs:
            for model in (*config.models, *([config.proposer] if config.proposer else [])):
                self._known.setdefault(model.id, []).append(model)

    def bound(
        self, name: str, wanted: PipelineConfig, base: PipelineConfig, refused: list[str]
    ) -> PipelineConfig | None:
        """A pipeline within base's; None where no model of it is left."""
        models = tuple(self._allowed(name, wanted.models, base, refused))
        proposer = wanted.proposer
        if proposer is not None:
            proposer = next(self._allowed(name, [proposer], base, refused), base.proposer)
        if not models:
            return None
        if wanted.training != base.training:
            refused.append(
                f"pipelines/{name}.yaml: the `training` of head takes effect once it is merged; "
                "no training command is run on pull requests"
            )
        return wanted.model_copy(
            update={
                "models": models,
                "proposer": proposer,
                "budget": base.budget,
                "policy": base.policy,
                "gate": base.gate,
                "transfer": base.transfer,  # it spends beyond the budget of a search
                "training": base.training,  # a command, which a pull request must not bring
            }
        )

    def _allowed(
        self,
        name: str,
        models: Iterable[ModelConfig],
        base: PipelineConfig,
        refused: list[str],
    ) -> Iterator[ModelConfig]:
        for model in models:
            reason = self._why_not(model, base.allowed_models)
            if reason:
                refused.append(f"pipelines/{name}.yaml: {reason}")
            else:
                yield self._paced(model)

    def _why_not(self, model: ModelConfig, patterns: Iterable[str]) -> str:
        known = self._known.get(model.id, [])
        if not known and not _is_matched(model.id, patterns):
            return (
                f"{model.id} is not called until base names it, or until `allowed_models` of "
                "base's pipeline matches it"
            )
        # As a whole: base's address must not be left out, nor one entry's go with another's key.
        ways = [routing(one.params) for one in known] or [{}]
        wanted = routing(model.params)
        if wanted not in ways:
            return (
                f"{model.id} is not called with {_difference(wanted, ways[0])} as head has it: "
                "only parameters of decoding may change before they are merged"
            )
        odd = misfit(model.params)
        return f"{model.id} is not called, because {odd}" if odd else ""

    def _paced(self, model: ModelConfig) -> ModelConfig:
        """No more calls at once than base allows: others call the same provider."""
        known = self._known.get(model.id)
        if not known:
            return model
        most = max(one.concurrency for one in known)
        return model.model_copy(update={"concurrency": min(model.concurrency, most)})


def _is_matched(model: str, patterns: Iterable[str]) -> bool:
    """Whether a pattern of base allows a model.

    None allows a path to a model file, or an address: some providers of litellm take what is
    called `huggingface/https://…` for the place to ask, and send the key there.
    """
    if is_local(model) and model.removeprefix(LOCAL_PREFIX) not in CATALOGUE:
        return False
    if "://" in model:
        return False
    return any(fnmatchcase(model, pattern) for pattern in patterns)


def _difference(wanted: Mapping[str, object], base: Mapping[str, object]) -> str:
    names = sorted(
        name
        for name in wanted.keys() | base.keys()
        if name not in wanted or name not in base or wanted[name] != base[name]
    )
    name = names[0]
    return f"`{name}`" if name in wanted else f"`{name}` left out,"
