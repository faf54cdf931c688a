"""A study for tests of SAMMO: a prompt with sections, and a scripted model that plays both parts."""

from __future__ import annotations

import contextlib
import json
import random
from collections import defaultdict

from landrace.evaluation.evaluator import Evaluator
from landrace.gateway.cached import CachedGateway
from landrace.gateway.metered import Meter, MeteredGateway, Price
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.metrics.table import build
from landrace.optimizers.operators.base import Context
from landrace.optimizers.operators.tuning import Tuning
from landrace.optimizers.setting import Setting
from landrace.optimizers.study import Study
from landrace.optimizers.variants import Program
from landrace.schemas.candidate import Candidate
from landrace.schemas.case import Case
from landrace.schemas.pipeline import Budget, ModelConfig
from landrace.schemas.prompt import MetricConfig, OutputContract

LABEL = OutputContract(type="label", labels=("red", "blue"))

INPUTS = {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]}

SOURCE = """You are a patient expert in the colours of words.

{% section task %}
Say which colour the word has, and do not explain it. Is it red or is it blue?
{% endsection %}

{% section hints %}
## Hints
Short words are often red. Long words are rarely red.
{% endsection %}

Word: {{ word }}
"""


def colour(word):
    return "red" if len(word) % 2 else "blue"


def cases(name, count):
    words = [f"{name}{'x' * (number % 4)}{number}" for number in range(count)]
    return tuple(Case(id=word, inputs={"word": word}, expected=colour(word)) for word in words)


def is_meta(request):
    """Whether the proposer is asked."""
    return (
        "<instruction>" in request.messages[-1].content or "flaw of" in request.messages[-1].content
    )


def scribe(request):
    """A proposer that always has another idea; as a pupil it says red."""
    if is_meta(request):
        return f"<instruction>Say red or blue, version {request.repeat}.</instruction>"
    return "red"


@contextlib.contextmanager
def study_of(
    folder,
    model=scribe,
    *,
    source=SOURCE,
    contract=LABEL,
    calls=100_000,
    metric="exact_match",
    **changes,
):
    with Ledger(folder / "ledger.jsonl") as ledger:
        meter = Meter(Budget(calls=calls))
        gateway = MeteredGateway(
            CachedGateway(ScriptedGateway(model), ledger, study="s"),
            meter,
            study="s",
            price=lambda _model: Price(0.0, 0.0),
        )
        setting = Setting(
            **{
                "program": Program.of(
                    "colours",
                    source,
                    contract,
                    path="prompt.jinja",
                    inputs=INPUTS,
                ),
                "description": "Words have colours.",
                "search": cases("search", 20),
                "select": cases("select", 24),
                "holdout_size": 60,
                "seed": 0,
                "proposer": ModelConfig(id="fake/scribe"),
                **changes,
            }
        )
        judge = build((MetricConfig(metric=metric),))
        evaluator = Evaluator(gateway, ModelConfig(id="fake/pupil"), judge)
        yield Study(
            setting,
            evaluator=evaluator,
            gateway=gateway,
            meter=meter,
            ledger=ledger,
            name="s",
            shares=defaultdict(lambda: calls),
        )


def records_of(folder, kind):
    """What the study of a folder has written to its ledger."""
    lines = (folder / "ledger.jsonl").read_text("utf-8").splitlines()
    return [record for record in map(json.loads, lines) if record["kind"] == kind]


def context(study, *, most=1, seed=0, **slots):
    """The use of an operator on the base, or on a candidate with these slots."""
    tuning = slots.pop("tuning", Tuning())
    entry = study.base
    if slots:
        entry = study.admit(Candidate.plain(operator="given", parents=(entry.digest,), **slots))
    return Context(study, entry, "prompt", random.Random(seed), tuning, study.select, most=most)


def messages_of(study, candidate):
    """The messages that a model gets for the word "sky"."""
    return study.admit(candidate).variant.first_messages({"word": "sky"})


def read_by(study, candidate):
    """What a model reads of a candidate for the word "sky"."""
    return "\n---\n".join(message["content"] for message in messages_of(study, candidate))


def source_of(entry):
    """The text of the one template of a candidate that was written out."""
    (source,) = entry.variant.files.values()
    return source
