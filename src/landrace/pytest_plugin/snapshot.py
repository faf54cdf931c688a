"""The snapshot item: every case as the model would read it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import pytest

from landrace.pytest_plugin.items import BLESS, CellItem
from landrace.reports.neutralise import one_line, visible
from landrace.workflows.baselines.served import read_served

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pytest_regressions.file_regression import FileRegressionFixture

    from landrace.workflows.baselines.served import Messages

# Lines before the first that differs, after it, and of the difference.
CONTEXT, COMPARED, SHOWN = 3, 200, 40


class SnapshotItem(CellItem):
    """Compares what is rendered with a file, character by character."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(name="snapshot", test=_check, **kwargs)
        self.text = ""

    def prepare(self) -> None:
        self.text = snapshot_text(read_served(self.bench.project, self.cell, "all").rendered())


@pytest.mark.landrace
@pytest.mark.landrace_snapshot
def _check(request: pytest.FixtureRequest, file_regression: FileRegressionFixture) -> None:
    item = request.node
    assert isinstance(item, SnapshotItem)
    file_regression.check(
        item.text, encoding="utf-8", newline="", fullpath=item.kept(".txt"), check_fn=compare_files
    )


def compare_files(obtained: Path, expected: Path) -> None:
    """Show where two snapshots part. pytest-regressions shows nothing of a long difference, and
    a changed template makes one in every case.

    Raises:
        AssertionError: the texts differ.
    """
    before, after = (path.read_text(encoding="utf-8").splitlines() for path in (expected, obtained))
    if before == after:
        return
    same = next(
        (n for n, (one, other) in enumerate(zip(before, after, strict=False)) if one != other),
        min(len(before), len(after)),
    )
    window = slice(max(0, same - CONTEXT), same + COMPARED)
    lines = list(difflib.unified_diff(before[window], after[window], lineterm=""))[2:]
    shown = "\n".join(lines[1 : SHOWN + 1])
    raise AssertionError(
        f"what is rendered changed, from line {same + 1} of the snapshot on\n"
        f"- {expected}\n- {obtained}\n\n{shown}\n\n{BLESS}"
    )


def snapshot_text(rendered: Mapping[str, Messages]) -> str:
    """Messages by case, for a file that people and git diff: what is rendered is indented.

    Hidden characters are written out, and so is white space at a line's end, which an editor
    might take away.
    """
    return "\n".join(_lines(rendered)) + "\n"


def _lines(rendered: Mapping[str, Messages]) -> Iterator[str]:
    for case_id, messages in rendered.items():
        yield f"case {one_line(case_id)}"
        for message in messages:
            yield f"{message['role']}:"
            for line in visible(message["content"]).split("\n"):
                yield f"    {_shown(line)}" if line else ""
        yield ""


def _shown(line: str) -> str:
    end = line[-1:]
    return f"{line[:-1]}\\u{ord(end):04x}" if end.isspace() else line
