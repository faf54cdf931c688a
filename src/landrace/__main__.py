"""The entry point of ``landrace`` and ``python -m landrace``."""

from __future__ import annotations

import sys
from importlib.util import find_spec

_NEEDED = ("click", "git", "pydantic", "yaml")


def main() -> None:
    """Run the command line; a loader-only install is told what to install."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"error: the landrace command needs {', '.join(missing)}, which this Python lacks\n"
            "  Type: pip install 'landrace[pipeline]'\n"
        )
        sys.exit(2)
    # After the check: an install of the loader alone has no click.
    from landrace.cli import cli  # noqa: PLC0415

    cli(prog_name="landrace")


if __name__ == "__main__":
    main()
