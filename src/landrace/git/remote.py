"""Fetching from a remote and pushing to it.

A push is one compare-and-swap: it takes place whole, and only if the branch is where the
caller last saw it. Nothing is ever forced, and no branch of this repository moves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from landrace.errors import ConfigError, EvidenceError, OutageError, RefusedError, RepositoryError
from landrace.git.command import Result, line, run
from landrace.git.credentials import token_variables
from landrace.git.remote_errors import clean, failure, remote_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from landrace.errors import LandraceError
    from landrace.git.credentials import Token

_SECONDS = 600.0
_TRANSPORTS = ("file", "http", "https", "ssh")
# Which helper, proxy, certificate or key reaches a remote is spread over more settings than can
# be listed (credential.*, http.*, url.*.insteadOf, core.sshCommand, files that these include),
# so these commands alone see the user's own configuration. What in it could change what is
# fetched or pushed is set here, and wins over it.
_SETTINGS = (
    "fetch.recurseSubmodules=false",
    "push.followTags=false",
    "push.gpgSign=false",
    "push.pushOption=",
    "push.recurseSubmodules=no",
)
_OID = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*\Z")
_ADDRESS = re.compile(rf"(?:(?:{'|'.join(_TRANSPORTS)})://|[\w.-]+@[\w.-]+:)[!-~]+\Z", re.ASCII)

# What a remote answers if the branch moved between its greeting and the update. Other faults
# have the same words, so the branch decides.
_MAYBE_MOVED = re.compile(r"failed to update ref|cannot lock ref|atomic|incorrect old value|exists")


def remote_head(root: Path, remote: str, branch: str, *, token: Token | None = None) -> str | None:
    """The full id of the commit where a remote's branch is, None if it has no such branch.

    Args:
        root: a folder of the repository.
        remote: the name of one of its remotes, or an address out of trusted configuration:
            http(s), ssh or file.
        branch: the name of the branch.
        token: for a remote that is reached over HTTP; others have their own ways. Without it
            the user's own credential helpers and ssh settings count.

    Raises:
        ConfigError: the remote is unknown here or not found there, or wants other credentials.
        RefusedError: the branch or the remote is none that git knows.
        OutageError: the network or the remote failed.
    """
    ref = _branch_ref(root, branch)
    return _listed(root, remote, [ref], token).get(ref)


def fetch(
    root: Path, remote: str, refs: Sequence[str], *, token: Token | None = None
) -> dict[str, str]:
    """Get commits of a remote with all their objects; no ref of this repository changes.

    Args:
        root: a folder of the repository.
        remote: like that of `remote_head`.
        refs: names of branches, or of refs that begin with ``refs/``.
        token: like that of `remote_head`.

    Returns:
        Where each of the refs is on the remote.

    Raises:
        RepositoryError: the remote has no such ref.
        EvidenceError: a ref moved meanwhile, and its former commit is gone.
        Others like `remote_head`.
    """
    if not refs:
        return {}
    names = {
        ref: _check_ref(root, ref) if ref.startswith("refs/") else _branch_ref(root, ref)
        for ref in refs
    }
    heads = _listed(root, remote, list(names.values()), token)
    for ref, name in names.items():
        if name not in heads:
            raise RepositoryError(f"the remote has no {ref}", where=remote)
    found = {ref: heads[name] for ref, name in names.items()}
    options = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-gc"]
    result = _contact(root, remote, ["fetch", *options], sorted(set(found.values())), token)
    if result.status != 0:
        raise failure(result.stderr, remote)
    return found


def push(
    root: Path,
    remote: str,
    oid: str,
    branch: str,
    expected: str | None,
    *,
    token: Token | None = None,
) -> None:
    """Move a remote's branch from one commit to a later one, or leave it as it is.

    To push again what is there already is no error, so a push whose answer got lost can be
    made once more.

    Args:
        root: a folder of the repository.
        remote: like that of `remote_head`.
        oid: the full id of the commit.
        branch: the name of the branch.
        expected: the full id of the commit where it is now; None to make a new branch.
        token: like that of `remote_head`.

    Raises:
        EvidenceError: the branch is somewhere else by now.
        RefusedError: a rule of the remote's forbids it, or ``oid`` does not follow ``expected``.
        Others like `remote_head`.
    """
    ref = _branch_ref(root, branch)
    _check_follows(root, oid, expected)
    # The lease makes it a compare-and-swap. It would also permit to drop commits, hence the
    # check before.
    options = ["--porcelain", "--no-verify", f"--force-with-lease={ref}:{expected or ''}"]
    result = _contact(root, remote, ["push", *options], [f"{oid}:{ref}"], token, push=True)
    if result.status == 0:
        return
    error, is_sure = _unmoved(remote, branch, _answer(result, ref), result.stderr)
    if is_sure:
        raise error
    now = remote_head(root, remote, branch, token=token)
    if now == oid:
        return
    raise error if now == expected else _moved(remote, branch)


def _listed(root: Path, remote: str, refs: Sequence[str], token: Token | None) -> dict[str, str]:
    """Where refs are on the remote; without those that it does not have."""
    result = _contact(root, remote, ["ls-remote", "--quiet", "--refs"], refs, token)
    if result.status != 0:
        raise failure(result.stderr, remote)
    # It gives every ref that ends like one of those asked for.
    pairs = [record.split("\t", 1) for record in line(result.stdout).splitlines()]
    return {ref: oid for oid, ref in pairs if ref in refs}


def _contact(
    root: Path,
    remote: str,
    command: Sequence[str],
    operands: Sequence[str],
    token: Token | None,
    *,
    push: bool = False,
) -> Result:
    address = _address(root, remote, push=push)
    variables = {
        "GIT_ALLOW_PROTOCOL": ":".join(_TRANSPORTS),
        "GIT_TRACE_REDACT": "1",  # whoever traces git shall not find a credential in it
        **(token_variables(address, token) if token else {}),
    }
    return run(
        root,
        [*command, "--end-of-options", remote, *operands],
        settings=_SETTINGS,
        environment=variables,
        user_configuration=True,
        seconds=_SECONDS,
    )


def _address(root: Path, remote: str, *, push: bool) -> str:
    """The address that git takes for a remote, after the user's own replacements."""
    if _NAME.match(remote):
        command = ["remote", "get-url", *(["--push"] if push else []), remote]
    elif _ADDRESS.match(remote):
        if urlsplit(remote).password is not None:
            raise ConfigError(
                "the address of the remote holds a password",
                fix="take it out, and hand over a token beside the address",
            )
        command = ["ls-remote", "--get-url", remote]
    else:
        raise RefusedError(
            "neither the name of a remote nor an address over http, https, ssh or file",
            where=ascii(remote),
        )
    result = run(root, command, user_configuration=True)
    if result.status != 0:
        raise RepositoryError(
            f"there is no remote `{remote}` here", where=str(root), fix="look at `git remote -v`"
        )
    return line(result.stdout)


def _branch_ref(root: Path, branch: str) -> str:
    if branch.startswith("-") or branch == "HEAD":
        raise RefusedError("not the name of a branch", where=ascii(branch))
    return _check_ref(root, f"refs/heads/{branch}")


def _check_ref(root: Path, ref: str) -> str:
    if not ref.isprintable() or run(root, ["check-ref-format", ref]).status != 0:
        raise RefusedError("not a name that git allows", where=ascii(ref))
    return ref


def _check_follows(root: Path, oid: str, expected: str | None) -> None:
    for name in (oid, expected):
        if name is not None and not _OID.match(name):
            raise RefusedError("not the full id of a commit", where=ascii(name))
    if expected is None:
        return
    result = run(root, ["merge-base", "--is-ancestor", expected, oid])
    if result.status == 1:
        raise RefusedError(
            f"{oid} does not follow {expected}", fix="make the commit anew on top of the branch"
        )
    if result.status != 0:
        raise RepositoryError(
            f"{expected} or {oid} is no commit here", where=str(root), fix="fetch the branch first"
        )


def _answer(result: Result, ref: str) -> str:
    """What the push says of a ref that was not updated, such as ``[rejected] (stale info)``."""
    for record in line(result.stdout).splitlines():
        flag, _, rest = record.partition("\t")
        names, _, answer = rest.partition("\t")
        if flag == "!" and names.endswith(f":{ref}"):
            return answer
    return ""


def _unmoved(remote: str, branch: str, answer: str, stderr: str) -> tuple[LandraceError, bool]:
    """Why a push has not moved the branch, and whether it surely has not."""
    if answer.startswith("[rejected]"):
        return _moved(remote, branch), True
    if answer.startswith("[remote rejected]"):
        return _refused(remote, branch, answer, stderr), not _MAYBE_MOVED.search(answer)
    error = failure(f"{answer}\n{stderr}", remote)
    # It may have happened, and the answer got lost.
    return error, not isinstance(error, OutageError)


def _moved(remote: str, branch: str) -> EvidenceError:
    return EvidenceError(
        f"`{branch}` of the remote has moved, or was made or removed, meanwhile",
        where=remote,
        fix="fetch it and plan again",
    )


def _refused(remote: str, branch: str, answer: str, stderr: str) -> LandraceError:
    words = remote_words(stderr) or clean(answer.removeprefix("[remote rejected]"))
    return RefusedError(
        f"the remote refused the push to `{branch}`: {words}",
        where=remote,
        fix="push as somebody who may, or change the rules of that branch",
    )
