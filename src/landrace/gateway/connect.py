"""The gateway that commands use: each request goes to where its model is."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Self

from landrace.gateway import catalogue, decoding
from landrace.gateway.base import close
from landrace.gateway.limiter import AdaptiveLimiter
from landrace.gateway.metered import Price
from landrace.gateway.retrying import RetryingGateway

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from landrace.gateway.base import Completion, Gateway, Request
    from landrace.gateway.known_models import KnownModel

DEFAULT_CONCURRENCY = 8


class RoutingGateway:
    """Sends each request to its model's gateway, which is made at the first request; thread-safe.

    Args:
        make: gives a model's gateway by the model's id.
        route: what models with a common gateway have in common; default: the id itself.
    """

    def __init__(
        self,
        make: Callable[[str], Gateway],
        *,
        route: Callable[[str], str] = lambda model_id: model_id,
    ) -> None:
        self._make = make
        self._route = route
        self._gateways: dict[str, Gateway] = {}
        self._lock = threading.Lock()

    def complete(self, request: Request) -> Completion:
        key = self._route(request.model)
        with self._lock:
            if key not in self._gateways:
                self._gateways[key] = self._make(request.model)
            gateway = self._gateways[key]
        return gateway.complete(request)

    def close(self) -> None:
        """Close every gateway that can be closed."""
        with self._lock:
            for gateway in self._gateways.values():
                close(gateway)
            self._gateways.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def connect(concurrency: Mapping[str, int] | None = None) -> RoutingGateway:
    """A gateway to every model: embedded ones in this process, all others through litellm.

    Providers are asked again where they fail, each model within its own adaptive limit.

    Args:
        concurrency: most calls in flight by model id; 8 where none is given.
    """
    most = dict(concurrency or {})

    def make(model_id: str) -> Gateway:
        if catalogue.is_local(model_id):
            from landrace.gateway.local import LocalGateway  # noqa: PLC0415 - only who needs it

            return LocalGateway()
        from landrace.gateway.litellm import LiteLLMGateway  # noqa: PLC0415 - only who needs it

        limiter = AdaptiveLimiter(most.get(model_id, DEFAULT_CONCURRENCY))
        return RetryingGateway(LiteLLMGateway(), limiter=limiter)

    return RoutingGateway(make, route=lambda m: "local" if catalogue.is_local(m) else m)


def check_model(model_id: str, params: Mapping[str, Any] | None = None) -> None:
    """Check, without a network, that requests to a model may succeed.

    Raises:
        ModelError: an unknown id, a missing file or key, or a parameter that cannot be given.
    """
    check_params(model_id, params or {})
    if catalogue.is_local(model_id):
        catalogue.resolve(model_id)
        return
    from landrace.gateway import litellm  # noqa: PLC0415 - only who needs it

    litellm.check_model(model_id)


def check_params(model_id: str, params: Mapping[str, Any]) -> None:
    """Check what is known of a model's parameters without its file, a key or a network.

    Raises:
        ModelError: one of them cannot be given, or not with this value.
    """
    if catalogue.is_local(model_id):
        decoding.check_params(params, model_id)
        return
    from landrace.gateway import litellm  # noqa: PLC0415 - only who needs it

    litellm.check_params(params, model_id)


def fingerprint(model_id: str) -> str:
    """What identifies a model besides its id: an embedded model's file hash, else nothing."""
    return catalogue.digest_of(model_id) if catalogue.is_local(model_id) else ""


def price_of(model_id: str) -> Price | None:
    """US dollars a token; None where no price is known."""
    if catalogue.is_local(model_id):
        return Price(0.0, 0.0)
    from landrace.gateway import litellm  # noqa: PLC0415 - only who needs it

    return litellm.price_of(model_id)


def known_models() -> tuple[KnownModel, ...]:
    """The models of providers that are known here, without a network: litellm's own table."""
    from landrace.gateway import litellm  # noqa: PLC0415 - only who needs it

    return litellm.known_models()
