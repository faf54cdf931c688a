"""What a candidate becomes after a bucket: fewer old examples, then a new one, or a rule."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.proposing.grounded import between
from landrace.optimizers.proposing.reading import MIN_WORDS, most_words
from landrace.optimizers.proposing.reflection import (
    deeds,
    editable,
    instructed,
    node_view,
    source_of,
)
from landrace.optimizers.proposing.telling import present_instruction
from landrace.optimizers.search.sampling import poisson
from landrace.optimizers.shown_cases import is_written
from landrace.optimizers.slots.bootstrap import Run as Told
from landrace.optimizers.slots.bootstrap import demo_of
from landrace.optimizers.strategies.simba.buckets import TIE
from landrace.optimizers.strategies.simba.plan import TOKENS_A_RULE
from landrace.optimizers.variants import write_variant

if TYPE_CHECKING:
    import random

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.strategies.simba.buckets import Bucket, Marks, Run
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate

MAX_ADVICE = 80  # words of advice for one node


class Source(NamedTuple):
    """The candidate that is changed, and what it comes from."""

    candidate: Candidate
    digest: str


def thinned(study: Study, entry: Entry, max_demos: int, rng: random.Random) -> Candidate:
    """The candidate without about one example in ``max_demos``, the same ones in each node.

    It always has room for a new one: what is served, or another model's winner, may show more
    than ``max_demos``, and its child does not.
    """
    candidate = entry.candidate
    most = max((len(slots.demos) for slots in candidate.nodes.values()), default=0)
    if not most:
        return candidate
    drawn = poisson(most / max_demos, rng) if max_demos else most
    count = min(most, max(drawn, most - max_demos + 1))
    dropped = set(rng.sample(range(most), count))
    for node in study.setting.program.nodes:
        demos = candidate.slots(node).demos
        kept = tuple(demo for place, demo in enumerate(demos) if place not in dropped)
        if kept != demos:
            candidate = candidate.changed(
                "fewer examples", node=node, parent=entry.digest, demos=kept
            )
    return candidate


def with_demo(
    study: Study, source: Source, bucket: Bucket, marks: Marks, rng: random.Random
) -> Candidate | None:
    """Another example for each node, out of the best run; None where that run is a poor one.

    A node that shows the case already, as an example or in its own text, is left as it is. Where
    the run's answers are read in another way, as those of another model's winner may be, its bare
    answer is shown.
    """
    if marks.is_poor(bucket.best.score):
        return None
    steps = study.trace(bucket.best.entry, bucket.case, repeat=bucket.best.repeat)
    told = Told(bucket.case, bucket.best.score, steps)
    candidate = source.candidate
    variant = write_variant(study.setting.program, candidate)
    ours, theirs = (each.program.graph.asking() for each in (variant, bucket.best.entry.variant))
    for node in editable(study, candidate):
        if is_written(bucket.case, variant.templates.get(node, "")):
            continue
        view = node_view(study, candidate, node)
        # An incumbent's template may read its inputs in another form than the base's.
        base = dataclasses.replace(view.node, source=view.template.source)
        is_read_alike = node in theirs and theirs[node].parser == ours[node].parser
        demo = demo_of(base, told, rng, own_words=is_read_alike)
        if demo is None or demo.case_id in {each.case_id for each in view.slots.demos}:
            continue
        candidate = candidate.changed(
            "one example more",
            node=node,
            parent=source.digest,
            layout=view.layout,
            demos=(*view.slots.demos, demo),
        )
    return None if candidate is source.candidate else candidate


def with_rule(study: Study, source: Source, bucket: Bucket, marks: Marks) -> Candidate | None:
    """Advice for each node, from what the best run did otherwise than the worst.

    None where the runs are equal, or the best is a poor one, or the worst a good one, and where
    the proposer has no advice.

    Raises:
        BudgetExhaustedError: the question could not be paid.
    """
    best, worst = bucket.best, bucket.worst
    if best.score <= worst.score + TIE:
        return None
    if marks.is_poor(best.score) or marks.is_good(worst.score):
        return None
    nodes = editable(study, source.candidate)
    program = study.setting.program
    answer = study.ask(
        "advise",
        max_tokens=TOKENS_A_RULE * len(nodes),
        description=study.setting.description,
        code=source_of(program),
        steps=[
            {"name": node, "instruction": node_view(study, source.candidate, node).instruction()}
            for node in nodes
        ],
        better=_told(study, best, bucket),
        worse=_told(study, worst, bucket),
        words=MAX_ADVICE,
    )
    candidate = source.candidate
    for node in nodes if answer else ():
        advice = between(answer or "", node, alone=len(nodes) == 1)
        candidate = _advised(study, source, candidate, node, advice)
    return None if candidate is source.candidate else candidate


def _advised(
    study: Study, source: Source, candidate: Candidate, node: str, advice: str
) -> Candidate:
    """The candidate with advice after a node's instruction, if it is worth that."""
    if not MIN_WORDS <= len(advice.split()) <= MAX_ADVICE:
        return candidate
    instruction = node_view(study, candidate, node).instruction()
    text = f"{instruction}\n\n{advice}".strip()
    most = most_words(present_instruction(study.setting.program.nodes[node]))
    if advice in instruction or len(text.split()) > most:
        study.log("no proposal", node=node, reason="known or too long", answer=advice)
        return candidate
    changed = instructed(
        study, candidate, node, text, operator="one rule more", parent=source.digest
    )
    return changed or candidate


def _told(study: Study, run: Run, bucket: Bucket) -> dict[str, object]:
    """A run as a proposer reads it, step by step."""
    steps = []
    for node in study.setting.program.nodes:
        found = deeds(study, run.entry, node, [bucket.case], repeat=run.repeat)
        steps += [{"name": node, **deed.shown()} for deed in found]
    last: dict[str, object] = steps[-1] if steps else {}
    return {
        "steps": steps,
        "score": f"{run.score:.2f}",
        "wanted": last.get("wanted", ""),
        "feedback": last.get("feedback", ""),
    }
