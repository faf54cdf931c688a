from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.naming import MAX_NAME_BYTES
from landrace.runtime.resolution import Family, Resolution, Unresolved, family, resolve


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("gpt-4o", Family("", "gpt-4o")),
        ("openai/gpt-4o", Family("openai", "gpt-4o")),
        ("azure/gpt-4o-2024-08-06", Family("azure", "gpt-4o")),
        ("anthropic/claude-3-5-sonnet-20240620", Family("anthropic", "claude-3-5-sonnet")),
        ("anthropic/claude-3-5-sonnet-latest", Family("anthropic", "claude-3-5-sonnet")),
        ("vertex_ai/claude-3-5-sonnet@20240620", Family("vertex_ai", "claude-3-5-sonnet")),
        (
            "bedrock/anthropic.claude-3-5-sonnet-20240620-v1:0",
            Family("bedrock", "anthropic.claude-3-5-sonnet"),
        ),
        ("ollama/Llama3:8b", Family("ollama", "llama3")),
        ("openrouter/meta/llama-3:free", Family("openrouter", "meta/llama-3")),
        ("deepseek-v3", Family("", "deepseek-v3")),
        ("text-embedding-3-large", Family("", "text-embedding-3-large")),
        ("-latest", Family("", "-latest")),
        ("x/:8b", Family("x", ":8b")),
    ],
)
def test_family(model: str, expected: Family) -> None:
    assert family(model) == expected


@given(st.text())
def test_a_family_always_has_a_stem_and_is_its_own_family(model: str) -> None:
    found = family(model)

    assert bool(found.stem) == bool(model.lower().partition("/")[2 if "/" in model else 0])
    assert family("p/" + found.stem).stem == found.stem


@pytest.mark.parametrize(
    ("asked", "pinned", "model", "by"),
    [
        ("a/m", {"a/m": (), "b/m": ("a/m",)}, "a/m", "exact"),
        ("small", {"a/m": ("small",), "small-latest": ()}, "a/m", "alias"),
        ("default", {"a/m": ("default",)}, "a/m", "alias"),
        ("a/m-20250101", {"a/m": (), "b/m": (), "b/x": ("default",)}, "a/m", "family"),
        ("c/m", {"a/m-latest": (), "b/x": ("default",)}, "a/m-latest", "family"),
        ("m", {"a/m:8b": ()}, "a/m:8b", "family"),
        ("c/m", {"a/m": (), "b/m": (), "b/x": ("default",)}, "b/x", "default"),
        ("nothing", {"b/x": ("default",)}, "b/x", "default"),
    ],
)
def test_the_order_is_exact_alias_family_default(
    asked: str, pinned: dict[str, tuple[str, ...]], model: str, by: str
) -> None:
    found = resolve(asked, pinned)

    assert isinstance(found, Resolution)
    assert found[:3] == (asked, model, by)
    assert by == "exact" or model in found.why


def test_an_id_longer_than_any_that_can_be_pinned_is_of_no_family() -> None:
    """A client may make up megabytes; only what costs no time answers to it."""
    asked = "a/m" + ":1" * MAX_NAME_BYTES
    pinned = {"a/m": (), "b/n": ("default",)}

    assert resolve(asked, {"a/m": ()}) == Unresolved(asked, ())
    assert resolve(asked, pinned)[1:3] == ("b/n", "default")
    assert resolve(asked, {**pinned, "c/o": (asked,)})[1:3] == ("c/o", "alias")


@pytest.mark.parametrize(
    ("asked", "pinned", "rivals"),
    [
        ("x", {"a/m": ()}, ()),
        ("x", {}, ()),
        ("small", {"b/n": ("small",), "a/m": ("small",)}, ("a/m", "b/n")),
        ("c/m", {"b/m": (), "a/m": ()}, ("a/m", "b/m")),
        ("a/m", {"a/m:2": (), "a/m:1": (), "b/m": ()}, ("a/m:1", "a/m:2")),
        ("x", {"a/m": ("default",), "b/n": ("default",)}, ("a/m", "b/n")),
    ],
)
def test_nothing_is_guessed(
    asked: str, pinned: dict[str, tuple[str, ...]], rivals: tuple[str, ...]
) -> None:
    assert resolve(asked, pinned) == Unresolved(asked, rivals)
