from __future__ import annotations

import pytest

from landrace.errors import TemplateError
from landrace.optimizers.slots.pieces import compiled, first_message, names_read


def test_a_piece_is_compiled_once():
    assert compiled("Word: {{ word }}") is compiled("Word: {{ word }}")
    assert compiled("Word: {{ word }}", "here") is not compiled("Word: {{ word }}", "there")


def test_what_it_reads_and_prints():
    assert names_read("{% set a = b %}{{ a }}, {{ c }}") == {"b", "c"}
    assert first_message("Word: {{ word }}", {"word": "sky"}) == "Word: sky"


def test_a_mistake_is_told_with_its_place():
    with pytest.raises(TemplateError, match="there"):
        names_read("{{ word", "there")
