"""What is wrong with a case's `expected`, by all that a prompt says of its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.strict_json import near_fix
from landrace.workflows.check_answers import ExpectedFields

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.store.cases import CheckExpected
    from landrace.store.project import PromptSource


class Misfit(NamedTuple):
    """Why an `expected` cannot be used, and what to do about it."""

    problem: str
    fix: str | None = None


class ExpectedAnswers(NamedTuple):
    """The check of one prompt's cases, without that of its metric where this cannot be built."""

    check: CheckExpected | None
    fields: ExpectedFields | None
    labels: Sequence[str]

    @classmethod
    def of(cls, source: PromptSource, check_expected: CheckExpected | None) -> ExpectedAnswers:
        """Raises `FormatError` where the output's schema is none."""
        fields = ExpectedFields.of(source) if check_expected else None
        return cls(check_expected, fields, source.config.output.labels or ())

    def misfits(self, expected: Any) -> Iterator[Misfit]:
        why = self.check(expected) if self.check else None
        if why:
            yield Misfit(f"`expected` is of no use: {why}")
        elif self.fields and (misfit := self.fields.misfit(expected)):
            yield Misfit(
                f"`expected` does not fit the output's schema: {misfit}",
                f"correct it, or the schema in {self.fields.where}",
            )
        elif self.labels:
            accepted: list[Any] = expected if isinstance(expected, list) else [expected]
            for answer in accepted:
                if answer not in self.labels:
                    fix = near_fix(str(answer), self.labels)
                    yield Misfit(
                        f"`expected` {answer!r} is none of the labels",
                        fix or f"labels: {', '.join(self.labels)}",
                    )
