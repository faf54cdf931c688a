"""Functions that the python metric is tried with."""

from dataclasses import dataclass


@dataclass
class Pair:
    expected: object
    output: str


def same(inputs, expected, output, answer):
    return Pair(answer, output).expected == expected


def with_feedback(inputs, expected, output, answer):
    return 0.25, f"asked {inputs['question']}, read {output}"


def as_dict(inputs, expected, output, answer):
    return {"score": 1, "feedback": "fine"}


def too_high(inputs, expected, output, answer):
    return 2.0


def broken(inputs, expected, output, answer):
    inputs.clear()
    return 1 / len(inputs)


def exits(inputs, expected, output, answer):
    raise SystemExit(0)


not_a_function = 3
