"""What a runner makes of the file in which steps write their outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def read_outputs(path: Path) -> dict[str, str]:
    """The outputs by name, read as a runner reads them: ``name=value``, or between delimiters."""
    found: dict[str, str] = {}
    lines = iter(path.read_text(encoding="utf-8").split("\n"))
    for line in lines:
        equals, heredoc = line.find("="), line.find("<<")
        if heredoc >= 0 and (equals < 0 or heredoc < equals):
            name, _, word = line.partition("<<")
            value: list[str] = []
            for inner in lines:
                if inner == word:
                    break
                value.append(inner)
            else:
                raise ValueError(f"{name} has no end")
            found[name] = "\n".join(value)
        elif equals >= 0:
            found[line[:equals]] = line[equals + 1 :]
        elif line:
            raise ValueError(f"not an output: {line!r}")
    return found
