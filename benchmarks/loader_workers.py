"""The processes that `bench_loader` measures. Each prints one JSON object.

    python loader_workers.py WORKER [ARGUMENT ...]

Nothing is imported at the top but what a bare interpreter has loaded anyway, or memory and
import times would not be those of the client. A peer's interpreter runs this file, too.
"""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MODELS = 4
SYSTEM = "Say in one word whether a review is positive or negative; weigh its last line most. " * 12
USER = "Review: {{ review }}"
TEMPLATE = f"{{% system %}}{SYSTEM}{{% endsystem %}}\n{{% user %}}{USER}{{% enduser %}}\n"
REVIEW = "The lamp arrived a day late, and it is the best one I have had."


def served(render: Callable[[], Any], get: Callable[[], Any] | None = None) -> dict[str, Any]:
    """Timings of a warm client; ``render`` includes the lookup."""
    messages = render()
    assert REVIEW in str(messages)
    assert "weigh its last line" in str(messages)
    result = {"get and render (µs)": micros(render)}
    return result | ({"get (µs)": micros(get)} if get else {})


def landrace_worker(place: str) -> dict[str, Any]:
    started = time.process_time()
    from landrace import Registry

    registry = Registry(place)
    prompt, model = names(0)
    registry.get(prompt, model).render(review=REVIEW)
    rendered = time.process_time()
    return {
        "first messages (ms)": (rendered - started) * 1e3,
        "memory (MB)": resident(),
        **served(
            lambda: registry.get(prompt, model).render(review=REVIEW),
            lambda: registry.get(prompt, model),
        ),
    }


def landrace_memory_worker(place: str, count: str, rendered: str) -> dict[str, Any]:
    from landrace import Registry

    registry = Registry(place)
    opened = resident()
    started = time.process_time()
    for n in range(int(count)):
        prompt = registry.get(*names(n))
        if rendered == "rendered":
            prompt.render(review=REVIEW)
    each = (time.process_time() - started) / int(count)
    return {"opened (MB)": opened, "all (MB)": resident(), "each (µs)": each * 1e6}


def langfuse_worker(url: str) -> dict[str, Any]:
    started = time.process_time()
    from langfuse import Langfuse

    client = Langfuse(
        public_key="pk-lf-1", secret_key="sk-lf-1", base_url=url, tracing_enabled=False
    )

    def get() -> Any:
        return client.get_prompt("review", type="chat", cache_ttl_seconds=3600)

    get().compile(review=REVIEW)
    return {
        "first messages (ms)": (time.process_time() - started) * 1e3,
        "memory (MB)": resident(),
        **served(lambda: get().compile(review=REVIEW), get),
    }


def mlflow_worker(uri: str, name: str) -> dict[str, Any]:
    started = time.process_time()
    import mlflow

    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    load_prompt = mlflow.genai.load_prompt

    def get() -> Any:
        return load_prompt(f"prompts:/{name}/1")

    get().format(review=REVIEW)
    return {
        "first messages (ms)": (time.process_time() - started) * 1e3,
        "memory (MB)": resident(),
        **served(lambda: get().format(review=REVIEW), get),
    }


def mlflow_setup_worker(uri: str) -> dict[str, Any]:
    import mlflow

    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    for name, user in (("plain", USER), ("jinja", "{% if review %}" + USER + "{% endif %}")):
        mlflow.genai.register_prompt(
            name=name,
            template=[{"role": "system", "content": SYSTEM}, {"role": "user", "content": user}],
        )
    return {}


def bare_worker() -> dict[str, Any]:
    return {"memory (MB)": resident()}


def names(number: int) -> tuple[str, str]:
    return f"prompt-{number // MODELS}", f"provider/model-{number % MODELS}"


def micros(work: Callable[[], Any]) -> float:
    import statistics
    import timeit

    timer = timeit.Timer(work, timer=time.process_time)
    number, _ = timer.autorange()
    return statistics.median(timer.repeat(7, number)) / number * 1e6


def resident() -> float:
    """Resident memory of this process in MB."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - pathlib weighs
        pages = int(file.read().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


WORKERS: dict[str, Callable[..., dict[str, Any]]] = {
    "bare": bare_worker,
    "landrace": landrace_worker,
    "landrace-memory": landrace_memory_worker,
    "langfuse": langfuse_worker,
    "mlflow": mlflow_worker,
    "mlflow-setup": mlflow_setup_worker,
}


if __name__ == "__main__":
    found = WORKERS[sys.argv[1]](*sys.argv[2:])
    import json

    print(json.dumps(found))
