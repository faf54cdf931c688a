"""A metric of the user's own: a function in a file of the repository."""

from __future__ import annotations

import contextlib
import copy
import sys
import threading
import traceback
import warnings
from functools import cached_property
from numbers import Real
from pathlib import Path  # noqa: TC003 - pydantic reads the annotation of the private attribute
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic import Field, PrivateAttr

from landrace.digest import text_digest
from landrace.errors import ConfigError, FormatError, LandraceError, ParseFailure
from landrace.metrics.base import AnswerMetric
from landrace.metrics.files import read_inside
from landrace.metrics.text import quote
from landrace.metrics.user_output import stdout_to_stderr
from landrace.schemas.score import Score

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from landrace.metrics.base import Sample

_LOCK = threading.Lock()


class Python(AnswerMetric):
    """The score that a function gives: `score(inputs, expected, output, answer)`.

    `output` is the raw text, `answer` what the parser made of it. The function returns a
    number in 0..1, a truth value, `(number, feedback)` or `{"score": ..., "feedback": ...}`.
    Its file is one module without siblings: it may import the standard library and installed
    packages, nothing else of the repository, so that its hash stands for all it does.
    """

    function: str = Field(
        pattern=r"^[^:]+:[A-Za-z_]\w*$",
        description="`folder/file.py:function` or `package.module:function`, from the "
        "repository's root.",
    )
    _root: Path | None = PrivateAttr(default=None)

    def model_post_init(self, context: Any, /) -> None:
        # The root is no option: whoever may write the options must not choose it.
        self._root = (context or {}).get("root")

    def identity(self) -> dict[str, Any]:
        # Who pays for answers asks for the identity first, which is the time to tell of a slip.
        _ = self._code
        return {**super().identity(), "sha256": text_digest(self._source)}

    def score_answer(self, sample: Sample) -> Score:
        # The function gets copies: what it does to them must not reach other metrics.
        arguments = copy.deepcopy((sample.inputs, sample.expected, sample.output, sample.answer))
        try:
            with stdout_to_stderr():
                result = self._function(*arguments)
        except ParseFailure as error:  # of a parser that the function calls
            self._fail(error)
        except LandraceError:  # the file could not be read, or is not Python
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - it is the user's code
            self._fail(error)
        score = self._score(result)
        if score.value < 1 and not score.feedback:
            got = f"expected {quote(sample.expected)}, got {quote(sample.answer)}"
            return Score(score.value, got)
        return score

    @property
    def _file(self) -> str:
        module = self.function.partition(":")[0]
        return module if module.endswith(".py") else module.replace(".", "/") + ".py"

    @cached_property
    def _source(self) -> str:
        return read_inside(self._root, self._file)

    @cached_property
    def _code(self) -> CodeType:
        try:
            with _without_warnings():
                return compile(self._source, str(self._path), "exec")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = error.lineno if isinstance(error, SyntaxError) else None
            said = error.msg if isinstance(error, SyntaxError) else str(error)
            raise FormatError(
                f"the metric {self.function} is not Python: {type(error).__name__}: {said}",
                where=f"{self._file}:{line}" if line else self._file,
            ) from error

    @cached_property
    def _function(self) -> Callable[..., Any]:
        module = ModuleType(f"landrace_metric_{text_digest(self._source)[:16]}")
        module.__file__ = str(self._path)
        # dataclasses look their module up by name.
        sys.modules[module.__name__] = module
        # The bytes that were hashed are those that run; an import would trust a .pyc file.
        exec(self._code, module.__dict__)  # noqa: S102
        name = self.function.partition(":")[2]
        function: Any = getattr(module, name, None)
        if not callable(function):
            raise ConfigError(f"there is no function {name!r} in it", where=self._file)
        return function  # type: ignore[no-any-return]  # callable() proved it

    @property
    def _path(self) -> Path:
        assert self._root is not None  # read_inside has refused to go on without one
        return self._root / self._file

    def _fail(self, error: BaseException) -> NoReturn:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == str(self._path)]
        line = lines[-1] if lines else None
        raise ConfigError(
            f"the metric {self.function} failed: {type(error).__name__}: {error}",
            where=f"{self._file}:{line}" if line else self._file,
            fix="Make the function give a score for every answer, whatever its text.",
        ) from error

    def _score(self, result: Any) -> Score:
        value, feedback = result, ""
        if isinstance(result, tuple) and len(result) == 2:
            value, feedback = result
        elif (
            isinstance(result, dict)
            and "score" in result
            and result.keys() <= {"score", "feedback"}
        ):
            value, feedback = result["score"], result.get("feedback", "")
        if not _is_share(value) or not isinstance(feedback, str):
            raise ConfigError(
                f"the metric {self.function} gave back {quote(repr(result))}",
                where=self._file,
                fix="Return a number in 0..1, (number, feedback), "
                'or {"score": number, "feedback": text}.',
            )
        return Score(float(value), feedback)


@contextlib.contextmanager
def _without_warnings() -> Iterator[None]:
    """Let the compiler warn of nothing: it would print lines of the source as they are.

    The source may be of a commit that nobody has read yet, and what is printed steers terminals and
    CI runners. Filters are those of all threads, hence the lock, and no other kinds of warnings.
    """
    with _LOCK, warnings.catch_warnings():
        for kind in (SyntaxWarning, DeprecationWarning):  # before Python 3.12 also of escapes
            warnings.simplefilter("ignore", kind)
        yield


def _is_share(value: Any) -> bool:
    number: Any = value  # mypy cannot compare a Real
    return isinstance(value, Real) and bool(0 <= number <= 1)
