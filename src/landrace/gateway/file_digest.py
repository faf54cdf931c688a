"""Hash a file of any size."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from landrace.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path


def file_sha256(path: Path) -> str:
    """Lower-case hexadecimal SHA-256 of a file.

    Raises:
        StorageError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise StorageError(
            f"the file cannot be read ({error.strerror})", where=str(path), fix="Mend its rights."
        ) from error
