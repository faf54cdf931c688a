"""Remembered hashes are those that a full reading would give."""

from __future__ import annotations

import json

import pytest
from worlds import CONFIG

from landrace.errors import FormatError, RefusedError
from landrace.store.project import Project
from landrace.workflows import fingerprints
from landrace.workflows.fingerprints import MEMORY, FingerprintsOf
from repositories import write_prompt

GRADER = "def score(inputs, expected, output, answer):\n    return {}\n"
PROGRAM = {
    "program": {
        "nodes": {
            "notes": {"retrieve": {"from": "notes.jsonl", "query": "word", "count": 1}},
            "colour": {"generate": {"template": "prompt.jinja"}},
        },
        "output": "colour",
    }
}


SHADES = {
    **CONFIG.model_dump(mode="json", by_alias=True, exclude_unset=True),
    "description": "Words have shades.",
}


@pytest.fixture
def root(tmp_path):
    write_prompt(tmp_path)
    return tmp_path


def configure(root, **changes):
    config = CONFIG.model_dump(mode="json", by_alias=True, exclude_unset=True)
    (root / "prompts/colours/prompt.yaml").write_text(json.dumps({**config, **changes}))


def known(root):
    """What a run is told, which remembers it for the next."""
    found = FingerprintsOf(Project(root))
    result = found("colours")
    found.save()
    return result


def read_anew(root):
    (root / MEMORY).unlink(missing_ok=True)
    return known(root)


@pytest.fixture
def full_readings(monkeypatch):
    """Counts how often a prompt is read in full."""
    read, count = fingerprints.prompt_state, []

    def counted(source):
        count.append(source.name)
        return read(source)

    monkeypatch.setattr(fingerprints, "prompt_state", counted)
    return count


def with_program(root):
    folder = root / "prompts/colours"
    (folder / "notes.jsonl").write_text('{"text": "a word"}\n')
    configure(root, **PROGRAM)


@pytest.mark.parametrize("change", [configure, with_program])
def test_what_is_unchanged_is_not_read_again(root, full_readings, change):
    change(root)
    first = known(root)
    assert known(root) == first == known(root)
    assert full_readings == ["colours"]
    assert read_anew(root) == first


def with_grader(root):
    (root / "grader.py").write_text(GRADER.format(1))
    configure(root, metrics=[{"metric": "python", "function": "grader.py:score"}])
    return root / "grader.py", GRADER.format(0)


def with_rubric(root):
    (root / "rubric.md").write_text("Be strict.")
    configure(
        root, metrics=[{"metric": "llm_judge", "model": "fake/judge", "rubric_file": "rubric.md"}]
    )
    return root / "rubric.md", "Be lenient."


def with_partial(root):
    (root / "prompts/_shared").mkdir()
    (root / "prompts/_shared/_tone.jinja").write_text("Be kind.")
    template = root / "prompts/colours/prompt.jinja"
    template.write_text('{% include "_tone.jinja" %}\n' + template.read_text())
    return root / "prompts/_shared/_tone.jinja", "Be rude."


def with_partial_beside_a_link(root):
    found = with_partial(root)
    (root / "prompts/_shared/link").symlink_to(root)
    return found


def with_corpus(root):
    with_program(root)
    return root / "prompts/colours/notes.jsonl", '{"text": "another word"}\n'


@pytest.mark.parametrize(
    "kind", [with_grader, with_rubric, with_partial, with_partial_beside_a_link, with_corpus]
)
def test_what_stands_in_another_file_is_never_remembered_wrongly(root, kind):
    file, changed = kind(root)
    before = known(root)
    file.write_text(changed)
    after = known(root)
    assert after.fingerprints != before.fingerprints
    assert after == read_anew(root)


def test_a_link_in_the_place_of_a_file_is_refused_though_it_leads_to_the_same(root):
    known(root)
    template = root / "prompts/colours/prompt.jinja"
    template.rename(root / "elsewhere.jinja")
    template.symlink_to(root / "elsewhere.jinja")
    with pytest.raises(RefusedError, match="symbolic links"):
        known(root)


def test_another_version_reads_anew(root, full_readings, monkeypatch):
    known(root)
    monkeypatch.setattr(fingerprints, "__version__", "another")
    known(root)
    assert len(full_readings) == 2


def test_a_prompt_that_has_become_wrong_is_an_error_and_the_memory_stays(root):
    before = known(root)
    text = (root / "prompts/colours/prompt.yaml").read_text()
    (root / "prompts/colours/prompt.yaml").write_text("{}")
    with pytest.raises(FormatError):
        known(root)
    (root / "prompts/colours/prompt.yaml").write_text(text)
    assert known(root) == before


GONE = object()


def with_one(**changes):
    """A memory of which one entry is changed; `GONE` takes a key out, and no other is."""

    def change(text):
        entry = {**json.loads(text)["colours"], **changes}
        return json.dumps({"colours": {k: v for k, v in entry.items() if v is not GONE}})

    return change


@pytest.mark.parametrize(
    "damage",
    [
        lambda _text: "",
        lambda text: text[:-9],
        lambda _text: "[" * 100_000,
        lambda _text: "\udcff",
        lambda _text: "[]",
        lambda _text: "1",
        lambda _text: '{"colours": 1}',
        lambda _text: '{"colours": {}}',
        with_one(key=1),
        with_one(key=GONE),
        with_one(config=GONE),
        with_one(config={"description": "half of it"}),
        with_one(fingerprints=GONE),
        with_one(fingerprints={"template": "a"}),
        with_one(fingerprints={"template": 1, "eval_set": "", "split_seed": 0, "metrics": ""}),
        with_one(fingerprints=["a", "b"]),
        with_one(fingerprints={"template": "", "eval_set": "", "split_seed": 0, "metrics": ""}),
        with_one(config=SHADES),
        with_one(digest=GONE),
        with_one(digest="0" * 64),
        with_one(parts=[]),
        with_one(parts={"graph": {}}),
        with_one(more=1),
    ],
)
def test_a_damaged_memory_is_as_good_as_none(root, damage):
    good = known(root)
    path = root / MEMORY
    text = path.read_text()
    path.write_bytes(damage(text).encode("utf-8", "surrogateescape"))
    assert known(root) == good
    assert path.read_text() == text, "it is mended, too"


@pytest.mark.parametrize("obstacle", [".landrace", MEMORY])
def test_what_cannot_be_remembered_is_read_anew(root, full_readings, obstacle):
    if obstacle == MEMORY:
        (root / MEMORY).mkdir(parents=True)
    else:
        (root / obstacle).write_text("")
    assert known(root) == known(root)
    assert len(full_readings) == 2


def test_what_is_damaged_takes_nothing_else_with_it(root, full_readings):
    write_prompt(root, "shades")
    found = FingerprintsOf(Project(root))
    shades = found("shades")
    found("colours")
    found.save()
    memory = json.loads((root / MEMORY).read_text())
    (root / MEMORY).write_text(json.dumps({**memory, "colours": {}}))
    again = FingerprintsOf(Project(root))
    assert again("shades") == shades
    again("colours")
    assert full_readings == ["shades", "colours", "colours"]
