"""What of JSON Schema the inputs of cases are checked against beyond the loader's own check."""

from __future__ import annotations

import pytest

from landrace.errors import InputTypeError
from landrace.store.inputs import CaseInputs


def test_a_whole_number_without_bound_is_an_input_error() -> None:
    schema = {"properties": {"n": {"type": "number", "multipleOf": 0.01}}}
    check = CaseInputs(schema, prompt="p", where="prompt.yaml")
    assert check({"n": 3}) == {"n": 3}
    with pytest.raises(InputTypeError, match="too large a number"):
        check({"n": 10**400})
