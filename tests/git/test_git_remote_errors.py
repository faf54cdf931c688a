"""What git says about a remote, told apart; texts that no remote here can be made to give."""

from __future__ import annotations

import pytest

from landrace.errors import (
    ConfigError,
    EvidenceError,
    LandraceError,
    OutageError,
    RepositoryError,
)
from landrace.git.remote_errors import clean, failure, remote_words

URL = "https://forge.example/a/b/"
NO_ACCESS = (
    "fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access"
    " rights\nand the repository exists."
)

SAYINGS = [
    (f"fatal: unable to access '{URL}': Could not resolve host: forge.example", OutageError),
    (f"fatal: unable to access '{URL}': Failed to connect to forge.example port 443 after 9 ms: Couldn't connect to server", OutageError),
    (f"fatal: unable to access '{URL}': Operation timed out after 300 milliseconds", OutageError),
    ("error: RPC failed; HTTP 504 curl 22 The requested URL returned error: 504\nsend-pack: unexpected disconnect while reading sideband packet\nfatal: the remote end hung up unexpectedly", OutageError),
    ("error: RPC failed; curl 92 HTTP/2 stream 5 was not closed cleanly\nfatal: early EOF", OutageError),
    (f"ssh: connect to host forge.example port 22: Connection timed out\n{NO_ACCESS}", OutageError),
    (f"ssh: Could not resolve hostname forge.example: Temporary failure\n{NO_ACCESS}", OutageError),
    (f"kex_exchange_identification: Connection closed by remote host\n{NO_ACCESS}", OutageError),
    ("[remote failure] (remote failed to report status)\n", OutageError),
    ("Timeout: git was killed after 600 seconds", OutageError),
    (f"git@forge.example: Permission denied (publickey).\n{NO_ACCESS}", ConfigError),
    (f"Host key verification failed.\n{NO_ACCESS}", ConfigError),
    (f"ERROR: Repository not found.\n{NO_ACCESS}", ConfigError),
    (f"fatal: unable to access '{URL}': server certificate verification failed", ConfigError),
    (f"fatal: unable to access '{URL}': SSL certificate problem: self-signed certificate", ConfigError),
    (f"remote: Write access to repository not granted.\nfatal: unable to access '{URL}': The requested URL returned error: 403", ConfigError),
    (f"fatal: Authentication failed for '{URL}'", ConfigError),
    ("fatal: could not read Username for 'https://forge.example': terminal prompts disabled", ConfigError),
    (f"remote: Repository not found.\nfatal: repository '{URL}' not found", ConfigError),
    ("fatal: remote error: upload-pack: not our ref 0123", EvidenceError),
    ("fatal: something new", RepositoryError),
    ("", RepositoryError),
    # The remote's own words do not choose.
    (f"remote: Authentication failed\nfatal: unable to access '{URL}': The requested URL returned error: 503", OutageError),
    ("remote: Could not resolve host, early EOF\nfatal: something new", RepositoryError),
]  # fmt: skip


@pytest.mark.parametrize(("stderr", "kind"), SAYINGS)
def test_each_saying_has_its_kind_of_error(stderr: str, kind: type[LandraceError]) -> None:
    error = failure(stderr, "origin")
    assert type(error) is kind
    assert error.where == "origin"


def test_the_reason_is_the_remotes_own_or_gits_first_error() -> None:
    hints = "hint: try this\nPushing to x\nfatal: something new\nfatal: and more"
    assert failure(hints, "origin").problem.endswith(": fatal: something new")
    spoken = f"remote: \x1b[1mNo.\x1b[0m   \nremote:\nremote: Not today\r\n{hints}"
    assert failure(spoken, "origin").problem.endswith(": No. Not today")
    assert remote_words(hints) == ""


def test_no_credential_of_an_address_is_shown() -> None:
    error = failure("fatal: unable to access 'https://me:hunter22@forge.example/x': odd", "origin")
    assert "hunter22" not in str(error)


@pytest.mark.parametrize("text", ["a\nb", "a\r\n\tb", "\x1b[31ma\x1b[0m b", "a\u2028b", "a\0b"])
def test_a_cleaned_text_is_one_plain_line(text: str) -> None:
    assert clean(text) == "a b"
