"""A user's repository: its prompts and pipelines."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from landrace import git
from landrace.errors import ConfigError, RefusedError
from landrace.naming import NAME_RULE, is_name
from landrace.program.corpus import MAX_CORPUS_BYTES
from landrace.schemas.pipeline import PipelineConfig
from landrace.schemas.prompt import PromptConfig
from landrace.store import files
from landrace.store.artifacts import refuse_tracked
from landrace.store.cases import EvalSet, iter_eval_set, line_of
from landrace.store.files import refuse_links
from landrace.store.validate import validate
from landrace.store.yaml import read_yaml
from landrace.strict_json import near_fix

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from landrace.schemas.case import Case
    from landrace.store.cases import CheckExpected
    from landrace.store.yaml import Document

__all__ = [
    "CASES_FILE",
    "PIPELINES",
    "PROMPTS",
    "PROMPT_FILE",
    "SHARED",
    "PipelineSource",
    "Project",
    "PromptSource",
    "find_root",
    "refuse_links",
]

_CASES_FIX = "add it, as `landrace import` does with a CSV file, or remove the folder"
PROMPTS = "prompts"
PIPELINES = "pipelines"
PROMPT_FILE = "prompt.yaml"
CASES_FILE = "cases.jsonl"
SHARED = "_shared"


def find_root(start: Path) -> Path:
    """The top of the git work tree that holds ``start``, where commands may work.

    Raises:
        RepositoryError: there is none.
        RefusedError: like `refuse_tracked`.
    """
    root = git.toplevel(start)
    refuse_tracked(root)
    return root


@dataclass(frozen=True)
class PromptSource:
    """A prompt as it stands in the work tree.

    ``sources`` are the texts of its templates by file name, with the line ends that they have.
    """

    root: Path
    name: str
    config: PromptConfig
    document: Document
    sources: Mapping[str, str]

    @property
    def folder(self) -> Path:
        return self.root / PROMPTS / self.name

    @property
    def template_source(self) -> str:
        """The text of the template that gives the answer."""
        return self.sources[self.config.main_template]

    @property
    def template_name(self) -> str:
        """The path from the root of the template that gives the answer, for messages."""
        return self.path(self.config.main_template)

    def path(self, file: str) -> str:
        """The path from the root of a file of the prompt's folder."""
        return f"{PROMPTS}/{self.name}/{file}"

    def corpus(self, file: str) -> str:
        """The text of a corpus in the prompt's folder.

        Raises:
            ConfigError: it is missing.
            FormatError: it is not UTF-8, or too large.
        """
        fix = _missing_fix(self.config, self.document, file)
        return files.read_text(self.root, self.path(file), MAX_CORPUS_BYTES, fix=fix)

    def load_partial(self, name: str) -> str | None:
        """The source of a partial beside the prompt, or in ``prompts/_shared``, or None.

        Raises:
            FormatError: it is not UTF-8, or too large.
            RefusedError: its name leads elsewhere, or it is a link.
        """
        if Path(name).name != name or name in {"", ".."} or "\\" in name:
            raise RefusedError("not the name of a partial", where=ascii(name))
        for folder in (self.name, SHARED):
            path = f"{PROMPTS}/{folder}/{name}"
            if files.exists(self.root, path):
                return files.read_text(self.root, path)
        return None

    def eval_set(
        self, check_expected: CheckExpected | None = None, other: Path | None = None
    ) -> EvalSet:
        """The prompt's cases, or those of another file, read anew by each call.

        Raises like `iter_eval_set`.
        """
        return EvalSet.of(self.iter_eval_set(check_expected, other))

    def iter_eval_set(
        self, check_expected: CheckExpected | None = None, other: Path | None = None
    ) -> Iterator[Case]:
        """The cases of `eval_set` one after the other. Raises like `iter_eval_set`."""
        return iter_eval_set(
            other or self.folder / CASES_FILE,
            self.config,
            name=self.cases_name(other),
            inputs_where=self.document.where(("inputs",)),
            check_expected=check_expected,
        )

    def cases_name(self, other: Path | None = None) -> str:
        """What a file of cases is called in messages."""
        return str(other) if other else self.path(CASES_FILE)

    def where_case(self, case_id: str, other: Path | None = None) -> str:
        """``file:line`` of a case; the file is read for it. Raises like `iter_cases`."""
        line = line_of(other or self.folder / CASES_FILE, case_id)
        file = self.cases_name(other)
        return file if line is None else f"{file}:{line}"


@dataclass(frozen=True)
class PipelineSource:
    """A pipeline; ``prompts`` are the names that its patterns stand for, sorted."""

    name: str
    config: PipelineConfig
    document: Document
    prompts: tuple[str, ...]


@dataclass(frozen=True)
class Project:
    """The repository at ``root``.

    ``elsewhere`` are names of prompts that it has too, but whose files nobody needs there.
    """

    root: Path
    elsewhere: tuple[str, ...] = ()

    def prompts(self) -> tuple[str, ...]:
        """The names of the folders in ``prompts/``, sorted; ``_`` and ``.`` hide a folder.

        Raises:
            ConfigError: a folder's name cannot be a prompt's.
            RefusedError: there is a symbolic link.
        """
        there = [entry.name for entry in files.entries(self.root, PROMPTS) if entry.is_folder]
        names = sorted({*there, *self.elsewhere})
        return tuple(
            _checked_name(name, f"{PROMPTS}/{name}") for name in names if name[0] not in "_."
        )

    def pipelines(self) -> tuple[str, ...]:
        """The names of the files ``pipelines/<name>.yaml``, sorted. Raises like `prompts`."""
        names = []
        for entry in files.entries(self.root, PIPELINES):
            path = f"{PIPELINES}/{entry.name}"
            if entry.name.endswith(".yml"):
                fix = f"rename it to {entry.name.removesuffix('.yml')}.yaml"
                raise ConfigError("a pipeline's file ends in .yaml", where=path, fix=fix)
            if entry.is_file and entry.name.endswith(".yaml"):
                names.append(_checked_name(entry.name.removesuffix(".yaml"), path))
        return tuple(names)

    def read_prompt(self, name: str, *, needs_cases: bool = True) -> PromptSource:
        """A prompt with its metadata and template; its cases are read when asked for.

        Without ``needs_cases`` there may be no file of them yet.

        Raises:
            ConfigError: there is no such prompt, or one of its files is missing.
            FormatError: ``prompt.yaml`` does not fit its schema.
            RefusedError: there is a symbolic link, or something else that is no file.
        """
        folder = f"{PROMPTS}/{name}"
        # Listing prompts/ for each of a thousand prompts would take longer than reading them.
        if not is_name(name) or not files.exists(self.root, folder):
            raise ConfigError(
                f"there is no prompt `{name}`", where=PROMPTS, fix=_choice(name, self.prompts())
            )
        files.refuse_links_below(self.root, folder)
        document = self._read_yaml(f"{folder}/{PROMPT_FILE}")
        config = validate(PromptConfig, document)
        cases = f"{folder}/{CASES_FILE}"
        if needs_cases or files.exists(self.root, cases):
            files.require_file(self.root, cases, fix=_CASES_FIX)
        sources = {
            file: files.read_text(
                self.root, f"{folder}/{file}", fix=_missing_fix(config, document, file)
            )
            for file in config.templates
        }
        return PromptSource(self.root, name, config, document, sources)

    def read_pipeline(self, name: str) -> PipelineSource:
        """A pipeline, with the prompts that it names.

        Raises:
            ConfigError: there is no such pipeline, or it names a prompt that is not there.
            FormatError: the file does not fit its schema.
            RefusedError: there is a symbolic link.
        """
        if name not in self.pipelines():
            raise ConfigError(
                f"there is no pipeline `{name}`",
                where=PIPELINES,
                fix=_choice(name, self.pipelines()),
            )
        document = self._read_yaml(f"{PIPELINES}/{name}.yaml")
        config = validate(PipelineConfig, document)
        return PipelineSource(name, config, document, self._expand(config.prompts, document))

    def _read_yaml(self, path: str) -> Document:
        files.require_file(self.root, path)
        return read_yaml(self.root / path, path)

    def _expand(self, patterns: Iterable[str], document: Document) -> tuple[str, ...]:
        names = self.prompts()
        found: set[str] = set()
        for index, pattern in enumerate(patterns):
            matches = fnmatch.filter(names, pattern)
            if not matches:
                raise ConfigError(
                    f"no prompt is called `{pattern}`",
                    where=document.where(("prompts", index)),
                    fix=_choice(pattern, names),
                )
            found.update(matches)
        return tuple(sorted(found))


def _missing_fix(config: PromptConfig, document: Document, file: str) -> str:
    """What to do about a file of the prompt's folder that is not there, by who names it."""
    for node, body in config.program.nodes.items() if config.program else ():
        for kind, fields in body:
            for key, field in (("template", "template"), ("from", "corpus")):
                if getattr(fields, field, None) == file:
                    place = document.where(("program", "nodes", node, kind, key))
                    return f"add it, or correct `{key}` in {place}"
    return "add it, or remove the folder"


def _checked_name(name: str, where: str) -> str:
    if not is_name(name):
        raise ConfigError("the name is not allowed", where=where, fix=f"use {NAME_RULE}")
    return name


def _choice(name: str, known: tuple[str, ...]) -> str:
    if not known:
        return "there are none yet: `landrace init` writes a first one"
    return near_fix(name, known) or f"there are {', '.join(known[:20])}"
