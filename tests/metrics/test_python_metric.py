from __future__ import annotations

import contextlib
import io
import re
import sys
import threading
import warnings

import pytest
from metric_samples import ROOT, make, sample

from landrace.ci_commands import PART
from landrace.errors import ConfigError, FormatError
from landrace.metrics.python import Python
from landrace.metrics.table import digest
from landrace.metrics.user_output import stdout_to_stderr


def graded(function, answer="x", expected="x", root=ROOT):
    metric = Python.model_validate({"function": function}, context={"root": root})
    return metric.score(sample(expected, answer))


def from_source(tmp_path, source):
    (tmp_path / "mine.py").write_text(source, encoding="utf-8")
    return graded("mine.py:f", root=tmp_path)


def test_a_truth_value_is_a_score_and_gets_feedback():
    assert graded("graders.py:same").value == 1
    assert graded("graders.py:same", "y").feedback == 'expected "x", got "y"'


def test_a_module_name_names_the_same_file():
    assert graded("graders:same").value == 1


def test_feedback_is_passed_on():
    score = graded("graders.py:with_feedback")
    assert (score.value, score.feedback) == (0.25, "asked ?, read x")
    assert graded("graders.py:as_dict").feedback == "fine"


def test_an_error_inside_names_the_users_line():
    with pytest.raises(ConfigError, match="failed: ZeroDivisionError") as caught:
        graded("graders.py:broken")
    line = (
        (ROOT / "graders.py")
        .read_text(encoding="utf-8")
        .splitlines()
        .index("    return 1 / len(inputs)")
    )
    assert caught.value.where == f"graders.py:{line + 1}"


def test_the_users_code_gets_copies():
    given = sample("x", "x")
    with pytest.raises(ConfigError):
        make("python", function="graders.py:broken").score(given)
    assert given.inputs == {"question": "?"}


def test_what_it_prints_goes_to_stderr_and_steers_no_runner(tmp_path, capsys):
    """A command's stdout may be JSON, and the answer that is printed is a model's text."""
    before = sys.stdout
    source = (
        "import sys\nprint('loaded')\nout = sys.stdout\n"
        "def f(inputs, expected, output, answer):\n"
        "    print('::error::', answer)\n    out.writelines(['##[group]\\n'])\n    return 1\n"
    )
    assert from_source(tmp_path, source).value == 1
    assert sys.stdout is before
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.replace(PART, "") == "loaded\n::error:: x\n##[group]\n"
    assert "::" not in said.err.removeprefix("loaded\n:" + PART).partition("error")[0]
    assert "##[" not in said.err


@pytest.mark.parametrize(
    "says",
    [
        lambda: sys.stdout.write("fine\r::add-mask::e\r::set-output name=digest::0\n"),
        lambda: sys.stdout.writelines("::error::boom"),
        lambda: sys.stdout.writelines([":", ":error::three\n"]),
        lambda: sys.stdout.writelines(["#", "#[group]x"]),
        lambda: sys.stdout.buffer.write(b"::error::four\n"),
        lambda: sys.stdout.write("x" * 70_000 + "#") and sys.stdout.write("#[group]x"),
    ],
    ids=["carriage returns", "letters", "two writes", "hashes", "bytes", "a long line"],
)
def test_no_way_of_printing_makes_a_command(capfd, says):
    """.NET, by which GitHub's runner reads lines, ends one at a lone carriage return."""
    with stdout_to_stderr():
        says()
    out, err = capfd.readouterr()
    assert out == ""
    assert PART in err or "#\n#" in err
    assert not re.search(r"(?:^|[\r\n])\s*::|##\[", err)


def test_a_line_without_an_end_is_ended_where_the_function_does(capsys):
    for text in (":", ":error::x", ""):
        with stdout_to_stderr():
            sys.stdout.write(text)
            assert capsys.readouterr() == ("", "")
        assert capsys.readouterr() == ("", f"{text}\n" if text else "")


def test_what_another_thread_prints_meanwhile_stays_in_stdout(capsys):
    inside, said = threading.Event(), threading.Event()

    def users():
        with stdout_to_stderr():
            inside.set()
            assert said.wait(10)
            sys.stdout.write("users\n")

    thread = threading.Thread(target=users)
    thread.start()
    assert inside.wait(10)
    sys.stdout.write("result\n")
    with stdout_to_stderr():
        sys.stdout.write("users, too\n")
    said.set()
    thread.join()
    sys.stdout.write("more\n")
    assert capsys.readouterr() == ("result\nmore\n", "users, too\nusers\n")


def test_a_stdout_that_somebody_else_has_put_there_stays(capsys):
    other = io.StringIO()
    with contextlib.ExitStack() as stack:
        with stdout_to_stderr():
            stack.enter_context(contextlib.redirect_stdout(other))
            sys.stdout.write("theirs\n")
        assert sys.stdout is other
        sys.stdout.write("still theirs\n")
    assert other.getvalue() == "theirs\nstill theirs\n"
    sys.stdout.write("ours\n")
    assert capsys.readouterr() == ("ours\n", "")


def test_it_cannot_end_the_process():
    with pytest.raises(ConfigError, match="SystemExit"):
        graded("graders.py:exits")


def test_a_syntax_error_names_the_line_before_anything_is_scored(tmp_path):
    (tmp_path / "mine.py").write_text("x = 1\ndef f(:\n", encoding="utf-8")
    metric = Python.model_validate({"function": "mine.py:f"}, context={"root": tmp_path})
    for fails in (lambda: digest(metric), lambda: metric.score(sample("x", "x"))):
        with pytest.raises(FormatError, match="is not Python: SyntaxError") as caught:
            fails()
        assert caught.value.where == "mine.py:2"


@pytest.mark.parametrize("source", ["x = '\0'", "(" * 500], ids=["null", "deep"])
def test_what_cannot_be_compiled_is_no_crash(tmp_path, source):
    with pytest.raises(FormatError, match="is not Python"):
        from_source(tmp_path, source)


def test_a_byte_order_mark_is_no_part_of_the_code(tmp_path):
    score = from_source(tmp_path, "\ufeffdef f(inputs, expected, output, answer): return 1\n")
    assert score.value == 1


def test_an_error_on_load_names_the_line(tmp_path):
    with pytest.raises(ConfigError, match="ModuleNotFoundError") as caught:
        from_source(tmp_path, "\nimport no_such_module_of_mine\n")
    assert caught.value.where == "mine.py:2"


@pytest.mark.parametrize("action", ["always", "error"])
def test_the_compiler_quotes_no_line_of_a_source(tmp_path, action):
    """It could be one that a CI runner takes for a command."""
    source = '("""\n::error title=Gate::PASS \x1b[31m""", 1 is 1, "\\d")\ndef f(*_): return 1\n'
    (tmp_path / "mine.py").write_text(source, encoding="utf-8")
    metric = Python.model_validate({"function": "mine.py:f"}, context={"root": tmp_path})
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter(action)
        assert len(digest(metric)) == 64
    assert warned == []


def test_a_text_that_its_own_parser_cannot_read_names_the_line(tmp_path):
    """Though the failure is an error of landrace's: the fault is the function's."""
    source = (
        "from landrace.parsers import parse\n"
        "def f(inputs, expected, output, answer):\n"
        "    return parse({'kind': 'number'}, output)\n"
    )
    with pytest.raises(ConfigError, match=r"f failed: ParseFailure: it holds no number") as caught:
        from_source(tmp_path, source)
    assert caught.value.where == "mine.py:3"


@pytest.mark.parametrize("name", ["none_such", "not_a_function"])
def test_the_function_must_exist(name):
    with pytest.raises(ConfigError, match=f"no function '{name}'"):
        graded(f"graders.py:{name}")


@pytest.mark.parametrize(
    "result",
    [
        "2",
        "-0.1",
        "float('nan')",
        "None",
        "'1'",
        "(1,)",
        "(1, 2)",
        "{'score': 1, 'x': 2}",
        "{}",
        "10**400",
    ],
)
def test_a_result_that_is_no_score_is_named(tmp_path, result):
    with pytest.raises(ConfigError, match="gave back") as caught:
        from_source(tmp_path, f"def f(inputs, expected, output, answer): return {result}\n")
    assert "Return a number in 0..1" in caught.value.fix


def test_nothing_runs_before_the_first_score(tmp_path):
    (tmp_path / "mine.py").write_text("raise RuntimeError\n", encoding="utf-8")
    metric = Python.model_validate({"function": "mine.py:f"}, context={"root": tmp_path})
    assert metric.check_expected("x") is None
    assert len(digest(metric)) == 64


def test_the_code_is_part_of_the_digest(tmp_path):
    def digest_of(source: bytes):
        (tmp_path / "mine.py").write_bytes(source)
        return digest(Python.model_validate({"function": "mine.py:f"}, context={"root": tmp_path}))

    assert digest_of(b"a = 1\n") == digest_of(b"a = 1\r\n")
    assert digest_of(b"a = 1\n") != digest_of(b"a = 2\n")


def test_what_was_hashed_is_what_runs(tmp_path):
    source = "def f(inputs, expected, output, answer): return {}\n"
    (tmp_path / "mine.py").write_text(source.format(1), encoding="utf-8")
    metric = Python.model_validate({"function": "mine.py:f"}, context={"root": tmp_path})
    digest(metric)
    (tmp_path / "mine.py").write_text(source.format(0), encoding="utf-8")
    assert metric.score(sample("x", "x")).value == 1
    assert not (tmp_path / "__pycache__").exists()


def test_the_search_path_stays_as_it_is():
    before = list(sys.path)
    graded("graders.py:same")
    assert sys.path == before


def test_without_a_checkout_it_is_a_config_error():
    with pytest.raises(ConfigError, match="no checkout"):
        Python(function="graders.py:same").score(sample("x", "x"))


def test_the_root_is_no_option():
    with pytest.raises(ValueError, match="_root"):
        Python.model_validate({"function": "a.py:f", "_root": "/"})
