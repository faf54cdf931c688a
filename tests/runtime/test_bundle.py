from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.digest import text_digest
from landrace.errors import FormatError, IntegrityError, StorageError
from landrace.naming import model_dirname
from landrace.pin import MAX_VARIANT_BYTES
from landrace.runtime.bundle import Bundle, bundle_folder, make_bundle
from landrace.runtime.cell import load_cell
from loader_cells import TEMPLATE, make_pin, write_cell

if TYPE_CHECKING:
    from pathlib import Path

    from landrace.pin import Pin


def files_of(*pins: Pin, texts: dict[str, str] | None = None) -> dict[str, bytes]:
    files = {}
    for pin in pins:
        folder = f"{pin.prompt}/{model_dirname(pin.model.id)}"
        files[f"{folder}/pin.json"] = pin.dumps().encode()
        for name, text in (texts or {"prompt.jinja": TEMPLATE}).items():
            files[f"{folder}/{name}"] = text.encode()
    return files


PINS = (make_pin("a", "local/x"), make_pin("a", "openai/GPT-4o"), make_pin("b", "local/x"))


def test_a_bundle_holds_what_the_folder_holds(tmp_path: Path) -> None:
    for pin in PINS:
        write_cell(tmp_path / "registry", pin)

    bundle = Bundle(bundle_folder(tmp_path / "registry"), "prompts.json")

    assert bundle.prompts() == ["a", "b"]
    assert bundle.models("a") == ["local/x", "openai/GPT-4o"]
    assert bundle.models("c") == []
    for pin in PINS:
        cell = load_cell(bundle, pin.prompt, pin.model.id)
        assert cell is not None
        assert cell.pin == pin
        assert cell.files == {"prompt.jinja": TEMPLATE}


def test_what_a_bundle_does_not_hold() -> None:
    bundle = Bundle(make_bundle(files_of(*PINS)), "prompts.json")

    assert bundle.pin("a", "local/y") is None
    assert bundle.pin("c", "local/x") is None
    assert bundle.text("a", "local/x", "other.jinja") is None
    assert bundle.text("c", "local/x", "prompt.jinja") is None


def test_the_layout_is_the_documented_one() -> None:
    content = json.loads(make_bundle(files_of(PINS[0])))

    assert list(content) == ["landrace_bundle", "digest", "cells"]
    assert content["landrace_bundle"] == 1
    assert content["cells"] == {
        "a": {"local/x": {"pin": PINS[0].to_dict(), "files": {"prompt.jinja": TEMPLATE}}}
    }


def test_equal_registries_give_equal_bytes(tmp_path: Path) -> None:
    for pin in reversed(PINS):
        write_cell(tmp_path, pin, newline="\r\n")
    folder = tmp_path / "a" / model_dirname("local/x")
    (folder / "report.md").write_text("for people", "utf-8")
    (tmp_path / "README.md").write_text("no cell", "utf-8")
    files = files_of(*PINS)

    assert bundle_folder(tmp_path) == make_bundle(files)
    assert make_bundle(dict(reversed(files.items()))) == make_bundle(files)


def test_an_empty_registry_makes_an_empty_bundle() -> None:
    assert Bundle(make_bundle({}), "prompts.json").prompts() == []


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_survives(text: str) -> None:
    files = {"prompt.jinja": text}
    pin = make_pin("a", "local/x", files=files)

    bundle = Bundle(make_bundle(files_of(pin, texts=files)), "prompts.json")
    cell = load_cell(bundle, "a", "local/x")

    assert cell is not None
    assert text_digest(cell.files["prompt.jinja"]) == text_digest(text)
    assert "\r" not in cell.files["prompt.jinja"]


@pytest.mark.parametrize(
    ("change", "error", "problem"),
    [
        ({"prompt.jinja": b"edited"}, IntegrityError, "not the one that its pin names"),
        ({"prompt.jinja": None}, IntegrityError, "it is missing"),
        ({"prompt.jinja": b"\xff"}, FormatError, "not UTF-8"),
        ({"prompt.jinja": b"x" * (MAX_VARIANT_BYTES + 1)}, FormatError, "is larger than"),
        ({"pin.json": b"{}"}, FormatError, "`schema` is missing"),
        ({"pin.json": PINS[2].dumps().encode()}, FormatError, "the pin is for b on local/x"),
    ],
)
def test_nothing_broken_gets_into_a_bundle(
    change: dict[str, bytes | None], error: type[Exception], problem: str
) -> None:
    files: dict[str, Any] = files_of(PINS[0])
    for name, data in change.items():
        path = f"a/{model_dirname('local/x')}/{name}"
        del files[path]
        if data is not None:
            files[path] = data

    with pytest.raises(error, match=problem):
        make_bundle(files)


def test_a_formatted_bundle_is_as_good() -> None:
    content = json.loads(make_bundle(files_of(*PINS)))
    content = dict(reversed(content.items()))
    formatted = json.dumps(content, indent=4, ensure_ascii=False).replace("\n", "\r\n")

    assert Bundle(formatted.encode(), "prompts.json").prompts() == ["a", "b"]


def test_a_byte_order_mark_does_no_harm() -> None:
    bundle = Bundle(codecs.BOM_UTF8 + make_bundle(files_of(*PINS)), "prompts.json")

    cell = load_cell(bundle, "b", "local/x")
    assert cell is not None
    assert cell.pin == PINS[2]


@pytest.mark.parametrize("path", ["files", "pin", "model", "prompt"])
def test_any_change_is_refused(path: str) -> None:
    content = json.loads(make_bundle(files_of(*PINS)))
    cells = content["cells"]
    if path == "files":
        cells["a"]["local/x"]["files"]["prompt.jinja"] += " "
    elif path == "pin":
        cells["a"]["local/x"]["pin"]["inflation"] = 0
    elif path == "model":
        del cells["a"]["local/x"]
    else:
        cells["c"] = cells.pop("b")

    with pytest.raises(IntegrityError, match="not what its digest says") as caught:
        Bundle(json.dumps(content).encode(), "prompts.json")

    assert caught.value.where == "prompts.json"
    assert caught.value.exit_code == 3


GOOD = make_bundle({}).decode()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not JSON"),
        ("[]", "not JSON: Expecting '{'"),
        ("{", "not JSON"),
        ("{}", "`landrace_bundle` is missing"),
        (GOOD[:-2], "not JSON"),
        (GOOD + "{}", "there is more after its end"),
        (GOOD.replace('"cells": {}', '"cells": []'), "not JSON: Expecting '{'"),
        (GOOD.replace('"cells": {}', '"cells": {"a": 1}'), "not JSON: Expecting '{'"),
        (GOOD.replace('"cells": {}', '"cells": {"a": {"b": 1}}'), "`cells.a.b` is a number"),
        (GOOD.replace('"cells": {}', '"cells": {"a": {"b": {}}}'), "`cells.a.b.pin` is missing"),
        (GOOD.replace('"cells": {}', '"cells": {}, "cells": {}'), "'cells' is no key, or stands"),
        (GOOD.replace('"cells": {}', '"cells": {1: {}}'), "1 is no key"),
        (GOOD.replace('"cells": {}', '"cells": {"a" {}}'), "Expecting ':'"),
        (GOOD.replace('"cells": {}', '"cells": {"a": {} "b": {}}'), "Expecting ','"),
        (GOOD.replace('"cells": {}', '"cells": {"a": {},}'), "not JSON"),
        (GOOD.replace('"cells"', '"sells"'), "`sells` is not a known key"),
        (re.sub(r'"digest": "\w+"', '"digest": "abc"', GOOD), "`digest` is not a SHA-256"),
        (GOOD.replace("1,", "2,").replace("{}", "[1]"), "was written by a newer landrace"),
        (GOOD.replace("1,", '"1",'), "`landrace_bundle` is a string"),
        (GOOD.replace("{}", '{"a": {"b": ' + "[" * 100_000), "nested too deeply"),
    ],
    ids=lambda text: text[:40],
)
def test_a_file_that_is_no_bundle(text: str, problem: str) -> None:
    with pytest.raises(FormatError, match=re.escape(problem)):
        Bundle(text.encode(), "prompts.json")


def test_binary_is_no_bundle() -> None:
    with pytest.raises(FormatError, match="not UTF-8"):
        Bundle(b"\x80\x00", "prompts.json")


@given(st.binary(max_size=200) | st.text('{}[]":, \nab1', max_size=30).map(str.encode))
def test_no_bytes_get_anything_but_a_bundle_or_a_format_error(data: bytes) -> None:
    with pytest.raises(FormatError):
        Bundle(data, "prompts.json")


def test_a_bundle_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        Bundle.read(str(tmp_path / "prompts.json"))


def test_a_bundle_that_is_endless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landrace.runtime.bundle.MAX_BUNDLE_BYTES", 10)
    path = tmp_path / "prompts.json"
    path.write_bytes(b" " * 11)

    with pytest.raises(FormatError, match="larger than 10 bytes"):
        Bundle.read(str(path))
