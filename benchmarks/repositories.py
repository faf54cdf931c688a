"""Throw-away git repositories for benchmarks."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PROMPT = {
    "description": "Names the first letter of a word.",
    "inputs": {
        "type": "object",
        "properties": {"word": {"type": "string"}},
        "required": ["word"],
        "additionalProperties": False,
    },
    "output": {"type": "text", "max_tokens": 4},
    "metrics": [{"metric": "exact_match"}],
}
TEMPLATE = """\
{% section task %}
Write the first letter of the word.
{% endsection %}

{{ word }}
"""
WORDS = [
    "lantern",
    "orbit",
    "meadow",
    "castle",
    "violin",
    "pepper",
    "harbour",
    "thunder",
    "marble",
    "window",
    "garden",
    "cinema",
    "rocket",
    "saddle",
    "timber",
    "velvet",
    "walnut",
    "yellow",
    "zipper",
    "anchor",
    "basket",
    "candle",
    "dragon",
    "engine",
    "feather",
    "guitar",
    "hammer",
    "island",
    "jacket",
    "kettle",
    "ladder",
    "mirror",
    "needle",
    "oyster",
    "parrot",
    "quartz",
    "ribbon",
    "shovel",
    "tunnel",
    "umbrella",
    "valley",
    "whistle",
    "almond",
    "bottle",
    "copper",
    "donkey",
    "eagle",
    "flower",
    "goblet",
    "helmet",
    "insect",
    "jungle",
    "kitten",
    "lemon",
    "magnet",
    "nutmeg",
    "olive",
    "pillow",
    "rabbit",
    "salmon",
    "teapot",
    "uncle",
    "village",
    "wagon",
    "apple",
    "bridge",
    "carpet",
    "desert",
    "elbow",
    "forest",
    "glacier",
    "honey",
]


def small_repository(root: Path, model: str, calls: int = 220) -> Path:
    """A repository with one short prompt, 72 cases and one pipeline."""
    folder = root / "prompts" / "first-letter"
    folder.mkdir(parents=True)
    (folder / "prompt.yaml").write_text(json.dumps(PROMPT))
    (folder / "prompt.jinja").write_text(TEMPLATE)
    cases = [{"id": word, "inputs": {"word": word}, "expected": word[0]} for word in WORDS]
    (folder / "cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
    (root / "pipelines").mkdir()
    pipeline = {"prompts": ["*"], "models": [model], "budget": {"calls": calls}}
    (root / "pipelines" / "all.yaml").write_text(json.dumps(pipeline))
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    return root
