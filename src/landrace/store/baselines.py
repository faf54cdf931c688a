"""Reading the baselines of the pytest plugin, which pytest-regressions writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from landrace.errors import FormatError, LandraceError
from landrace.schemas.baseline import Baseline
from landrace.store.atomic import storage_error
from landrace.store.validate import validate_value

if TYPE_CHECKING:
    from pathlib import Path

_FIX = "restore it from git, or bless what is served now with `pytest --landrace --regen-all`"

# Not strict YAML, as people write it, but the inverse of the dumper that wrote the file: that
# leaves ids such as 1e3 without quotes. libyaml's is faster, where PyYAML was built with it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_baseline(path: Path, name: str) -> Baseline | None:
    """A baseline, or None where there is none yet; ``name`` stands for the file in errors.

    Raises:
        FormatError: the file is no baseline.
        StorageError: it cannot be read.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise storage_error("read", path, error) from error
    try:
        value = yaml.load(data, Loader=_LOADER)  # noqa: S506 - one of the safe loaders
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}:{mark.line + 1}" if mark else name
        raise FormatError("the baseline is not YAML", where=where, fix=_FIX) from error
    try:
        return validate_value(Baseline, value, lambda _path: name)
    except LandraceError as error:
        raise FormatError(f"this is no baseline: {error.problem}", where=name, fix=_FIX) from error
