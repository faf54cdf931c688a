from __future__ import annotations

from datetime import date

import pytest

from landrace.gateway.known_models import KnownModel, read_table


def entry(provider, mode="chat", **more):
    return {"litellm_provider": provider, "mode": mode, **more}


@pytest.mark.parametrize(
    ("key", "provider", "names"),
    [
        ("gpt-5", "openai", ("openai/gpt-5", "gpt-5")),
        ("gemini/gemini-9", "gemini", ("gemini/gemini-9",)),
        ("x.y-v1:0", "bedrock_converse", ("bedrock/x.y-v1:0", "x.y-v1:0")),
        ("palm", "vertex_ai-language-models", ("vertex_ai/palm", "palm")),
        ("azure/eu/gpt-5", "azure", ("azure/eu/gpt-5",)),
        ("nobody's", "", ("nobody's",)),
    ],
)
def test_a_model_has_the_id_that_names_its_provider(key, provider, names):
    assert read_table({key: entry(provider)}) == (KnownModel(names, "chat", None),)


def test_two_entries_of_the_table_have_no_id_in_common():
    found = read_table({"kimi": entry("bedrock"), "bedrock/kimi": entry("bedrock")})
    assert [model.names for model in found] == [("kimi",), ("bedrock/kimi",)]


@pytest.mark.parametrize(
    ("said", "ends"),
    [("2026-07-23", date(2026, 7, 23)), ("some day", None), ("2026-13-01", None), (None, None)],
)
def test_the_day_on_which_a_model_ends(said, ends):
    (model,) = read_table({"m": entry("openai", deprecation_date=said)})
    assert model.ends == ends


def test_what_is_no_entry_is_left_out():
    table = {"sample_spec": entry("one of many", "one of: chat"), "odd": 3, "m": {"mode": None}}
    assert read_table(table) == (KnownModel(("m",), "", None),)
