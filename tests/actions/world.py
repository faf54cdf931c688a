"""A repository of prompts at a fake GitHub, its remote, and the runner of its workflow.

``main`` is base, ``feature`` the branch of pull request 1. The model learns from examples, so a
search finds something better than what is written.
"""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pupil_provider import colour
from steps import BIN, Actions, JobRun
from workflow_file import PROMPTS, ROOT, with_model_key

from colours import CONFIG, SOURCE
from forge.fake_github import FakeGitHub
from forge.git_remote import GitRemote
from forge.hosted import HostedRepository
from forge.runs import Runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pupil_provider import PupilProvider
    from steps import Run

    from forge.github_state import Comment, Status

PROMPT = "colours"
MODEL = "openai/pupil"
TEMPLATE = f"prompts/{PROMPT}/prompt.jinja"
CASES = f"prompts/{PROMPT}/cases.jsonl"
PIPELINE = "pipelines/default.yaml"
SIGNERS = "pipelines/allowed_signers"
BOT_KEY = "bot-key"
MODEL_KEY = "sk-proj-TheModelsOwnKeyOfThisTest0123456789"

BUDGET = 160  # calls of a search

REWORDED = SOURCE.replace("Word:", "The word:")


def cell(prompt: str = PROMPT, model: str = MODEL) -> str:
    """The folder of what is pinned."""
    return f"registry/{prompt}/{model.replace('/', '%2F')}"


def case(word: str) -> dict[str, Any]:
    return {"id": word, "inputs": {"word": word}, "expected": colour(word)}


def lines(cases: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in cases).encode()


def words(count: int = 60) -> list[dict[str, Any]]:
    return [case(f"word{number}") for number in range(count)]


def prompt(name: str = PROMPT, *, source: str = SOURCE) -> dict[str, bytes]:
    """The files of a prompt."""
    return {
        f"prompts/{name}/prompt.jinja": source.encode(),
        f"prompts/{name}/prompt.yaml": json.dumps(CONFIG).encode(),
        f"prompts/{name}/cases.jsonl": lines(words()),
    }


def pipeline(api_base: str, **changes: Any) -> bytes:
    model = {"id": MODEL, "params": {"api_base": api_base}}
    whole = {"prompts": ["*"], "models": [model], "budget": {"calls": BUDGET}}
    return json.dumps({**whole, **changes}).encode()


def files(api_base: str, signers: bytes) -> dict[str, bytes]:
    """What ``main`` has: a prompt, a pipeline, and this project's own workflow and action."""
    workflow = with_model_key((ROOT / PROMPTS).read_text()).encode()
    return {
        ".gitignore": b".landrace/\n",
        PIPELINE: pipeline(api_base),
        SIGNERS: signers,
        PROMPTS: workflow,
        "action.yml": (ROOT / "action.yml").read_bytes(),
        **prompt(),
    }


@dataclass
class World:
    """What a test changes and looks at; made by `open_world`."""

    folder: Path
    provider: PupilProvider
    repository: HostedRepository
    github: FakeGitHub
    remote: GitRemote
    runs: Runs
    actions: Actions

    @property
    def head(self) -> str:
        """Where the branch of the pull request is."""
        return self.repository.existing("feature")

    @property
    def comments(self) -> list[Comment]:
        return self.github.comments

    def push(self, files: Mapping[str, bytes | None], branch: str = "feature") -> str:
        """A person pushes a commit."""
        return self.repository.commit(branch, files)

    def begin(self, environ: Mapping[str, str]) -> Run:
        """A run for an event out of ``runs``."""
        payload = json.loads(Path(environ["GITHUB_EVENT_PATH"]).read_text())
        return self.actions.begin(environ, payload)

    def run(self, environ: Mapping[str, str] | None = None) -> dict[str, JobRun]:
        """All of a run; by default that of a push to the pull request."""
        return self.begin(environ or self.runs.pull_request(1)).all()

    def event_at(self, oid: str) -> dict[str, str]:
        """The event of an older push to the pull request."""
        head = self.head
        self.repository.git("update-ref", "refs/heads/feature", oid)
        event = self.runs.pull_request(1)
        self.repository.git("update-ref", "refs/heads/feature", head)
        return event

    def gate(self, event: Mapping[str, str] | None = None) -> JobRun:
        """The gate alone, as if no other job of the run had come to anything."""
        run = self.begin(event or self.runs.pull_request(1))
        run.jobs.update(dict.fromkeys(("plan", "optimize", "commit"), JobRun("skipped")))
        return run.job("gate")

    def by_hand(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """landrace in somebody's clone with the pull request's branch checked out; no CI."""
        clone = self.folder / f"clone-{self.head}"
        if not clone.exists():
            command = [
                "git",
                "clone",
                "--quiet",
                "--branch",
                "feature",
                self.repository.path,
                clone,
            ]
            subprocess.run(command, check=True)
        return subprocess.run(
            [self.actions.image / "landrace", *arguments],
            cwd=clone,
            env={**self.actions.machine, "HOME": str(self.folder), "OPENAI_API_KEY": MODEL_KEY},
            capture_output=True,
            text=True,
            check=False,
        )

    def paid(self) -> Counter[str]:
        """How often each call stands in the newest ledger of the cache."""
        newest = max(self.actions.cache.iterdir(), key=lambda path: path.stat().st_mtime)
        records = map(json.loads, newest.read_bytes().splitlines())
        return Counter(record["key"] for record in records if record["kind"] == "call")

    def read(self, path: str, ref: str = "feature") -> str:
        return self.repository.files(ref)[path].decode()

    def bot_commits(self, ref: str = "feature") -> int:
        messages = map(self.repository.message, self.repository.history(ref))
        return sum("Landrace-Run: " in message for message in messages)

    def bring_up_to_date(self, branch: str, other: str = "main") -> str:
        """Merge a branch into another, as the button of GitHub does."""
        merged = self.repository.merge(branch, other)
        assert merged, "a merge conflict"
        self.repository.git("update-ref", f"refs/heads/{branch}", merged)
        return merged


@contextmanager
def open_world(folder: Path, provider: PupilProvider, image: Path = BIN) -> Iterator[World]:
    """A world in a folder, which has the bot's key and may have the rest of an earlier world.

    ``image`` is the folder that has the runner's landrace.
    """
    repository = HostedRepository(folder / "forge")
    github = FakeGitHub(repository)
    remote = GitRemote(repository, github.tokens)
    if repository.head("feature"):
        github.open_pull("feature")
    secrets = {
        "landrace-llm": {"OPENAI_API_KEY": MODEL_KEY},
        "landrace-bot": {"LANDRACE_SIGNING_KEY": (folder / BOT_KEY).read_text()},
    }
    with ExitStack() as stack:
        stack.enter_context(github)
        stack.enter_context(remote)
        runs = Runs(github, folder / "runs", server_url=remote.url)
        actions = Actions(remote, folder / "runner", secrets, image=image)
        yield World(folder, provider, repository, github, remote, runs, actions)
    assert github.violations == []
    assert github.weather.is_over


@dataclass(frozen=True)
class Stage:
    """A world as it was at some moment: tests go on from a copy."""

    folder: Path
    jobs: Mapping[str, JobRun]
    comments: tuple[Comment, ...] = ()
    statuses: tuple[Status, ...] = ()

    @contextmanager
    def copy(self, folder: Path, provider: PupilProvider, image: Path = BIN) -> Iterator[World]:
        shutil.copyfile(self.folder / BOT_KEY, folder / BOT_KEY)
        shutil.copytree(self.folder / "forge", folder / "forge", symlinks=True)
        if (self.folder / "runner").exists():
            shutil.copytree(self.folder / "runner", folder / "runner", ignore=_ignore_workspaces)
        with open_world(folder, provider, image) as world:
            world.github.comments += copy.deepcopy(self.comments)
            yield world

    def resume(self, world: World) -> Run:
        """The stage's first run in a copy of its world, with the jobs that are done."""
        run = world.begin(world.runs.pull_request(1))
        run.jobs.update(copy.deepcopy(dict(self.jobs)))
        return run


def _ignore_workspaces(folder: str, names: list[str]) -> set[str]:
    """What jobs worked in; caches and artifacts outlive it."""
    is_run = Path(folder).name.startswith("run-")
    return set(names) - {"artifacts"} if is_run else set()
