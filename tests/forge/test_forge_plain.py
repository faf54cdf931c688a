from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from landrace.forge.plain import one_line, without_commands, written_out

HOSTILE = "no\n::error file=x::boo\r\n\x1b[31mred\u202e ##[add-mask]x ghp_" + "A" * 36


def test_nothing_in_a_message_can_act():
    shown = one_line(HOSTILE)
    assert "\n" not in shown
    assert shown.isprintable() or "\u200b" in shown
    assert "\\u001b" in shown
    assert "\\u202e" in shown
    assert "##[" not in shown
    assert "ghp_" not in shown


def test_a_message_does_not_begin_as_a_command():
    assert not one_line("::set-output name=a::b").startswith("::")


def test_the_given_token_is_masked_in_every_form():
    token = "a-plain-word/token"
    for form in (token, token.encode().hex(), "YS1wbGFpbi13b3JkL3Rva2Vu"):
        assert form not in one_line(f"bad token {form}!", secret=token)


def test_a_message_ends():
    assert len(one_line("word " * 10_000)) == 300
    assert one_line("x" * 1_000_000, limit=10) == "x" * 9 + "…"


def test_lines_stay_and_what_acts_is_written_out():
    assert written_out("a\r\nb\tc\x1b[0m\x00\ud800") == "a\nb\tc\\u001b[0m\\u0000\\ud800"
    assert written_out("naïve 日本語　👩\u200d🚀") == "naïve 日本語　👩\u200d🚀"


@given(st.text())
def test_what_is_written_out_is_a_file(text):
    assert written_out(text).encode().decode() == written_out(text)


@given(st.text(alphabet=":# [a\n\t"))
def test_no_line_is_a_command(text):
    parted = without_commands(text)
    assert not any(line.lstrip().startswith("::") for line in parted.split("\n"))
    assert "##[" not in parted
