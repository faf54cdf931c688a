"""`make demo`: the main job, for real, in a throw-away clone with a bare remote.

A branch changes a prompt; landrace plans, optimizes it for the embedded model, and writes
the winner with its report; the branch is committed and pushed; the evidence is verified; an
application of ten lines answers with the pin. Nothing is replayed, nothing outside a
temporary folder is touched.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve()
REPOSITORY = HERE.parents[2]
MODEL = "local/smollm2-135m-instruct"
PROMPT = "support-intent"
MESSAGES = (
    "The chain slips whenever I push hard, can someone come round?",
    "I am off to my sister's for two months, the bike will just stand there.",
    "Your app says wrong password and the reset mail never arrives.",
)
CALLS = "400"
IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Demo"), ("EMAIL", "demo@example.com"))
}


def main() -> None:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="landrace-demo-") as folder:
        remote, clone = Path(folder, "remote.git"), Path(folder, "clone")
        say("A team's repository: a bare remote and a clone")
        run("git", "clone", "--quiet", "--bare", str(REPOSITORY), str(remote), cwd=REPOSITORY)
        run("git", "clone", "--quiet", str(remote), str(clone), cwd=REPOSITORY)
        # The pins that this repository ships would be incumbents; the demo starts without.
        run("git", "switch", "--quiet", "--create", "reword-the-prompt", cwd=clone)
        run("git", "rm", "-r", "--quiet", "--ignore-unmatch", "registry", cwd=clone)
        run("git", "commit", "--quiet", "--allow-empty", "--message", "Start bare", cwd=clone)

        say("A branch changes the prompt")
        reword(clone / "prompts" / PROMPT / "prompt.jinja")
        run("git", "commit", "--quiet", "--all", "--message", "Reword the intent prompt", cwd=clone)
        run("git", "show", "--stat", "--format=%h %s", "HEAD", "--", "prompts", cwd=clone)

        cell = ("--prompt", PROMPT, "--model", MODEL)
        say("What would it cost? Nothing is called yet")
        landrace("plan", *cell, "--max-calls", CALLS, cwd=clone)
        say("Optimize it for the model: a real search on a real model")
        landrace("optimize", *cell, "--max-calls", CALLS, cwd=clone)

        say("Commit the winner with its evidence, push the branch")
        run("git", "add", "registry", cwd=clone)
        run("git", "commit", "--quiet", "--message", f"Pin {PROMPT} for {MODEL}", cwd=clone)
        run("git", "push", "--quiet", "origin", "HEAD", cwd=clone)
        run("git", "log", "--oneline", "--max-count=2", "--stat", cwd=clone)
        say("Does the evidence still hold? No model is asked")
        landrace("verify", PROMPT, "--model", MODEL, cwd=clone)

        say("An application loads the pin and answers with it")
        print((HERE.parent / "app.py").read_text())
        run(sys.executable, str(HERE.parent / "app.py"), *MESSAGES, cwd=clone)
    say(f"Done in {time.monotonic() - started:.0f} seconds")


def reword(template: Path) -> None:
    """The edit of an author who wants the prompt to sound like the product."""
    text = template.read_text()
    template.write_text(text.replace("Message: {{ message }}", "They wrote: {{ message }}"))


def say(what: str) -> None:
    print(f"\n== {what}", flush=True)


def landrace(*arguments: str, cwd: Path) -> None:
    run(str(Path(sys.executable).with_name("landrace")), *arguments, cwd=cwd)


def run(*command: str, cwd: Path) -> None:
    print(f"$ {shlex.join([Path(command[0]).name, *command[1:]])}", flush=True)
    subprocess.run(command, cwd=cwd, check=True, env={**os.environ, **IDENTITY})


if __name__ == "__main__":
    main()
