"""Prompts in git, bred for each model on pull requests, served without a network.

This is the loader: `Registry`, `Prompt`, `run` and `errors`. The pipeline is in submodules that
``pip install landrace[pipeline]`` makes usable.
"""

from landrace import errors
from landrace.runtime.execution import run
from landrace.runtime.prompt import Prompt
from landrace.runtime.registry import Registry

__all__ = ["Prompt", "Registry", "__version__", "errors", "run"]

__version__ = "0.1.0"
