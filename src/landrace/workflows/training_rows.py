"""Rows to train models with, out of what studies have paid for already.

Answers teach a task model (BetterTogether, Soylu et al. 2024), templates an optimizer model (MAPO,
Chen et al. 2023; FIPO, Lu et al. 2024: naive prompt, better and worse rewriting), node by node and
as `trained` asks for them. Only `search` and `select` cases are in the ledger's scores; a `Scope`
keeps out what has become a holdout since. An answer to a case that its candidate shows as an
example is none: it could be read off.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from landrace.gateway.base import BY_LIMIT, Message, Request
from landrace.ledger import CALL
from landrace.optimizers.proposing.template_writing import question
from landrace.optimizers.search.credit import Observation, standings
from landrace.workflows.own_words import OwnWords
from landrace.workflows.training_scope import OTHER_SET, SHOWN, Scope, Written

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping

Kind: TypeAlias = Literal["sft", "preferences", "rewards"]
Subject: TypeAlias = Literal["answers", "templates"]
Turns: TypeAlias = "list[dict[str, str]]"
Row: TypeAlias = "dict[str, Any]"
OnLeftOut: TypeAlias = "Callable[[str, int], None]"

MARGIN = 0.05  # of a mean score: templates that differ by less say nothing about one another

# Why an answer that was paid for is no row.
OTHER_TEXT = (
    "its request has been answered in two ways, as it is once the model's file changes, "
    "and the ledger does not say which answer was scored"
)
CUT_OFF = (
    "the limit on its tokens cut it off, and who is trained on it would learn to stop amid a word"
)

# Why one is in no pair.
SEVERAL_ITEMS = (
    "a node that is asked about several items has one score for all of them, "
    "and a pair needs one for each"
)
OTHER_MANNER = (
    "its prompt has another answer format, parser, parameters or graph than the base, "
    "and a pair is of answers to the base prompt"
)

EVERYTHING = Scope()


class Said(NamedTuple):
    """A call: its messages, the answer's text, and whether a limit on tokens ended that."""

    turns: Turns
    text: str
    is_cut: bool


Calls: TypeAlias = "Mapping[str, Said]"  # as scores name calls


class Answer(NamedTuple):
    """One scored answer of a candidate to a case.

    ``calls`` are all its calls by their keys in the ledger, or by the digests of their requests in
    ledgers of old. ``node`` is the one that made the last, None if unknown, and ``times`` how many
    calls it made in that run.
    """

    candidate: str
    case: str
    value: float
    calls: tuple[str, ...]
    node: str | None
    times: int

    @property
    def asked(self) -> str:
        """The call that gave the answer."""
        return self.calls[-1]


UNKNOWN = Written({}, "", frozenset())


@dataclass
class _Study:
    """What the ledger says of one study."""

    about: Mapping[str, Any]
    scope: Scope
    written: dict[str, Written] = field(default_factory=dict)  # by candidate
    answers: dict[tuple[str, str, int], Answer] = field(default_factory=dict)
    without: dict[tuple[str, str, int], str] = field(default_factory=dict)  # why each is no row

    def take(self, record: Mapping[str, Any], written: Written) -> None:
        """Take a score in, among those that count or among those that do not."""
        answer = _answer(record, written.templates)
        key = (answer.candidate, answer.case, record["repeat"])
        if not self.scope.has_set(self.about):
            reason: str | None = OTHER_SET
        else:
            reason = self.scope.without(answer.case, written)
        if reason is None:
            self.answers[key] = answer
        else:
            self.without[key] = reason

    def calls_among(self, calls: Calls, doubtful: Container[str]) -> Calls:
        """The study's own calls, without those of prompts that show what is not to be seen.

        An answer by a ``doubtful`` call does not count.
        """
        own = {call for answer in self.answers.values() for call in answer.calls} & calls.keys()
        words = OwnWords(self.written.get(self.about["base"], UNKNOWN).templates.values())
        seen = {
            call: calls[call]
            for call in own
            if self.scope.has_prompt(_text(calls[call].turns), words)
        }
        for key, answer in list(self.answers.items()):
            is_shown = answer.asked in own and answer.asked not in seen
            if is_shown or answer.asked in doubtful:
                del self.answers[key]
                self.without[key] = SHOWN if is_shown else OTHER_TEXT
        return seen

    def manner(self, candidate: str) -> str:
        """How the candidate's answers are got and read; see `Written`."""
        return self.written.get(candidate, UNKNOWN).manner

    def worth(self) -> dict[str, float]:
        """The mean score, 0..1, that each candidate is believed to have on the cases of all.

        By plain means whoever was dropped early, after a few easy cases, would be the best.
        """
        met: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        for answer in self.answers.values():
            met[answer.candidate][answer.case].append(answer.value)
        observed = [
            Observation((number,), {case: sum(v) / len(v) for case, v in cases.items()})
            for number, cases in enumerate(met.values())
        ]
        believed = standings(observed, "residuals")
        return {name: min(1.0, max(0.0, believed[number,])) for number, name in enumerate(met)}


def training_rows(
    records: Callable[[], Iterable[Mapping[str, Any]]],
    *,
    kind: Kind,
    of: Subject,
    scope: Scope | Callable[[str], Scope] = EVERYTHING,
    threshold: float = 1.0,
    on_left_out: OnLeftOut = lambda _why, _answers: None,
) -> Iterator[Row]:
    """The rows of all finished and unfinished studies, in the order of the ledger.

    Args:
        records: reads the ledger's records anew at each call; they are passed over twice.
        kind: ``sft`` (messages), ``preferences`` (prompt, chosen, rejected) or ``rewards``
            (prompt, completion, reward), in the conversational forms that trainers read.
        of: ``answers`` of the task model, or ``templates`` of candidates. A run's score says
            how good its last answer is; but a run that passes teaches ``sft`` all of its calls,
            those of nodes before the last, too, as BetterTogether has it.
        scope: what they are taken from; or what gives it by a prompt's name.
        threshold: the least score, 0..1, of an answer that ``sft`` shows; of templates it shows
            the best, where that is better than the base by `MARGIN`.
        on_left_out: told why and how many answers to a case are no rows, or no part of a
            preference; several times for one reason.
    """
    studies = _studies(records(), scope if callable(scope) else lambda _prompt: scope)
    if of == "templates":
        for study in studies:
            yield from _template_rows(study, kind)
        return
    wanted = {call for s in studies for a in s.answers.values() for call in a.calls}
    every, doubtful = _calls(records(), wanted)
    for study in studies:
        calls = study.calls_among(every, doubtful)
        for why, answers in Counter(study.without.values()).items():
            on_left_out(why, answers)
        if kind == "preferences":
            yield from _preferences(study, calls, on_left_out)
        elif kind == "rewards":
            yield from _rewards(study, calls, on_left_out)
        else:
            yield from _passing(study, calls, threshold, on_left_out)


def _studies(
    records: Iterable[Mapping[str, Any]], scope_of: Callable[[str], Scope]
) -> list[_Study]:
    found: dict[str, _Study] = {}
    waiting: dict[str, dict[str, Written]] = defaultdict(dict)
    for record in records:
        name = record.get("study", "")
        if record["kind"] == "candidate" and "templates" in record:
            waiting[name][record["digest"]] = Written.of(record)
        elif record["kind"] == "study" and name not in found:
            scope = scope_of(record["prompt"])
            if scope.has_cell(record):
                found[name] = _Study(record, scope)
        elif record["kind"] == "score" and name in found and record["asked"]:
            found[name].take(record, waiting[name].get(record["candidate"], UNKNOWN))
    for name, study in found.items():
        study.written = waiting[name]
    return list(found.values())


def _answer(record: Mapping[str, Any], templates: Mapping[str, str]) -> Answer:
    node = record.get("node")
    if node is None and len(templates) == 1:  # ledgers of old do not say it
        (node,) = templates
    asked = record["asked"]
    # Nor this; of more calls than there are nodes, several may be of the last one.
    times = record.get("times", max(1, len(asked) - max(1, len(templates)) + 1))
    return Answer(record["candidate"], record["case"], record["value"], tuple(asked), node, times)


def _calls(records: Iterable[Mapping[str, Any]], wanted: set[str]) -> tuple[Calls, set[str]]:
    """The messages and the text of the wanted calls, and the calls that have had several texts.

    Scores name a call by its key. Those of old ledgers have the digest of its request, under which
    other weights may have answered, too.
    """
    found: dict[str, Said] = {}
    doubtful: set[str] = set()
    for record in records:
        if record["kind"] != CALL:
            continue
        messages = tuple(Message(*each) for each in record["messages"])
        request = Request(record["model"], messages, record["params"], record["repeat"])
        for call in {record["key"], request.digest} & wanted:
            turns = [message._asdict() for message in messages]
            said = Said(turns, record["text"], record.get("finish_reason") == BY_LIMIT)
            if found.setdefault(call, said).text != record["text"]:
                doubtful.add(call)
    return {call: told for call, told in found.items() if call not in doubtful}, doubtful


def _whole(answers: Iterable[Answer], calls: Calls, on_left_out: OnLeftOut) -> list[Answer]:
    """The answers that were not cut off."""
    answers = list(answers)
    whole = [answer for answer in answers if not calls[answer.asked].is_cut]
    if len(whole) < len(answers):
        on_left_out(CUT_OFF, len(answers) - len(whole))
    return whole


def _rewards(study: _Study, calls: Calls, on_left_out: OnLeftOut) -> Iterator[Row]:
    for answers in _by_case(study, calls):
        for answer in _whole(answers, calls, on_left_out):
            said = calls[answer.asked]
            yield {"prompt": said.turns, "completion": _said(said.text), "reward": answer.value}


def _passing(
    study: _Study, calls: Calls, threshold: float, on_left_out: OnLeftOut
) -> Iterator[Row]:
    """All calls of the runs that pass, but for those that were cut off."""
    for answers in _by_case(study, calls):
        good = [answer for answer in answers if answer.value >= threshold]
        for answer in _whole(good, calls, on_left_out):
            for said in (calls[each] for each in answer.calls if each in calls):
                if not said.is_cut:
                    yield {"messages": [*said.turns, *_said(said.text)]}


def _preferences(study: _Study, calls: Calls, on_left_out: OnLeftOut) -> Iterator[Row]:
    """Rows of the answers that are to one question each, and that the base's parser reads.

    A run that asks a node about several items has one score for all of them, which says of none
    whether it was answered better than in another run. What is right in another answer format
    scores 0 where the base prompt is served.
    """
    manner = study.manner(study.about["base"])
    for answers in _by_case(study, calls):
        single = [answer for answer in answers if answer.times == 1]
        alike = [answer for answer in single if study.manner(answer.candidate) == manner]
        for why, kept, of in ((SEVERAL_ITEMS, single, answers), (OTHER_MANNER, alike, single)):
            if len(kept) < len(of):
                on_left_out(why, len(of) - len(kept))
        yield from _preferred(study, alike, calls)


def _by_case(study: _Study, calls: Container[str]) -> Iterable[list[Answer]]:
    """The answers to each case whose calls are known."""
    found: dict[str, list[Answer]] = defaultdict(list)
    for answer in study.answers.values():
        if answer.asked in calls:
            found[answer.case].append(answer)
    return found.values()


def _preferred(study: _Study, answers: list[Answer], calls: Calls) -> Iterator[Row]:
    """The best answer to a case against each worse one, as answers to the base prompt.

    Trained so, a model gives without the better prompt what it gave with it; what was cut off is
    never the best. All are answers of one node: a run that failed early has none of the node that
    the base's run came to.
    """
    base = next((a for a in answers if a.candidate == study.about["base"]), None)
    if base is None or base.node is None:
        return
    answers = [answer for answer in answers if answer.node == base.node]
    whole = [answer for answer in answers if not calls[answer.asked].is_cut]
    if not whole:
        return
    best = max(whole, key=lambda answer: answer.value)
    seen = {calls[best.asked].text}
    for answer in answers:
        text = calls[answer.asked].text
        if answer.value < best.value and text not in seen:
            seen.add(text)
            yield {
                "prompt": calls[base.asked].turns,
                "chosen": _said(calls[best.asked].text),
                "rejected": _said(text),
            }


def _template_rows(study: _Study, kind: Kind) -> Iterator[Row]:
    """The base's template of each node, and what candidates made of it.

    Of those alone that are asked and read as the base is: whoever is trained on a template writes
    it for the base's parser and parameters, and what it scored with others says nothing of that.
    """
    base = study.written.get(study.about["base"], UNKNOWN)
    alike = {name for name, each in study.written.items() if each.manner == base.manner}
    worth = {name: value for name, value in study.worth().items() if name in alike}
    if study.about["base"] not in worth:
        return
    for node, source in base.templates.items():
        yield from _rewritings(source, _versions(study, worth, node), kind)


def _versions(study: _Study, worth: Mapping[str, float], node: str) -> dict[str, float]:
    """The templates that a node has had, each with the mean of the candidates that share it."""
    found: dict[str, list[float]] = defaultdict(list)
    for name, value in worth.items():
        templates = study.written[name].templates
        if node in templates:
            found[templates[node]].append(value)
    return {text: sum(values) / len(values) for text, values in found.items()}


def _rewritings(source: str, versions: Mapping[str, float], kind: Kind) -> Iterator[Row]:
    asked = question(source)
    best = max(versions, key=lambda text: versions[text])
    for text, mean in versions.items():
        written = _said(text)
        if kind == "rewards":
            yield {"prompt": asked, "completion": written, "reward": round(mean, 6)}
        elif kind == "preferences" and mean <= versions[best] - MARGIN:
            yield {"prompt": asked, "chosen": _said(best), "rejected": written}
        elif kind == "sft" and text == best and mean >= versions[source] + MARGIN:
            yield {"messages": [*asked, *written]}


def json_lines(rows: Iterable[Row]) -> str:
    """Rows as the text of a file, each once however many studies have met it.

    What was paid for once more, or for another reason, must not be trained on anew. Half of a
    surrogate pair in an answer becomes a question mark.
    """
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return "".join(dict.fromkeys(lines)).encode("utf-8", "replace").decode("utf-8")


def _said(text: str) -> Turns:
    return [{"role": "assistant", "content": text}]


def _text(turns: Turns) -> str:
    return "\n".join(turn["content"] for turn in turns)
