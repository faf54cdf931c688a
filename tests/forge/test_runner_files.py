from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge.outputs import read_outputs
from landrace.errors import StorageError
from landrace.forge.runner import Runner

MIB = 1 << 20


@pytest.fixture
def files(tmp_path):
    return {
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }


def test_outputs_are_what_the_runner_reads(files, tmp_path):
    runner = Runner(files)
    runner.set_outputs({"verdict": "PASS", "result_json": '{"a": "b=c<<d"}', "empty": ""})
    runner.set_outputs({"cost_usd": "0.12", "verdict": "FAIL"})

    assert read_outputs(tmp_path / "output") == {
        "verdict": "FAIL",
        "result_json": '{"a": "b=c<<d"}',
        "empty": "",
        "cost_usd": "0.12",
    }


HOSTILE = [
    "x\nsecret_word=1",
    "x\nEOF\nverdict=PASS",
    "x\nverdict<<landrace_0\nPASS\nlandrace_0",
    "x\r\nverdict=PASS",
    "x\rverdict=PASS",
    "\n\nverdict=PASS\n",
    "x\u2028verdict=PASS",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_sets_no_other_output(files, tmp_path, value):
    Runner(files).set_outputs({"verdict": "FAIL", "reason": value})
    found = read_outputs(tmp_path / "output")
    assert set(found) == {"verdict", "reason"}
    assert found["verdict"] == "FAIL"


@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,8}", fullmatch=True), st.text(), max_size=4
    )
)
def test_any_values_come_back_by_their_names(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("outputs") / "output"
    path.touch()
    Runner({"GITHUB_OUTPUT": str(path)}).set_outputs(values)
    found = read_outputs(path)
    assert set(found) == set(values)


@given(st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters=":#")))
def test_ordinary_text_comes_back_unchanged(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("outputs") / "output"
    Runner({"GITHUB_OUTPUT": str(path)}).set_outputs({"value": value})
    assert read_outputs(path) == {"value": value}


def test_an_echoed_value_is_no_command_and_no_secret(files, tmp_path):
    secret = "s3cr3t/value+with=signs"
    value = (
        f"::set-output name=x::1\n  ::error::boo\n##[add-mask]x \x1b[31m{secret} sk-ant-{'x' * 30}"
    )
    Runner({**files, "APP_TOKEN": secret}).set_outputs({"reason": value})

    found = read_outputs(tmp_path / "output")["reason"]
    assert not any(line.lstrip().startswith("::") for line in found.splitlines())
    for text in ("##[", "\x1b", secret, "sk-ant-"):
        assert text not in found


def test_words_between_which_a_value_stands_are_new_each_time(files, tmp_path):
    Runner(files).set_outputs({"a": "1", "b": "2"})
    first, _, _, second, _, _ = (tmp_path / "output").read_text().splitlines()
    words = {first.partition("<<")[2], second.partition("<<")[2]}
    assert len(words) == 2
    assert all(len(word) > 40 for word in words)


@pytest.mark.parametrize("name", ["", "a b", "a=b", "a<<b", "a\nb", "1a", "é"])
def test_a_name_is_a_word(files, name):
    with pytest.raises(ValueError, match="not the name of an output"):
        Runner(files).set_outputs({name: "x"})


def test_a_line_of_another_step_without_its_end_stays_whole(files, tmp_path):
    (tmp_path / "output").write_text("other=1")
    Runner(files).set_outputs({"verdict": "PASS"})
    assert read_outputs(tmp_path / "output") == {"other": "1", "verdict": "PASS"}


def test_outside_of_a_runner_nothing_is_written(tmp_path):
    runner = Runner({})
    runner.set_outputs({"verdict": "PASS"})
    runner.add_summary("# Fine")
    assert list(tmp_path.iterdir()) == []


def test_a_summary_is_appended(files, tmp_path):
    runner = Runner(files)
    runner.add_summary("# One")
    runner.add_summary("# Two\n")
    assert (tmp_path / "summary.md").read_text() == "# One\n# Two\n"


def test_a_summary_keeps_no_secret_and_no_control(files, tmp_path):
    runner = Runner({**files, "LLM_API_KEY": "abcdefgh-and-more"})
    runner.add_summary("the key abcdefgh-and-more and \x1b[31m red \u202e\n日本語 👩\u200d🚀")
    assert (tmp_path / "summary.md").read_text() == (
        "the key [redacted] and \\u001b[31m red \\u202e\n日本語 👩\u200d🚀\n"
    )


def test_a_summary_is_cut_at_a_line_before_the_limit(files, tmp_path):
    runner = Runner(files)
    runner.add_summary("first\n" + "naïve line\n" * 200_000)
    text = (tmp_path / "summary.md").read_text()

    assert len(text.encode()) <= MIB
    assert len(text.encode()) > MIB - 200
    assert text.startswith("first\n")
    assert text.endswith("naïve line\n\n\n*The rest does not fit: a runner takes 1 MiB.*\n")

    runner.add_summary("more\n" * 1000)
    assert (tmp_path / "summary.md").stat().st_size <= MIB


def test_what_another_step_wrote_counts_too(files, tmp_path):
    (tmp_path / "summary.md").write_bytes(b"x" * (MIB - 100))
    Runner(files).add_summary("line\n" * 100)
    text = (tmp_path / "summary.md").read_text()
    assert len(text) <= MIB
    assert "does not fit" in text


@pytest.mark.parametrize("name", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"])
def test_a_file_that_cannot_be_written_is_named(tmp_path, name):
    runner = Runner({name: str(tmp_path / "nowhere" / "file")})
    act = runner.set_outputs if name == "GITHUB_OUTPUT" else runner.add_summary
    with pytest.raises(StorageError, match="runner's file") as caught:
        act({"a": "b"} if name == "GITHUB_OUTPUT" else "text")
    assert caught.value.where == str(tmp_path / "nowhere" / "file")


def test_a_device_is_no_file_to_append_to(files):
    if not os.path.exists("/dev/full"):  # noqa: PTH110 - a device
        pytest.skip("this system has no full device")
    with pytest.raises(StorageError):
        Runner({**files, "GITHUB_OUTPUT": "/dev/full"}).set_outputs({"a": "b"})
