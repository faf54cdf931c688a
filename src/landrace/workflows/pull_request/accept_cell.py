"""The checks of one cell's files, before they may be committed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from pydantic import ValidationError

from landrace.digest import json_digest, text_digest
from landrace.errors import ConfigError, EvidenceError, FormatError, LandraceError, RefusedError
from landrace.optimizers.table import STRATEGIES
from landrace.optimizers.variants import write_variant
from landrace.parsers import ParseFailure
from landrace.parsers import parse as parse_answer
from landrace.pin import (
    PIN_FILE,
    TEMPLATE_FILE,
    Pin,
    file_digests,
    variant_digest,
)
from landrace.redaction import find_secrets
from landrace.reports.markdown import markdown
from landrace.schemas.candidate import Candidate
from landrace.schemas.report import Report
from landrace.store import files
from landrace.store.atomic import json_text
from landrace.store.registry import cell_path, is_variant_file, leftovers
from landrace.strict_json import parse
from landrace.workflows.fingerprints import Known
from landrace.workflows.freshness import stale_reasons
from landrace.workflows.pinning import REPORT, REPORT_DATA, scores_of
from landrace.workflows.pull_request.evidence import (
    EVIDENCE,
    SIGNATURE,
    first_problem,
    most_bytes,
    parse_evidence,
)
from landrace.workflows.record import trained_from
from landrace.workflows.tasks import Pinned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landrace.schemas.evidence import Evidence
    from landrace.workflows.pull_request.standing import EvidenceCheck
    from landrace.workflows.pull_request.work import Work

_ALWAYS = frozenset({PIN_FILE, REPORT, REPORT_DATA, EVIDENCE})
_MEASURED = frozenset({EVIDENCE})


class CellCheck:
    """One cell's files, checked one after the other.

    After a search that is the whole folder. Where only a comparison was missing it is the
    evidence, and about the files that head has.
    """

    def __init__(self, files: Mapping[str, str], work: Work, check: EvidenceCheck) -> None:
        self._files = files
        self._work = work
        self._cell = work.cell
        self._check = check
        state = check.head.prompt(work.cell.prompt)
        assert state is not None, "work is on prompts of head"
        self._state = state
        self._folder = cell_path(work.cell.prompt, work.cell.model.id)

    def path(self, name: str) -> str:
        """A file's path from the root."""
        return f"{self._folder}/{name}"

    def paths_to_remove(self) -> list[str]:
        """Files that head has beside these, and that are about what they replace."""
        root = self._check.head.project.root
        gone = [] if self._work.kind == "measure" else leftovers(root, self._folder, self._files)
        if files.exists(root, self.path(SIGNATURE)):
            gone.append(SIGNATURE)
        return [self.path(name) for name in gone]

    def checked(self) -> tuple[Report | None, Evidence]:
        """What the files say.

        Raises:
            RefusedError: one of them must not be committed.
            EvidenceError: they are about something that base or head no longer hold.
        """
        self._check_shape()
        if self._work.kind == "measure":
            return None, self._measured()
        pin = self._pin()
        self._check_template(pin)
        report = self._report(pin)
        others = {name: text for name, text in self._files.items() if name != EVIDENCE}
        return report, self._evidence(pin, file_digests(others))

    def _check_shape(self) -> None:
        wanted = _MEASURED if self._work.kind == "measure" else _ALWAYS | self._variant_files()
        if self._files.keys() != wanted:
            self._refuse(f"a cell has {', '.join(sorted(wanted))}, and nothing else")
        for name, text in self._files.items():
            if not _is_text(text):
                self._refuse("it holds half of a surrogate pair, which is no text", name)
            if len(text.encode()) > most_bytes(name):
                self._refuse(f"the file is larger than {most_bytes(name):,} bytes", name)
            for secret in find_secrets(text):
                self._refuse(f"line {secret.line} looks like a secret ({secret.kind})", name)

    def _variant_files(self) -> frozenset[str]:
        """The files that serve: of a program those that its pin names, once that is checked."""
        if self._state.program.is_plain:
            return frozenset({TEMPLATE_FILE})
        return frozenset(name for name in self._files if is_variant_file(name))

    def _served(self) -> dict[str, str]:
        return {name: self._files[name] for name in sorted(self._variant_files())}

    def _measured(self) -> Evidence:
        pinned = self._check.head.pinned(self._cell.prompt, self._cell.model.id)
        assert pinned is not None, "what is measured is pinned"
        return self._evidence(pinned.pin, self._check.pinned_files(self._cell, pinned))

    def _pin(self) -> Pin:
        pin, cell = self._read_pin(), self._cell
        if (pin.prompt, pin.model.id) != (cell.prompt, cell.model.id):
            self._refuse("the pin is another cell's", PIN_FILE)
        if pin.model.aliases != cell.model.aliases:
            self._refuse("its aliases are not those of the pipeline", PIN_FILE)
        incumbent = self._incumbent()
        if pin.training != (incumbent.pin.training if incumbent else None):
            self._refuse("it tells of a training that base's pin does not", PIN_FILE)
        if pin.variant != variant_digest(pin):
            self._refuse("`variant` is not the hash of what the pin serves", PIN_FILE)
        self._check_files(pin)
        strategy = STRATEGIES.get(pin.search.strategy)
        if strategy is None or pin.search.version != strategy.version:
            self._refuse("it is of a strategy that this landrace does not have", PIN_FILE)
        known = Known.of(self._state)
        reasons = stale_reasons(pin, known, params=cell.model.params, pipeline=cell.pipeline.config)
        if pin.parent != (incumbent.pin.variant if incumbent else None):
            reasons.append("base pins another variant now")
        if reasons:
            problem = f"the pin is about something else: {reasons[0]}"
            raise EvidenceError(problem, where=self.path(PIN_FILE))
        return pin

    def _check_files(self, pin: Pin) -> None:
        served = self._served()
        for name in sorted({*served, *pin.files}):
            if file_digests({name: served.get(name, "")}).get(name) != pin.files.get(name):
                self._refuse("it is not the file that its pin names", name)
        for name, text in self._state.program.corpora.items():
            if name in served and text_digest(served[name]) != text_digest(text):
                self._refuse("it is not the corpus that the prompt has", name)

    def _incumbent(self) -> Pinned | None:
        return self._check.base.incumbent(self._cell.prompt, self._cell.model.id)

    def _read_pin(self) -> Pin:
        try:
            pin = Pin.loads(self._files[PIN_FILE], self.path(PIN_FILE))
        except FormatError as error:
            self._refuse(f"it is no pin: {error.problem}", PIN_FILE)
        self._require_own_form(PIN_FILE, pin.dumps())
        return pin

    def _check_template(self, pin: Pin) -> None:
        """It parses, is within the limits of rendering, and takes every case of head."""
        try:
            variant = Pinned(pin, self._served()).variant(self._state.source.template_name)
            if variant.files.keys() != pin.files.keys():
                self._refuse("it names other files than its program has", PIN_FILE)
            for case in self._state.eval_set.cases:
                variant.first_messages(case.inputs)
        except LandraceError as error:
            name = TEMPLATE_FILE if TEMPLATE_FILE in self._files else PIN_FILE
            self._refuse(f"the variant cannot be rendered: {error.problem}", name)
        try:
            parse_answer(pin.output.parser, "")
        except ParseFailure:
            pass
        except ConfigError as error:
            self._refuse(f"its parser cannot be used: {error.problem}", PIN_FILE)

    def _report(self, pin: Pin) -> Report:
        try:
            report = Report.model_validate(parse(self._files[REPORT_DATA], REPORT_DATA))
        except FormatError as error:
            self._refuse(f"it is no report: {error.problem}", REPORT_DATA)
        except ValidationError as error:
            self._refuse(f"it is no report: {first_problem(error)}", REPORT_DATA)
        self._require_own_form(REPORT_DATA, _json_text(report))
        if (report.prompt, report.model) != (self._cell.prompt, self._cell.model.id):
            self._refuse("the report is another cell's", REPORT_DATA)
        told = (report.holdout_looks, report.inflation, scores_of(report))
        if told != (pin.holdout_looks, pin.inflation, pin.scores):
            self._refuse("its scores are not those of the pin", REPORT_DATA)
        if report.training != trained_from(pin.training):
            self._refuse("it tells of another training than the pin", REPORT_DATA)
        if report.decision == "kept incumbent" and pin.files != self._kept(report):
            self._refuse("it says that nothing new is served, and something is", REPORT_DATA)
        # Only what is made of the data, so that no text of others' stands in it as it came.
        if self._files[REPORT] != markdown(report):
            self._refuse(f"it is not what {REPORT_DATA} says", REPORT)
        return report

    def _kept(self, report: Report) -> dict[str, str]:
        """The files of a pin for what is served already, or for the prompt as it is written.

        The latter also where the search had to leave behind what is served: one that cannot be
        asked any more is no contender.
        """
        incumbent = self._incumbent()
        if incumbent and any(side.role == "incumbent" for side in report.contenders):
            return incumbent.pin.files
        return file_digests(write_variant(self._state.program, Candidate()).files)

    def _evidence(self, pin: Pin, files: Mapping[str, str]) -> Evidence:
        path = self.path(EVIDENCE)
        try:
            found = parse_evidence(self._files[EVIDENCE], path)
        except FormatError as error:
            self._refuse(f"it is no evidence: {error.problem}", EVIDENCE)
        if (found.prompt, found.model) != (self._cell.prompt, self._cell.model.id):
            self._refuse("the evidence is another cell's", EVIDENCE)
        if found.digest != json_digest(self._check.inputs.of(self._cell)):
            raise EvidenceError(
                "base or head has changed since the evidence was made",
                where=path,
                fix="run the pipeline again; what was paid for is not paid for again",
            )
        if found.variant != pin.variant or found.files != files:
            self._refuse("the evidence is about other files", EVIDENCE)
        return found

    def _require_own_form(self, name: str, ours: str) -> None:
        """Byte for byte as landrace writes it: nothing hides in escapes or blanks."""
        if self._files[name] != ours:
            self._refuse("it is not as landrace writes it", name)

    def _refuse(self, problem: str, name: str = "") -> NoReturn:
        raise RefusedError(
            problem,
            where=self.path(name) if name else self._folder,
            fix="nothing was committed; run the pipeline again, or look who could change it",
        )


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _json_text(report: Report) -> str:
    try:
        return json_text(report.model_dump(mode="json"))
    except ValueError:  # a number that JSON cannot hold
        return ""
