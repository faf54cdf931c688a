"""Which parameters of a call decode its answer, and which say where it goes, and with what right.

What is not known to decode counts as the latter: a pull request may change how a model answers,
not who is asked, by which address, or with whose key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.program.params import DECODING_PARAMS, param_problem

if TYPE_CHECKING:
    from collections.abc import Mapping


def decoding(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that decode."""
    return {name: value for name, value in params.items() if name in DECODING_PARAMS}


def routing(params: Mapping[str, Any]) -> dict[str, Any]:
    """All others."""
    return {name: value for name, value in params.items() if name not in DECODING_PARAMS}


def misfit(params: Mapping[str, Any]) -> str:
    """What a decoding parameter is and must not be, as a clause, or nothing."""
    for name, value in decoding(params).items():
        if problem := param_problem(name, value):
            return f"`{name}` {problem.text}"
    return ""
