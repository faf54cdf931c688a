from __future__ import annotations

import base64
import hashlib
import json
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.redaction import MASK, Finding, find_secrets, redact

ROOT = Path(__file__).parents[1]
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
        SECRET.encode().hex().upper(),
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


# Written in two parts, so that no scanner takes this file for a leak.
KEYS = {
    "a key of Anthropic": "sk-ant-" + "api03-" + "aB3_" * 20,
    "a key of OpenAI": "sk-" + "proj-" + "aB3-" * 20,
    "a key of OpenRouter": "sk-" + "or-v1-" + "0f" * 32,
    "a key of Groq or xAI": "gsk_" + "aB3x" * 13,
    "a token of Hugging Face": "hf_" + "aBcD" * 8,
    "a token of Replicate": "r8_" + "aB3x" * 10,
    "a key of Stripe": "sk_" + "live_" + "aB3x" * 6,
    "a token of npm or PyPI": "npm_" + "aB3x" * 9,
    "a token of GitHub": "ghp_" + "aB3x" * 9,
    "a token of GitLab": "glpat-" + "aB3x_" * 4,
    "a token of Slack": "xoxb-" + "123456789012-1234567890123-aB3xaB3x",
    "a key of AWS": "AKIA" + "Z7" * 8,
    "a key of Google": "AIza" + "b-3" * 11 + "cc",
    "a JSON web token": "eyJ" + "hbGciOiJI.eyJzdWIiOiIxMjM0." + "aB3x" * 10,
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----\n" + "MIIEow" * 10 + "\n",
}


@pytest.mark.parametrize("kind", KEYS)
def test_finds_a_key_in_the_middle_of_a_text_and_does_not_show_it(kind):
    text = f"one\ntwo\n  key: '{KEYS[kind]}'\nfour {KEYS[kind]}"
    found = find_secrets(text, {})
    last = 3 + KEYS[kind].count("\n") + 1
    assert found == [Finding(3, kind), Finding(last, kind)]
    assert KEYS[kind][:8] not in repr(found).replace("-----BEGIN", "")
    assert KEYS[kind] not in redact(text, {})


@pytest.mark.parametrize(
    "text",
    [
        "sk-" + "aB3x" * 12,
        "sk-" + "svcacct-" + "aB3x" * 12,
        "github_" + "pat_" + "aB3x" * 20,
        "ghs_" + "aB3x" * 10,
        "https://hooks.slack" + ".com/services/T0123ABCD/B0123ABCD/aB3xaB3xaB3xaB3xaB3xaB3x",
        "xapp-" + "1-A0123ABCD-123456789-" + "0f" * 32,
        "pypi-" + "AgEIcHlwaS5vcmc" + "aB3x" * 20,
        "-----BEGIN OPENSSH " + "PRIVATE KEY-----\\n" + "b3BlbnNz" * 8 + "\\n",
        "-----BEGIN RSA "
        "PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0F\n\n" + "MIIEow" * 10,
    ],
)
def test_finds_other_spellings_of_keys_too(text):
    assert len(find_secrets(text, {})) == 1


def _offsets():
    plain = f"x-access-token:{SECRET}"
    return [base64.b64encode((" " * n + plain).encode()).decode() for n in range(3)]


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        "s3cr3t%2Fvalue%2Bwith%3Dsigns",
        SECRET.encode().hex(),
        *_offsets(),
    ],
)
def test_finds_the_value_of_a_variable_in_every_form(form):
    assert find_secrets(f"a\n{form}", {"X_TOKEN": SECRET}) == [Finding(2, "the value of X_TOKEN")]


def test_finds_a_value_with_quotes_in_a_json_file():
    value = 'pa"ss\\word\twith é'
    text = json.dumps({"a": f"is {value}!"})
    assert find_secrets(text, {"DB_PASSWORD": value}) == [Finding(1, "the value of DB_PASSWORD")]


def test_finds_one_line_of_a_key_of_several():
    lines = ["-----BEGIN X-----", "aB3x" * 16, "Zz9y" * 16, "short", "-----END X-----"]
    environ = {"LANDRACE_SIGNING_KEY": "\r\n".join(lines)}
    for line in lines[1:3]:
        assert find_secrets(f"<{line}>", environ) == [
            Finding(1, "the value of LANDRACE_SIGNING_KEY")
        ]
        assert redact(f"<{line}>", environ) == f"<{MASK}>"
    assert find_secrets("-----BEGIN X----- short", environ) == []


@pytest.mark.parametrize("value", ["password", "12345678", "changeme", "test"])
def test_a_value_that_is_a_word_is_no_finding(value):
    assert find_secrets(f"the {value} of", {"DB_PASSWORD": value}) == []


def _images():
    seeds = [hashlib.sha512(bytes([n])).digest() * 3 for n in range(200)]
    return [base64.b64encode(seed).decode() for seed in seeds]


@pytest.mark.parametrize(
    "text",
    [
        *[hashlib.sha256(bytes([n])).hexdigest() for n in range(50)],
        *[str(uuid.uuid5(uuid.NAMESPACE_URL, str(n))) for n in range(50)],
        " ".join(f"data:image/png;base64,{image}" for image in _images()),
        "SHA256:" + base64.b64encode(hashlib.sha256(b"x").digest()).decode(),
        "pk_customer_identifier_of_the_table sk-learn-classification-report-2024",
        "AKIAIOSFODNN7EXAMPLE",
        "a key begins with sk-ant-api03-… or -----BEGIN PRIVATE KEY----- and so on",
        "Authorization: Bearer <token>, password: correcthorsebattery, api_key=YOUR_KEY",
        "postgres://user:password@localhost/db",
        "ghp_short gho_x xoxb-your-token-here hf_xxx glpat-xxxx",
        "eyJhbGciOiJIUzI1NiJ9 alone",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICL91eru1CWpu+kgOy/YUNHsAbFhtPba2mR3zQ9L/L/l me",
    ],
)
def test_what_only_resembles_a_secret_is_no_finding(text):
    assert find_secrets(text, {}) == []


def test_this_repositorys_own_prompts_and_pins_have_no_finding():
    paths = [
        path
        for name in ("prompts", "pipelines", "registry", "docs")
        for path in (ROOT / name).rglob("*")
    ]
    texts = {path: path.read_text(errors="replace") for path in paths if path.is_file()}
    assert len(texts) > 20
    assert {path: found for path, text in texts.items() if (found := find_secrets(text, {}))} == {}


@pytest.mark.parametrize(
    "part",
    ["eyJaaaaaaaa-", "eyJaaaaaaaa.", "a.", "a://b:", "-----BEGIN PRIVATE KEY-----a: ", "sk-", "xoxb-1111111111", "Bearer  ", "AIza", "[a-", "ghp_a."],
)  # fmt: skip
def test_a_text_that_nearly_matches_everywhere_is_read_once(part):
    text = part * (1_000_000 // len(part))
    find_secrets(text, {})  # looking again from each place would take hours
    redact(text, {})


@given(
    before=st.text(max_size=30),
    secret=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=16, max_size=40),
    after=st.text(max_size=30),
    form=st.sampled_from(["plain", "base64", "hex", "json"]),
)
def test_every_secret_is_found_on_its_line(before, secret, after, form):
    written = {
        "plain": secret,
        "base64": base64.b64encode(f"{len(before)}:{secret}:".encode()).decode(),
        "hex": secret.encode().hex(),
        "json": json.dumps(secret),
    }[form]
    found = find_secrets(f"{before}{written}{after}", {"MY_API_KEY": secret})
    assert Finding(before.count("\n") + 1, "the value of MY_API_KEY") in found
