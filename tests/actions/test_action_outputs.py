"""What a step tells, the action hands on. In steps.py each run of a step holds to it as well."""

from __future__ import annotations

import re

import pytest
from workflow_file import read

from landrace.commands.ci import command

OUTPUTS = read("action.yml")["outputs"]
STEPS = ("plan", "optimize", "commit", "gate", "report", "models")


def told(step: str) -> set[str]:
    """The outputs that a step's help names."""
    text = " ".join((command.commands[step].help or "").split())
    listed = re.search(r"Outputs: (.+?)\.(?= |$)", re.sub(r" \([^)]*\)", "", text))
    assert listed, f"the help of {step} names no outputs"
    return set(listed[1].split(", "))


def steps_of(output: str) -> set[str]:
    """The steps that an output's description names before its first semicolon."""
    return set(OUTPUTS[output]["description"].partition(";")[0].split(" and "))


@pytest.mark.parametrize("step", STEPS)
def test_the_action_hands_on_what_a_step_tells(step: str) -> None:
    assert {name for name in OUTPUTS if step in steps_of(name)} == told(step)


def test_any_step_tells_its_problem_and_nothing_else_is_without_a_step() -> None:
    assert {name for name in OUTPUTS if not steps_of(name) <= set(STEPS)} == {"problem"}


def test_each_output_is_that_of_the_step_of_landrace() -> None:
    values = {name: output["value"] for name, output in OUTPUTS.items()}
    assert values == {name: f"${{{{ steps.landrace.outputs.{name} }}}}" for name in OUTPUTS}
