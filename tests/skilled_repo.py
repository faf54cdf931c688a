"""A repository with the prompt of `skill`."""

from __future__ import annotations

import json
from typing import Any

from colours import CONFIG
from git_repo import GitRepo
from pinned import pin_prompt
from skill import PROMPT, PUPIL, template, variant, words


class SkilledRepo(GitRepo):
    """What is written stands in the work tree; `commit` commits it."""

    def prompt(
        self, *, skill: int = 90, count: int = 60, name: str = PROMPT, **changes: Any
    ) -> None:
        self.write(f"prompts/{name}/prompt.yaml", json.dumps({**CONFIG, **changes}))
        self.template(skill, name=name)
        self.cases(words(count), name=name)

    def template(self, skill: int, said: str = "Say red or blue.", name: str = PROMPT) -> None:
        self.write(f"prompts/{name}/prompt.jinja", template(skill, said))

    def cases(self, lines: list[dict[str, Any]], name: str = PROMPT) -> None:
        text = "".join(json.dumps(line) + "\n" for line in lines)
        self.write(f"prompts/{name}/cases.jsonl", text)

    def pipeline(self, *models: Any, **changes: Any) -> None:
        config = {"prompts": ["*"], "models": list(models) or [PUPIL], **changes}
        self.write("pipelines/all.yaml", json.dumps(config))

    def pin(self, skill: int, model: str = PUPIL, name: str = PROMPT) -> None:
        pin_prompt(self.root, name, model, variant=variant(skill))
