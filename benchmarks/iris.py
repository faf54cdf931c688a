"""The Iris task of MIPRO's paper (Opsahl-Ong et al. 2024, §5.1 and appendix): a species from
four lengths. scikit-learn carries Fisher's data.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
PROMPT = {
    "description": "Tells the species of an iris from four lengths in centimetres.",
    "inputs": {
        "type": "object",
        "properties": {name: {"type": "number"} for name in NAMES},
        "required": list(NAMES),
        "additionalProperties": False,
    },
    "output": {
        "type": "label",
        "labels": ["setosa", "versicolor", "virginica"],
        "max_tokens": 12,
    },
    "metrics": [{"metric": "exact_match", "ignore_case": True}],
    # 75 cases to search and choose with and 75 to report on, as in the paper.
    "splits": {"search": 0.2, "select": 0.3, "holdout": 0.5},
}
# The paper's program names the species beside its output field, and DSPy asks for the bare field;
# the base says both.
TEMPLATE = """\
{% section task %}
Given the petal and sepal dimensions in cm, predict the iris species. Answer with its name alone.
{% endsection %}

Petal length: {{ petal_length }}
Petal width: {{ petal_width }}
Sepal length: {{ sepal_length }}
Sepal width: {{ sepal_width }}

Species (setosa, versicolor or virginica):
"""


def write_iris(folder: Path) -> None:
    """Write the prompt with its 150 flowers, some of which have a twin with the same numbers."""
    from sklearn.datasets import load_iris

    data = load_iris()
    folder.mkdir(parents=True)
    (folder / "prompt.yaml").write_text(json.dumps(PROMPT))
    (folder / "prompt.jinja").write_text(TEMPLATE)
    with (folder / "cases.jsonl").open("w") as lines:
        for number, (row, kind) in enumerate(zip(data.data, data.target, strict=True)):
            inputs = dict(zip(NAMES, map(float, row), strict=True))
            case = {
                "id": f"iris-{number}",
                "inputs": inputs,
                "expected": str(data.target_names[kind]),
            }
            lines.write(json.dumps(case) + "\n")
