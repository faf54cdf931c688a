"""No option takes a number that passes every comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    from git_repo import GitRepo

TAKES_ANY = [
    *(["eval", "route-note", option] for option in ("--max-cost", "--max-time")),
    *(["plan", option] for option in ("--max-cost", "--max-time")),
    *(["optimize", option] for option in ("--max-cost", "--max-time")),
    *(["power", option] for option in ("--noise", "--allowed-drop")),
    ["export", "--as", "sft", "--threshold"],
]


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("arguments", TAKES_ANY, ids=" ".join)
def test_a_number_has_to_be_finite(
    repo: GitRepo, landrace: Callable[..., Result], arguments: list[str], number: str
) -> None:
    landrace("init")
    before = repo.tree()
    result = landrace(*arguments, number)
    assert result.exit_code == 2
    assert f"Invalid value for '{arguments[-1]}'" in result.stderr
    assert "is not a finite number" in result.stderr or "is not in the range" in result.stderr
    assert repo.tree() == before
