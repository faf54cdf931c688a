"""The prompt that most tests are about: which colour a word has."""

from __future__ import annotations

import hashlib
from typing import Any

SOURCE = """{% section task %}
Which colour does the word have? Say red or blue.
{% endsection %}

Word: {{ word }}
"""

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


def luck(*parts: object) -> float:
    """A number in 0..1 that depends on the parts alone."""
    text = "/".join(map(str, parts))
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) / 16**8
