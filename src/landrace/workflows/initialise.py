"""Setting up a repository: the first prompt, a pipeline, their schemas, one line for git.

The schemas that editors check YAML with are written beside the files they describe, as
``prompts/.schemas/prompt.json`` and ``pipelines/.schemas/pipeline.json``, to be committed: a
clone then has them without a network, and the path in a file's header is short and relative.
"""

from __future__ import annotations

import importlib.resources
import json
from typing import TYPE_CHECKING, Literal, NamedTuple

from landrace.errors import ConfigError
from landrace.metrics.table import METRICS
from landrace.naming import NAME_RULE, is_name
from landrace.schemas.published import json_schema
from landrace.store import files
from landrace.store.atomic import json_text, storage_error, write_bytes
from landrace.store.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.resources.abc import Traversable
    from pathlib import Path

FIRST_PROMPT = "route-note"
FIRST_PIPELINE = "default"

_IGNORED = ".landrace/"
_PROMPT_FILES = ("prompt.yaml", "prompt.jinja", "cases.jsonl")
_MODELS_LINE = "  - local/smollm2-135m-instruct\n"


class Step(NamedTuple):
    """What happens to one file, given by its path from the top of the repository."""

    path: str
    action: Literal["write", "append to", "keep"]
    note: str = ""


class _Plan(NamedTuple):
    step: Step
    content: bytes


def initialise(
    root: Path, *, prompt: str | None = None, models: Sequence[str] = (), dry_run: bool = False
) -> list[Step]:
    """Write what a repository lacks; no file that exists is ever overwritten.

    Without a ``prompt`` name the first prompt is only written where there is no prompt yet.
    ``models`` are the model ids of the pipeline; none means the smallest embedded model.

    Raises:
        ConfigError: the name cannot be a prompt's.
        RefusedError: a symbolic link stands where something would be written.
        StorageError: the disk refuses; running it again goes on where it stopped.
    """
    if prompt is not None and not is_name(prompt):
        raise ConfigError("this cannot be a prompt's name", where=prompt, fix=f"Use {NAME_RULE}.")
    plans = [*_prompt_plans(root, prompt), *_pipeline_plans(root, models), *_ignore_plans(root)]
    if not dry_run:
        for plan in plans:
            if plan.step.action != "keep":
                write_bytes(root / plan.step.path, plan.content)
    return [plan.step for plan in plans]


def _prompt_plans(root: Path, prompt: str | None) -> Iterator[_Plan]:
    yield _schema_plan(root, "prompt")
    present = Project(root).prompts()
    if present and prompt is None:
        note = f"there are prompts already, such as {present[0]}"
        yield _Plan(Step("prompts/", "keep", note), b"")
        return
    for name in _PROMPT_FILES:
        path = f"prompts/{prompt or FIRST_PROMPT}/{name}"
        yield _new_file(root, path, _first_file(name).read_bytes())


def _pipeline_plans(root: Path, models: Sequence[str]) -> Iterator[_Plan]:
    yield _schema_plan(root, "pipeline")
    present = Project(root).pipelines()
    if present:
        note = f"there are pipelines already, such as {present[0]}"
        yield _Plan(Step("pipelines/", "keep", note), b"")
        return
    text = _first_file("pipeline.yaml").read_text(encoding="utf-8")
    if models:
        # A JSON string is a YAML string whatever characters the id has.
        lines = [f"  - {json.dumps(model, ensure_ascii=False)}\n" for model in models]
        text = text.replace(_MODELS_LINE, "".join(lines))
    yield _new_file(root, f"pipelines/{FIRST_PIPELINE}.yaml", text.encode("utf-8"))


def _schema_plan(root: Path, name: str) -> _Plan:
    path = f"{name}s/.schemas/{name}.json"
    content = json_text(json_schema(name, metrics=METRICS)).encode("utf-8")
    plan = _new_file(root, path, content)
    if plan.step.action == "keep" and _bytes(root / path) != content:
        note = f"another version's; renew it with `landrace schema {name} > {path}`"
        return _Plan(Step(path, "keep", note), b"")
    return plan


def _ignore_plans(root: Path) -> Iterator[_Plan]:
    path = ".gitignore"
    present = _bytes(root / path) if files.exists(root, path) else b""
    lines = {line.strip().strip(b"/") for line in present.splitlines()}
    if _IGNORED.strip("/").encode() in lines:
        yield _Plan(Step(path, "keep"), b"")
        return
    end = b"\r\n" if b"\r\n" in present else b"\n"
    gap = end if present and not present.endswith((b"\n", b"\r")) else b""
    content = present + gap + _IGNORED.encode() + end
    yield _Plan(Step(path, "append to" if present else "write", _IGNORED), content)


def _new_file(root: Path, path: str, content: bytes) -> _Plan:
    if files.exists(root, path):
        return _Plan(Step(path, "keep"), b"")
    return _Plan(Step(path, "write"), content)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise storage_error("read", path, error) from error


def _first_file(name: str) -> Traversable:
    return importlib.resources.files("landrace") / "commands" / "first_prompt" / name
