"""``pytest --landrace``: rendered prompts and their scores, guarded as tests.

pytest loads this module in every run of an environment that has landrace, so it imports
nothing but pytest until it is asked for something.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.pytest_plugin.gate import GateRunner

__all__ = ["InconclusiveWarning", "LandraceWarning", "StaleBaselineWarning"]

_MARKERS = (
    "landrace: every item that `--landrace` collects",
    "landrace_snapshot: the rendered prompts of one prompt on one model",
    "landrace_gate: what is served on one model against its baseline; may call the model",
)
_PIPELINE = ("git", "jsonschema", "numpy", "pydantic", "scipy", "yaml")


class LandraceWarning(pytest.PytestWarning):
    """Something about a prompt that fails no test."""


class InconclusiveWarning(LandraceWarning):
    """The cases cannot tell whether what is served got worse."""


class StaleBaselineWarning(LandraceWarning):
    """A baseline was blessed with other cases or metrics."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("landrace", "prompts")
    group.addoption(
        "--landrace",
        action="store_true",
        help="Collect the repository's prompts: snapshots of what they render, and gates that "
        "compare their scores with blessed baselines.",
    )
    parser.addini(
        "landrace_baselines",
        "Folder of the snapshots and baselines, from the rootdir; where pytest has no "
        "configuration, from the root of the repository.",
        default="tests/landrace",
    )


def pytest_configure(config: pytest.Config) -> None:
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    if not config.getoption("landrace"):
        return
    if lacking := _lacking("--landrace", (*_PIPELINE, "pytest_regressions")):
        raise pytest.UsageError(lacking)
    from landrace.pytest_plugin.collection import activate  # noqa: PLC0415 - see above

    activate(config)


@pytest.fixture(scope="session")
def landrace_gate(pytestconfig: pytest.Config) -> GateRunner:
    """Runs `landrace gate`: ``landrace_gate(base="origin/main")`` gives its report."""
    if lacking := _lacking("landrace_gate", _PIPELINE):
        pytest.fail(lacking, pytrace=False)
    from landrace.pytest_plugin.gate import gate_runner  # noqa: PLC0415 - see above

    return gate_runner(pytestconfig)


def _lacking(what: str, packages: Sequence[str]) -> str:
    """Which packages are not installed, and what to type; or nothing."""
    missing = [name for name in packages if find_spec(name) is None]
    if not missing:
        return ""
    return (
        f"{what} needs {', '.join(missing)}, which this Python lacks\n"
        "  Type: pip install 'landrace[pytest]'"
    )
