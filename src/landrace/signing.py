"""Signatures of evidence by SSH keys, made and checked by ``ssh-keygen`` without a network.

It runs with an empty environment (no agent, no askpass), no terminal, and in a private folder
that is gone afterwards. Who may sign is said by a text in the format of ``allowed_signers``,
see ``man ssh-keygen``.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import struct
import subprocess
import tempfile
from base64 import b64decode, b64encode
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import ConfigError, LandraceError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

NAMESPACE = "landrace"
KEY_VARIABLE = "LANDRACE_SIGNING_KEY"

MOST_DATA = 64 << 20
MOST_SIGNATURE = 16 << 10
MOST_SIGNERS = 1 << 20
MOST_KEY = 64 << 10
_SECONDS = 60.0

_SIGNATURE = re.compile(
    r"-----BEGIN SSH SIGNATURE-----\n"
    r"((?:[A-Za-z0-9+/]+={0,2}\n)+)"
    r"-----END SSH SIGNATURE-----\n?\Z"
)
_MAGIC = b"SSHSIG" + struct.pack(">I", 1)


@dataclass(frozen=True)
class KeyText:
    """A private key as text, such as a CI's secret variable has it."""

    text: str = field(repr=False)


class Signer(NamedTuple):
    """Who signed: the name in ``allowed_signers``, and the key as ``SHA256:…``."""

    principal: str
    fingerprint: str


class _Claim(NamedTuple):
    """What a signature says of itself."""

    key: bytes
    namespace: str

    @property
    def fingerprint(self) -> str:
        digest = b64encode(hashlib.sha256(self.key).digest()).decode("ascii")
        return f"SHA256:{digest.rstrip('=')}"


def signer(environ: Mapping[str, str], key: Path | None = None) -> Callable[[bytes], str] | None:
    """`sign` with the key of a path, else of the variable `KEY_VARIABLE`; None without any."""
    if key is not None:
        return partial(sign, key=key)
    text = environ.get(KEY_VARIABLE, "")
    return partial(sign, key=KeyText(text)) if text.strip() else None


def sign(data: bytes, key: Path | KeyText) -> str:
    """The signature of some bytes, in armour.

    Args:
        data: `MOST_DATA` bytes at most.
        key: a private key that OpenSSH reads, without a passphrase.

    Raises:
        ConfigError: the key cannot be used, or there is no ``ssh-keygen``.
        RefusedError: there is too much to sign.
    """
    _check_size(data, MOST_DATA, "the evidence")
    where = KEY_VARIABLE if isinstance(key, KeyText) else str(key)
    with _private_folder() as folder:
        path = _key_file(key, folder)
        arguments = ["-Y", "sign", "-n", NAMESPACE, "-f", str(path)]
        result = _ssh_keygen(arguments, folder, stdin=data)
    if result.returncode != 0:
        raise _key_error(result.stderr.decode("utf-8", "replace"), where)
    return result.stdout.decode("ascii")


def verify(data: bytes, signature: str, allowed_signers: bytes) -> Signer:
    """Who of those that may do so has signed these bytes.

    Args:
        data: what was signed.
        signature: what `sign` gave.
        allowed_signers: the text that says who may, out of a trusted place. Line ends may be
            CRLF. Nobody may sign if it names nobody.

    Raises:
        RefusedError: it is not such a signature, or none of these bytes, or of somebody else, or
            for another purpose, or made with a key that has expired. The problem says which.
        ConfigError: there is no ``ssh-keygen``.
    """
    _check_size(data, MOST_DATA, "the evidence")
    _check_size(signature.encode("utf-8", "replace"), MOST_SIGNATURE, "the signature")
    _check_size(allowed_signers, MOST_SIGNERS, "allowed_signers")
    claim = _read_claim(signature)
    if claim.namespace != NAMESPACE:
        raise RefusedError(
            f"the signature was made for another purpose ({claim.namespace!a})",
            fix=f"sign with `ssh-keygen -Y sign -n {NAMESPACE}`",
        )
    why: RefusedError | None = None
    for line in _lines_about(claim, allowed_signers):
        found = _signer_by(line, data, signature, claim)
        if isinstance(found, Signer):
            return found
        why = found
    raise why or _stranger(claim)


def _lines_about(claim: _Claim, allowed_signers: bytes) -> list[bytes]:
    """The lines that may allow a key; each is asked alone, for several may name it."""
    lines = [line.strip() for line in allowed_signers.splitlines()]
    lines = [line for line in lines if line and not line.startswith(b"#")]
    if not lines:
        raise RefusedError(
            "nobody may sign, because allowed_signers is empty",
            fix="name the signers there on the base branch",
        )
    key = b64encode(claim.key)
    return [line for line in lines if key in line.split() or b"cert-authority" in line]


def _signer_by(line: bytes, data: bytes, signature: str, claim: _Claim) -> Signer | RefusedError:
    """Who has signed by one line of ``allowed_signers``, or why that line does not allow it."""
    with _private_folder() as folder:
        signed, allowed = folder / "signature", folder / "allowed_signers"
        signed.write_text(signature, encoding="ascii", newline="")
        allowed.write_bytes(line + b"\n")
        files = ["-n", NAMESPACE, "-s", str(signed), "-f", str(allowed)]
        result = _ssh_keygen(["-Y", "find-principals", *files], folder)
        for principal in result.stdout.decode("utf-8", "replace").splitlines():
            result = _ssh_keygen(["-Y", "verify", "-I", principal, *files], folder, stdin=data)
            if result.returncode == 0:
                return Signer(principal, claim.fingerprint)
    return _refusal(result.stderr.decode("utf-8", "replace"), claim)


def _refusal(stderr: str, claim: _Claim) -> RefusedError:
    who = claim.fingerprint
    if "incorrect signature" in stderr:
        return RefusedError(
            "the signature is not of this content: one of the two was changed afterwards",
            fix="let the pipeline make the evidence anew",
        )
    if "signature namespace" in stderr:
        return RefusedError(f"allowed_signers does not let the key {who} sign for {NAMESPACE}")
    if "expired" in stderr or "not yet valid" in stderr:
        return RefusedError(
            f"the key {who} has expired, or is not valid yet, by allowed_signers",
            fix="sign with a key that is valid today",
        )
    return _stranger(claim)


def _stranger(claim: _Claim) -> RefusedError:
    return RefusedError(
        f"signed by somebody whom allowed_signers does not name (key {claim.fingerprint})",
        fix="let one of the signers sign, or name this one there on the base branch",
    )


def _read_claim(signature: str) -> _Claim:
    """Read a signature strictly: ssh-keygen itself takes no notice of what follows one."""
    if signature.count("-----BEGIN SSH SIGNATURE-----") > 1:
        raise RefusedError("there is more than one signature", fix="sign it once")
    match = _SIGNATURE.match(signature)
    claim = _claim_in(match[1].replace("\n", "")) if match else None
    if claim is None:
        raise RefusedError("this is not a signature of ssh-keygen")
    return claim


def _claim_in(text: str) -> _Claim | None:
    try:
        blob = b64decode(text, validate=True)
        key, namespace, _reserved, _hash, _signature = _strings(blob.removeprefix(_MAGIC))
    except ValueError:
        return None
    return _Claim(key, namespace.decode("utf-8", "replace")) if blob.startswith(_MAGIC) else None


def _strings(data: bytes) -> Iterator[bytes]:
    """The strings in SSH's encoding: a length of four bytes before each."""
    while data:
        size = int.from_bytes(data[:4], "big")
        if len(data) < 4 + size:
            raise ValueError
        yield data[4 : 4 + size]
        data = data[4 + size :]


def _key_file(key: Path | KeyText, folder: Path) -> Path:
    """The key as a file; out of a text one in the private folder."""
    if isinstance(key, Path):
        if not key.is_file():
            raise ConfigError(
                "there is no such key", where=str(key), fix="give the path of a private key"
            )
        return key.absolute()
    path = folder / "key"
    path.touch(mode=0o600)
    # What forms and shells do to a text of several lines.
    lines = "\n".join(key.text.strip().splitlines())
    _check_size(lines.encode("utf-8", "replace"), MOST_KEY, "the key")
    path.write_text(f"{lines}\n", encoding="utf-8", errors="replace", newline="")
    return path


def _key_error(stderr: str, where: str) -> ConfigError:
    """What is wrong with a key, in our own words: those of ssh-keygen never get out."""
    if "incorrect passphrase" in stderr:
        return ConfigError(
            "the key has a passphrase, which nobody can type here",
            where=where,
            fix="make a key of its own for this: `ssh-keygen -t ed25519 -N '' -f landrace_key`",
        )
    if "UNPROTECTED" in stderr or "bad permissions" in stderr:
        return ConfigError("others can read the key", where=where, fix="run `chmod 600` on it")
    if "Permission denied" in stderr:
        return ConfigError("the key cannot be read", where=where, fix="allow this user to read it")
    if "unknown option" in stderr or "Unsupported" in stderr:
        return ConfigError(
            "this ssh-keygen cannot sign files", where=where, fix="install OpenSSH 8.2 or newer"
        )
    return ConfigError(
        "not a private key that ssh-keygen can sign with",
        where=where,
        fix="give the whole file, with its first and last line",
    )


def _check_size(data: bytes, most: int, what: str) -> None:
    if len(data) > most:
        raise RefusedError(f"{what} has more than {most} bytes")


@contextmanager
def _private_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="landrace-sign-") as name:  # only its owner enters
        yield Path(name)


def _ssh_keygen(
    arguments: Sequence[str], folder: Path, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("ssh-keygen")
    if program is None:
        raise ConfigError("ssh-keygen was not found", fix="install the OpenSSH client")
    try:
        return subprocess.run(  # noqa: S603 - own arguments, no shell
            [program, *arguments],
            input=stdin,
            capture_output=True,
            check=False,
            cwd=folder,
            env={},
            start_new_session=True,  # without the terminal, where it would ask for a passphrase
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise _unusable("does not answer") from None
    except OSError as error:
        raise _unusable(f"cannot be run: {error.strerror}") from None


def _unusable(why: str) -> LandraceError:
    return ConfigError(f"ssh-keygen {why}", fix="try `ssh-keygen -Y sign` by hand")
