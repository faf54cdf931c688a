from __future__ import annotations

import os
import pkgutil
import shutil
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace import Prompt, Registry
from landrace.errors import (
    ExtraInputError,
    FormatError,
    InputTypeError,
    IntegrityError,
    LandraceError,
    MissingInputError,
    NotPinnedError,
    RefusedError,
    RenderError,
    StorageError,
    TemplateError,
    UnknownModelError,
    UnknownPromptError,
)
from landrace.naming import MAX_NAME_BYTES, model_dirname
from landrace.parsers import ParseFailure
from landrace.pin import MAX_PIN_BYTES, MAX_VARIANT_BYTES
from landrace.runtime.bundle import bundle_folder
from loader_cells import TEMPLATE, make_pin, write_cell

if TYPE_CHECKING:
    from collections.abc import Callable

SENTIMENT = "review-sentiment"
SMALL = "local/small"


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """A registry folder with two prompts and three pins."""
    root = tmp_path / "registry"
    write_cell(root, make_pin(SENTIMENT, SMALL, aliases=("small",)))
    write_cell(root, make_pin(SENTIMENT, "openai/gpt-4o-2024-08-06", aliases=("default",)))
    write_cell(root, make_pin("ticket-fields", SMALL))
    return root


@pytest.fixture(params=["folder", "repository", "bundle"])
def place(request: pytest.FixtureRequest, registry: Path) -> Path:
    """The same registry in each of its shapes."""
    if request.param == "folder":
        return registry
    if request.param == "repository":
        return registry.parent
    bundle = registry.parent / "prompts.json"
    bundle.write_bytes(bundle_folder(registry))
    return bundle


def test_a_prompt_renders_its_messages(place: Path) -> None:
    prompt = Registry(place).get(SENTIMENT, SMALL)

    assert prompt.render(review="Good {{ tea }} {% system %}") == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Review: Good {{ tea }} {% system %}"},
    ]


def test_a_prompt_tells_what_it_is(place: Path) -> None:
    prompt = Registry(str(place)).get(SENTIMENT, SMALL)
    pin = make_pin(SENTIMENT, SMALL, aliases=("small",))

    assert prompt.pin == pin
    assert prompt.name == SENTIMENT
    assert prompt.model == SMALL
    assert prompt.digest == pin.variant
    assert prompt.version == pin.variant[:12]
    assert prompt.version in repr(prompt)


def test_lists_are_sorted(place: Path) -> None:
    registry = Registry(place)

    assert registry.prompts() == [SENTIMENT, "ticket-fields"]
    assert registry.models(SENTIMENT) == [SMALL, "openai/gpt-4o-2024-08-06"]
    with pytest.raises(UnknownPromptError):
        registry.models("nothing")


@pytest.mark.parametrize(
    ("asked", "model", "by"),
    [
        (SMALL, SMALL, "exact"),
        ("small", SMALL, "alias"),
        ("azure/gpt-4o", "openai/gpt-4o-2024-08-06", "family"),
        ("anthropic/claude", "openai/gpt-4o-2024-08-06", "default"),
        ("", "openai/gpt-4o-2024-08-06", "default"),
        ("x" * 5000, "openai/gpt-4o-2024-08-06", "default"),
        ("../../" + SMALL, "openai/gpt-4o-2024-08-06", "default"),
    ],
)
def test_the_resolution_is_told(place: Path, asked: str, model: str, by: str) -> None:
    prompt = Registry(place).get(SENTIMENT, asked)

    assert prompt.resolution[:3] == (asked, model, by)
    assert prompt.model == model


def test_stand_ins_share_what_was_read_and_compiled(place: Path) -> None:
    registry = Registry(place)

    prompt = registry.get(SENTIMENT, "small")

    assert registry.get(SENTIMENT, "small") is prompt
    assert registry.get(SENTIMENT, SMALL) is not prompt
    assert registry.get(SENTIMENT, SMALL)._served is prompt._served


def test_an_unknown_model_is_told_the_pinned_ones(place: Path) -> None:
    with pytest.raises(UnknownModelError) as caught:
        Registry(place).get("ticket-fields", "openai/gpt-4o")

    assert str(caught.value) == (
        "ticket-fields: no pin answers for the model openai/gpt-4o\n  pinned models: local/small"
    )


def test_nothing_is_guessed_between_two(registry: Path) -> None:
    write_cell(registry, make_pin("ticket-fields", "a/m:1"))
    write_cell(registry, make_pin("ticket-fields", "a/m:2"))

    with pytest.raises(UnknownModelError, match="guessed between a/m:1 and a/m:2"):
        Registry(registry).get("ticket-fields", "a/m")


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("review-sentimnet", "did you mean `review-sentiment`?"),
        ("zzz", "pinned prompts: review-sentiment, ticket-fields"),
        ("../registry/review-sentiment", "did you mean `review-sentiment`?"),
        ("", "pinned prompts: "),
        (".", "pinned prompts: "),
        ("a\0b", "pinned prompts: "),
        ("x" * 5000, "pinned prompts: "),
    ],
)
def test_an_unknown_prompt_is_told_the_near_ones(place: Path, asked: str, hint: str) -> None:
    with pytest.raises(UnknownPromptError) as caught:
        Registry(place).get(asked, SMALL)

    assert hint in str(caught.value)
    assert caught.value.where == str(place)


@pytest.mark.parametrize("name", [None, 3, b"x", ["x"], Path("x")])
def test_what_is_no_text_is_a_name_of_nothing(place: Path, name: Any) -> None:
    """A variable of the environment that is not set, say."""
    registry = Registry(place)

    with pytest.raises(UnknownModelError, match="which is no text") as caught:
        registry.get(SENTIMENT, name)
    assert caught.value.fix == "pinned models: local/small, openai/gpt-4o-2024-08-06"
    with pytest.raises(UnknownPromptError, match="pinned prompts: review-sentiment"):
        registry.get(name, SMALL)
    with pytest.raises(UnknownPromptError):
        registry.get(name, name)
    with pytest.raises(UnknownPromptError):
        registry.models(name)


def test_an_empty_registry(tmp_path: Path) -> None:
    registry = Registry(tmp_path)

    assert registry.prompts() == []
    with pytest.raises(UnknownPromptError, match="run `landrace optimize` to pin one"):
        registry.get("a", "b")


@given(st.text(), st.text())
def test_no_name_gets_anything_but_a_prompt_or_not_pinned(prompt: str, model: str) -> None:
    with pytest.raises(NotPinnedError):
        Registry(os.path.dirname(__file__)).get(prompt, model)  # noqa: PTH120 - not a fixture


def test_there_is_no_registry(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is no registry here"):
        Registry(tmp_path / "nowhere")


def test_a_prompt_may_be_called_registry(tmp_path: Path) -> None:
    write_cell(tmp_path, make_pin("registry", SMALL))

    assert Registry(tmp_path).prompts() == ["registry"]


@pytest.mark.parametrize("inner", ["notes.txt", "readme/pin.json", "draft/deep/notes.txt"])
def test_what_lies_in_a_folder_called_registry_hides_no_pin(registry: Path, inner: str) -> None:
    stray = registry / "registry" / inner
    stray.parent.mkdir(parents=True)
    stray.write_text("", "utf-8")

    for place in (registry, registry.parent):
        assert Registry(place).get(SENTIMENT, SMALL).render(review="x")


def test_a_pin_in_a_prompts_folder_moves_no_registry(registry: Path) -> None:
    """A repository holds what looks like cells at its top, and a stray pin in its registry."""
    evil = {"prompt.jinja": "{% user %}EVIL {{ review }}{% enduser %}"}
    write_cell(registry.parent, make_pin(SENTIMENT, SMALL, files=evil), evil)
    (registry / "readme").mkdir()
    (registry / "readme" / "pin.json").touch()

    for place in (registry, registry.parent):
        message = Registry(place).get(SENTIMENT, SMALL).render(review="x")[-1]
        assert message["content"] == "Review: x"


@pytest.mark.parametrize("prompt", ["registry", "prompts"])
@pytest.mark.parametrize("repository", ["app", "registry"])
def test_neither_a_prompts_name_nor_a_repositorys_confuses(
    tmp_path: Path, prompt: str, repository: str
) -> None:
    root = tmp_path / repository
    write_cell(root / "registry", make_pin(prompt, SMALL))

    for place in (root, root / "registry"):
        assert Registry(place).prompts() == [prompt]


def test_a_repository_without_pins_serves_none(tmp_path: Path) -> None:
    (tmp_path / "registry").mkdir()
    (tmp_path / "src" / "pins").mkdir(parents=True)

    with pytest.raises(UnknownPromptError):
        Registry(tmp_path).get(SENTIMENT, SMALL)


def test_other_files_are_no_cells(registry: Path) -> None:
    (registry / "README.md").write_text("x", "utf-8")
    (registry / "notes").mkdir()
    (registry / "Not A Prompt" / "m").mkdir(parents=True)
    (registry / "Not A Prompt" / "m" / "pin.json").write_text("{}", "utf-8")
    (registry / SENTIMENT / "draft").mkdir()

    assert Registry(registry).prompts() == [SENTIMENT, "ticket-fields"]
    assert len(Registry(registry).models(SENTIMENT)) == 2


# --- the inputs


def test_wrong_inputs_have_errors_of_their_own(place: Path) -> None:
    prompt = Registry(place).get(SENTIMENT, SMALL)

    with pytest.raises(MissingInputError, match="missing input `review`"):
        prompt.render()
    with pytest.raises(ExtraInputError, match="there is no input `tone`"):
        prompt.render(review="x", tone="y")
    with pytest.raises(InputTypeError, match="`review` is a number, not of type string"):
        prompt.request(review=1)


def test_an_optional_input_is_null_in_the_template(tmp_path: Path) -> None:
    files = {"prompt.jinja": "{{ a }}{% if b is none %} alone{% else %} with {{ b }}{% endif %}"}
    inputs = {
        "type": "object",
        "properties": {"a": {"default": "me"}, "b": {"type": "string"}},
        "required": [],
    }
    write_cell(tmp_path, make_pin(files=files, inputs=inputs), files)
    prompt = Registry(tmp_path).get(SENTIMENT, SMALL)

    assert prompt.render()[0]["content"] == "me alone"
    assert prompt.render(b="you")[0]["content"] == "me with you"


def test_an_input_may_have_any_name(tmp_path: Path) -> None:
    files = {"prompt.jinja": "{{ self }}{{ inputs }}"}
    inputs = {"type": "object", "properties": {"self": {}, "inputs": {}}, "required": ["self"]}
    write_cell(tmp_path, make_pin(files=files, inputs=inputs), files)

    prompt = Registry(tmp_path).get(SENTIMENT, SMALL)

    assert prompt.render(self="a", inputs="b")[0]["content"] == "ab"


# --- the request and the answer


def test_a_request_is_the_arguments_of_a_completion(tmp_path: Path) -> None:
    params = {"temperature": 0, "stop": ["\n"], "model": "never", "messages": []}
    write_cell(tmp_path, make_pin(params=params))
    prompt = Registry(tmp_path).get(SENTIMENT, SMALL)

    request = prompt.request(review="x")

    assert request == {
        "model": SMALL,
        "messages": prompt.render(review="x"),
        "temperature": 0,
        "stop": ["\n"],
    }


def test_a_request_hands_out_no_inner_state(tmp_path: Path) -> None:
    write_cell(tmp_path, make_pin(params={"stop": ["\n"]}))
    prompt = Registry(tmp_path).get(SENTIMENT, SMALL)

    request = prompt.request(review="x")
    request["stop"].append("x")
    request["messages"].clear()

    assert prompt.request(review="x")["stop"] == ["\n"]
    assert prompt.request(review="x")["messages"] == prompt.render(review="x")


def test_the_pinned_parser_reads_the_answer(tmp_path: Path) -> None:
    write_cell(tmp_path, make_pin(parser={"kind": "number"}))
    prompt = Registry(tmp_path).get(SENTIMENT, SMALL)

    assert prompt.parse("It is 42.") == 42
    with pytest.raises(LandraceError) as caught:
        prompt.parse("none")
    assert isinstance(caught.value, ParseFailure)
    assert isinstance(caught.value, ValueError)
    assert caught.value.problem == caught.value.reason == str(caught.value)


def test_an_answer_without_a_text_is_empty(tmp_path: Path) -> None:
    """Providers give None where an answer is filtered, and the gateway scores it as empty."""
    write_cell(tmp_path, make_pin("plain"))
    write_cell(tmp_path, make_pin("number", parser={"kind": "number"}))
    registry = Registry(tmp_path)

    assert registry.get("plain", SMALL).parse(None) == ""
    with pytest.raises(ParseFailure):
        registry.get("number", SMALL).parse(None)


@pytest.mark.parametrize("answer", [3, b"fine", ["fine"], {"content": "fine"}])
def test_what_is_no_text_is_not_parsed(place: Path, answer: Any) -> None:
    prompt = Registry(place).get(SENTIMENT, SMALL)

    with pytest.raises(InputTypeError, match=f"is {type(answer).__name__}, not a text"):
        prompt.parse(answer)


# --- what is not as pinned


def _edit(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        (folder / name).write_bytes(change((folder / name).read_bytes()))

    return edit


def _link_out(name: str) -> Callable[[Path], None]:
    def link(folder: Path) -> None:
        outside = folder.parents[2] / "outside"
        (folder / name).rename(outside)
        (folder / name).symlink_to(outside)

    return link


def _loop(folder: Path) -> None:
    (folder / "pin.json").unlink()
    (folder / "pin.json").symlink_to("pin.json")


def _pipe(folder: Path) -> None:
    (folder / "prompt.jinja").unlink()
    os.mkfifo(folder / "prompt.jinja")


@pytest.mark.parametrize(
    ("damage", "error", "problem"),
    [
        (_edit("prompt.jinja", lambda data: data + b"!"), IntegrityError, "not the one that its"),
        (_edit("prompt.jinja", lambda _: b""), IntegrityError, "not the one that its pin names"),
        (_edit("prompt.jinja", lambda _: b"\xff"), FormatError, "not UTF-8"),
        (lambda folder: (folder / "prompt.jinja").unlink(), IntegrityError, "it is missing"),
        (
            _edit("prompt.jinja", lambda _: b"x" * (MAX_VARIANT_BYTES + 1)),
            FormatError,
            "is larger than",
        ),
        (_pipe, FormatError, "not a regular file"),
        (_link_out("prompt.jinja"), RefusedError, "leads out of the registry"),
        (_link_out("pin.json"), RefusedError, "leads out of the registry"),
        (_loop, StorageError, "cannot be read"),
        (
            _edit("pin.json", lambda data: data.replace(b'"temperature": 0', b'"temperature": 1')),
            IntegrityError,
            "the pin was edited",
        ),
        (_edit("pin.json", lambda data: data[:-20]), FormatError, "not JSON"),
        (_edit("pin.json", lambda _: b"\x00\x01\xff"), FormatError, "not UTF-8"),
        (_edit("pin.json", lambda _: b" " * (MAX_PIN_BYTES + 1)), FormatError, "is larger than"),
        (
            _edit("pin.json", lambda data: data.replace(b'"schema": 1', b'"schema": 2')),
            FormatError,
            "written by a newer landrace",
        ),
        (
            _edit("pin.json", lambda _: make_pin("other").dumps().encode()),
            FormatError,
            "the pin is for other on local/small, and this is the place of",
        ),
    ],
)
def test_damage_is_one_clear_error(
    registry: Path, damage: Callable[[Path], None], error: type[Exception], problem: str
) -> None:
    folder = registry / SENTIMENT / model_dirname(SMALL)
    damage(folder)

    with pytest.raises(error, match=problem) as caught:
        Registry(registry).get(SENTIMENT, SMALL)

    assert str(folder) in str(caught.value)
    assert Registry(registry).get("ticket-fields", SMALL).render(review="unharmed")


def test_a_failed_check_says_what_to_do_and_exits_with_3(registry: Path) -> None:
    _edit("prompt.jinja", lambda _: b"x")(registry / SENTIMENT / model_dirname(SMALL))

    with pytest.raises(IntegrityError) as caught:
        Registry(registry).get(SENTIMENT, SMALL)

    assert caught.value.exit_code == 3
    assert "restore it from git" in str(caught.value)


def test_a_linked_folder_that_leads_out_is_refused(registry: Path, tmp_path: Path) -> None:
    (registry / "ticket-fields").rename(tmp_path / "elsewhere")
    (registry / "ticket-fields").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(RefusedError, match="leads out of the registry"):
        Registry(registry).get("ticket-fields", SMALL)


def test_links_inside_the_registry_and_to_it_are_fine(registry: Path, tmp_path: Path) -> None:
    shared = registry / "shared.jinja"
    file = registry / SENTIMENT / model_dirname(SMALL) / "prompt.jinja"
    file.rename(shared)
    file.symlink_to(shared)
    (tmp_path / "current").symlink_to(registry)

    assert Registry(tmp_path / "current").get(SENTIMENT, SMALL).render(review="x")


def test_a_broken_neighbour_stops_no_exact_answer_but_every_guess(registry: Path) -> None:
    _edit("pin.json", lambda _: b"{")(registry / SENTIMENT / model_dirname(SMALL))
    loader = Registry(registry)

    assert loader.get(SENTIMENT, "openai/gpt-4o-2024-08-06").resolution.by == "exact"
    with pytest.raises(FormatError):
        loader.get(SENTIMENT, "small")


def test_a_crlf_checkout_serves_the_same(tmp_path: Path) -> None:
    files = {
        "prompt.jinja": "{% system %}\na\nb\n{% endsystem %}\n{% user %}{{ review }}{% enduser %}"
    }
    pin = make_pin(files=files)
    write_cell(tmp_path / "lf", pin, files)
    write_cell(tmp_path / "crlf", pin, files, newline="\r\n")

    unix, windows = (Registry(tmp_path / name).get(SENTIMENT, SMALL) for name in ("lf", "crlf"))

    assert windows.pin == unix.pin
    assert windows.render(review="x") == unix.render(review="x")


def test_a_variant_that_cannot_be_rendered(tmp_path: Path) -> None:
    bad = {"prompt.jinja": "{% user %}"}
    lost = {"prompt.jinja": "{{ nothing }}"}
    write_cell(tmp_path, make_pin("bad", files=bad), bad)
    write_cell(tmp_path, make_pin("lost", files=lost), lost)
    registry = Registry(tmp_path)

    with pytest.raises(TemplateError, match="user"):
        registry.get("bad", SMALL).render(review="x")
    with pytest.raises(RenderError, match="nothing"):
        registry.get("lost", SMALL).render(review="x")


def test_every_named_file_is_verified(tmp_path: Path) -> None:
    files = {"prompt.jinja": TEMPLATE, "second.jinja": "x"}
    folder = write_cell(tmp_path, make_pin(files=files), files)
    (folder / "second.jinja").write_text("edited", "utf-8")

    with pytest.raises(IntegrityError) as caught:
        Registry(tmp_path).get(SENTIMENT, SMALL)

    assert caught.value.where == str(folder / "second.jinja")


# --- reading


def test_files_are_read_once_and_only_those_asked_for(
    registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    from landrace.runtime import folder

    def spy(path: str, limit: int) -> bytes:
        read.append(os.path.relpath(path, registry))
        return original(path, limit)

    original = folder._read_regular
    monkeypatch.setattr(folder, "_read_regular", spy)
    loader = Registry(registry)
    assert read == []

    for _ in range(3):
        loader.get(SENTIMENT, SMALL).render(review="x")

    folder = f"{SENTIMENT}/{model_dirname(SMALL)}"
    assert read == [f"{folder}/pin.json", f"{folder}/prompt.jinja"]


def test_what_was_served_stays_when_the_folder_changes(registry: Path) -> None:
    loader = Registry(registry)
    before = loader.get(SENTIMENT, SMALL)
    _edit("prompt.jinja", lambda _: b"x")(registry / SENTIMENT / model_dirname(SMALL))

    assert loader.get(SENTIMENT, SMALL) is before
    assert before.render(review="x")


def test_evidence_of_another_variant_is_not_passed_off(registry: Path) -> None:
    prompt = Registry(registry).get(SENTIMENT, SMALL)
    folder = registry / SENTIMENT / model_dirname(SMALL)
    (folder / "pin.json").write_text(make_pin(SENTIMENT, SMALL, params={}).dumps(), "utf-8")

    with pytest.raises(IntegrityError, match="no longer pins what is served"):
        _ = prompt.pin
    (folder / "pin.json").unlink()
    with pytest.raises(IntegrityError, match="no longer pins what is served"):
        _ = prompt.pin
    assert prompt.request(review="x")


def test_a_switched_link_leaves_a_service_at_the_release_that_it_opened(
    registry: Path, tmp_path: Path
) -> None:
    new = {"prompt.jinja": "Release 2: {{ review }}"}
    write_cell(tmp_path / "releases" / "2", make_pin("ticket-fields", SMALL, files=new), new)
    current = tmp_path / "current"
    current.symlink_to(registry)
    loader = Registry(current)
    before = loader.get(SENTIMENT, SMALL)

    (tmp_path / "next").symlink_to(tmp_path / "releases" / "2")
    (tmp_path / "next").replace(current)

    assert before.pin == make_pin(SENTIMENT, SMALL, aliases=("small",))
    assert loader.prompts() == [SENTIMENT, "ticket-fields"]
    message = loader.get("ticket-fields", SMALL).render(review="x")[-1]
    assert message["content"] == "Review: x"
    message = Registry(current).get("ticket-fields", SMALL).render(review="x")[-1]
    assert message["content"] == "Release 2: x"


def test_a_relative_path_is_one_of_the_working_directory_at_the_start(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(registry.parent)
    loader = Registry(".")
    write_cell(tmp_path / "elsewhere" / "registry", make_pin("other", SMALL))
    monkeypatch.chdir(tmp_path / "elsewhere")

    assert loader.prompts() == [SENTIMENT, "ticket-fields"]
    assert loader.get(SENTIMENT, SMALL).pin == make_pin(SENTIMENT, SMALL, aliases=("small",))


@pytest.mark.parametrize(
    "ask",
    [
        lambda loader: loader.prompts(),
        lambda loader: loader.models(SENTIMENT),
        lambda loader: loader.get(SENTIMENT, "openai/gpt-4o-2024-08-06"),
        lambda loader: loader.get("ticket-fields", SMALL),
    ],
    ids=["prompts", "models", "another model", "another prompt"],
)
def test_a_registry_that_is_gone_is_not_taken_for_one_without_pins(
    registry: Path, ask: Callable[[Registry], object]
) -> None:
    loader = Registry(registry)
    before = loader.get(SENTIMENT, "small")
    shutil.rmtree(registry)

    with pytest.raises(StorageError, match="the registry is no longer there") as caught:
        ask(loader)

    assert caught.value.where == str(registry)
    assert loader.get(SENTIMENT, "small") is before


def test_nothing_is_written(registry: Path) -> None:
    def state() -> list[tuple[str, int]]:
        return sorted((str(path), path.stat().st_mtime_ns) for path in registry.rglob("*"))

    before = state()
    Registry(registry).get(SENTIMENT, "small").render(review="x")

    assert state() == before


def test_made_up_names_do_not_fill_the_memory(
    registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landrace.runtime.registry._MAX_ANSWERS", 10)
    loader = Registry(registry)

    for n in range(100):
        loader.get(SENTIMENT, f"made-up-{n}")

    assert len(loader._answers) <= 10


def test_a_made_up_name_that_is_longer_than_any_pins_is_not_kept(place: Path) -> None:
    loader = Registry(place)
    asked = "y" * (MAX_NAME_BYTES + 1)

    assert loader.get(SENTIMENT, asked).resolution.by == "default"
    assert not loader._answers


def test_many_threads_get_one_prompt_and_compile_it_once(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import landrace.template

    compiled: list[str] = []

    def spy(source: str, *, name: str) -> Any:
        compiled.append(name)
        return original(source, name=name)

    original = landrace.template.compile_template
    monkeypatch.setattr(landrace.template, "compile_template", spy)
    loader = Registry(place)
    threads = 16
    start = threading.Barrier(threads)

    def work(n: int) -> tuple[Prompt, str]:
        start.wait()
        prompt = loader.get(SENTIMENT, [SMALL, "small"][n % 2])
        return prompt, prompt.render(review=str(n))[1]["content"]

    with ThreadPoolExecutor(threads) as pool:
        results = list(pool.map(work, range(threads)))

    assert len({id(prompt) for prompt, _ in results}) == 2
    assert [content for _, content in results] == [f"Review: {n}" for n in range(threads)]
    assert compiled == [f"{SENTIMENT}/{SMALL}/prompt.jinja"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize(
    "step", ["landrace.runtime.registry.load_cell", "landrace.template.compile_template"]
)
def test_a_forked_worker_waits_for_no_thread_of_its_parent(
    place: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """A server that loads its application first forks workers while a thread may be in here."""
    inside, leave = threading.Event(), threading.Event()

    def paused(*args: Any, **options: Any) -> Any:
        if threading.current_thread() is thread:
            inside.set()
            leave.wait()
        return original(*args, **options)

    original = pkgutil.resolve_name(step)
    monkeypatch.setattr(step, paused)
    loader = Registry(place)
    thread = threading.Thread(target=lambda: loader.get("ticket-fields", SMALL).render(review="x"))
    thread.start()
    inside.wait()

    worker = os.fork()
    if not worker:
        _exit_after(lambda: loader.get(SENTIMENT, SMALL).render(review="x"))
    leave.set()
    thread.join()

    assert os.waitpid(worker, 0)[1] == 0


def _exit_after(work: Callable[[], object]) -> NoReturn:
    """Ends a forked process: well if ``work`` returns, and not so if it raises or never ends."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(20)
    status = 1
    try:
        work()
        status = 0
    finally:
        os._exit(status)
