from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from landrace.store.model_list import edit_models
from landrace.store.yaml import parse_yaml

BEFORE = ["# what this is: models", 'description: "models: [x]"', "prompts: ['*']"]
AFTER = ["strategy: {name: auto}", "# models:", "#   - z", "budget: {calls: 600}"]

BLOCK = """\
prompts: ["*"]
models:
  # the small one
  - openai/a  # cheap
  - id: openai/b
    params: {temperature: 0}
    # speaks French
    aliases: [default]

  # the large one
  -
    id: openai/c
  # - openai/d is off for now
budget: {calls: 600}
"""


def test_an_item_of_a_block_goes_with_its_lines_and_leaves_the_comments_around_it():
    assert edit_models(BLOCK, remove={"openai/b"}) == BLOCK.replace(
        """\
  - id: openai/b
    params: {temperature: 0}
    # speaks French
    aliases: [default]
""",
        "",
    )


def test_a_dash_on_its_own_line_goes_too():
    assert edit_models(BLOCK, remove={"openai/c"}) == BLOCK.replace("  -\n    id: openai/c\n", "")


def test_a_new_item_follows_the_last_one_and_looks_like_it():
    edited = edit_models(BLOCK, add=["openai/e", "openai/f"])
    assert edited == BLOCK.replace(
        "    id: openai/c\n", "    id: openai/c\n  - openai/e\n  - openai/f\n"
    )


@pytest.mark.parametrize(
    ("models", "remove", "edited"),
    [
        ("[a, b, c]", "a", "[b, c]"),
        ("[a, b, c]", "b", "[a, c]"),
        ("[a, b, c]", "c", "[a, b]"),
        ("[a, b, c]", "ac", "[b]"),
        ("[a, b, c,]", "c", "[a, b,]"),
        ("[ a , b ]", "b", "[ a ]"),
        ("[a, {id: b, params: {top_p: 1}}, c]", "b", "[a, c]"),
        ("[a, b, a]", "a", "[b]"),
        ("[a, b,\n  c]", "b", "[a,\n  c]"),
        ("[a, b,\n  c]", "c", "[a, b,\n]"),
        ("[a, b,  # first\n  c]", "b", "[a,   # first\n  c]"),
        ("[a, # first\n  c]", "a", "[ # first\n  c]"),
        ("[\n  a,  # first\n  # second\n  b,\n  c\n]", "a", "[\n  # second\n  b,\n  c\n]"),
        ("[\n  a,\n  b,  # it, too\n  c  # last, least\n]", "c", "[\n  a,\n  b,  # it, too\n]"),
        ("[\n  a,\n  {\n    id: b\n  },\n  c\n]", "b", "[\n  a,\n  c\n]"),
    ],
)
def test_an_item_goes_out_of_brackets(models, remove, edited):
    text = "prompts: [x]\nmodels: %s\nseed: 0\n"
    assert edit_models(text % models, remove=set(remove)) == text % edited


@pytest.mark.parametrize(
    ("models", "edited"),
    [
        ("[a]", "[a, n]"),
        ("[a,]", "[a, n,]"),
        ("[a, b]  # all", "[a, b, n]  # all"),
        ("[\n  a,\n  b\n]", "[\n  a,\n  b,\n  n\n]"),
        ("[\n  a,\n  b,\n]", "[\n  a,\n  b,\n  n,\n]"),
        ("[\n  a,\n  b  # it\n  # end\n]", "[\n  a,\n  b,  # it\n  n\n  # end\n]"),
        ("[\n  a,\n  b,  # it\n]", "[\n  a,\n  b,  # it\n  n,\n]"),
        ("[\n  a,\n  b]", "[\n  a,\n  b, n]"),
        ("[a,\n  b, c  # it\n]", "[a,\n  b, c, n  # it\n]"),
    ],
)
def test_an_item_comes_into_brackets(models, edited):
    text = "prompts: [x]\nmodels: %s\nseed: 0\n"
    assert edit_models(text % models, add=["n"]) == text % edited


def test_files_in_json_are_edited_too():
    text = '{"prompts": ["*"], "models": ["a", {"id": "b"}], "seed": 1}\n'
    assert edit_models(text, add=["c:1"], remove={"a"}) == text.replace(
        '["a", {"id": "b"}]', '[{"id": "b"}, "c:1"]'
    )


@pytest.mark.parametrize("model", ["12", "true", "null", "1e3", "a: b", "x:0", "#a", "- a", "é, ü"])
@pytest.mark.parametrize("models", ["[a]", "\n- a"])
def test_an_id_that_yaml_would_misread_is_quoted(models, model):
    edited = edit_models(f"models: {models}\n", add=[model])
    assert edited is not None
    assert parse_yaml(edited, "edited").value == {"models": ["a", model]}


@pytest.mark.parametrize(
    "text",
    [
        "models: [a\n  , b\n  , c]\n",
        "models: [a # not\n  , b]\n",
        "models:\r- a\r- b\r",
        "models:\n- a\x85# a comment\n- b\n",
        "models: &x [a, b]\n",
        "models: [a, a]\n",
        "models: a\n",
        "models: [a, b",
        "[a, b]\n",
    ],
)
def test_what_cannot_be_edited_safely_is_not_edited(text):
    assert edit_models(text, remove={"a"}) is None


def test_an_edit_that_would_change_another_items_text_is_not_made():
    text = "models:\n- id: a\n  params:\n    stop: |+\n      x\n\nseed: 0\n"
    assert edit_models(text, add=["b"]) is None
    assert edit_models(text.replace("|+", "|"), add=["b"]) is not None
    assert edit_models("models:\n- id: a\n  params:\n    stop: |\n      x", add=["b"]) is None


# Lines of a list as it is written, each item with its id; None for what is no item.
IDS = ["openai/a", "openai/b", "bedrock/c-v1:0", "local/d", "e"]
NEW = ["openai/gpt-9", "bedrock/x-v2:0"]


def _styles(model):
    """The ways to write an item, as lines behind its dash."""
    quoted = [f'"{model}"', f"'{model}'"]
    bare = [] if ":" in model else [model]
    return st.sampled_from(
        [
            *([text] for text in quoted + bare),
            [f"{quoted[0]}  # about it, and more"],
            [f"{{id: {quoted[0]}, params: {{temperature: 0}}}}"],
            [f"id: {quoted[0]}", "# inside", "aliases:", "- one", "- two  # three"],
            [f"id: {quoted[0]}", "params:", "  stop: |", "    - no item", "    # no comment"],
            [f"id: {quoted[0]}", 'params: {stop: "a', '  - b"}'],
        ]
    )


@st.composite
def _blocks(draw):
    """``(id or None, lines)`` for a list in block style."""
    models = draw(st.lists(st.sampled_from(IDS), unique=True, min_size=1, max_size=5))
    indent, gap = draw(st.sampled_from(["", "  ", "      "])), draw(st.sampled_from([" ", "   "]))
    parts = []
    for model in models:
        parts += draw(st.lists(st.sampled_from([(None, [""]), (None, [f"{indent}# {model}"])])))
        first, *rest = draw(_styles(model))
        inner = " " * (1 + len(gap))
        parts.append(
            (model, [f"{indent}-{gap}{first}", *(f"{indent}{inner}{line}" for line in rest)])
        )
    return models, f"{indent}-{gap}", parts


@given(
    data=st.data(),
    block=_blocks(),
    eol=st.sampled_from(["\n", "\r\n"]),
    before=st.sampled_from([[], BEFORE]),
    after=st.sampled_from([[], AFTER, ["", *AFTER]]),
    ends=st.booleans(),
)
def test_in_a_block_no_line_changes_but_those_of_the_items(
    *, data, block, eol, before, after, ends
):
    models, lead, parts = block
    # A text in a block says something else once its last line has an end.
    assume(ends or after or "# no comment" not in parts[-1][1][-1])
    remove = set(data.draw(st.lists(st.sampled_from(models), max_size=len(models) - 1)))
    add = data.draw(st.lists(st.sampled_from(NEW), unique=True))

    def text(parts):
        lines = [*before, "models:", *(line for _, lines in parts for line in lines), *after]
        return eol.join(lines) + (eol if ends else "")

    new = [(None, [f"{lead}{model if ':' not in model else repr(model)}"]) for model in add]
    wanted = text([part for part in parts if part[0] not in remove] + new)

    edited = edit_models(text(parts), add=add, remove=remove)

    assert edited is not None
    if not ends:  # the end of the file is the one place where an edit may have to end a line
        edited, wanted = edited.rstrip("\r\n"), wanted.rstrip("\r\n")
    assert edited.replace('"', "'") == wanted.replace('"', "'")
    value = parse_yaml(edited, "edited").value
    assert [_id(model) for model in value["models"]] == _wanted(models, add, remove)


@st.composite
def _flows(draw):
    """The text of a list in brackets, with its ids."""
    models = draw(st.lists(st.sampled_from(IDS), unique=True, min_size=1, max_size=5))
    space = st.sampled_from(["", " ", "\n  ", "  # a note, [here]\n  ", "\n  # a line\n  "])
    text = "[" + draw(space)
    for n, model in enumerate(models):
        quoted = f'"{model}"'
        text += draw(st.sampled_from([quoted, f"{{id: {quoted}, aliases: [x, y]}}"]))
        text += "," if n + 1 < len(models) else draw(st.sampled_from(["", ","]))
        text += draw(space)
    return models, text + "]"


@given(st.data(), _flows(), st.sampled_from(["\n", "\r\n"]))
def test_in_brackets_the_list_comes_out_as_meant_and_comments_stay(data, flow, eol):
    models, listed = flow
    remove = set(data.draw(st.lists(st.sampled_from(models), max_size=len(models) - 1)))
    add = data.draw(st.lists(st.sampled_from(NEW), unique=True))
    head, tail = eol.join([*BEFORE, "models: "]), eol + eol.join(AFTER) + eol
    listed = listed.replace("\n", eol)

    edited = edit_models(head + listed + tail, add=add, remove=remove)

    assert edited is not None
    assert edited.startswith(head)
    assert edited.endswith(tail)
    value = parse_yaml(edited, "edited").value
    assert [_id(model) for model in value["models"]] == _wanted(models, add, remove)
    assert edited.count("# a line") == (head + listed + tail).count("# a line")
    if not remove:
        assert edited.count("# a note, [here]") == listed.count("# a note, [here]")


@given(st.text(alphabet="-[]{}:,#'\" \nabmodels", max_size=60))
def test_any_text_is_edited_as_meant_or_not_at_all(tail):
    text = f"models:{tail}"
    edited = edit_models(text, add=["n"], remove={"a"})
    if edited is not None:
        before = parse_yaml(text, "text").value
        kept = [model for model in before["models"] if _id(model) != "a"]
        assert parse_yaml(edited, "edited").value == {**before, "models": [*kept, "n"]}


def _wanted(models, add, remove):
    return [model for model in models if model not in remove] + add


def _id(model):
    return model["id"] if isinstance(model, dict) and "id" in model else model
