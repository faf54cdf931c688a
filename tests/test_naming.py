from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.errors import ConfigError
from landrace.naming import MAX_NAME_BYTES, is_name, model_dirname, model_id

ids = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=16)


@given(ids)
def test_a_model_id_survives_the_round_trip(text):
    assert model_id(model_dirname(text)) == text


@given(ids)
def test_a_folder_name_is_safe_on_every_file_system(text):
    name = model_dirname(text)
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-%ABCDEF")
    assert name[0] not in ".-"
    assert name[-1] != "."
    assert name.split(".")[0] not in {"con", "prn", "aux", "nul", "com1", "lpt9"}


@given(ids, ids)
def test_two_ids_never_share_a_folder_even_where_case_is_ignored(one, other):
    same = model_dirname(one).casefold() == model_dirname(other).casefold()
    assert same == (one == other)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("openai/gpt-4o", "openai%2Fgpt-4o"),
        ("local/Qwen", "local%2F%51wen"),
        ("..", "%2E%2E"),
        ("-rf", "%2Drf"),
        ("nul", "%6Eul"),
        ("con.fig", "%63on.fig"),
        ("contour", "contour"),
        ("50%", "50%25"),
        ("é", "%C3%A9"),
    ],
)
def test_examples(text, name):
    assert model_dirname(text) == name
    assert model_id(name) == text


@pytest.mark.parametrize(
    "name", ["", "openai%2fgpt", "A", "a/b", "%61", "a%", "%FF", ".a", "nul", "a ", "é", "\u4e00"]
)
def test_a_folder_that_landrace_did_not_name_is_an_error(name):
    with pytest.raises(ConfigError):
        model_id(name)


@pytest.mark.parametrize("text", ["", "\ud800", "/" * MAX_NAME_BYTES])
def test_an_unusable_model_id_is_an_error(text):
    with pytest.raises(ConfigError):
        model_dirname(text)


def test_a_made_up_megabyte_is_refused_before_any_of_it_is_escaped(monkeypatch):
    monkeypatch.setattr("landrace.naming._escape", lambda char: pytest.fail(f"escaped {char}"))
    with pytest.raises(ConfigError, match="more than 200 bytes"):
        model_dirname("Y" * 1_000_000)


@pytest.mark.parametrize("name", ["a", "review-sentiment", "v1.2_x", "0", "console"])
def test_good_names(name):
    assert is_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "A", ".a", "-a", "_a", "a/b", "a\\b", "..", "a.", "con", "nul.x", "a\n", "é", "a" * 201],
)
def test_bad_names(name):
    assert not is_name(name)


def test_the_module_needs_the_standard_library_only():
    code = (
        "import sys, landrace.naming;"
        "print(sorted({'pydantic', 'yaml', 'git', 'click', 'jinja2'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
