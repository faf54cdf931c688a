"""Evidence signed and checked by the real ssh-keygen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landrace import signing
from landrace.errors import ConfigError, RefusedError
from landrace.signing import KeyText, Signer, sign, verify

DATA = b'{"schema_version": 1}\n'
BEGIN = "-----BEGIN SSH SIGNATURE-----\n"


def make_key(folder: Path, name: str, *options: str) -> Path:
    path = folder / name
    options = options or ("-t", "ed25519", "-N", "")
    subprocess.run(["ssh-keygen", "-q", *options, "-C", "a comment", "-f", str(path)], check=True)
    return path


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    make_key(folder, "bot")
    make_key(folder, "stranger")
    return folder


@pytest.fixture(autouse=True)
def _temporary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))


def public(key: Path) -> str:
    return " ".join(key.with_suffix(".pub").read_text().split()[:2])


def allow(key: Path, who: str = "bot@example.org", options: str = "") -> bytes:
    return f"{who} {options + ' ' if options else ''}{public(key)}\n".encode()


def fingerprint(key: Path) -> str:
    command = ["ssh-keygen", "-l", "-f", str(key)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[1]


def test_who_signed_is_known_by_name_and_key(keys: Path) -> None:
    key = keys / "bot"
    assert verify(DATA, sign(DATA, key), allow(key)) == Signer("bot@example.org", fingerprint(key))


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_every_kind_of_key_signs(tmp_path: Path, kind: str) -> None:
    key = make_key(tmp_path, "key", "-t", kind, "-N", "")
    assert verify(DATA, sign(DATA, key), allow(key)).fingerprint == fingerprint(key)


def test_the_same_bytes_get_the_same_signature(keys: Path) -> None:
    assert sign(DATA, keys / "bot") == sign(DATA, keys / "bot")


@settings(max_examples=15)
@given(data=st.binary(max_size=200), other=st.binary(max_size=200))
def test_a_signature_is_of_its_own_bytes_only(keys: Path, data: bytes, other: bytes) -> None:
    signature = sign(data, keys / "bot")
    assert verify(data, signature, allow(keys / "bot"))
    if other != data:
        with pytest.raises(RefusedError, match="not of this content"):
            verify(other, signature, allow(keys / "bot"))


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\r\n"])
def test_a_key_out_of_a_variable_signs_as_its_file_does(keys: Path, end: str) -> None:
    text = (keys / "bot").read_text().strip()
    if end == "\r\n":
        text = text.replace("\n", "\r\n")
    made = signing.signer({"LANDRACE_SIGNING_KEY": text + end})
    assert made is not None
    assert made(DATA) == sign(DATA, keys / "bot")


def test_a_path_goes_before_the_variable_and_without_either_there_is_no_signer(keys: Path) -> None:
    made = signing.signer({"LANDRACE_SIGNING_KEY": "rubbish"}, keys / "bot")
    assert made is not None
    assert made(DATA) == sign(DATA, keys / "bot")
    assert signing.signer({}) is None
    assert signing.signer({"LANDRACE_SIGNING_KEY": " \n"}) is None


def test_a_key_of_a_relative_path_signs(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(keys)
    assert sign(DATA, Path("bot")) == sign(DATA, keys / "bot")


# --- who may sign ---


def test_a_stranger_is_refused_by_key(keys: Path) -> None:
    with pytest.raises(RefusedError, match="does not name") as caught:
        verify(DATA, sign(DATA, keys / "stranger"), allow(keys / "bot"))
    assert fingerprint(keys / "stranger") in caught.value.problem


@pytest.mark.parametrize("text", [b"", b"\n\r\n", b"# nobody yet\n  # none\r\n"])
def test_nobody_may_sign_where_nobody_is_named(keys: Path, text: bytes) -> None:
    with pytest.raises(RefusedError, match="nobody may sign"):
        verify(DATA, sign(DATA, keys / "bot"), text)


def test_comments_options_several_names_and_line_ends_of_windows_are_understood(
    keys: Path,
) -> None:
    lines = [
        "# who may sign",
        "",
        f"someone@example.org {public(keys / 'stranger')} a comment",
        "rubbish",
        (
            f'bot@example.org,*@ci.example.org namespaces="git,landrace",valid-after="20200101" '
            f"{public(keys / 'bot')} the bot"
        ),
    ]
    for end in ("\n", "\r\n"):
        found = verify(DATA, sign(DATA, keys / "bot"), end.join(lines).encode())
        assert found.principal == "bot@example.org"
    assert verify(DATA, sign(DATA, keys / "bot"), allow(keys / "bot", "*@ci.example.org"))


@pytest.mark.parametrize(
    "text", ["bot@example.org", "bot@example.org ssh-ed25519", "x y z", "\x00\xff"]
)
def test_a_line_that_cannot_be_read_allows_nobody(keys: Path, text: str) -> None:
    with pytest.raises(RefusedError, match="does not name"):
        verify(DATA, sign(DATA, keys / "bot"), text.encode("latin-1"))


def test_an_unknown_option_allows_nobody(keys: Path) -> None:
    with pytest.raises(RefusedError):
        verify(DATA, sign(DATA, keys / "bot"), allow(keys / "bot", options='rights="all"'))


@pytest.mark.parametrize("options", ['valid-before="20200101"', 'valid-after="29990101"'])
def test_a_key_counts_only_while_it_is_valid(keys: Path, options: str) -> None:
    with pytest.raises(RefusedError, match="expired, or is not valid yet"):
        verify(DATA, sign(DATA, keys / "bot"), allow(keys / "bot", options=options))


def test_a_key_for_another_purpose_is_refused(keys: Path) -> None:
    with pytest.raises(RefusedError, match="sign for landrace"):
        verify(DATA, sign(DATA, keys / "bot"), allow(keys / "bot", options='namespaces="git"'))


def test_a_later_line_may_allow_what_an_earlier_one_does_not(keys: Path) -> None:
    lines = allow(keys / "bot", "git@example.org", 'namespaces="git"') + allow(keys / "bot")
    assert verify(DATA, sign(DATA, keys / "bot"), lines).principal == "bot@example.org"


def test_a_certificate_of_a_named_authority_signs(keys: Path, tmp_path: Path) -> None:
    authority, key = make_key(tmp_path, "authority"), make_key(tmp_path, "key")
    names = ["-I", "id", "-n", "bot@example.org", str(key.with_suffix(".pub"))]
    subprocess.run(["ssh-keygen", "-q", "-s", str(authority), *names], check=True)
    shutil.move(tmp_path / "key-cert.pub", key.with_suffix(".pub"))
    certified = _raw(key, DATA, certificate=key.with_suffix(".pub"))
    lines = allow(authority, "*@example.org", "cert-authority")
    assert verify(DATA, certified, lines).principal
    with pytest.raises(RefusedError):
        verify(DATA, certified, allow(authority, "*@example.org"))


# --- what is no signature of ours ---


def _raw(
    key: Path, data: bytes, namespace: str = "landrace", certificate: Path | None = None
) -> str:
    command = ["ssh-keygen", "-Y", "sign", "-n", namespace, "-f", str(certificate or key)]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode()


def test_a_signature_for_another_purpose_is_refused(keys: Path) -> None:
    with pytest.raises(RefusedError, match=r"another purpose \('git'\)"):
        verify(DATA, _raw(keys / "bot", DATA, "git"), allow(keys / "bot"))


def _armoured(blob: bytes) -> str:
    return f"{BEGIN}{b64encode(blob).decode()}\n-----END SSH SIGNATURE-----\n"


def _blob(signature: str) -> bytes:
    return b64decode("".join(signature.splitlines()[1:-1]))


def test_a_signature_with_its_purpose_rewritten_is_refused(keys: Path) -> None:
    blob = _blob(_raw(keys / "bot", DATA, "notours!"))
    with pytest.raises(RefusedError, match="not of this content"):
        verify(DATA, _armoured(blob.replace(b"notours!", b"landrace")), allow(keys / "bot"))


def test_a_signature_under_somebody_elses_key_is_refused(keys: Path) -> None:
    mine, theirs = (b64decode(public(keys / name).split()[1]) for name in ("stranger", "bot"))
    forged = _armoured(_blob(sign(DATA, keys / "stranger")).replace(mine, theirs))
    with pytest.raises(RefusedError, match="not of this content"):
        verify(DATA, forged, allow(keys / "bot"))


def test_two_signatures_are_refused(keys: Path) -> None:
    one = sign(DATA, keys / "bot")
    with pytest.raises(RefusedError, match="more than one"):
        verify(DATA, one + sign(DATA, keys / "stranger"), allow(keys / "bot"))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: "é",
        lambda text: f" {text}",
        lambda text: f"{text}more",
        lambda text: f"{text}\n\n",
        lambda text: text.replace("SSH SIGNATURE", "PGP SIGNATURE"),
        lambda text: text.replace("U1NI", "****"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text[: len(text) // 2],
        lambda text: _armoured(b""),
        lambda text: _armoured(b"SSHSIG"),
        lambda text: _armoured(_blob(text)[:-1]),
        lambda text: _armoured(_blob(text) + b"\0"),
        lambda text: _armoured(_blob(text) + b"\0\0\0\0"),
        lambda text: _armoured(_blob(text).replace(b"SSHSIG\0\0\0\1", b"SSHSIG\0\0\0\2")),
    ],
)
def test_a_malformed_signature_is_refused(keys: Path, change: object) -> None:
    assert callable(change)
    with pytest.raises(RefusedError, match="not a signature"):
        verify(DATA, change(sign(DATA, keys / "bot")), allow(keys / "bot"))


@settings(max_examples=40)
@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_flipped_bit_anywhere_is_refused(keys: Path, at: int, bit: int) -> None:
    blob = bytearray(_blob(sign(DATA, keys / "bot")))
    blob[at % len(blob)] ^= 1 << bit
    with pytest.raises(RefusedError):
        verify(DATA, _armoured(bytes(blob)), allow(keys / "bot"))


def test_what_is_too_large_is_refused_unread(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOST_DATA", "MOST_SIGNATURE", "MOST_SIGNERS"):
        monkeypatch.setattr(signing, name, 1000)
    monkeypatch.setattr(signing, "_ssh_keygen", None)
    large = b"x" * 1001
    for arguments in ((large, "", b""), (b"", large.decode(), b""), (b"", "", large)):
        with pytest.raises(RefusedError, match="more than 1000 bytes"):
            verify(*arguments)
    with pytest.raises(RefusedError, match="more than"):
        sign(large, keys / "bot")


# --- keys that cannot be used ---


def test_a_key_with_a_passphrase_is_an_error_and_nobody_is_asked(tmp_path: Path) -> None:
    key = make_key(tmp_path, "key", "-t", "ed25519", "-N", "secret")
    for use in (key, KeyText(key.read_text())):
        with pytest.raises(ConfigError, match="has a passphrase"):
            sign(DATA, use)


@pytest.mark.skipif(sys.platform == "win32", reason="has no such terminals")
def test_a_passphrase_is_not_asked_for_at_a_terminal_either(
    tmp_path: Path,
) -> None:
    key = make_key(tmp_path, "key", "-t", "ed25519", "-N", "secret")
    code = (
        "import os, pathlib, sys\n"
        "from landrace import signing\n"
        "os.login_tty(int(sys.argv[1]))\n"
        "signing._SECONDS = 3.0\n"
        "try: signing.sign(b'', pathlib.Path(sys.argv[2]))\n"
        "except signing.ConfigError as error: print(error.problem)"
    )
    outside, inside = os.openpty()
    command = [sys.executable, "-c", code, str(inside), str(key)]
    subprocess.run(command, pass_fds=[inside], check=True)
    os.write(inside, b"\0")  # the end: a terminal has none of its own
    shown = b""
    while not shown.endswith(b"\0"):
        shown += os.read(outside, 100)
    os.close(inside)
    os.close(outside)
    assert shown == b"the key has a passphrase, which nobody can type here\r\n\0"


def test_a_key_that_others_can_read_is_an_error(tmp_path: Path) -> None:
    key = make_key(tmp_path, "key")
    key.chmod(0o644)
    with pytest.raises(ConfigError, match="others can read") as caught:
        sign(DATA, key)
    assert "chmod 600" in (caught.value.fix or "")
    assert caught.value.where == str(key)


def test_a_missing_key_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(ConfigError, match="no such key"):
            sign(DATA, path)


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root reads everything")
def test_a_key_that_may_not_be_read_is_an_error(tmp_path: Path) -> None:
    key = make_key(tmp_path, "key")
    key.chmod(0)
    with pytest.raises(ConfigError, match="cannot be read"):
        sign(DATA, key)


@pytest.mark.parametrize("text", ["rubbish", "", "\0", "zwölf \ud800", "ssh-ed25519 AAAA me"])
def test_what_is_no_key_is_an_error(text: str, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(text, errors="replace")
    path.chmod(0o600)
    for use in (path, KeyText(text)):
        with pytest.raises(ConfigError, match="not a private key"):
            sign(DATA, use)


def test_a_broken_key_is_an_error_that_does_not_show_it(keys: Path) -> None:
    lines = (keys / "bot").read_text().splitlines()
    for broken in (lines[:2] + lines[3:], lines[:-1], [lines[0], lines[1][::-1], *lines[2:]]):
        with pytest.raises(ConfigError) as caught:
            sign(DATA, KeyText("\n".join(broken)))
        shown = f"{caught.value}{caught.value.__cause__!r}"
        assert not any(line in shown for line in lines[1:-1])
        assert caught.value.where == "LANDRACE_SIGNING_KEY"


def test_a_public_key_alone_is_an_error(keys: Path, tmp_path: Path) -> None:
    path = tmp_path / "key.pub"
    path.write_text(public(keys / "bot"))
    with pytest.raises(ConfigError, match="not a private key"):
        sign(DATA, path)


def test_without_ssh_keygen_the_error_says_so(
    keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature = sign(DATA, keys / "bot")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="ssh-keygen was not found"):
        sign(DATA, keys / "bot")
    with pytest.raises(ConfigError, match="ssh-keygen was not found"):
        verify(DATA, signature, allow(keys / "bot"))


def _fake(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = folder / "bin" / "ssh-keygen"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


def test_an_ssh_keygen_that_is_too_old_is_an_error(
    keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fake(tmp_path, monkeypatch, "echo 'unknown option -- Y' >&2; exit 1")
    with pytest.raises(ConfigError, match="cannot sign files"):
        sign(DATA, keys / "bot")


def test_an_ssh_keygen_that_hangs_is_an_error(
    keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fake(tmp_path, monkeypatch, "exec /bin/sleep 1000")
    monkeypatch.setattr(signing, "_SECONDS", 0.1)
    with pytest.raises(ConfigError, match="does not answer"):
        sign(DATA, keys / "bot")


def test_nothing_of_the_environment_reaches_ssh_keygen(
    keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    _fake(tmp_path, monkeypatch, f"/usr/bin/env > {seen}; exit 1")
    monkeypatch.setenv("LANDRACE_SIGNING_KEY", "the key")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/tmp/agent")
    with pytest.raises(ConfigError):
        sign(DATA, keys / "bot")
    names = {line.partition("=")[0] for line in seen.read_text().splitlines()}
    assert names <= {"PWD", "SHLVL", "_"}  # the shell's own


def test_a_key_out_of_a_variable_is_never_a_file_that_others_read_nor_left_behind(
    keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    _fake(
        tmp_path,
        monkeypatch,
        f'/usr/bin/stat -c "%a %n" "$6" . > {seen}; echo "$@" >> {seen}; exit 1',
    )
    text = (keys / "bot").read_text()
    with pytest.raises(ConfigError):
        sign(DATA, KeyText(text))
    file, folder, arguments = seen.read_text().splitlines()
    assert file.startswith("600 ")
    assert folder == "700 ."
    assert "PRIVATE" not in arguments
    assert list((tmp_path / "tmp").iterdir()) == []
    assert text not in repr(KeyText(text))
    assert "PRIVATE" not in repr(signing.signer({"LANDRACE_SIGNING_KEY": text}))


def test_nothing_is_left_behind(keys: Path, tmp_path: Path) -> None:
    verify(DATA, sign(DATA, KeyText((keys / "bot").read_text())), allow(keys / "bot"))
    assert list((tmp_path / "tmp").iterdir()) == []
