"""A repository whose prompt names a skill, and a model that has just that skill.

Every case wants `red`. The model says so where the luck of the case's word is below the skill,
so a lower skill loses cases and wins none, and other words around it change nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Self

from git_repo import GitRepo
from landrace.gateway.scripted import ScriptedGateway
from pinned import pin_prompt

if TYPE_CHECKING:
    from landrace.gateway.base import Request

PUPIL, TWIN = "fake/pupil", "fake/twin"
PROMPT = "colours"

CONFIG: dict[str, Any] = {
    "description": "Words have colours.",
    "inputs": {
        "type": "object",
        "properties": {"word": {"type": "string"}},
        "required": ["word"],
        "additionalProperties": False,
    },
    "output": {"type": "label", "labels": ["red", "blue"], "max_tokens": 8},
    "metrics": [{"metric": "exact_match"}],
}


class SkilledRepo(GitRepo):
    """What is written stands in the work tree; `commit` commits it."""

    def prompt(
        self, *, skill: int = 90, count: int = 60, name: str = PROMPT, **changes: Any
    ) -> None:
        self.write(f"prompts/{name}/prompt.yaml", json.dumps({**CONFIG, **changes}))
        self.template(skill, name=name)
        self.cases(words(count), name=name)

    def template(self, skill: int, said: str = "Say red or blue.", name: str = PROMPT) -> None:
        text = f"{{% section task %}}\n{said} skill={skill}\n{{% endsection %}}\n\nWord: {{{{ word }}}}\n"
        self.write(f"prompts/{name}/prompt.jinja", text)

    def cases(self, lines: list[dict[str, Any]], name: str = PROMPT) -> None:
        text = "".join(json.dumps(line) + "\n" for line in lines)
        self.write(f"prompts/{name}/cases.jsonl", text)

    def pipeline(self, *models: Any, **changes: Any) -> None:
        config = {"prompts": ["*"], "models": list(models) or [PUPIL], **changes}
        self.write("pipelines/all.yaml", json.dumps(config))

    def pin(self, skill: int, model: str = PUPIL, name: str = PROMPT) -> None:
        variant = f"{{% user %}}\nPinned. skill={skill} {{{{ word }}}}\n{{% enduser %}}\n"
        pin_prompt(self.root, name, model, variant=variant)


class Gateway(ScriptedGateway):
    """A script in the place of `connect.connect`'s gateway."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        return None


def words(count: int, name: str = "word") -> list[dict[str, Any]]:
    return [
        {"id": f"{name}{n}", "inputs": {"word": f"{name}{n}"}, "expected": "red"}
        for n in range(count)
    ]


def luck(*parts: object) -> float:
    """A number in 0..1 that depends on the parts alone."""
    text = "/".join(map(str, parts))
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) / 16**8


def skill_of(request: Request) -> int:
    found = re.search(r"skill=(\d+)", "\n".join(message.content for message in request.messages))
    return int(found[1]) if found else 0


def word_of(request: Request) -> str:
    return request.messages[-1].content.split()[-1]


def pupil(request: Request) -> str:
    """Answers the same question always the same."""
    return "red" if luck(word_of(request)) * 100 < skill_of(request) else "blue"


def moody(request: Request) -> str:
    """Answers anew at each repeat."""
    drawn = luck(word_of(request), skill_of(request), request.repeat)
    return "red" if drawn * 100 < skill_of(request) else "blue"
