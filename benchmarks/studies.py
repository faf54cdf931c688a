"""Strategies on real embedded models: the tables of docs/measured.md.

    python -m benchmarks.studies [--only NAME ...] [--seed N]    # runs them, and prints the page
    python -m benchmarks.studies --only --out docs/measured.md   # runs none

Each study is one `landrace optimize` in a repository of its own with prompts of this one, on a
0.5B model with a 1.5B one as the proposer. Figures are of the holdout, which no search sees.
A study takes half an hour to two on two cores at rest, by the length of its prompts.

What is left of a study is a record of its figures in ``--records``, which is kept in git, so that
the page grows from sitting to sitting; a study with a record is not run again. To run it on newer
code, delete the record. Repositories are in ``--work``: what was killed goes on.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.iris import write_iris

REPOSITORY = Path(__file__).resolve().parents[1]
LANDRACE = str(Path(sys.executable).with_name("landrace"))
TASK = "local/qwen2.5-coder-0.5b-instruct"
PROPOSER = "local/qwen2.5-coder-1.5b-instruct"
RECORDS = REPOSITORY / "benchmarks/records/studies"


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

SAVING = {"margin": 0.05, "min_saving": 0.4}

# What an author of parcel-number would let go: all but its rules and what they are about.
PROSE = [
    f"*/sections/{name}" for name in ("role", "background", "examples", "history", "reminders")
]

STUDIES = (
    Study("sentiment-sammo", TUNING, "review-sentiment", "sammo/instruction-tuning"),
    Study("sentiment-mipro", TUNING, "review-sentiment", "mipro"),
    Study("intent-sammo", TUNING, "support-intent", "sammo/instruction-tuning"),
    Study("intent-mipro", TUNING, "support-intent", "mipro"),
    Study("compression", SHORTER, "waste-sorting", "sammo/compression", calls=1500, policy=SAVING),
    Study("compression-intent", SHORTER, "support-intent", "sammo/compression", policy=SAVING),
    Study(
        "compression-number",
        SHORTER,
        "parcel-number",
        "sammo/compression",
        calls=1500,
        policy=SAVING,
    ),
    Study(
        "compression-sections",
        SHORTER,
        "parcel-number",
        "sammo/compression",
        {"search": "grid", "space": {"optional": PROSE}},
        calls=2000,
        policy=SAVING,
    ),
    Study("formats", EXAMPLES, "support-intent", "sammo/rag-tuning"),
    # An example of the second node has three passages in it: eight would be 2,400 tokens.
    Study("handbook-auto", PROGRAM, "handbook-answer", "auto", {"max_demos": 3}, calls=900),
    Study("handbook-mipro", PROGRAM, "handbook-answer", "mipro", calls=900),
    Study("iris", IRIS, "iris", "mipro", calls=900),
)

NOTES = {
    SHORTER: "The policy of these runs promotes what takes at least 40 % fewer tokens and loses, "
    "with 95 % confidence, no more than 5 points. To most questions about waste this model says "
    "paper or glass under either prompt, so there is little to lose. Of the messages about parcels "
    "16 in 100 would be right if it always said that there is no number. The beam had 260 of them; "
    "it was at 0ee3638, and what was to be confirmed of it was chosen anew at 7386e36, before "
    "anything of the holdout was seen. The grid has 500, and drops any of the five sections that "
    "their author would let go. It was run twice: the first time, at 7d1c4b2, the last stage chose "
    "the cheapest that seemed to lose little, without all five (989 → 385), which lost 4.5 points "
    "[-8.4, -1.3] of this holdout and was not promoted. Since then that stage goes by the chance "
    "to be promoted. What the first run had asked, the second did not ask again, so its calls are "
    "few; the winner, which has the examples back, had not been seen on the holdout.",
    IRIS: "The paper (Llama-3-8B as the task model, 75 flowers held out) has 40.9 for its base "
    "program, 88.6 for MIPRO and 94.1 for bootstrapping with random search.",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [study.name for study in STUDIES]
    parser.add_argument("--only", nargs="*", choices=names, default=names, metavar="NAME")
    parser.add_argument("--work", type=Path, default=Path(".landrace/studies"))
    parser.add_argument("--records", type=Path, default=RECORDS)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.records.mkdir(parents=True, exist_ok=True)
    for study in STUDIES:
        kept = record_file(options.records, study, options.seed)
        if study.name in options.only and not kept.exists():
            print(f"== {study.name}", flush=True)
            found = record(run(study, options.seed, options.work), options.seed)
            kept.write_text(json.dumps(found, indent=1) + "\n")
    page = tables(options.records, options.seed)
    print(page)
    if options.out:
        options.out.write_text(page)


def run(study: Study, seed: int, work: Path) -> dict[str, Any]:
    """The report of one study; one that was interrupted goes on and pays for no call twice."""
    root = (work / f"{study.name}-{seed}").resolve()
    if not (root / ".git").exists():
        shutil.rmtree(root, ignore_errors=True)
        prepare(root, study, seed)
    subprocess.run([LANDRACE, "optimize"], cwd=root, check=True)
    (report,) = root.glob("registry/*/*/report.json")
    found: dict[str, Any] = json.loads(report.read_text())
    return found


def record_file(records: Path, study: Study, seed: int) -> Path:
    return records / f"{study.name}-{seed}.json"


def record(report: dict[str, Any], seed: int) -> dict[str, Any]:
    """What the page shows of a report, and which code made it when."""
    sides = {each["role"]: each for each in report["contenders"]}
    base, winner = sides["base"], sides["winner"]
    split = "holdout" if base["holdout"] else "select"
    spent = report["spent"]
    pair = report["comparisons"][0] if report["comparisons"] else None
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    )
    return {
        "seed": seed,
        # In full: the page rounds, and what is rounded twice can be off.
        "base": 100 * base[split]["mean"],
        "winner": 100 * winner[split]["mean"],
        "difference": pair and [100 * pair[name] for name in ("difference", "low", "high")],
        "prompt_tokens": [side["prompt_tokens"] for side in (base, winner)],
        "calls": spent["calls"],
        "tokens": spent["prompt_tokens"] + spent["completion_tokens"],
        "decision": report["decision"],
        "commit": commit.stdout.strip(),
        "day": time.strftime("%Y-%m-%d"),
    }


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


def tables(records: Path, seed: int) -> str:
    """The page: a table for each question, with what is there of it."""
    done = [study for study in STUDIES if record_file(records, study, seed).exists()]
    found = [(study, json.loads(record_file(records, study, seed).read_text())) for study in done]
    lines = [
        "# Measured",
        "",
        "`python -m benchmarks.studies --only --out docs/measured.md` wrote this page from the",
        "records in `benchmarks/records/studies/`, which name day and commit of each: real runs of",
        f"`{TASK}` with `{PROPOSER}`",
        "as the proposer, on two cores. Scores are points out of 100 on the holdout, which no",
        "search saw, with the 95 % interval of the paired difference. The winner is the best that",
        "the search found; it is served if it was promoted. Where it is the base itself, the",
        "holdout was not looked at, and the scores are those on select.",
        "",
    ]
    for table in dict.fromkeys(study.table for study in STUDIES):
        rows = [row(study, figures) for study, figures in found if study.table == table]
        if rows:
            lines += [f"## {table}", "", *HEAD, *rows, ""]
            lines += [NOTES[table], ""] if table in NOTES else []
    missing = [study.name for study in STUDIES if study not in done]
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


def row(study: Study, figures: dict[str, Any]) -> str:
    """One study as a line of a table."""
    difference = "not looked at"
    if figures["difference"]:
        difference = "{:+.1f} [{:+.1f}, {:+.1f}]".format(*figures["difference"])
    before, after = figures["prompt_tokens"]
    search = study.options.get("search")
    searched = f" with a {search}" if search else ""
    cells = (
        study.prompt,
        f"`{study.strategy}`{searched}",
        f"{figures['base']:.1f}",
        f"{figures['winner']:.1f}",
        difference,
        f"{before:.0f} → {after:.0f}",
        f"{figures['calls']:,}",
        f"{figures['tokens']:,}",
        figures["decision"],
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
