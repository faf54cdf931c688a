from __future__ import annotations

import os
import subprocess

import pytest

PROMPT = """\
description: Says whether a review is positive.
inputs:
  type: object
  properties: {review: {type: string}}
  required: [review]
output: {type: label, labels: [positive, negative]}
metrics:
  - metric: exact_match
"""
CASES = '{"id": "a", "inputs": {"review": "good"}, "expected": "positive"}\n'


class Tree:
    """Files below a folder."""

    def __init__(self, root):
        self.root = root

    def write(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")
        return target

    def prompt(self, name, *, yaml=PROMPT, template="{{ review }}\n", cases=CASES):
        self.write(f"prompts/{name}/prompt.yaml", yaml)
        self.write(f"prompts/{name}/prompt.jinja", template)
        self.write(f"prompts/{name}/cases.jsonl", cases)


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


@pytest.fixture
def repository(tree, monkeypatch):
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    subprocess.run(["git", "init", "-q", str(tree.root)], check=True)
    return tree
