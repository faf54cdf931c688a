"""A prompt that names a skill, and a model that has just that skill.

Every case wants the answer `red`. The model gives it where the luck of the case's word is below
the skill that the prompt names, so a lower skill loses cases and wins none, and other words around
it change nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from colours import luck

if TYPE_CHECKING:
    from landrace.gateway.base import Request

PUPIL, TWIN = "fake/pupil", "fake/twin"
PROMPT = "colours"


def template(skill: int, said: str = "Say red or blue.") -> str:
    return (
        f"{{% section task %}}\n{said} skill={skill}\n{{% endsection %}}\n\nWord: {{{{ word }}}}\n"
    )


def variant(skill: int) -> str:
    return f"{{% user %}}\nPinned. skill={skill} {{{{ word }}}}\n{{% enduser %}}\n"


def words(count: int, name: str = "word") -> list[dict[str, Any]]:
    """Cases, as they stand in a file."""
    return [
        {"id": f"{name}{n}", "inputs": {"word": f"{name}{n}"}, "expected": "red"}
        for n in range(count)
    ]


def skill_of(request: Request) -> int:
    text = "\n".join(message.content for message in request.messages)
    found = re.search(r"skill=(\d+)", text)
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
