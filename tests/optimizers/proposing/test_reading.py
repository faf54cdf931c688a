"""What is read from a proposer's answer, and what is known to be no answer at all."""

from __future__ import annotations

import pytest

from landrace.optimizers.proposing.reading import finished, is_instruction, most_words, untagged

ASKED = "Answer with the new instruction alone, between <instruction> and </instruction>."


@pytest.mark.parametrize(
    "answer",
    [
        "Sure!\n<instruction>Say red or blue.</instruction>\nBye.",
        "<instruction>\nSay red or blue.\n</instruction>",
        "```\nSay red or blue.\n```",
        "**New instruction:** Say red or blue.",
        '"Say red or blue."',
    ],
)
def test_an_instruction_is_found_with_and_without_tags(answer):
    assert untagged(answer).strip("* ") == "Say red or blue."


def test_a_long_instruction_may_be_replaced_by_one_of_its_length():
    short, long = "Say red or blue.", "word " * 500
    assert most_words(short) == 300
    assert not is_instruction(long, short)
    assert is_instruction(long, long)
    assert not is_instruction("word " * 751, long)
    assert not is_instruction("No.", short)


BOTH = "Use <clue> and </clue>, <hint> and </hint>."


@pytest.mark.parametrize(
    ("question", "answer", "left"),
    [
        (ASKED, "<instruction>Say red or", None),
        (ASKED, "Let me think about what the mistakes", None),
        (ASKED, "<instruction>Say red.</instruction>\nI chose", "all"),
        (ASKED, "<instruction>A.</instruction> <instruction>B", "<instruction>A.</instruction> "),
        ("Name one flaw.", "It never says what red", "all"),
        ("Name one flaw.", "Its <br> is odd and", "all"),
        (BOTH, "<clue>A.</clue>\n<hint>B", "<clue>A.</clue>\n"),
        (BOTH, "<clue>A", None),
        (BOTH, "<clue>A.</clue>\n<hint>B</hint> or", "all"),
    ],
)
def test_of_an_answer_that_was_cut_off_what_was_finished_is_left(question, answer, left):
    assert finished(answer, question) == (answer if left == "all" else left)
