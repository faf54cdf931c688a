"""SSH keys for signed evidence."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, NamedTuple

from landrace import signing

if TYPE_CHECKING:
    from pathlib import Path


SIGNERS = "pipelines/allowed_signers"


class Key(NamedTuple):
    path: Path

    def sign(self, data: bytes) -> str:
        return signing.sign(data, self.path)

    def allowed(self, options: str = 'namespaces="landrace"') -> str:
        """The key's line in ``allowed_signers``."""
        public = self.path.with_suffix(".pub").read_text()
        return f"bot@example.org {options} {' '.join(public.split()[:2])}\n"


def make_key(folder: Path, name: str = "key") -> Key:
    path = folder / name
    arguments = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path)]
    subprocess.run(arguments, check=True)
    return Key(path)
