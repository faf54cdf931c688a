"""A gate's result as JUnit XML: a suite for each cell, a test case for each case."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from landrace.reports.gate import story
from landrace.reports.neutralise import block

if TYPE_CHECKING:
    from collections.abc import Iterable

    from landrace.schemas.gate_report import CaseScore, FlipSample, GateCell, GateReport

VERDICT = "verdict"
_NO_CHARACTERS = re.compile("[\ufffe\uffff]")
_OUTCOMES = {"FAIL": "failure", "NOT EVALUATED": "error", "INCONCLUSIVE": "skipped"}


def junit(report: GateReport) -> str:
    """The XML. A case that got worse is a failure only where its cell fails: one case is noise."""
    root = ET.Element("testsuites", name="landrace gate")
    for cell in report.cells:
        _suite(root, cell)
    _count(root, root.iter("testcase"))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _suite(root: ET.Element, cell: GateCell) -> None:
    suite = ET.SubElement(root, "testsuite", name=_safe(f"{cell.prompt} on {cell.model}"))
    group = _safe(f"{cell.prompt}.{cell.model}")
    verdict = ET.SubElement(suite, "testcase", classname=group, name=VERDICT)
    if cell.verdict in _OUTCOMES:
        outcome = ET.SubElement(verdict, _OUTCOMES[cell.verdict], message=_safe(cell.reason))
        outcome.text = _safe("\n".join(_claims(cell)))
    samples = {flip.case_id: flip for flip in cell.flips}
    for score in cell.scores:
        case = ET.SubElement(suite, "testcase", classname=group, name=_safe(score.case_id))
        _case(case, cell, score, samples.get(score.case_id))
    _count(suite, suite.iter("testcase"))


def _case(element: ET.Element, cell: GateCell, score: CaseScore, sample: FlipSample | None) -> None:
    if score.base is None or score.head is None:
        ET.SubElement(element, "skipped", message="no score on both sides")
        return
    if score.head >= score.base:
        return
    message = f"{score.base:.3f} on base, {score.head:.3f} on head"
    kind = "failure" if cell.verdict == "FAIL" else "system-out"
    told = ET.SubElement(element, kind)
    if kind == "failure":
        told.set("message", message)
    told.text = _safe("\n".join([message, *_texts(sample)]))


def _texts(sample: FlipSample | None) -> list[str]:
    if sample is None:
        return []
    texts = {
        "input": sample.input,
        "expected": sample.expected,
        "base": sample.base_output,
        "head": sample.head_output,
        "feedback": sample.feedback,
    }
    return [f"{name}: {text}" for name, text in texts.items() if text is not None]


def _claims(cell: GateCell) -> list[str]:
    claims = [
        f"{claim.verdict} {story.name(claim)}: {story.evidence(claim)}. {story.power(claim)}"
        for claim in cell.claims
    ]
    breaks = [f"broken {found.kind} {found.name}: {found.reason}" for found in cell.breaks]
    return [*map(str.rstrip, claims), *breaks]


def _count(element: ET.Element, cases: Iterable[ET.Element]) -> None:
    found = list(cases)
    element.set("tests", str(len(found)))
    for attribute, child in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(sum(case.find(child) is not None for case in found)))


def _safe(text: str) -> str:
    """Without the characters that XML forbids: they are written out, like all hidden ones.

    A CI runner reads what a job prints, so nothing in it may be a command either.
    """
    return _NO_CHARACTERS.sub(lambda match: f"\\u{ord(match[0]):04x}", block(text))
