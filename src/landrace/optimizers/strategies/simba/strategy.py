"""The strategy: step by step, learn from where runs of one case part ways."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.allocation.screening import crown
from landrace.optimizers.proposing.breeding import newcomers
from landrace.optimizers.proposing.reflection import editable
from landrace.optimizers.search.epochs import Epochs
from landrace.optimizers.search.rounds import contested
from landrace.optimizers.search.sampling import evenly_spaced
from landrace.optimizers.strategies.simba.buckets import Bucket, Run, marks, ordered
from landrace.optimizers.strategies.simba.changes import Source, thinned, with_demo, with_rule
from landrace.optimizers.strategies.simba.plan import plan
from landrace.optimizers.strategies.simba.programs import Programs

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.strategies.simba.buckets import Marks
    from landrace.optimizers.strategies.simba.options import Options
    from landrace.optimizers.strategies.simba.plan import Plan
    from landrace.optimizers.strategies.simba.programs import Lottery
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case

VERSION = "6"

DEMO_SHARE = 0.5  # of the changes; the others add a rule


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell."""
    rivals = contested(study)
    if not rivals:
        return
    others = study.admit_all(study.setting.others)
    winners: list[Entry] = []
    with study.stage("steps", "an example or a rule from the cases where runs differ most") as runs:
        # One by one: what came before the end of the budget stays.
        for winner in _steps(study, [*rivals, *others], runs):
            winners.append(winner)  # noqa: PERF402 - see above
    with study.stage("confirm", "all of select for step winners") as runs:
        _confirm(study, winners, others, runs)


def _confirm(study: Study, winners: Sequence[Entry], others: Sequence[Entry], runs: int) -> None:
    """The winners of steps at equal distances, and those of other models, on all of select.

    Where that cannot be paid for all of them, successive rejects find the best.
    """
    most = study.setting.options.candidates + 1
    spaced = evenly_spaced(list({entry.digest: entry for entry in winners}.values()), most)
    finalists = list({entry.digest: entry for entry in [*spaced, *others]}.values())
    if len(finalists) * len(study.select) <= runs:
        study.evaluate(finalists, study.select)
    elif finalists:
        crown(study, finalists, runs)


def _steps(study: Study, known: Sequence[Entry], runs: int) -> Iterator[Entry]:
    """The best new candidate of each step; ``known`` are those before the first.

    Raises:
        BudgetExhaustedError: a ceiling other than that of calls was met.
    """
    options: Options = study.setting.options
    each = plan(options, len(study.search), runs)
    programs = Programs(study, known, options.candidates, options.draw)
    batches = Epochs(study.search, each.batch, study.rng("simba/batches"))
    for number in range(options.steps):
        if study.runs_left() < each.cost:
            return
        ends = study.runs_left() - each.cost
        step = Step(study, programs, each, study.rng(f"simba/step/{number}"), ends)
        cases = batches.batch()
        made = step.candidates(step.buckets(cases))
        for entry in made:
            study.evaluate([entry], study.unshown(cases, entry))
            programs.add(entry)
        if made:
            winner = programs.best(made)
            study.log("step", made=[entry.digest for entry in made], winner=winner.digest)
            yield winner


class Step(NamedTuple):
    """One step: draw, run, sort, change. It leaves ``ends`` runs to those after it."""

    study: Study
    programs: Programs
    plan: Plan
    rng: random.Random
    ends: float

    @property
    def options(self) -> Options:
        options: Options = self.study.setting.options
        return options

    def buckets(self, cases: Sequence[Case]) -> list[Bucket]:
        """The cases with runs of the candidates drawn for each, most to learn from first."""
        lottery = self.programs.lottery()
        drawn = {case.id: self._drawn(case, lottery) for case in cases}
        for digest, repeat in dict.fromkeys(each for runs in drawn.values() for each in runs):
            wanted = [case for case in cases if (digest, repeat) in drawn[case.id]]
            self.study.evaluate([self.study.entries[digest]], wanted, repeat=repeat)
        found = (Bucket.of(case, self._scored(case, drawn[case.id])) for case in cases)
        return ordered(bucket for bucket in found if bucket.runs)

    def _drawn(self, case: Case, lottery: Lottery) -> list[tuple[str, int]]:
        """Which candidates run on a case, by digest, and as how-many-th answers.

        Each runs once as it would be served; further draws of the same are runs at temperature 1,
        if those are wanted or there is nobody else. Nobody runs on a case that all of them show.
        A further run is never the first answer to its question: where temperature 1 is what is
        served, that is the run as it would be served, and would count twice.
        """
        fair = lottery.among(lambda entry: bool(self.study.unshown([case], entry)))
        counts = Counter(entry.digest for entry in fair.draw(self.plan.candidates, self.rng))
        heats = self.options.spread == "repeats" or len(fair.pool) == 1
        drawn = []
        for digest, count in counts.items():
            drawn.append((digest, 0))
            if heats and count > 1:
                hot = self.programs.hot(self.programs.entries[digest])
                drawn += [(hot.digest, repeat) for repeat in range(1, count)] if hot else []
        return drawn

    def _scored(self, case: Case, drawn: Sequence[tuple[str, int]]) -> Iterator[Run]:
        for digest, repeat in drawn:
            outcome = self.study.table.get(digest, case.id, repeat)
            if outcome is not None and outcome.score is not None:
                yield Run(self.study.entries[digest], repeat, outcome.score.value)

    def candidates(self, buckets: Sequence[Bucket]) -> list[Entry]:
        """New candidates, one from each bucket that has something to say, until there are enough.

        A question may yield nothing. Then the next bucket is asked about as long as the runs of
        the step would score one candidate more after that.

        Raises:
            BudgetExhaustedError: a rule could not be paid.
        """
        found: list[Entry] = []
        parents = self.programs.lottery().among(
            lambda entry: bool(editable(self.study, entry.candidate))
        )
        levels = marks(buckets)
        for bucket in buckets if parents.pool else ():
            scoring = (len(found) + 1) * self.plan.batch
            if len(found) > self.plan.candidates or self._left() < 1 + scoring:
                break
            (parent,) = parents.draw(1, self.rng)
            candidate = self._changed(parent, bucket, levels)
            if candidate is not None:
                found += newcomers(self.study, [candidate])
        return found

    def _left(self) -> float:
        """The runs that the step still has."""
        return self.study.runs_left() - self.ends

    def _changed(self, parent: Entry, bucket: Bucket, levels: Marks) -> Candidate | None:
        """The parent with fewer old examples, and a new one or a rule from the bucket."""
        study, most = self.study, self.options.max_demos
        source = Source(thinned(study, parent, most, self.rng), parent.digest)
        if most and self.rng.random() < DEMO_SHARE:
            return with_demo(study, source, bucket, levels, self.rng)
        return with_rule(study, source, bucket, levels)
