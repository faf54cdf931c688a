"""Strategies on real embedded models: the tables of docs/measured.md.

    python -m benchmarks.studies [--only NAME ...] [--out docs/measured.md] [--seeds N]

Each study is one `landrace optimize` in a repository of its own with prompts of this one, on a
0.5B model with a 1.5B one as the proposer. Figures are of the holdout, which no search sees.
A study takes half an hour to two on two cores at rest, by the length of its prompts. Repositories
and results are kept in ``--results``: what is there is not run again, what was killed goes on.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.iris import write_iris

REPOSITORY = Path(__file__).resolve().parents[1]
LANDRACE = str(Path(sys.executable).with_name("landrace"))
TASK = "local/qwen2.5-coder-0.5b-instruct"
PROPOSER = "local/qwen2.5-coder-1.5b-instruct"


@dataclass(frozen=True)
class Study:
    """One row of a table. ``prompt`` is a folder of prompts/, or ``iris``."""

    name: str
    table: str
    prompt: str
    strategy: str
    options: dict[str, Any] = field(default_factory=dict)
    calls: int = 600
    policy: dict[str, Any] = field(default_factory=dict)


TUNING, SHORTER, EXAMPLES, PROGRAM, IRIS = (
    "Instructions and examples",
    "Compression",
    "How examples are shown",
    "A program of two nodes",
    "MIPRO's Iris task",
)

STUDIES = (
    Study("sentiment-sammo", TUNING, "review-sentiment", "sammo/instruction-tuning"),
    Study("sentiment-mipro", TUNING, "review-sentiment", "mipro"),
    Study("intent-sammo", TUNING, "support-intent", "sammo/instruction-tuning"),
    Study("intent-mipro", TUNING, "support-intent", "mipro"),
    Study(
        "compression",
        SHORTER,
        "waste-sorting",
        "sammo/compression",
        policy={"margin": 0.05, "min_saving": 0.4},
    ),
    Study("formats", EXAMPLES, "support-intent", "sammo/rag-tuning"),
    Study("handbook-auto", PROGRAM, "handbook-answer", "auto", calls=1200),
    Study("handbook-mipro", PROGRAM, "handbook-answer", "mipro", calls=1200),
    Study("iris", IRIS, "iris", "mipro", calls=900),
)

NOTES = {
    IRIS: "The paper (Llama-3-8B as the task model, 75 flowers held out) has 40.9 for its base "
    "program, 88.6 for MIPRO and 94.1 for bootstrapping with random search.",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[study.name for study in STUDIES])
    parser.add_argument("--results", type=Path, default=Path(".landrace/studies"))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.results.mkdir(parents=True, exist_ok=True)
    for study in STUDIES:
        kept = options.results / f"{study.name}-{options.seed}.json"
        if study.name in options.only and not kept.exists():
            print(f"== {study.name}", flush=True)
            kept.write_text(json.dumps(run(study, options.seed, options.results), indent=1))
    page = tables(options.results, options.seed)
    print(page)
    if options.out:
        options.out.write_text(page)


def run(study: Study, seed: int, results: Path) -> dict[str, Any]:
    """The report of one study; one that was interrupted goes on and pays for no call twice."""
    root = (results / f"{study.name}-{seed}").resolve()
    if not (root / ".git").exists():
        shutil.rmtree(root, ignore_errors=True)
        prepare(root, study, seed)
    subprocess.run([LANDRACE, "optimize"], cwd=root, check=True)
    (report,) = root.glob("registry/*/*/report.json")
    found: dict[str, Any] = json.loads(report.read_text())
    return found


def prepare(root: Path, study: Study, seed: int) -> None:
    """A committed repository with the study's prompt and pipeline."""
    target = root / "prompts" / study.prompt
    if study.prompt == "iris":
        write_iris(target)
    else:
        shutil.copytree(REPOSITORY / "prompts" / study.prompt, target)
        for grader in REPOSITORY.glob("metrics/*.py"):
            (root / "metrics").mkdir(exist_ok=True)
            shutil.copy(grader, root / "metrics")
    pipeline = {
        "prompts": [study.prompt],
        "models": [{"id": TASK, "params": {"temperature": 0}}],
        "proposer": PROPOSER,
        "strategy": {"name": study.strategy, "options": study.options},
        "budget": {"calls": study.calls},
        "policy": study.policy,
        "seed": seed,
    }
    (root / "pipelines").mkdir()
    (root / "pipelines" / "study.yaml").write_text(json.dumps(pipeline))
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "Study"]):
        identity = ("-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.com")
        subprocess.run(["git", *identity, *command], cwd=root, check=True)


def tables(results: Path, seed: int) -> str:
    """The page: a table for each question, with what is there of it."""
    lines = [
        "# Measured",
        "",
        "`python -m benchmarks.studies --out docs/measured.md` wrote this page: real runs of",
        f"`{TASK}` with `{PROPOSER}`",
        "as the proposer, on two cores. Scores are points out of 100 on the holdout, which no",
        "search saw, with the 95 % interval of the paired difference. The winner is the best that",
        "the search found; it is served if it was promoted.",
        "",
    ]
    for table in dict.fromkeys(study.table for study in STUDIES):
        rows = [
            row(study, json.loads(kept.read_text()))
            for study in STUDIES
            if study.table == table and (kept := results / f"{study.name}-{seed}.json").exists()
        ]
        if rows:
            lines += [f"## {table}", "", *HEAD, *rows, ""]
            lines += [NOTES[table], ""] if table in NOTES else []
    missing = [s.name for s in STUDIES if not (results / f"{s.name}-{seed}.json").exists()]
    lines += [f"Not run yet: {', '.join(missing)}.", ""] if missing else []
    return "\n".join(lines)


COLUMNS = (
    "prompt",
    "strategy",
    "base",
    "winner",
    "difference",
    "tokens a call",
    "calls",
    "tokens",
    "decision",
)
HEAD = (f"| {' | '.join(COLUMNS)} |", "| --- | --- | --: | --: | --- | --- | --: | --: | --- |")


def row(study: Study, report: dict[str, Any]) -> str:
    """One study as a line of a table."""
    sides = {each["role"]: each for each in report["contenders"]}
    base, winner = sides["base"], sides["winner"]
    split = "holdout" if base["holdout"] else "select"
    scores = [f"{100 * side[split]['mean']:.1f}" for side in (base, winner)]
    difference = "not looked at"
    if report["comparisons"]:
        pair = report["comparisons"][0]
        points = [100 * pair[name] for name in ("difference", "low", "high")]
        difference = "{:+.1f} [{:+.1f}, {:+.1f}]".format(*points)
    spent = report["spent"]
    tokens = spent["prompt_tokens"] + spent["completion_tokens"]
    cells = (
        study.prompt,
        f"`{study.strategy}`",
        scores[0],
        scores[1],
        difference,
        f"{base['prompt_tokens']:.0f} → {winner['prompt_tokens']:.0f}",
        f"{spent['calls']:,}",
        f"{tokens:,}",
        report["decision"],
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
