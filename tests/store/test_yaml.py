from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from landrace.errors import FormatError, StorageError
from landrace.store import yaml as strict_yaml
from landrace.store.yaml import MAX_BYTES, MAX_DEPTH, MAX_NODES, parse_yaml, read_yaml

YAML_TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t:-#'\"{}[]")
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | YAML_TEXT
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(YAML_TEXT, inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def _each_parser(request, monkeypatch):
    """Both parsers that PyYAML may come with."""
    monkeypatch.setattr(strict_yaml, "_LOADER", getattr(yaml, request.param))


def problem_of(text):
    with pytest.raises(FormatError) as caught:
        parse_yaml(text, "a.yaml")
    return caught.value


def strictly_equal(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(strictly_equal, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(strictly_equal(one[key], other[key]) for key in one)
    return one == other


@given(VALUES)
def test_what_safe_dump_writes_is_read_back_or_refused_as_ambiguous(value):
    text = yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
    try:
        read = parse_yaml(text, "a.yaml").value
    except FormatError as error:
        # safe_dump leaves text like 1e3 bare, which YAML 1.2 reads as a number.
        assert "to some readers" in error.problem  # noqa: PT017 - refusal is one of two outcomes
    else:
        assert strictly_equal(read, value)


@given(st.text(max_size=60))
def test_any_text_is_read_or_is_one_clear_error(text):
    try:
        parse_yaml(text, "a.yaml")
    except FormatError as error:
        assert error.where.startswith("a.yaml:")  # noqa: PT017 - most texts are valid


@pytest.mark.usefixtures("_each_parser")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("y", "y"),
        ("2024-01-31", "2024-01-31"),
        ("12:30", "12:30"),
        ("1.2.3", "1.2.3"),
        ("-", [None]),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("0.35", 0.35),
        (".5", 0.5),
        ("1.0e+3", 1000.0),
        ("'012'", "012"),
        ('"<<"', "<<"),
        ("'true'", "true"),
        ("|\n  a\n  b\n", "a\nb\n"),
        ("{no: [yes, off]}", {"no": ["yes", "off"]}),
        ("\ufeffa: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
    ],
)
def test_scalars_mean_what_they_look_like(text, value):
    assert strictly_equal(parse_yaml(text, "a.yaml").value, value)


@pytest.mark.usefixtures("_each_parser")
@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: &x 1\n", 1, "anchors are refused"),
        ("a: 1\nb: *x\n", 2, "aliases are refused"),
        ("a: 1\n<<: {b: 1}\n", 2, "merge keys are refused"),
        ("a: !!str 1\n", 1, "tags are refused"),
        ("a: ! 1\n", 1, "tags are refused"),
        ("a: !!python/object/apply:os.system [x]\n", 1, "tags are refused"),
        ("%YAML 1.1\n---\na: 1\n", 1, "directives are refused"),
        ("a: 1\nb: 2\na: 3\n", 3, "the key `a` stands twice, first on line 1"),
        ("a: 1\n---\nb: 2\n", 2, "a second document"),
        ("1: a\n", 1, "is not text"),
        ("true: a\n", 1, "is not text"),
        ("? [a]\n: b\n", 1, "a key is a list"),
        ("a: 012\n", 1, "to some readers"),
        ("a: 0o14\n", 1, "to some readers"),
        ("a: 0x1F\n", 1, "to some readers"),
        ("a: 1_000\n", 1, "to some readers"),
        ("a: 1e-3\n", 1, "to some readers"),
        ("a: .nan\n", 1, "to some readers"),
        ("a: -.inf\n", 1, "to some readers"),
        ("a: True\n", 1, "is ambiguous"),
        ("a: 1.0e+999\n", 1, "too large"),
        ("a: 1\nb: [1, 2\n", 3, "not YAML"),
        ("a: 1\n\tb: 2\n", 2, "not YAML"),
        ("a: 1\nb: \x07\n", 2, "U+0007"),
    ],
)
def test_what_is_refused_is_named_by_line(text, line, words):
    error = problem_of(text)
    assert error.where == f"a.yaml:{line}"
    assert words in error.problem


def test_an_alias_bomb_is_refused_at_its_first_line():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    error = problem_of("\n".join(lines))
    assert error.where == "a.yaml:1"
    assert error.exit_code == 2


@pytest.mark.usefixtures("_each_parser")
def test_depth_is_capped():
    assert parse_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH, "a.yaml").value
    assert "levels deep" in problem_of("[" * 5000 + "]" * 5000).problem
    assert (
        "levels deep"
        in problem_of("\n".join("  " * n + "a:" for n in range(MAX_DEPTH + 2))).problem
    )


def test_nodes_and_bytes_are_capped():
    assert len(parse_yaml("- 1\n" * (MAX_NODES - 1), "a.yaml").value) == MAX_NODES - 1
    assert "nodes" in problem_of("- 1\n" * MAX_NODES).problem
    assert "bytes" in problem_of("#" * (MAX_BYTES + 1)).problem


def test_bytes_that_are_not_utf8_are_named_by_line():
    error = problem_of(b"a: 1\nb: \xff\n")
    assert error.where == "a.yaml:2"
    assert "UTF-8" in error.problem


def test_where_names_a_part_or_what_is_around_it():
    document = parse_yaml("a: 1\nb:\n  - c: 2\n    d: 3\n  - e\n", "x/a.yaml")
    assert document.where() == "x/a.yaml:1"
    assert document.where(("b",)) == "x/a.yaml:2"
    assert document.where(("b", 0, "d")) == "x/a.yaml:4"
    assert document.where(("b", 1)) == "x/a.yaml:5"
    assert document.where(("b", 0, "missing", "deeper")) == "x/a.yaml:3"


def test_a_file_is_read_under_the_name_it_is_given(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: [", encoding="utf-8")
    with pytest.raises(FormatError, match=r"prompts/a\.yaml:"):
        read_yaml(path, "prompts/a.yaml")


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(StorageError, match="cannot be read"):
        read_yaml(tmp_path / "none.yaml")
