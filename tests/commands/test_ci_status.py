from __future__ import annotations

import pytest

from landrace.commands.ci.status import status_name
from landrace.forge.base import Event


def name(target, default="main"):
    return status_name(
        Event(
            kind="pull_request",
            repository="ada/prompts",
            head_sha="a" * 40,
            base_sha=None,
            pull_request=None,
            sender_is_bot=False,
            run_id="1",
            target=target,
            default_branch=default,
        )
    )


def test_the_default_branch_has_the_plain_name():
    assert name("main") == "landrace/gate"
    assert name("Trunk", "Trunk") == "landrace/gate"


@pytest.mark.parametrize(
    ("target", "default", "shown"),
    [
        ("release/1.2", "main", "release/1.2"),
        ("main", "trunk", "main"),
        ("main", None, "main"),
        (None, None, "no pull request"),
        (None, "main", "no pull request"),
    ],
)
def test_all_others_say_which(target, default, shown):
    assert name(target, default) == f"landrace/gate ({shown})"


def test_branches_are_told_apart_where_a_forge_ignores_case_or_cuts():
    near = ["main2", "Main", "MAIN", "m\u00e4in", "maIn", "x" * 249, "x" * 248 + "y"]
    names = {name(one).casefold() for one in near}
    assert len(names) == len(near)
    assert "landrace/gate" not in names
    assert max(map(len, names)) <= 120


def test_nothing_in_a_name_acts():
    shown = name("a\u202e##[group]b")
    assert "\u202e" not in shown
    assert "##[" not in shown
    assert "\udc80" not in name("a\udc80")
