from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.errors import FormatError, StorageError
from landrace.pin import MAX_PIN_BYTES, Pin, PinnedSplits, PinnedTraining, variant_digest
from loader_cells import INPUTS, make_pin
from program_world import graph_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**6), 10**6)
counts = st.integers(0, 10**9)
shares = st.floats(0, 1)
shas = st.text("0123456789abcdef", min_size=64, max_size=64)
jsons = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(texts, jsons, max_size=3)
file_names = st.from_regex(r"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}\Z").filter(
    lambda name: name != "pin.json"
)


def _record(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(fields)


estimates = _record(mean=numbers, low=numbers, high=numbers, n=counts, coverage=shares)
contenders = _record(base=estimates, incumbent=st.none() | estimates, winner=estimates)
comparisons = _record(
    difference=numbers,
    low=numbers,
    high=numbers,
    p=shares,
    wins=counts,
    losses=counts,
    ties=counts,
    method=texts,
)
pins = _record(
    schema=st.just(1),
    prompt=names,
    model=_record(id=names, params=objects, aliases=st.lists(names, max_size=3)),
    files=st.dictionaries(file_names, shas, max_size=2).map(
        lambda files: {"prompt.jinja": "0" * 64, **files}
    ),
    inputs=_record(type=st.just("object"), properties=objects, required=st.lists(texts)),
    output=_record(contract=objects, parser=objects),
    base=_record(template=shas, eval_set=shas, split_seed=st.integers(), metrics=shas),
    search=_record(
        strategy=names,
        version=names,
        options=objects,
        seed=st.integers(),
        proposer=st.none() | names,
        spent=_record(
            calls=counts,
            prompt_tokens=counts,
            completion_tokens=counts,
            cost_usd=st.none() | numbers,
        ),
    ),
    parent=st.none() | shas,
    variant=shas,
    scores=_record(
        select=contenders,
        holdout=contenders,
        comparison=_record(base=comparisons, incumbent=st.none() | comparisons),
    ),
    inflation=st.none() | numbers,
    holdout_looks=counts,
)


@given(pins)
def test_a_pin_survives_its_dict_and_its_file(value: dict[str, Any]) -> None:
    pin = Pin.from_dict(value)

    assert pin.to_dict() == value
    assert Pin.from_dict(pin.to_dict()) == pin
    assert Pin.loads(pin.dumps().encode()) == pin


@given(pins)
def test_equal_pins_have_equal_bytes_whatever_the_key_order(value: dict[str, Any]) -> None:
    backwards = dict(reversed(value.items()))

    assert Pin.from_dict(backwards).dumps() == Pin.from_dict(value).dumps()


REASON_FIRST = {"reason": {"type": "string"}, "answer": {"type": "string"}}
ANSWER_FIRST = dict(reversed(REASON_FIRST.items()))


def format_params(properties: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties}
    return {"response_format": {"type": "json_schema", "json_schema": {"schema": schema}}}


def asking_in_two(properties: dict[str, Any]) -> dict[str, Any]:
    return graph_json({"say": {"generate": {"params": format_params(properties)}}}, "say")


def default_of(value: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {"style": {"type": "object", "default": value}}}


def test_a_pin_keeps_the_order_in_which_its_parameters_were_sent() -> None:
    params, program = format_params(REASON_FIRST), asking_in_two(REASON_FIRST)
    pin = make_pin(params=params, program=program)

    read = Pin.loads(pin.dumps())

    assert json.dumps(read.model.params) == json.dumps(params)
    assert json.dumps(read.program) == json.dumps(program)
    assert read.dumps() == pin.dumps()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"params": format_params(REASON_FIRST)}, {"params": format_params(ANSWER_FIRST)}),
        ({"program": asking_in_two(REASON_FIRST)}, {"program": asking_in_two(ANSWER_FIRST)}),
    ],
)
def test_another_order_inside_of_what_is_sent_is_another_variant(one: Any, other: Any) -> None:
    assert make_pin(**one).variant != make_pin(**other).variant


def test_the_order_of_names_and_of_what_is_not_sent_is_no_other_variant() -> None:
    params = {"top_p": 1, "temperature": 0}
    backwards = dict(reversed(params.items()))
    program = asking_in_two(ANSWER_FIRST)
    turned = {"output": program["output"], "nodes": program["nodes"]}

    one = make_pin(params=params, program=program)
    other = make_pin(params=backwards, program=turned, inputs=dict(reversed(INPUTS.items())))

    assert one.variant == other.variant


def test_the_file_is_sorted_indented_and_ends_with_a_newline() -> None:
    pin = make_pin(inputs={"properties": {"größe": {"type": "string"}}, "type": "object"})

    text = pin.dumps()

    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert "größe" in text


def test_to_dict_hands_out_no_inner_state() -> None:
    pin = make_pin()

    pin.to_dict()["model"]["params"]["temperature"] = 2

    assert pin.model.params == {"temperature": 0}


def test_read_reads_crlf_like_lf(tmp_path: Path) -> None:
    path = tmp_path / "pin.json"
    path.write_text(make_pin().dumps(), "utf-8", newline="\r\n")

    assert Pin.read(path) == make_pin()


def _all_keys(value: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(value, dict) or path[-1:] in {("params",), ("options",), ("contract",)}:
        return []
    inner = [key for name, item in value.items() for key in _all_keys(item, (*path, name))]
    return [(*path, name) for name in value] + inner


FREE = {"inputs", "parser"}
KEYS = [
    key
    for key in _all_keys(make_pin().to_dict())
    if not FREE & set(key[:-1]) and key[-1] != "prompt.jinja"
]


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = value[name]
    return value


@pytest.mark.parametrize("path", KEYS, ids=".".join)
def test_every_key_is_needed(path: tuple[str, ...]) -> None:
    value = make_pin().to_dict()
    del _at(value, path[:-1])[path[-1]]

    with pytest.raises(FormatError) as caught:
        Pin.from_dict(value, "registry/pin.json")

    assert caught.value.where == "registry/pin.json"
    assert caught.value.problem == f"`{'.'.join(path)}` is missing"


@pytest.mark.parametrize("path", KEYS, ids=".".join)
def test_every_key_refuses_a_value_of_another_kind(path: tuple[str, ...]) -> None:
    value = make_pin().to_dict()
    _at(value, path[:-1])[path[-1]] = object()

    with pytest.raises(FormatError, match=f"`{'.'.join(path)}` is a Python object"):
        Pin.from_dict(value)


@pytest.mark.parametrize(
    "path",
    sorted({key[:-1] for key in KEYS} - {("files",)}),
    ids=lambda path: ".".join(path) or "top",
)
def test_no_other_key_is_let_in(path: tuple[str, ...]) -> None:
    value = make_pin().to_dict()
    _at(value, path)["hold0ut_looks"] = 1

    with pytest.raises(FormatError, match=r"hold0ut_looks` is not a known key") as caught:
        Pin.from_dict(value)

    if not path:
        assert caught.value.fix == "did you mean `holdout_looks`?"


def _set(path: str, new: object) -> Callable[[dict[str, Any]], None]:
    *above, last = path.split("/")

    def change(value: dict[str, Any]) -> None:
        _at(value, tuple(above))[last] = new

    return change


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (_set("schema", 2), "`schema` is 2: the file was written by a newer landrace"),
        (_set("schema", 0), "`schema` is 0, not 1"),
        (_set("schema", "1"), "`schema` is a string, not an integer"),
        (_set("schema", new=True), "`schema` is a boolean, not an integer"),
        (_set("prompt", ""), "`prompt` is empty"),
        (_set("variant", "abc"), "`variant` is not a SHA-256"),
        (_set("variant", "A" * 64), "`variant` is not a SHA-256"),
        (_set("holdout_looks", -1), "`holdout_looks` is below 0"),
        (_set("holdout_looks", 1.5), "`holdout_looks` is a number, not an integer"),
        (_set("inflation", float("nan")), "`inflation` is not a finite number"),
        (_set("inflation", 10**400), "`inflation` is too large a number"),
        (_set("inflation", new=True), "`inflation` is a boolean, not a number"),
        (_set("scores/select/base/coverage", 1.1), "`scores.select.base.coverage` is not between"),
        (_set("scores/select/base", None), "`scores.select.base` is null, not an object"),
        (_set("model/params", {"stop": {1, 2}}), "`model.params.stop` is a Python set"),
        (_set("model/params", {"stop": [1, b"x"]}), "`model.params.stop.1` is a Python bytes"),
        (_set("model/params", {1: 2}), "`model.params` is a number, not a string"),
        (_set("model/aliases", "small"), "`model.aliases` is a string, not a list"),
        (_set("model/aliases", ["a", 1]), "`model.aliases.1` is a number, not a string"),
        (_set("files", {}), "`files` does not name prompt.jinja"),
        (_set("files", {"../prompt.jinja": "0" * 64}), "`files.../prompt.jinja` is not the name"),
        (_set("files", {"..": "0" * 64}), "is not the name of a variant file"),
        (_set("files", {"": "0" * 64}), "is not the name of a variant file"),
        (_set("files", {"-f": "0" * 64}), "is not the name of a variant file"),
        (_set("files", {"pin.json": "0" * 64}), "`files.pin.json` is not the name"),
        (_set("inputs", {"properties": {}}), '`inputs.type` is not "object"'),
        (_set("inputs", {"type": "object"}), "`inputs.properties` is null, not an object"),
        (_set("search/proposer", "\ud800"), "`search.proposer` holds half of a surrogate pair"),
    ],
)
def test_what_does_not_fit_is_named_by_its_path(
    change: Callable[[dict[str, Any]], None], problem: str
) -> None:
    value = copy.deepcopy(make_pin().to_dict())
    change(value)

    with pytest.raises(FormatError) as caught:
        Pin.from_dict(value, "pin.json")

    assert problem in caught.value.problem


def test_a_newer_pin_says_to_upgrade() -> None:
    with pytest.raises(FormatError) as caught:
        Pin.from_dict({"schema": 2, "anything": "else"})

    assert caught.value.fix == "upgrade with `pip install --upgrade landrace`"


def test_deep_nesting_is_refused() -> None:
    deep: Any = 0
    for _ in range(100):
        deep = [deep]

    with pytest.raises(FormatError, match="is nested too deeply"):
        make_pin(params={"stop": deep})


@pytest.mark.parametrize(
    ("data", "problem", "where"),
    [
        (b"", "not JSON", "pin.json:1"),
        (b'{\n"schema": 1,\n}', "not JSON", "pin.json:3"),
        (b"\xff\xfe\x00", "not UTF-8", "pin.json"),
        (b"\x00" * 100, "not JSON", "pin.json:1"),
        (b"[]", "is a list, not an object", "pin.json"),
        (b"null", "is null, not an object", "pin.json"),
        (b'{"schema": NaN}', "NaN is not a JSON number", "pin.json"),
        (b'{"schema": 1, "schema": 1}', "the key 'schema' stands twice", "pin.json"),
        (b"[" * 200_000, "nested too deeply", "pin.json"),
        (b'{"schema": ' + b"9" * 5000 + b"}", "not usable JSON", "pin.json"),
        (b" " * (MAX_PIN_BYTES + 1), "larger than", "pin.json"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_file_that_is_no_pin(data: bytes, problem: str, where: str, tmp_path: Path) -> None:
    path = tmp_path / "pin.json"
    path.write_bytes(data)

    with pytest.raises(FormatError, match=problem) as caught:
        Pin.read(path)

    assert caught.value.where == str(tmp_path / where)


@given(st.binary(max_size=200))
def test_no_bytes_get_anything_but_a_pin_or_a_format_error(data: bytes) -> None:
    with pytest.raises(FormatError):
        Pin.loads(data)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        Pin.read(tmp_path)


def test_the_variant_is_a_hash_of_what_is_served_and_of_nothing_else() -> None:
    pin = make_pin()
    same = [
        pin._replace(holdout_looks=9, inflation=None, parent="0" * 64),
        pin._replace(model=pin.model._replace(aliases=("small",))),
        pin._replace(prompt="renamed"),
    ]
    others = [
        make_pin(files={"prompt.jinja": "other"}),
        make_pin(params={"temperature": 1}),
        make_pin(model="local/large"),
        make_pin(parser={"kind": "json"}),
        make_pin(inputs={"type": "object", "properties": {}}),
    ]

    assert {variant_digest(other) for other in same} == {pin.variant}
    assert len({pin.variant, *(variant_digest(other) for other in others)}) == 6


def test_a_program_is_a_part_of_what_is_served_and_may_be_absent() -> None:
    plain = make_pin("p", "m/x")
    pin = plain._replace(
        program={"nodes": {}, "output": "answer"}, files={"answer.jinja": "a" * 64}
    )
    assert Pin.from_dict(pin.to_dict()) == pin
    assert "program" not in plain.to_dict()
    assert variant_digest(pin) != variant_digest(pin._replace(program=None))


def test_what_trained_the_model_is_recorded_and_no_part_of_what_is_served() -> None:
    plain = make_pin("p", "m/x")
    pin = plain._replace(training=PinnedTraining("m/base", 1, ("python", "train.py"), "a" * 64))
    assert Pin.loads(pin.dumps()) == pin
    assert "training" not in plain.to_dict()
    assert variant_digest(pin) == plain.variant


def test_the_shares_of_the_splits_are_recorded_and_no_part_of_what_is_served() -> None:
    plain = make_pin("p", "m/x")
    pin = plain._replace(splits=PinnedSplits(0.25, 0.35, 0.4))
    assert Pin.loads(pin.dumps()) == pin
    assert "splits" not in plain.to_dict()
    assert variant_digest(pin) == plain.variant


def test_without_a_program_there_is_one_template() -> None:
    value = make_pin("p", "m/x").to_dict()
    value["files"] = {"answer.jinja": "a" * 64}
    with pytest.raises(FormatError, match=r"does not name prompt\.jinja"):
        Pin.from_dict(value)


def test_a_pin_keeps_the_order_in_which_a_default_prints() -> None:
    value = {"tone": "terse", "language": "English"}
    pin = make_pin(inputs=default_of(value))
    turned = make_pin(inputs=default_of(dict(reversed(value.items()))))

    assert json.dumps(Pin.loads(pin.dumps()).inputs) == json.dumps(default_of(value))
    assert pin.variant != turned.variant
