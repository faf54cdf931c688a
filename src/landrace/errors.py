"""Every error that landrace raises on purpose, and the exit code that a command gives it.

::

    LandraceError
    ├── ConfigError (2)                 the user's files, options or machine need a change
    │   ├── FormatError                 a file does not fit its schema
    │   │   └── NewerFormatError        ... for a newer landrace has written it
    │   ├── TemplateError               a template cannot be parsed, or reads what it must not
    │   │   └── RenderError             a template failed, or passed a limit, while rendering
    │   ├── CaseError                   an eval set, a case, or a split of them
    │   ├── ModelError                  an unknown model, a missing key, a bad model file
    │   │   ├── ParameterError          the model takes no such parameter, or not with this value
    │   │   └── CallsRefusedError       too many calls fail as they would in every other run
    │   ├── RepositoryError             no git repository, or one without what was asked for
    │   ├── StorageError                the disk refused a read or a write
    │   ├── NotPinnedError              the registry has no such pin
    │   │   ├── UnknownPromptError
    │   │   └── UnknownModelError
    │   └── InputError                  wrong inputs of a prompt, or no text to parse
    │       ├── MissingInputError
    │       ├── ExtraInputError
    │       └── InputTypeError
    ├── RefusedError (3)                policy or security says no
    │   └── IntegrityError              a file is not the one its pin names
    ├── EvidenceError (4)               a pin's evidence is stale or missing
    ├── BudgetExhaustedError (5)        the next call might pass a ceiling
    ├── CallError (75)                  one model call failed for good
    │   ├── GivenUpError                ... by itself, after as many tries as it is worth
    │   └── TransientCallError          ... and is worth another try
    ├── OutageError (75)                too many calls failed, or a forge did not answer
    └── ParseFailure                    a model's text holds no answer; a ValueError, too
"""

from __future__ import annotations


class LandraceError(Exception):
    """Something is wrong that the reader can mend.

    Args:
        problem: what is wrong, as one sentence without a full stop at its end.
        where: ``file:line``, a file, or a name; whatever narrows the search most.
        fix: what to do about it, as an imperative sentence.
    """

    exit_code = 2

    def __init__(self, problem: str, *, where: str | None = None, fix: str | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        head = f"{self.where}: {self.problem}" if self.where else self.problem
        return f"{head}\n  {self.fix}" if self.fix else head


class ConfigError(LandraceError):
    exit_code = 2


class FormatError(ConfigError):
    pass


class NewerFormatError(FormatError):
    pass


class TemplateError(ConfigError):
    pass


class RenderError(TemplateError):
    pass


class CaseError(ConfigError):
    pass


class ModelError(ConfigError):
    pass


class ParameterError(ModelError):
    pass


class CallsRefusedError(ModelError):
    pass


class RepositoryError(ConfigError):
    pass


class StorageError(ConfigError):
    pass


class NotPinnedError(ConfigError):
    pass


class UnknownPromptError(NotPinnedError):
    pass


class UnknownModelError(NotPinnedError):
    pass


class InputError(ConfigError):
    pass


class MissingInputError(InputError):
    pass


class ExtraInputError(InputError):
    pass


class InputTypeError(InputError):
    pass


class RefusedError(LandraceError):
    exit_code = 3


class IntegrityError(RefusedError):
    pass


class EvidenceError(LandraceError):
    exit_code = 4


class BudgetExhaustedError(LandraceError):
    """``ceiling`` is the member of the budget that might be passed.

    It is empty where that is no ceiling of the whole, but a stage's share of the calls.
    """

    exit_code = 5

    def __init__(
        self,
        problem: str,
        *,
        where: str | None = None,
        fix: str | None = None,
        ceiling: str = "",
    ) -> None:
        super().__init__(problem, where=where, fix=fix)
        self.ceiling = ceiling


class CallError(LandraceError):
    """``is_refusal`` says that the same call would fail again, whenever it is made."""

    exit_code = 75
    is_refusal = True


class GivenUpError(CallError):
    is_refusal = False


class TransientCallError(CallError):
    """A failure that time may heal: 429, 5xx, a time-out, a lost connection.

    ``retry_after`` is the provider's own wish in seconds, where it gave one.
    """

    is_refusal = False

    def __init__(
        self,
        problem: str,
        *,
        where: str | None = None,
        fix: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(problem, where=where, fix=fix)
        self.retry_after = retry_after


class OutageError(LandraceError):
    exit_code = 75


class ParseFailure(LandraceError, ValueError):  # noqa: N818 - a normal outcome of a weak model
    """A text holds no such answer. For applications: commands count it, and go on.

    ``reason`` says why, as a clause without a full stop.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
