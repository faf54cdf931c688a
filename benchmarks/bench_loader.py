"""How fast and how small the loader is, beside the prompt clients of Langfuse and MLflow.

    python benchmarks/bench_loader.py
    python benchmarks/bench_loader.py --peer-python /path/to/venv/bin/python

The peers run from an interpreter that has ``langfuse`` or ``mlflow`` installed; what is missing
is left out. Nothing leaves the machine: Langfuse is served by a fake on the loopback interface,
MLflow keeps its registry in SQLite in a temporary folder. Every number is a median, and every
process is a new one. Times are CPU times: a busy machine disturbs them less, and they count none
of the waiting for a server or a disk.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loader_workers import SYSTEM, TEMPLATE, USER, names

if TYPE_CHECKING:
    from collections.abc import Iterator

IMPORT = "import, above bare Python (ms)"
WORKERS = str(Path(__file__).with_name("loader_workers.py"))


def run(python: str, worker: str, *args: str) -> dict[str, Any]:
    done = subprocess.run(
        [python, WORKERS, worker, *args],
        capture_output=True,
        check=False,
        text=True,
        env=os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"},
    )
    if done.returncode:
        raise SystemExit(f"the worker {worker} failed:\n{done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def median_of(runs: int, python: str, worker: str, *args: str) -> dict[str, float]:
    results = [run(python, worker, *args) for _ in range(runs)]
    return {key: statistics.median(result[key] for result in results) for key in results[0]}


def import_ms(python: str, statement: str, runs: int) -> float:
    """What an import adds to the run of a bare interpreter."""

    def cost(code: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([python, "-I", "-c", code], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1e3

    cost(statement)  # compiles the byte code
    # In turns, so that a busy moment of the machine hits both.
    return statistics.median(cost(statement) - cost("pass") for _ in range(runs))


def has(python: str, package: str) -> bool:
    code = f"import importlib.util as u, sys; sys.exit(u.find_spec({package!r}) is None)"
    return subprocess.run([python, "-c", code], check=False).returncode == 0


def write_registry(root: Path, count: int) -> None:
    """A registry of ``count`` pins, each with a template of its own of about 1 KB."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from landrace.naming import model_dirname
    from landrace.pin import file_digests, variant_digest
    from loader_cells import make_pin

    pin = make_pin()
    for number in range(count):
        prompt, model = names(number)
        text = f"{{# {number} #}}{TEMPLATE}"
        pin = pin._replace(
            prompt=prompt,
            model=pin.model._replace(id=model),
            files=file_digests({"prompt.jinja": text}),
        )
        folder = root / prompt / model_dirname(model)
        folder.mkdir(parents=True)
        pinned = pin._replace(variant=variant_digest(pin))
        (folder / "pin.json").write_text(pinned.dumps(), "utf-8")
        (folder / "prompt.jinja").write_text(text, "utf-8")


@contextlib.contextmanager
def fake_langfuse() -> Iterator[str]:
    """The address of a server that answers every request with the one prompt."""
    body = json.dumps(
        {
            "name": "review",
            "version": 1,
            "type": "chat",
            "prompt": [
                {"role": "system", "content": SYSTEM},
                {"role": "user", "content": USER},
            ],
            "config": {},
            "labels": ["production"],
            "tags": [],
        }
    ).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def measure_landrace(folder: Path, count: int, runs: int) -> dict[str, Any]:
    from landrace.runtime.bundle import bundle_folder

    root = folder / "registry"
    write_registry(root, count)
    bundle = folder / "prompts.json"
    bundle.write_bytes(bundle_folder(root))
    python = sys.executable
    memory = {
        f"{kind}, {how}": run(python, "landrace-memory", str(place), str(count), how)
        for kind, place in (("folder", root), ("bundle", bundle))
        for how in ("got", "rendered")
    }
    client = median_of(runs, python, "landrace", str(root))
    return {
        "client": {IMPORT: import_ms(python, "import landrace", 5 * runs), **client},
        "pins": count,
        "memory": memory,
        "bundle (MB)": bundle.stat().st_size / 1e6,
    }


def measure_peers(python: str, folder: Path, runs: int) -> dict[str, dict[str, float]]:
    peers = {}
    if has(python, "langfuse"):
        with fake_langfuse() as url:
            peers["langfuse"] = median_of(runs, python, "langfuse", url)
        peers["langfuse"][IMPORT] = import_ms(python, "from langfuse import Langfuse", runs)
    if has(python, "mlflow"):
        uri = f"sqlite:///{folder / 'mlflow.db'}"
        run(python, "mlflow-setup", uri)
        peers["mlflow"] = median_of(runs, python, "mlflow", uri, "plain")
        peers["mlflow"][IMPORT] = import_ms(python, "import mlflow; mlflow.genai", runs)
        peers["mlflow, Jinja"] = median_of(runs, python, "mlflow", uri, "jinja")
    return peers


def show(result: dict[str, Any]) -> None:
    clients = {"landrace": result["landrace"]["client"], **result["peers"]}
    print("| | " + " | ".join(clients) + " |")
    print("| --- |" + " ---: |" * len(clients))
    for key in clients["landrace"]:
        own = clients["landrace"][key]
        cells = [
            f"{client[key]:,.2f} ({client[key] / own:.3g}x)" if key in client else ""
            for client in clients.values()
        ]
        print(f"| {key} | " + " | ".join(cells) + " |")
    bare = result["bare"]["memory (MB)"]
    own = result["landrace"]
    print(
        f"\n{own['pins']:,} pins; bundle {own['bundle (MB)']:.1f} MB; bare Python {bare:.1f} MB\n"
    )
    print("| held | opened, above bare (MB) | all, above bare (MB) | first time, each (µs) |")
    print("| --- | ---: | ---: | ---: |")
    for kind, found in own["memory"].items():
        opened, held = found["opened (MB)"] - bare, found["all (MB)"] - bare
        print(f"| {kind} | {opened:.1f} | {held:.1f} | {found['each (µs)']:.0f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer-python", default=sys.executable, metavar="PATH")
    parser.add_argument("--pins", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5, help="new processes a number")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the numbers here, too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = {
            "machine": f"{platform.platform()}, {os.cpu_count()} cores, "
            f"Python {platform.python_version()}",
            "bare": run(sys.executable, "bare"),
            "landrace": measure_landrace(Path(folder), options.pins, options.runs),
            "peers": measure_peers(options.peer_python, Path(folder), options.runs),
        }
    if options.json:
        options.json.write_text(json.dumps(result, indent=2), "utf-8")
    print(result["machine"] + "\n")
    show(result)


if __name__ == "__main__":
    main()
