"""Whether the fields that cases expect are some that the output's JSON Schema allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.errors import FormatError
from landrace.metrics.json_fields import JsonFields
from landrace.metrics.schema_fit import misfits, told, validator_of, why_no_schema
from landrace.workflows.prompt_metric import metric_part

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

    from landrace.store.project import PromptSource

# A case may leave out fields that are not to be scored.
_OF_WHOLE_ANSWERS = frozenset({"required", "minProperties", "dependentRequired"})


class ExpectedFields(NamedTuple):
    """The schema of a prompt's answers, which stands in ``where``, and the fields not scored."""

    validator: Validator
    unscored: frozenset[str]
    where: str

    @classmethod
    def of(cls, source: PromptSource) -> ExpectedFields | None:
        """None where `expected` need not be an answer: other metrics than `json_fields` may
        read a rubric, a schema or a list of texts in it.

        Raises:
            FormatError: the output's schema is none.
        """
        schema, metric = source.config.output.json_schema, _json_fields(source)
        if not schema or metric is None:
            return None
        where = source.document.where(("output", "schema"))
        if why := why_no_schema(schema):
            raise FormatError(f"`output.schema`: {why}", where=where)
        unscored = frozenset(name for name, weight in metric.fields.items() if not weight)
        return cls(validator_of(schema), unscored, where)

    def misfit(self, expected: dict[str, Any]) -> str | None:
        """The first misfit and how many more there are, or None.

        Raises:
            ConfigError: the schema refers to what is not in it.
        """
        scored = {name: value for name, value in expected.items() if name not in self.unscored}
        found = [
            told(misfit)
            for misfit in misfits(self.validator, scored)
            if misfit.path or misfit.validator not in _OF_WHOLE_ANSWERS
        ]
        more = f"; and {len(found) - 1} more" if len(found) > 1 else ""
        return found[0] + more if found else None


def _json_fields(source: PromptSource) -> JsonFields | None:
    for index, config in enumerate(source.config.metrics):
        if config.metric == "json_fields":
            part = metric_part(source, index)
            return part if isinstance(part, JsonFields) else None
    return None
