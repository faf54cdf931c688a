"""What is read from a proposer's answer, and what is known to be no answer at all."""

from __future__ import annotations

import pytest

from landrace.optimizers.proposing.reading import is_cut_off, is_instruction, most_words, untagged

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


@pytest.mark.parametrize(
    ("question", "answer", "cut"),
    [
        (ASKED, "<instruction>Say red or", True),
        (ASKED, "Let me think about what the mistakes", True),
        (ASKED, "<instruction>Say red.</instruction>\nI chose this since", False),
        ("Name one flaw.", "It never says what red", False),
        ("Name one flaw.", "Its <br> is odd and", False),
        ("Use <clue> and </clue>, <hint> and </hint>.", "<clue>A.</clue>\n<hint>B", True),
        (
            "Use <clue> and </clue>, <hint> and </hint>.",
            "<clue>A.</clue>\n<hint>B</hint> or",
            False,
        ),
    ],
)
def test_an_answer_that_its_limit_cut_off_is_told_by_its_tags(question, answer, cut):
    assert is_cut_off(answer, question) is cut
