from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.redaction import MASK, redact

SECRET = "s3cr3t/value+with=signs"


@pytest.mark.parametrize(
    "name", ["OPENAI_API_KEY", "GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "APP_SECRET", "DB_PASSWORD"]
)
def test_masks_values_of_secret_variables(name):
    assert redact(f"tried {SECRET}.", {name: SECRET}) == f"tried {MASK}."


@pytest.mark.parametrize(
    "form",
    [
        base64.b64encode(SECRET.encode()).decode(),
        "s3cr3t%2Fvalue%2Bwith%3Dsigns",
        SECRET.encode().hex(),
    ],
)
def test_masks_common_encodings(form):
    assert redact(f"<{form}>", {"X_TOKEN": SECRET}) == f"<{MASK}>"


def test_leaves_other_variables_and_short_values():
    environ = {"HOME": "/home/someone", "OPENAI_API_KEY": "none"}
    assert redact("none of /home/someone", environ) == "none of /home/someone"


def test_a_secret_inside_a_longer_one_leaves_no_rest():
    environ = {"A_TOKEN": "abcdefgh", "B_TOKEN": "abcdefgh-and-more"}
    assert redact("abcdefgh-and-more", environ) == MASK


@pytest.mark.parametrize(
    "key",
    [
        "sk-proj-" + "a1B2" * 6,
        "sk-ant-api03-" + "x" * 30,
        "ghp_" + "A" * 36,
        "github_pat_" + "A" * 30,
        "AKIA" + "A1" * 8,
        "AIza" + "b" * 35,
        "hf_" + "c" * 30,
        "xoxb-123456789012-abc",
        "eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_masks_texts_shaped_like_keys(key):
    assert redact(f"key {key} refused", {}) == f"key {MASK} refused"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Bearer abcdefghij", f"Authorization: Bearer {MASK}"),
        ("https://user:hunter2@host/simple", f"https://{MASK}@host/simple"),
        ('{"api_key": "abcdefghijk"}', f'{{"api_key": "{MASK}"}}'),
        ("password=correcthorse&x=1", f"password={MASK}&x=1"),
    ],
)
def test_masks_labelled_values(text, expected):
    assert redact(text, {}) == expected


@pytest.mark.parametrize(
    "text",
    ["the sky-blue ask-me-anything task", "a secret: no", "tokens: 12", "sk-short", "path://a/b"],
)
def test_leaves_ordinary_text(text):
    assert redact(text, {}) == text


@given(
    before=st.text(max_size=30),
    secret=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40),
    after=st.text(max_size=30),
)
def test_no_secret_survives(before, secret, after):
    if secret in MASK:
        return
    assert secret not in redact(before + secret + after, {"MY_API_KEY": secret})


@given(st.text())
def test_is_idempotent_without_secrets(text):
    once = redact(text, {})
    assert redact(once, {}) == once
