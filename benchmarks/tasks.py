"""Optimizes prompts for public eval sets, in throw-away repositories.

    python -m benchmarks.tasks FOLDER [--model ID]... [--task NAME]... [--calls 500]

FOLDER holds JSONL files of cases with the input ``text``; nothing of it is kept. The base
prompts below are what a person would write first.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

LANDRACE = str(Path(sys.executable).with_name("landrace"))
MODEL = "local/smollm2-135m-instruct"
CASES = 160


class Task(NamedTuple):
    """A base prompt for one eval set."""

    instruction: str
    output: dict[str, Any]


TASKS: dict[str, Task] = {
    "sentiment": Task(
        "Is this sentence from a film review positive or negative?",
        {"type": "label", "labels": ["positive", "negative"], "max_tokens": 12},
    ),
    "first_word_letter": Task(
        "Write the first letter of the word.", {"type": "text", "max_tokens": 8}
    ),
    "antonyms": Task("Write the opposite of the word.", {"type": "text", "max_tokens": 8}),
    "num_to_verbal": Task("Write the number in words.", {"type": "text", "max_tokens": 24}),
    "negation": Task("Negate the sentence.", {"type": "text", "max_tokens": 40}),
    "bbh_sports_understanding": Task(
        "Answer with yes or no.", {"type": "label", "labels": ["yes", "no"], "max_tokens": 12}
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", action="append", dest="models")
    parser.add_argument("--task", action="append", dest="tasks", choices=list(TASKS))
    parser.add_argument("--calls", type=int, default=500)
    options = parser.parse_args()
    for name in options.tasks or ["sentiment", "first_word_letter", "antonyms", "num_to_verbal"]:
        for model in options.models or [MODEL]:
            run(name, options.folder / f"{name}.jsonl", model, options.calls)


def run(name: str, data: Path, model: str, calls: int) -> None:
    """One cell: prints base, winner and their paired difference on the holdout."""
    with tempfile.TemporaryDirectory() as folder:
        root = repository(Path(folder), name, data, model, calls)
        began = time.monotonic()
        done = subprocess.run(
            [LANDRACE, "optimize", "--format", "json"],
            cwd=root,
            check=False,
            capture_output=True,
            text=True,
        )
        took = time.monotonic() - began
    if done.returncode:
        sys.exit(f"{name} on {model}: {done.stderr}")
    report = json.loads(done.stdout)[0]
    print(f"{name} on {model}: {report['decision']}, {report['reason']}")
    for side in report["contenders"]:
        held = side["holdout"]
        score = f"{held['mean']:.3f} [{held['low']:.3f}, {held['high']:.3f}]" if held else "-"
        print(f"  {side['role']:<7} {score}  {side['prompt_tokens']} tokens  {side['operator']}")
    for against in report["comparisons"]:
        bounds = f"[{against['low']:+.3f}, {against['high']:+.3f}]"
        print(f"  difference {against['difference']:+.3f} {bounds}, p {against['p']:.4f}")
    print(f"  {report['spent']['calls']} calls, {took:.0f} s", flush=True)


def write_prompt(root: Path, name: str) -> Path:
    """The folder of a prompt for a public set, with everything but its cases."""
    task = TASKS[name]
    folder = root / "prompts" / name.replace("_", "-")
    folder.mkdir(parents=True)
    config = {
        "description": task.instruction,
        "inputs": {
            "type": "object",
            "properties": {"text": {"type": "string"}},
            "required": ["text"],
            "additionalProperties": False,
        },
        "output": task.output,
        "metrics": [{"metric": "exact_match", "ignore_case": True, "strip_punctuation": True}],
    }
    (folder / "prompt.yaml").write_text(json.dumps(config))
    section = f"{{% section task %}}\n{task.instruction}\n{{% endsection %}}"
    (folder / "prompt.jinja").write_text(f"{section}\n\n{{{{ text }}}}\n")
    return folder


def repository(root: Path, name: str, data: Path, model: str, calls: int) -> Path:
    folder = write_prompt(root, name)
    lines = data.read_text(encoding="utf-8").splitlines(keepends=True)[:CASES]
    (folder / "cases.jsonl").write_text("".join(lines), encoding="utf-8")
    (root / "pipelines").mkdir()
    pipeline = {"prompts": ["*"], "models": [model], "budget": {"calls": calls}}
    (root / "pipelines" / "all.yaml").write_text(json.dumps(pipeline))
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    return root


if __name__ == "__main__":
    main()
