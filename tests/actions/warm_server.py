"""The process of `warm` that imports everything once and forks a landrace for each client."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
from importlib import import_module

from landrace.__main__ import main
from landrace.cli import COMMANDS
from landrace.gateway import litellm

# What runs import when they come to need it, besides litellm; a name that is gone costs time only.
LATE = (
    "git",
    "httpcore",
    "litellm.proxy._types",
    "openai.lib.streaming.chat",
    "openai.resources",
    "scipy.optimize",
    "scipy.stats",
)


def load() -> None:
    """Import what a run would, and leave nothing else behind."""
    before = dict(os.environ)
    for command in COMMANDS.values():
        import_module(command.module)
    litellm._litellm()
    for module in LATE:
        with contextlib.suppress(ModuleNotFoundError):
            import_module(module)
    litellm._litellm.cache_clear()
    os.environ.clear()
    os.environ.update(before)
    gc.freeze()  # else a fork copies it all when it ends, to no end


def serve(address: str) -> bool:
    """Fork for each client until the input ends; True in the process that is to be landrace."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            client = listener.accept()[0]
            if os.fork() == 0:
                listener.close()
                return attend(client)
            client.close()
            reap()
    return False


def attend(client: socket.socket) -> bool:
    """Tell the client the process and then the status of its run; True in that process."""
    streams = socket.recv_fds(client, 1, 3)[1]
    with client, client.makefile() as asked:
        request = json.loads(asked.readline())
        process = os.fork()
        if process:
            client.sendall(f"{process}\n".encode())
            status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            client.sendall(f"{status}\n".encode())
            os._exit(0)
    become(request, streams)
    return True


def become(request: dict, streams: list[int]) -> None:
    """Be as if begun by the client."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environ"])
    sys.argv = ["landrace", *request["arguments"]]
    signal.signal(signal.SIGINT, signal.default_int_handler)


def reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    load()
    if serve(sys.argv[1]):
        main()
