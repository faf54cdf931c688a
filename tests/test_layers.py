"""The layers of the design hold, by import-linter's contracts and by the graph itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("landrace", include_external_packages=True, cache_dir=None)


def test_the_contracts_hold() -> None:
    # A process of its own: import-linter prints to the stdout of its first import, which is
    # another test's by now.
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_itself_imports_the_loader_alone(graph: grimp.ImportGraph) -> None:
    assert graph.find_modules_directly_imported_by("landrace") == {
        "landrace.errors",
        "landrace.runtime.execution",
        "landrace.runtime.prompt",
        "landrace.runtime.registry",
    }


def test_no_strategy_is_imported_but_by_the_table(graph: grimp.ImportGraph) -> None:
    table = "landrace.optimizers.table"
    strategies = {
        module
        for module in graph.find_modules_directly_imported_by(table)
        if module.startswith("landrace.optimizers.") and not module.endswith(".strategy")
    }

    assert strategies
    for strategy in strategies:
        assert graph.find_modules_that_directly_import(strategy) == {table}


def test_the_gate_judges_without_models_or_git(graph: grimp.ImportGraph) -> None:
    gate = "landrace.gate"
    if gate not in graph.modules:
        return
    for forbidden in ("landrace.gateway", "landrace.git", "landrace.store"):
        assert not graph.find_shortest_chains(gate, forbidden, as_packages=True)
