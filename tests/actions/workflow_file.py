"""A workflow and an action as GitHub reads them: what runs, with which rights and inputs.

Read from the files that users copy, so that what the tests prove is what those files say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[2]
PROMPTS = ".github/workflows/prompts.yml"

_HOLE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'[^']*')|(?P<call>\w+\(\))|(?P<name>[a-z][\w.-]*)|(?P<sign>&&|\|\||[!=]=|[!()]))"
)
_SIGNS = {"&&": " and ", "||": " or ", "!": " not "}
# A condition without one of these also asks that nothing failed before.
_ASKS_ITSELF = re.compile(r"\b(always|success|failure|cancelled)\(\)")


@dataclass(frozen=True)
class Expressions:
    """The values of expressions; ``context`` has ``github``, ``needs``, ``steps`` and others."""

    context: Mapping[str, Any]
    succeeded: bool = True

    def text(self, template: object) -> str:
        """A text with each ``${{ }}`` in it replaced."""
        return _HOLE.sub(lambda hole: _shown(self.value(hole[1])), _shown(template))

    def holds(self, condition: str) -> bool:
        """Whether a step or a job with this ``if`` runs; without one, if nothing failed."""
        bare = condition.removeprefix("${{").removesuffix("}}")
        wanted = bool(self.value(bare)) if bare else True
        return wanted and (self.succeeded or bool(_ASKS_ITSELF.search(bare)))

    def value(self, expression: str) -> Any:
        """What an expression is; null is None."""
        return eval("".join(_python(expression)), {"at": self._at, "call": self._call})

    def _at(self, name: str) -> Any:
        found: Any = self.context
        for part in name.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        return found

    def _call(self, name: str) -> bool:
        return {"always": True, "success": self.succeeded, "failure": not self.succeeded}[name]


def _python(expression: str) -> Iterator[str]:
    at = 0
    while expression[at:].strip():
        token = _TOKEN.match(expression, at)
        assert token, f"not an expression: {expression!r}"
        at = token.end()
        if token["call"]:
            yield f"call('{token['call'][:-2]}')"
        elif token["name"]:
            yield f"at('{token['name']}')"
        else:
            yield token["text"] or _SIGNS.get(token["sign"], token["sign"])


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def read(path: str = PROMPTS) -> dict[str, Any]:
    """A workflow or an action of this repository."""
    return parsed((ROOT / path).read_text())


def parsed(text: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def with_model_key(workflow: str) -> str:
    """The workflow with a provider's key where docs/github.md says that it goes."""
    before = "      - id: optimize\n"
    key = "        env:\n          OPENAI_API_KEY: ${{ secrets.OPENAI_API_KEY }}\n"
    assert workflow.count(before) == 1
    return workflow.replace(before, before + key)


def set_up(workflow: str) -> str:
    """The workflow as somebody copies it, with the edits that docs/github.md asks for."""
    workflow = workflow.replace("uses: ./", f"uses: OWNER/landrace@{'0' * 40}")
    workflow = re.sub(r"package: \.(\[\w+\])", r"package: landrace\1==0.1.0", workflow)
    return re.sub(r"(?m)^ *constraints: .*\n", "", workflow)


def granted(job: Mapping[str, Any], *, to_a_fork: bool) -> dict[str, str]:
    """The rights of a job's token; a fork's may read at most what it was given."""
    rights: dict[str, str] = job["permissions"]
    return dict.fromkeys(rights, "read") if to_a_fork else rights
