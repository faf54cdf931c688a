"""What the pages for readers hold: commands with their output, snippets, files and links."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PAGES = tuple(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md")))
)

_FENCE = re.compile(r"^```(?P<language>\w*)[^\n]*\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
_EXITS = re.compile(r"\s*# exits (\d+)$")
_FILE_NAME = re.compile(r"(?:#|\{#) ((?:prompts|pipelines|metrics|tests)/\S+)")
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


class Command(NamedTuple):
    """One ``$ …`` line; ``shown`` is the output below it."""

    line: int
    text: str
    exits: int
    shown: tuple[str, ...]


class Snippet(NamedTuple):
    """A block of Python."""

    line: int
    text: str


class File(NamedTuple):
    """A block whose first line is a comment with the path of the file that it is."""

    path: str
    text: str


def steps(page: str) -> list[Command | Snippet | File]:
    """What a reader of the page would type, run or save, in order."""
    source = (ROOT / page).read_text(encoding="utf-8")
    found: list[Command | Snippet | File] = []
    for fence in _FENCE.finditer(source):
        language, body = fence["language"], fence["body"]
        line = source.count("\n", 0, fence.start("body")) + 1
        name = _FILE_NAME.match(body)
        if name:
            found.append(File(name[1], body))
        elif language in {"console", "sh"}:
            found.extend(_commands(body, line))
        elif language == "python":
            found.append(Snippet(line, body))
    return found


def _commands(body: str, first: int) -> list[Command]:
    found: list[Command] = []
    continued = False
    for number, line in enumerate(body.splitlines(), first):
        if continued:
            last = found.pop()
            found.append(last._replace(text=f"{last.text[:-1].rstrip()} {line.strip()}"))
        elif line.startswith("$ "):
            found.append(Command(number, line[2:], 0, ()))
        elif found:
            last = found.pop()
            found.append(last._replace(shown=(*last.shown, line)))
        else:
            raise AssertionError(f"line {number}: output without a command: {line!r}")
        continued = not found[-1].shown and found[-1].text.endswith("\\")
    return [_with_status(command) for command in found]


def _with_status(command: Command) -> Command:
    status = _EXITS.search(command.text)
    if status is None:
        return command
    return command._replace(text=command.text[: status.start()], exits=int(status[1]))


def shows(shown: tuple[str, ...], output: str) -> bool:
    """Whether the output has the shown lines in this order; ``…`` stands for anything left out."""
    lines = iter(output.splitlines())
    wanted = [line.strip() for line in shown if line.strip() not in {"", "…"}]
    return all(any(_fits(each, line.strip()) for line in lines) for each in wanted)


def _fits(shown: str, line: str) -> bool:
    return bool(re.fullmatch(".*".join(map(re.escape, shown.split("…"))), line))


def links(page: str) -> list[str]:
    """Where the page's links lead, code aside."""
    source = (ROOT / page).read_text(encoding="utf-8")
    prose = re.sub(r"`[^`\n]*`", "", _FENCE.sub("", source))
    return _LINK.findall(prose)


def anchors(path: Path) -> set[str]:
    """The headings that a link may name, as GitHub spells them."""
    prose = _FENCE.sub("", path.read_text(encoding="utf-8"))
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in _HEADING.findall(prose)
    }
