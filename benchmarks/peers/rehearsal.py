"""Every contestant with a made-up model and task: does each search, within its budget, and end?

    python -m benchmarks.peers.rehearsal --peer-python PEERS/bin/python [--only NAME...]

To be run after a change of a runner or of a peer's version; nobody needs a model for it. What it
prints says nothing about how good a peer is.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.peers.contest import Contest, run
from benchmarks.peers.contestants import CONTESTANTS, GROUPS
from benchmarks.peers.peer import PeerError
from benchmarks.peers.summary import summary
from benchmarks.peers.tasks import Sizes, Task, read_task, write_public

from landrace.digest import json_digest
from landrace.gateway.scripted import ScriptedGateway

if TYPE_CHECKING:
    from landrace.gateway.base import Request

TASK_MODEL, PROPOSER = "fake/task", "fake/proposer"
SIZES = Sizes(60, 60, 40)
WORD = re.compile(r"word\d+")
# The forms that peers and strategies ask for, said last in a question.
MARKED = re.compile(r"\[\[ ## (\w+) ## \]\]")
KEYED = re.compile(r"`(\w+)`")
CLOSING = re.compile(r"</(\w+)>")
MARKERS = "Respond with the corresponding output fields"
JSON = "Respond with a JSON object"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peer-python", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=GROUPS["all"], choices=list(CONTESTANTS))
    parser.add_argument("--calls", type=int, default=600)
    parser.add_argument("--logs", type=Path, help="a folder to keep the peers' logs in")
    options = parser.parse_args()
    records, failed = [], []
    with tempfile.TemporaryDirectory() as folder:
        task = made_up(Path(folder))
        for name in options.only:
            scratch = (options.logs or Path(folder)) / name
            scratch.mkdir(parents=True)
            python = options.peer_python.absolute()
            try:
                records.append(rehearse(name, task, scratch.resolve(), options.calls, python))
            except PeerError as error:
                failed.append(str(error))
                continue
            print(f"{name}: {records[-1]['settings']}; {records[-1]['ended']}", flush=True)
    print(summary(records))
    if failed:
        sys.exit("\n".join(failed))


def rehearse(
    name: str, task: Task, folder: Path, budget: int, peer_python: Path | None = None
) -> dict[str, Any]:
    """The record of one contestant."""
    record = folder / "record.json"
    contest = Contest(task, TASK_MODEL, PROPOSER, budget, 0, folder, record, peer_python)
    return run(CONTESTANTS[name], contest, ScriptedGateway(answer))


def made_up(folder: Path) -> Task:
    """Words of which the opposite is asked, with ``not`` before each."""
    data = folder / "data.jsonl"
    cases = [
        {"id": f"case-{n}", "inputs": {"text": f"word{n}"}, "expected": f"not word{n}"}
        for n in range(sum(SIZES))
    ]
    data.write_text("".join(json.dumps(case) + "\n" for case in cases))
    return read_task(folder, write_public(folder, "antonyms", data, SIZES))


def answer(request: Request) -> str:
    """What the made-up models say: in the form that is asked for, and new at each draw."""
    asked = request.messages[-1].content
    if request.model == PROPOSER:
        return _in_form(asked, f"Answer carefully, way {json_digest([request.digest])[:6]}.")
    word = WORD.findall(asked)[-1] if WORD.search(asked) else ""
    known = "\n".join(message.content for message in request.messages)
    # Half as good again by an instruction that says so, and by examples.
    skill = 3 + 3 * ("carefully" in known) + 3 * ("not word" in known)
    draw = int(json_digest([word, request.repeat])[:6], 16)
    said = f"not {word}" if draw % 10 < skill else word
    # A small model now and then forgets the form that it was asked for.
    return said if draw % 7 == 0 else _in_form(asked, said)


def _in_form(asked: str, text: str) -> str:
    if JSON in asked:
        return json.dumps(dict.fromkeys(KEYED.findall(asked.rpartition(JSON)[2]), text))
    if MARKERS in asked:
        fields = MARKED.findall(asked.rpartition(MARKERS)[2])
        return "\n\n".join(f"[[ ## {field} ## ]]\n{text}" for field in fields)
    tags = CLOSING.findall(asked)
    return f"<{tags[-1]}>{text}</{tags[-1]}>" if tags else text


if __name__ == "__main__":
    main()
