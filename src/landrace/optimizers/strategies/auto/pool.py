"""The first candidates, from every source that is cheap, the likeliest to win first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.operators.formatting import in_data_format
from landrace.optimizers.operators.samples import answered
from landrace.optimizers.proposing.founding import rewritten, tips_in_turn
from landrace.optimizers.proposing.guessing import guessed
from landrace.optimizers.proposing.opening import context_of
from landrace.optimizers.proposing.reflection import node_view
from landrace.optimizers.proposing.telling import contract_rule
from landrace.optimizers.search.turns import in_turn
from landrace.optimizers.slots.data_formats import ORIENTATIONS, suitable
from landrace.optimizers.slots.few_shots import balanced
from landrace.optimizers.slots.formats import formats_for
from landrace.optimizers.strategies.auto.bench import sound
from landrace.optimizers.strategies.auto.stock import labelled

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.slots.data_formats import DataFormat
    from landrace.optimizers.strategies.auto.bench import Bench
    from landrace.schemas.candidate import Candidate, Layout, Orientation

COUNTS = (8, 4, 2, 16, 1, 32, 64)  # of examples; most of what they give comes from the first few
INNER = 4  # most examples in a node inside a program, which come of whole runs
DRAWS = 4
ALONE = 4  # of so many instructions, one is tried without examples
INDUCED_FROM = 5  # examples that a guess of the instruction is shown
LAYOUTS: tuple[Layout, ...] = ("system", "user")


class Shown(NamedTuple):
    """How many examples, whether in the model's ``own`` words, in which layout if not in that of
    the candidate, and whether as chat turns or how in the text.
    """

    number: int
    own: bool
    layout: Layout | None = None
    orientation: Orientation = "turns"


def pool(bench: Bench, questions: int) -> Iterator[Candidate]:
    """Candidates with other forms, instructions and examples, in turn, of forms every other one.

    Forms differ more from one another than choices and numbers of the same examples do, and all
    of them show examples.

    Raises:
        BudgetExhaustedError: a question could not be paid.
    """
    formed = _formed(bench)
    sources = [formed, _worded(bench, questions), formed, _shown(bench)]
    for candidate in in_turn(sources):
        if sound(bench.study, candidate):
            yield candidate


def _shown(bench: Bench) -> Iterator[Candidate]:
    """Examples in different numbers, choices and orders, in both layouts, for every node."""
    stock = max((len(found) for found in bench.shots.values()), default=0)
    counts = [count for count in COUNTS if count <= min(bench.options.max_demos, stock)]
    for draw in range(DRAWS):
        for number, count in enumerate(counts):
            rng = bench.study.rng(f"auto/demos/{draw}/{number}")
            layout = LAYOUTS[(draw + number) % 2]
            # The model's own words at every other draw: they show its way to the answer.
            shown = Shown(count, draw % 2 == 1, layout)
            yield taught(bench, bench.study.base.candidate, shown, rng)


def taught(bench: Bench, candidate: Candidate, shown: Shown, rng: random.Random) -> Candidate:
    """The candidate with examples in each node that has none, as far as any can be had."""
    parent = candidate.parents[0] if candidate.parents else bench.study.base.digest
    for node, stock in bench.shots.items():
        view = node_view(bench.study, candidate, node)
        if view.parts is None or view.slots.demos:
            continue
        most = shown.number if node == bench.main else min(shown.number, INNER)
        found = balanced(view, stock if shown.own else labelled(stock), most, rng)
        if found:
            by = "" if shown.orientation == "turns" else f" by {shown.orientation}"
            candidate = candidate.changed(
                f"{candidate.operator}, {shown.number} examples{by}",
                node=node,
                parent=parent,
                layout=shown.layout or view.layout,
                demos=found,
                orientation=shown.orientation,
            )
    return candidate


def _formed(bench: Bench) -> Iterator[Candidate]:
    """The last node's inputs and answers in other forms, with examples that show the form.

    They are chat turns, or stand in the text as SAMMO has them. Then the base's own template:
    with the form of the output, with every other answer format.
    """
    study = bench.study
    rng = study.rng("auto/forms")
    context = context_of(study, study.base, bench.main, rng)
    view = context.view
    if view.parts is None:
        return
    for data, orientation in _orientations(suitable(view.node.contract)):
        shown = _few(bench, 0)._replace(orientation=orientation)
        start = study.base.candidate if data is None else in_data_format(context, data)
        yield taught(bench, start, shown, rng)
    rule = contract_rule(view.node.contract)
    if rule:
        text = f"{view.instruction()}\n\n{rule}".strip()
        for layout in reversed(LAYOUTS):
            yield context.child("output rule", instruction=text, layout=layout)
    for form in formats_for(view.node.contract)[1:]:
        yield context.child(f"format {form.name}", layout=view.layout, format=form.name)


def _orientations(forms: Sequence[DataFormat]) -> Iterator[tuple[DataFormat | None, Orientation]]:
    """Each form with examples as turns; in turn with them all forms, the prompt's own too, which
    is None, with examples in the text.
    """
    turns: list[tuple[DataFormat | None, Orientation]] = [(form, "turns") for form in forms]
    texts = [(form, each) for each in ORIENTATIONS for form in (None, *forms)]
    return in_turn([iter(turns), iter(texts)])


def _worded(bench: Bench, questions: int) -> Iterator[Candidate]:
    """New instructions, most of them with examples."""
    rewritings = _rewritings(bench, questions)
    guesses = guessed(
        bench.study,
        bench.start,
        count=questions - rewritings,
        subsamples=max(1, questions - rewritings),
        size=INDUCED_FROM,
    )
    for number, candidate in enumerate(
        in_turn([_rewritten(bench, rewritings), filter(None, guesses)])
    ):
        rng = bench.study.rng(f"auto/taught/{number}")
        is_alone = number % ALONE == ALONE - 1
        yield candidate if is_alone else taught(bench, candidate, _few(bench, number), rng)


def _rewritings(bench: Bench, questions: int) -> int:
    """How many of so many questions ask for another instruction; the others are guesses.

    A weak proposer only guesses, for it rewrites badly (Revisiting OPRO); but that takes examples.
    """
    if not any(answered(found) for found in bench.start.samples.values()):
        return questions
    return 0 if bench.study.setting.proposer_is_weak else (questions + 1) // 2


def _rewritten(bench: Bench, count: int) -> Iterator[Candidate]:
    start = bench.start
    for number, (node, tip) in enumerate(tips_in_turn(start, count)):
        rng = bench.study.rng(f"auto/rewritten/{number}")
        context = context_of(bench.study, start.entry, node, rng)
        found = rewritten(context, start.samples[node], tip=tip, operator="rewritten")
        if found is not None:
            yield found


def _few(bench: Bench, number: int) -> Shown:
    return Shown(min(COUNTS[number % 2], bench.options.max_demos), number % 4 > 1)
