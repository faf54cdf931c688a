"""A token for a remote over HTTP, and how git gets it without anybody else seeing it."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit, urlunsplit

from landrace.errors import ConfigError


@dataclass(frozen=True)
class Token:
    """A token, and the user name that goes with it.

    GitHub takes ``x-access-token``, GitLab ``oauth2``, and for a job's token
    ``gitlab-ci-token``.

    Raises:
        ConfigError: one of them could not be sent; the message does not show it.
    """

    value: str = field(repr=False)
    user: str = "x-access-token"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[!-~]+", self.value):
            raise ConfigError(
                "the token for the remote is empty, or has spaces or line breaks in it",
                fix="check how it is handed over",
            )
        if not re.fullmatch(r"[!-9;-~]+", self.user):  # all but the colon
            raise ConfigError("not a user name for a token", where=ascii(self.user))


def token_variables(address: str, token: Token) -> dict[str, str]:
    """The variables that make git send the token to this address and nowhere else.

    In the environment, for other users can read a command line, and addresses end up in logs.
    Nothing for an address that is not reached over HTTP.

    Raises:
        ConfigError: it would cross the network unencrypted.
    """
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"}:
        return {}
    if parts.scheme == "http" and not _is_this_machine(parts.hostname or ""):
        raise ConfigError(
            "a token is not sent over http, where others can read it",
            where=parts.hostname,
            fix="give the remote an https address",
        )
    url = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    header = b64encode(f"{token.user}:{token.value}".encode()).decode()
    settings = (
        # Empty first: it takes back what a checkout action has left in the repository's
        # configuration. A remote that gets two of these headers answers none.
        (f"http.{url}.extraHeader", ""),
        (f"http.{url}.extraHeader", f"Authorization: Basic {header}"),
        (f"http.{url}.followRedirects", "false"),
        # Where the token is not enough, the answer is an error and not another identity.
        ("credential.helper", ""),
    )
    start = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    variables = {"GIT_CONFIG_COUNT": str(start + len(settings)), "GIT_ASKPASS": ""}
    for number, (key, value) in enumerate(settings, start):
        variables[f"GIT_CONFIG_KEY_{number}"] = key
        variables[f"GIT_CONFIG_VALUE_{number}"] = value
    return variables


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
