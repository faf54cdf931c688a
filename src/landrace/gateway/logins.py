"""Providers that litellm logs a person in to, with a code to type into a browser.

It does so as soon as it is asked what provider such an id has, and waits. Whether there is a
login is therefore looked up where litellm keeps it, and litellm is not asked.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from landrace.errors import ModelError


class _Kept(NamedTuple):
    """The variables that name a folder and a file in it, and the file's usual name."""

    folder: str
    file: str
    name: str


_LOGINS = {
    "chatgpt": _Kept("CHATGPT_TOKEN_DIR", "CHATGPT_AUTH_FILE", "auth.json"),
    "github_copilot": _Kept(
        "GITHUB_COPILOT_TOKEN_DIR", "GITHUB_COPILOT_ACCESS_TOKEN_FILE", "access-token"
    ),
}


def needs_login(model_id: str) -> bool:
    """Whether litellm logs a person in to a model's provider."""
    return _provider(model_id) in _LOGINS


def check_login(model_id: str) -> None:
    """Check that somebody has logged in to a model's provider; whether it still holds, calls tell.

    Raises:
        ModelError: nobody has.
    """
    provider = _provider(model_id)
    if not _file(provider).is_file():
        module = f"litellm.llms.{provider}.authenticator"
        raise ModelError(
            f"nobody has logged in to {provider}, and landrace starts no login",
            where=model_id,
            fix=f'Log in yourself: python -c "from {module} import Authenticator; '
            'Authenticator().get_access_token()". Where nobody can, use a provider with a key.',
        )


def _provider(model_id: str) -> str:
    return model_id.partition("/")[0]


def _file(provider: str) -> Path:
    kept = _LOGINS[provider]
    usual = Path.home() / ".config" / "litellm" / provider
    return Path(os.environ.get(kept.folder, usual)) / os.environ.get(kept.file, kept.name)
