"""Names of prompts, and model ids as folder names. Standard library only."""

from __future__ import annotations

import re

from landrace.errors import ConfigError

NAME_RULE = (
    "lower-case letters, digits, `.`, `_` and `-`, starting and ending with a letter or digit"
)

# Most file systems take 255 bytes; the rest is room for the suffix of a temporary file.
MAX_NAME_BYTES = 200

_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?\Z")
_SAFE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")
_ESCAPE = re.compile(r"%([0-9A-F]{2})")
# Windows opens a device under these names, whatever follows the first dot.
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|\Z)")


def is_name(text: str) -> bool:
    """Whether a prompt or pipeline may be called this, on every file system."""
    return bool(_NAME.match(text)) and len(text) <= MAX_NAME_BYTES and not _DEVICE.match(text)


def model_dirname(model_id: str) -> str:
    """The folder name of a model id: ``openai/gpt-4o`` is ``openai%2Fgpt-4o``.

    Everything but lower-case letters, digits and ``._-`` is percent-encoded UTF-8, upper-case
    letters too, so that two ids never share a folder where the file system ignores case. So
    are the ends that a shell, git or Windows would misread: a leading ``.`` or ``-``, a
    trailing ``.``, and the first letter of a device name such as ``con``.

    Raises:
        ConfigError: the id is empty, is not Unicode text, or gives too long a name.
    """
    if not model_id:
        raise ConfigError("a model id is empty")
    if len(model_id) > MAX_NAME_BYTES:  # at once: who asks for a megabyte waits for no escapes
        raise _too_long(model_id)
    try:
        name = "".join(char if char in _SAFE else _escape(char) for char in model_id)
    except UnicodeEncodeError as error:
        raise ConfigError("a model id holds half of a surrogate pair", where=ascii(model_id)) from (
            error
        )
    if name[0] in ".-" or _DEVICE.match(name):
        name = _escape(name[0]) + name[1:]
    if name.endswith("."):
        name = name[:-1] + _escape(".")
    if len(name) > MAX_NAME_BYTES:
        raise _too_long(model_id)
    return name


def model_id(dirname: str) -> str:
    """The model id of a folder name, the inverse of `model_dirname`.

    Raises:
        ConfigError: `model_dirname` gives no such name.
    """
    raw = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), dirname)
    try:
        found = raw.encode("latin-1").decode("utf-8")
    except UnicodeError:
        found = ""
    if not found or model_dirname(found) != dirname:
        raise ConfigError(
            "the folder's name is not a model id as landrace writes it",
            where=dirname,
            fix="rename or remove the folder; `openai/gpt-4o` is written `openai%2Fgpt-4o`",
        )
    return found


def is_model_dirname(text: str) -> bool:
    """Whether `model_dirname` gives this name to a model."""
    try:
        model_id(text)
    except ConfigError:
        return False
    return True


def _too_long(model_id: str) -> ConfigError:
    return ConfigError(
        f"the model id makes a folder name of more than {MAX_NAME_BYTES} bytes",
        where=model_id,
        fix="give the model a shorter id",
    )


def _escape(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8"))
