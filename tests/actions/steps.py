"""Runs the jobs of prompts.yml without act, each in a checkout and an environment of its own.

Conditions, rights, inputs and secrets are read from the workflow and the action. Each job's step
of landrace is a process, begun by the action's own script; actions of others are done here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from workflow_file import PROMPTS, ROOT, Expressions, granted, parsed, read, with_model_key

from forge.outputs import read_outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from forge.git_remote import GitRemote

    Watch = Callable[[subprocess.Popen[str]], object]

BIN = Path(sys.executable).parent
BOT = "github-actions[bot]"
# Tests that run in the background ignore SIGINT, and so would their children.
_RESET = """\
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])
"""
INTERRUPTIBLE = (sys.executable, "-c", _RESET)
Result = Literal["success", "failure", "skipped"]


@dataclass
class JobRun:
    """What became of a job.

    ``outputs`` are the job's, ``told`` those of landrace's step. ``exit_code`` is landrace's,
    negative if a signal ended it; None if it never began. ``environment`` is what it was given.
    """

    result: Result
    outputs: dict[str, str] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    exit_code: int | None = None
    log: str = ""
    summary: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    workspace: Path | None = None


@dataclass(frozen=True)
class Actions:
    """The runner of one repository; ``secrets`` by the environments of jobs that have them."""

    remote: GitRemote
    folder: Path
    secrets: Mapping[str, Mapping[str, str]]
    depth: int = 0
    variables: Mapping[str, str] = field(default_factory=dict)
    admits: str = ""
    """The only ref whose jobs get an environment; without one, each."""
    image: Path = BIN
    """The folder that has the runner's landrace."""

    def begin(self, event: Mapping[str, str], payload: dict[str, Any]) -> Run:
        """A run for an event (see `forge.runs.Runs`), of which no job has begun."""
        return Run(self, event, payload, _workflow()["jobs"])

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    @property
    def machine(self) -> dict[str, str]:
        """The environment that no event, step or secret adds to."""
        return {**MACHINE, "PATH": f"{self.image}{os.pathsep}{MACHINE['PATH']}"}


class Run:
    """One run of the workflow; ``jobs`` has those that are done."""

    def __init__(
        self,
        actions: Actions,
        event: Mapping[str, str],
        payload: dict[str, Any],
        described: dict[str, Any],
    ) -> None:
        self._actions = actions
        self._event = event
        self._described = described
        self.jobs: dict[str, JobRun] = {}
        self.folder = actions.folder / f"run-{event['GITHUB_RUN_ID']}"
        self._github = {
            "event": payload,
            "event_name": event["GITHUB_EVENT_NAME"],
            "ref": event["GITHUB_REF"],
            "run_id": event["GITHUB_RUN_ID"],
            "run_attempt": event["GITHUB_RUN_ATTEMPT"],
        }

    def all(self) -> dict[str, JobRun]:
        """Every job that is not done yet, in order."""
        for name in self._described:
            if name not in self.jobs:
                self.job(name)
        return self.jobs

    def until(self, last: str) -> JobRun:
        """The jobs up to this one, which is given back."""
        for name in self._described:
            if name not in self.jobs:
                self.job(name)
            if name == last:
                break
        return self.jobs[last]

    def job(self, name: str, watch: Watch = lambda _: None) -> JobRun:
        """One job; ``watch`` is told the process of landrace when it has begun."""
        job = self._described[name]
        needs = {other: self.jobs[other] for other in _listed(job.get("needs", []))}
        known = {one: {"result": run.result, "outputs": run.outputs} for one, run in needs.items()}
        context = {
            "github": self._github,
            "inputs": self._github["event"].get("inputs") or {},
            "needs": known,
            "vars": dict(self._actions.variables),
        }
        succeeded = all(run.result == "success" for run in needs.values())
        if not Expressions(context, succeeded).holds(job.get("if", "")):
            self.jobs[name] = JobRun("skipped")
        elif "environment" in job and self._actions.admits not in {"", self._github["ref"]}:
            self.jobs[name] = JobRun("failure")  # GitHub starts no step of it
        else:
            self.jobs[name] = _Job(self, name, job, context, watch).run()
        return self.jobs[name]

    @property
    def codes(self) -> dict[str, int | None]:
        """The exit codes of the jobs that ran."""
        ran = {name: job for name, job in self.jobs.items() if job.result != "skipped"}
        return {name: job.exit_code for name, job in ran.items()}

    @property
    def actions(self) -> Actions:
        return self._actions

    @property
    def event(self) -> Mapping[str, str]:
        return self._event

    @property
    def is_for_a_fork(self) -> bool:
        pull = self._github["event"].get("pull_request")
        own = self._github["event"]["repository"]["id"]
        return pull is not None and (pull["head"]["repo"] or {}).get("id") != own


class _Job:
    def __init__(
        self, run: Run, name: str, job: dict[str, Any], context: dict[str, Any], watch: Watch
    ) -> None:
        self._run = run
        self._described = job
        self._watch = watch
        self._folder = run.folder / name
        self._workspace = self._folder / "workspace"
        rights = granted(job, to_a_fork=run.is_for_a_fork)
        token = run.actions.remote.tokens.make(
            BOT, **{right.replace("-", "_"): level for right, level in rights.items()}
        )
        secrets = run.actions.secrets.get(job.get("environment", ""), {})
        self._context = {
            **context,
            "github": {**context["github"], "token": token},
            "secrets": {} if run.is_for_a_fork else dict(secrets),
            "steps": {},
        }
        self.done = JobRun("success", workspace=self._workspace)

    def run(self) -> JobRun:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._workspace.mkdir(parents=True)
        for step in self._described["steps"]:
            expressions = Expressions(self._context, self.done.result == "success")
            if expressions.holds(step.get("if", "")):
                self._step(step, expressions)
        told = Expressions(self._context)
        outputs = self._described.get("outputs", {})
        self.done.outputs = {name: told.text(value) for name, value in outputs.items()}
        return self.done

    def _step(self, step: dict[str, Any], expressions: Expressions) -> None:
        given = {name: expressions.text(value) for name, value in step.get("with", {}).items()}
        uses = step["uses"].partition("@")[0].removeprefix("actions/")
        if uses == "./":
            env = {name: expressions.text(value) for name, value in step.get("env", {}).items()}
            is_fine = self._landrace(step["id"], given, env)
        else:
            is_fine = {
                "checkout": self._check_out,
                "setup-python": lambda _: True,
                "cache/restore": self._restore,
                "cache/save": self._save,
                "upload-artifact": self._upload,
                "download-artifact": self._download,
            }[uses](given)
        if not is_fine and not step.get("continue-on-error"):
            self.done.result = "failure"

    def _check_out(self, given: dict[str, str]) -> bool:
        assert given["persist-credentials"] == "false"
        assert given["fetch-depth"] == "0"
        remote, depth = self._run.actions.remote, self._run.actions.depth
        ref = given["ref"].removeprefix("refs/heads/")
        source = f"file://{remote.repository.path}"
        shallow = [f"--depth={depth}"] if depth else []
        self._git("init", "--quiet", "--initial-branch=main")
        self._git("remote", "add", "origin", remote.address())
        self._git("fetch", "--quiet", *shallow, source, "+refs/heads/*:refs/remotes/origin/*")
        if not self._git("rev-parse", "--verify", "--quiet", f"origin/{ref}", check=False):
            # A commit that is on no branch any more.
            self._git("fetch", "--quiet", *shallow, source, ref)
            return self._git("checkout", "--quiet", "--detach", ref)
        return self._git("checkout", "--quiet", "--detach", f"origin/{ref}")

    def _git(self, *arguments: str, check: bool = True) -> bool:
        done = subprocess.run(
            ["git", *arguments], cwd=self._workspace, env=_GIT, capture_output=True, check=check
        )
        return done.returncode == 0

    def _restore(self, given: dict[str, str]) -> bool:
        older = sorted(self._run.actions.cache.glob(f"{given['restore-keys']}*"), key=_made)
        if older:
            _copy(older[-1], self._workspace / given["path"])
        return True

    def _save(self, given: dict[str, str]) -> bool:
        path = self._workspace / given["path"]
        if path.exists():
            _copy(path, self._run.actions.cache / given["key"])
        return True

    def _upload(self, given: dict[str, str]) -> bool:
        assert given["include-hidden-files"] == "true", ".landrace/ is hidden"
        path = self._workspace / given["path"]
        _copy(path, self._run.folder / "artifacts" / given["name"] / path.name)
        return True

    def _download(self, given: dict[str, str]) -> bool:
        artifact = self._run.folder / "artifacts" / given["name"]
        for path in artifact.glob("*"):
            _copy(path, self._workspace / given["path"] / path.name)
        return artifact.exists()

    def _landrace(self, name: str, given: dict[str, str], env: dict[str, str]) -> bool:
        """The last step of the action, as its bash begins it."""
        action = read("action.yml")
        inputs = {key: one.get("default", "") for key, one in action["inputs"].items()}
        assert given.keys() <= inputs.keys(), "an input that the action does not have"
        told = Expressions(self._context)
        filled = {key: told.text(value) for key, value in {**inputs, **given}.items()}
        step = action["runs"]["steps"][-1]
        inner = Expressions({**self._context, "inputs": filled})
        variables = {key: inner.text(value) for key, value in step["env"].items()}
        environment = {**self._surroundings(), **env, **variables}
        self._script(step["run"], environment)
        self.done.told = read_outputs(Path(environment["GITHUB_OUTPUT"]))
        # A composite action hands on what it declares, and nothing else.
        assert self.done.told.keys() <= action["outputs"].keys(), "an output that gets lost"
        declared = {key: self.done.told.get(key, "") for key in action["outputs"]}
        self._context["steps"][name] = {"outputs": declared}
        self.done.summary = Path(environment["GITHUB_STEP_SUMMARY"]).read_text()
        self.done.environment = environment
        return self.done.exit_code == 0

    def _surroundings(self) -> dict[str, str]:
        files = {}
        for variable in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
            path = self._folder / variable
            path.write_text("")
            files[variable] = str(path)
        (self._folder / "temp").mkdir()
        return {
            **self._run.actions.machine,
            **self._run.event,
            **files,
            "HOME": str(self._folder),
            "RUNNER_TEMP": str(self._folder / "temp"),
        }

    def _script(self, text: str, environment: dict[str, str]) -> None:
        path = self._folder / "temp" / "script.sh"
        path.write_text(text)
        process = subprocess.Popen(
            [*INTERRUPTIBLE, "bash", "--noprofile", "--norc", "-eo", "pipefail", str(path)],
            cwd=self._workspace,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._watch(process)
        self.done.log, _ = process.communicate()
        self.done.exit_code = process.returncode


def _workflow() -> dict[str, Any]:
    return parsed(with_model_key((ROOT / PROMPTS).read_text()))


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _made(path: Path) -> tuple[float, str]:
    return path.stat().st_mtime, path.name


MACHINE = {
    "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    "LANG": "C.UTF-8",
    "NO_PROXY": "127.0.0.1",
}
_GIT = {**MACHINE, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
