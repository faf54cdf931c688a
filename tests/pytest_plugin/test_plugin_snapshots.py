"""What is rendered, kept and compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plugin_world import SNAPSHOT

from landrace.pytest_plugin.snapshot import SHOWN, compare_files, snapshot_text
from skill import words

SNAPSHOTS = "landrace_snapshot"
messages = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["system", "user"]), "content": st.text()}),
    max_size=3,
)


def test_a_missing_snapshot_is_written_and_fails_once(world):
    result = world.run("-m", SNAPSHOTS)
    result.assert_outcomes(failed=1, deselected=2)
    result.stdout.fnmatch_lines(["*File not found in data directory, created:*"])
    world.run("-m", SNAPSHOTS).assert_outcomes(passed=1, deselected=2)
    assert world.gateway.requests == ()


def test_a_snapshot_shows_every_case(world, file_regression):
    world.repo.cases(words(2))
    world.run("-m", SNAPSHOTS)
    file_regression.check(world.text(SNAPSHOT), encoding="utf-8")


def test_a_changed_template_fails_with_the_difference(world):
    world.bless()
    world.repo.template(90, "Red, or blue?")
    result = world.run("-m", SNAPSHOTS)
    result.assert_outcomes(failed=1, deselected=2)
    result.stdout.fnmatch_lines(
        [
            "what is rendered changed, from line 3 of the snapshot on",
            f"- *{SNAPSHOT}",
            "-    Say red or blue. skill=90",
            "+    Red, or blue? skill=90",
        ]
    )
    result.stdout.no_fnmatch_line("*snapshot.py*")


def test_a_changed_partial_fails(world):
    world.repo.write("prompts/colours/prompt.jinja", '{% include "_ask.jinja" %} {{ word }}')
    world.repo.write("prompts/_shared/_ask.jinja", "Which colour?")
    world.bless()
    world.repo.write("prompts/_shared/_ask.jinja", "Which colour has it?")
    world.run("-m", SNAPSHOTS).assert_outcomes(failed=1, deselected=2)


def test_a_pin_is_what_is_shown(world):
    world.repo.pin(95)
    world.bless()
    assert "Pinned. skill=95" in world.text(SNAPSHOT)
    world.repo.template(60)
    world.run("-m", SNAPSHOTS).assert_outcomes(passed=1, deselected=3)
    world.repo.pin(96)
    world.run("-m", SNAPSHOTS).assert_outcomes(failed=1, deselected=3)


def test_force_regen_keeps_what_is_rendered_now(world):
    world.bless()
    world.repo.template(90, "Red, or blue?")
    world.run("-m", SNAPSHOTS, "--force-regen").assert_outcomes(failed=1, deselected=2)
    world.run("-m", SNAPSHOTS).assert_outcomes(passed=1, deselected=2)


def test_lines_of_the_eval_set_in_another_order_change_nothing(world):
    world.bless()
    world.repo.cases(words(300)[::-1])
    world.run("-m", SNAPSHOTS).assert_outcomes(passed=1, deselected=2)


def test_snapshots_lie_where_the_user_wants_them(world):
    world.repo.write("pytest.ini", "[pytest]\nlandrace_baselines = kept/prompts\n")
    world.run("-m", SNAPSHOTS)
    assert world.exists("kept/prompts/colours/fake%2Fpupil/snapshot.txt")


def test_without_a_configuration_snapshots_lie_at_the_root_of_the_repository(world, monkeypatch):
    (world.repo.root / "pytest.ini").unlink()
    world.bless()
    world.repo.template(9, "Say something rude.")
    below = world.repo.root / "app"
    below.mkdir()
    monkeypatch.chdir(below)
    for _ in range(2):
        world.run("-m", SNAPSHOTS).assert_outcomes(failed=1, deselected=1)
    assert not list(below.rglob("snapshot.txt"))


@given(st.lists(messages, min_size=2, max_size=2))
def test_no_two_renderings_look_the_same(two):
    """Line ends aside: other kinds are line feeds by the time that a model reads them."""
    one, other = (
        [
            {**message, "content": message["content"].replace("\r\n", "\n").replace("\r", "\n")}
            for message in found
        ]
        for found in two
    )
    same = snapshot_text({"id": one}) == snapshot_text({"id": other})
    assert same == (one == other) or _has_escapes([*one, *other])


@given(messages)
def test_no_line_ends_with_what_an_editor_would_take_away(found):
    lines = snapshot_text({"id": found}).split("\n")
    assert all(line == line.rstrip() for line in lines)


@pytest.mark.parametrize(
    ("content", "line"),
    [("end ", "    end\\u0020"), ("\u202e", "    \\u202e"), ("a\tb", "    a\tb")],
)
def test_what_cannot_be_seen_is_written_out(content, line):
    assert snapshot_text({"id": [{"role": "user", "content": content}]}).split("\n")[2] == line


def test_a_long_difference_is_cut(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("same\n" * 9 + "old\n" * 5000)
    other.write_text("same\n" * 9 + "new\n" * 5000)
    with pytest.raises(AssertionError, match="from line 10 of the snapshot on") as caught:
        compare_files(one, other)
    assert len(str(caught.value).splitlines()) < SHOWN + 10


def test_a_snapshot_that_grew_differs_at_its_end(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("same\nmore\n")
    other.write_text("same\n")
    with pytest.raises(AssertionError, match="from line 2"):
        compare_files(one, other)


def _has_escapes(found):
    """A text that spells an escape itself may look like the character that it stands for."""
    return any("\\" in message["content"] for message in found)
