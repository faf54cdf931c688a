from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.digest import canonical_json, json_digest, text_digest

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


def shuffled(value, rng):
    if isinstance(value, dict):
        items = [(key, shuffled(item, rng)) for key, item in value.items()]
        rng.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        return [shuffled(item, rng) for item in value]
    return value


@given(json_values, st.randoms(use_true_random=False))
def test_key_order_does_not_change_the_digest(value, rng):
    assert json_digest(shuffled(value, rng)) == json_digest(value)


@given(json_values, json_values)
def test_different_values_have_different_forms(one, other):
    if canonical_json(one) == canonical_json(other):
        assert one == other


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\r\n")), max_size=5))
def test_newline_style_does_not_change_the_digest(lines):
    assert len({text_digest(end.join(lines)) for end in ("\n", "\r\n", "\r")}) == 1


def test_text_digest_tells_texts_apart():
    assert text_digest("a\n\nb") != text_digest("a\nb")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_not_json_are_refused(value):
    with pytest.raises(ValueError):
        canonical_json({"x": value})


def test_the_form_is_pinned():
    """A changed form would make every pin in every repository stale."""
    random.seed(0)
    assert (
        canonical_json({"b": [1, 2.5, None, True], "a": "ü"})
        == '{"a":"ü","b":[1,2.5,null,true]}'.encode()
    )
    assert text_digest("x\r\n") == text_digest("x\n")
