"""Runs of GitHub Actions: the payload and the environment that a step finds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from forge import contract
from forge.github_state import OWN_ID

if TYPE_CHECKING:
    from pathlib import Path

    from forge.fake_github import FakeGitHub

ZEROS = "0" * 40


@dataclass
class Runs:
    """Makes runs of a fake GitHub's repository, numbered from 7001; files go to ``folder``."""

    github: FakeGitHub
    folder: Path
    server_url: str = "https://github.example"

    def __post_init__(self) -> None:
        self._numbers = count(7001)

    def pull_request(
        self, number: int, action: str = "synchronize", *, sender: str = "User", **more: Any
    ) -> dict[str, str]:
        """The environment of a run for a pull request; ``GITHUB_SHA`` is a merge commit.

        ``more`` is the payload's, such as the ``changes`` of ``edited``.
        """
        pull = self.github.pulls[number]
        if action != "edited":
            self.github.retarget(number, pull.base)  # where it is at a push
        repository = self.github.repository
        merged = repository.merge(pull.base, f"refs/pull/{number}/head")
        assert merged, "GitHub starts no run for a pull request with a conflict"
        repository.git("update-ref", f"refs/pull/{number}/merge", merged)
        payload = {
            "action": action,
            "number": number,
            "pull_request": self.github.describe(pull),
            **more,
        }
        ref = f"refs/pull/{number}/merge"
        names = {"GITHUB_HEAD_REF": pull.head, "GITHUB_BASE_REF": pull.base}
        return self._environment("pull_request", payload, merged, ref, sender) | names

    def merge_group(self, number: int) -> dict[str, str]:
        """The environment of a merge queue's run for a pull request."""
        pull = self.github.pulls[number]
        repository = self.github.repository
        base = repository.existing(pull.base)
        merged = repository.merge(pull.base, f"refs/pull/{number}/head")
        assert merged
        ref = f"refs/heads/gh-readonly-queue/{pull.base}/pr-{number}-{base}"
        repository.git("update-ref", ref, merged)
        group = {
            "head_sha": merged,
            "head_ref": ref,
            "base_sha": base,
            "base_ref": f"refs/heads/{pull.base}",
        }
        payload = {"action": "checks_requested", "merge_group": group}
        return self._environment("merge_group", payload, merged, ref, "User")

    def dispatch(self, branch: str = "main", **inputs: str) -> dict[str, str]:
        """The environment of a run that somebody started by hand on a branch."""
        ref = f"refs/heads/{branch}"
        payload = {"inputs": inputs or None, "ref": ref}
        head = self.github.repository.existing(branch)
        return self._environment("workflow_dispatch", payload, head, ref, "User")

    def push(self, branch: str, before: str = ZEROS) -> dict[str, str]:
        """The environment of a run for a push; from all zeros the branch is new."""
        ref = f"refs/heads/{branch}"
        head = self.github.repository.existing(branch)
        payload = {"ref": ref, "before": before, "after": head}
        return self._environment("push", payload, head, ref, "User")

    def schedule(self, branch: str = "main") -> dict[str, str]:
        """The environment of a run that the timetable started; it has no sender."""
        head = self.github.repository.existing(branch)
        ref = f"refs/heads/{branch}"
        return self._environment("schedule", {"schedule": "17 5 * * 1"}, head, ref, None)

    def _environment(
        self, name: str, payload: dict[str, Any], sha: str, ref: str, sender: str | None
    ) -> dict[str, str]:
        repository = self.github.repository.full_name
        payload["repository"] = {
            "id": OWN_ID,
            "full_name": repository,
            "default_branch": "main",
        }
        if sender:
            login = "ada" if sender == "User" else "landrace[bot]"
            payload["sender"] = {"login": login, "type": sender}
        contract.check(contract.event_schemas()[name], payload, f"the payload of {name}")
        run = next(self._numbers)
        step = self.folder / f"run-{run}"
        step.mkdir(parents=True)
        event = step / "event.json"
        event.write_text(json.dumps(payload))
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.github.url,
            "GITHUB_EVENT_NAME": name,
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_GRAPHQL_URL": self.github.graphql_url,
            "GITHUB_OUTPUT": str(step / "output"),
            "GITHUB_REF": ref,
            "GITHUB_REPOSITORY": repository,
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_RUN_ID": str(run),
            "GITHUB_SERVER_URL": self.server_url,
            "GITHUB_SHA": sha,
            "GITHUB_STEP_SUMMARY": str(step / "summary.md"),
        }
