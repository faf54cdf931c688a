"""Runs a real workflow file on this machine with act, against a fake GitHub and a git remote.

Actions of others are replaced by the folders in stubs/; ours and landrace itself are real.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forge.git_remote import GitRemote

STUBS = Path(__file__).with_name("stubs")
BIN = Path(sys.executable).parent
_USES = re.compile(r"uses: (?P<owner>[\w-]+)/(?P<name>[\w-]+)\S*@(?P<sha>[0-9a-f]{40})")
_ENDED = re.compile(r"\[\w+/(?P<job>[^\]]+?)\s*\] 🏁  Job (?P<how>succeeded|failed)")
# What a step finds; the rest of an event's environment act makes itself.
_FORGE = ("GITHUB_API_URL", "GITHUB_GRAPHQL_URL", "GITHUB_REPOSITORY", "GITHUB_SERVER_URL")


class WorkflowRun(NamedTuple):
    """``jobs`` has those that ran, by their names, with ``succeeded`` or ``failed``."""

    jobs: dict[str, str]
    log: str


@dataclass(frozen=True)
class Act:
    """``folder`` keeps the caches and artifacts from one run to the next.

    act gives every job the same ``token`` and all ``secrets``: what each may do is tested on the
    steps. For a fork it is told neither, as GitHub does. ``image`` has the runner's landrace.
    """

    remote: GitRemote
    token: str
    folder: Path
    secrets: Mapping[str, str] = field(default_factory=dict)
    image: Path = BIN

    def run(
        self, workflow: str, event: Mapping[str, str], env: Mapping[str, str] | None = None
    ) -> WorkflowRun:
        """Run a workflow of the default branch for an event (see `forge.runs.Runs`)."""
        clone = self._clone(event["GITHUB_RUN_ID"])
        text = (clone / workflow).read_text()
        command = [
            str(BIN / "act"),
            event["GITHUB_EVENT_NAME"],
            *("--eventpath", event["GITHUB_EVENT_PATH"]),
            *("--workflows", workflow),
            *("--platform", "ubuntu-latest=-self-hosted"),
            *("--container-daemon-socket", "-"),
            "--no-cache-server",
            *_options(
                "--secret", map("=".join, {**self.secrets, "GITHUB_TOKEN": self.token}.items())
            ),
            *_options("--local-repository", dict.fromkeys(map(_stub, _USES.finditer(text)))),
            *_options("--env", map("=".join, self._environment(event, env or {}).items())),
        ]
        done = subprocess.run(
            command, cwd=clone, env=self._outer(), capture_output=True, text=True, check=False
        )
        log = done.stdout + done.stderr
        return WorkflowRun({m["job"]: m["how"] for m in _ENDED.finditer(log)}, log)

    def _clone(self, name: str) -> Path:
        """The default branch, where act finds the workflow."""
        clone = self.folder / f"run-{name}"
        subprocess.run(
            ["git", "clone", "--quiet", self.remote.address(self.token), str(clone)], check=True
        )
        address = ["git", "remote", "set-url", "origin", self.remote.address()]
        subprocess.run(address, cwd=clone, check=True)
        return clone

    def _environment(self, event: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
        return {
            **{name: event[name] for name in _FORGE},
            "GITHUB_RUN_ID": event["GITHUB_RUN_ID"],
            "NO_PROXY": "127.0.0.1",
            "STUBS_ARTIFACTS": str(self.folder / f"artifacts-{event['GITHUB_RUN_ID']}"),
            "STUBS_CACHE": str(self.folder / "cache"),
            **more,
        }

    def _outer(self) -> dict[str, str]:
        """landrace is on the PATH, as on a runner whose image has it; act keeps house here."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        path = os.pathsep.join((str(self.image), str(BIN), os.environ["PATH"]))
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "LANDRACE_"))}
        cache = os.environ.get("LANDRACE_CACHE_DIR", str(Path.home() / ".cache" / "landrace"))
        return {**kept, "PATH": path, "HOME": str(home), "LANDRACE_CACHE_DIR": cache}


def _stub(found: re.Match[str]) -> str:
    return f"{found['owner']}/{found['name']}@{found['sha']}={STUBS / found['name']}"


def _options(name: str, values: object) -> list[str]:
    return [part for value in values for part in (name, value)]
