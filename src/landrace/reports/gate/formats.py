"""Every rendering by its name. JSON is the data itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.reports.gate.github import github
from landrace.reports.gate.junit import junit
from landrace.reports.gate.markdown import markdown
from landrace.reports.gate.text import text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from landrace.schemas.gate_report import GateReport

FORMATS: Mapping[str, Callable[[GateReport], str]] = {
    "text": text,
    "markdown": markdown,
    "junit": junit,
    "github": github,
}
