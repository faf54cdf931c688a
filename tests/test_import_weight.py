"""What `import landrace` loads. import-linter cannot see when an import happens."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from loader_cells import make_pin, write_cell

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = {"jinja2", "pydantic", "yaml", "click", "git", "litellm", "numpy", "rich"}
# Slow parts of the standard library that a service may never need.
SLOW = {"dataclasses", "inspect", "pathlib", "logging", "asyncio", "difflib", "urllib"}


def _modules_after(code: str, *args: str) -> set[str]:
    """The top-level names in sys.modules of a fresh interpreter that ran ``code``."""
    code += (
        "\nimport json, sys; print(json.dumps([name.partition('.')[0] for name in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, *args], capture_output=True, check=True, text=True
    )
    return set(json.loads(done.stdout))


def test_the_import_is_light() -> None:
    loaded = _modules_after("import landrace")

    assert "landrace" in loaded
    assert loaded & HEAVY == set()
    assert (loaded - _modules_after("")) & SLOW == set()


def test_getting_a_prompt_is_light_and_rendering_needs_jinja2_alone(tmp_path: Path) -> None:
    write_cell(tmp_path, make_pin())
    get = (
        "import sys, landrace\n"
        "prompt = landrace.Registry(sys.argv[1]).get('review-sentiment', 'local/small')"
    )

    assert _modules_after(get, str(tmp_path)) & HEAVY == set()
    rendered = _modules_after(get + "\nprompt.request(review='x')", str(tmp_path))
    assert rendered & HEAVY == {"jinja2"}


def test_parsing_an_answer_is_light(tmp_path: Path) -> None:
    write_cell(tmp_path, make_pin())
    code = (
        "import sys, landrace\n"
        "prompt = landrace.Registry(sys.argv[1]).get('review-sentiment', 'local/small')\n"
        "assert prompt.parse(' yes ') == 'yes'"
    )

    assert _modules_after(code, str(tmp_path)) & HEAVY == set()


def test_a_run_of_pytest_loads_nothing_through_us(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text(
        "import json, pathlib, sys\n"
        "def test_other(pytestconfig):\n"
        "    assert pytestconfig.pluginmanager.has_plugin('landrace')\n"
        "    names = [name.partition('.')[0] for name in sys.modules]\n"
        "    pathlib.Path('modules.json').write_text(json.dumps(names))\n"
    )
    command = [sys.executable, "-m", "pytest", "-q"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    loaded = set(json.loads((tmp_path / "modules.json").read_text()))
    assert "landrace" in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("missing", ["pydantic", "git", "pytest_regressions"])
def test_the_option_without_its_extra_says_what_to_type(tmp_path: Path, missing: str) -> None:
    _hide(missing, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "hidden", "--landrace"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"--landrace needs {missing}" in done.stderr
    assert "pip install 'landrace[pytest]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_fixture_without_its_extra_says_what_to_type(tmp_path: Path) -> None:
    _hide("pydantic", tmp_path)
    (tmp_path / "test_other.py").write_text("def test_other(landrace_gate): ...\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "hidden"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert "1 error" in done.stdout
    assert "landrace_gate needs pydantic" in done.stdout
    assert "pip install 'landrace[pytest]'" in done.stdout
    assert "pytest_plugin" not in done.stdout


def _hide(package: str, folder: Path) -> None:
    """Make ``-p hidden`` a pytest plugin that lets a package seem not to be installed."""
    (folder / "hidden.py").write_text(
        "import sys, pytest\n"
        "@pytest.hookimpl(tryfirst=True)\n"
        "def pytest_configure():\n"
        f"    sys.modules[{package!r}] = None\n"
    )


def test_the_package_exports_the_loader_and_nothing_else() -> None:
    import landrace

    assert sorted(landrace.__all__) == ["Prompt", "Registry", "__version__", "errors", "run"]
