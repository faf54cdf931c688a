"""Searches on models whose truth is known."""

from __future__ import annotations

import re
from statistics import fmean

import pytest

from colours import luck
from landrace.errors import ParameterError
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.optimizers.strategies.sammo import confirming
from landrace.optimizers.variants import Program
from landrace.schemas.candidate import Candidate
from landrace.schemas.pipeline import Budget, PipelineConfig, Policy, Strategy
from landrace.workflows.run_cell import run_cell
from landrace.workflows.services import Services
from strategy_world import CONFIG, answer, chain, chained, colour, proposal, question, style, task


def sectioned(names):
    blocks = [
        f"{{% section {name} %}}\nSection {name} says a lot about colours of words.\n{{% endsection %}}"
        for name in names
    ]
    return "\n\n".join([*blocks, "Word: {{ word }}\n"])


def structural(needed):
    """A model that needs these sections; each of the others confuses it."""

    def model(request):
        word = question(request)
        if word is None:
            return ""
        here = set(re.findall(r"Section (.) says", request.messages[0].content))
        share = 0.95 - 0.08 * len(here - set(needed)) if set(needed) <= here else 0.1
        return answer(word, share)

    return model


TWELVE, FOUR = "abcdefghijkl", "adfk"


def program(source):
    return Program.of("colours", source, CONFIG.output, path="prompt.jinja", inputs=CONFIG.inputs)


def ran(folder, cell, model, run=""):
    folder = folder / run
    folder.mkdir(exist_ok=True, parents=True)
    gateway = ScriptedGateway(model)
    with Ledger(folder / "ledger.jsonl") as ledger:
        result = run_cell(cell, Services(gateway, ledger))
        return result, list(ledger.records())


def structured(options, *, calls, seed=0, names=TWELVE):
    return task(
        "sammo",
        options={"operators": ["drop section", "section format"], **options},
        program=program(sectioned(names)),
        budget=Budget(calls=calls),
        seed=seed,
        search=12,
        select=24,
        holdout=30,
    )


def found(result):
    """The select score of what the search would have served, promoted or not."""
    [winner] = [side for side in result.report.contenders if side.role == "winner"]
    return winner.select.mean


def test_beam_beats_enumeration_at_equal_calls_on_structure(tmp_path):
    """16,384 subsets of fourteen sections, of which 32 can be scored."""
    beam = {"search": "beam", "allocation": "full", "width": 2, "mutations": 2, "depth": 8}
    space = {"optional": ["*/sections/*"]}
    enumeration = {"search": "random", "allocation": "full", "max_candidates": 32, "space": space}
    scores = {"beam": [], "random": []}
    for seed in range(3):
        for name, options in (("beam", beam), ("random", enumeration)):
            cell = structured(options, calls=900, seed=seed, names="abcdefghijklmn")
            result, _ = ran(tmp_path, cell, structural("adfkmn"), f"{name}{seed}")
            assert result.report.spent.calls <= 900
            scores[name].append(found(result))
    for beam_found, random_found in zip(scores["beam"], scores["random"], strict=True):
        assert beam_found > random_found


@pytest.mark.parametrize("allocation", ["full", "halving"])
@pytest.mark.parametrize("search", ["beam", "evolution", "sequential", "random"])
def test_every_search_improves_on_the_base(tmp_path, search, allocation):
    options = {
        "search": search,
        "allocation": allocation,
        "population": 4,
        "depth": 4,
        "space": {"optional": ["*/sections/*"]},
    }
    result, _ = ran(tmp_path, structured(options, calls=1200), structural(FOUR))
    base = next(side for side in result.report.contenders if side.role == "base")
    assert found(result) > base.select.mean + 0.1


@pytest.mark.parametrize("allocation", ["full", "halving"])
@pytest.mark.parametrize("is_start", [True, False])
def test_a_sequential_search_goes_on_from_the_best_start(tmp_path, allocation, is_start):
    """A start, or another model's winner: what is to be beaten is worse than either."""
    other = Candidate.plain(instruction="Read with care.", layout="user", operator="other")
    options = {
        "search": "sequential",
        "allocation": allocation,
        "operators": ["repeat section", "paraphrase"],
        "starts": ["original", "generic", "empty"] if is_start else ["original"],
    }
    cell = task(
        "sammo", options=options, budget=Budget(calls=900), others=() if is_start else (other,)
    )

    def model(request):
        word = question(request)
        if word is None:
            return proposal(request)
        return answer(word, 0.9 if "with care" in request.messages[0].content else 0.3)

    result, records = ran(tmp_path, cell, model)
    made = {r["digest"]: r["slots"] for r in records if r["kind"] == "candidate"}
    best = next(
        digest
        for digest, slots in made.items()
        if slots["operator"] == ("generic start" if is_start else "other")
    )
    assert best in {parent for slots in made.values() for parent in slots["parents"]}
    assert found(result) > 0.7


def test_a_grid_takes_points_in_order(tmp_path):
    options = {
        "search": "grid",
        "max_candidates": 3,
        "space": {"section_formats": ["markdown", "xml"], "optional": ["*/sections/h"]},
    }
    _, records = ran(tmp_path, structured(options, calls=400), structural(FOUR))
    made = [r["slots"]["operator"] for r in records if r["kind"] == "candidate"]
    assert made == [
        "base",
        "sections in markdown",
        "sections in markdown, without h",
        "sections in xml",
    ]


@pytest.mark.parametrize("search", ["grid", "random"])
def test_the_nodes_of_a_program_take_turns_in_an_enumeration(tmp_path, search):
    options = {
        "search": search,
        "max_candidates": 3,
        "space": {"section_formats": ["markdown", "xml"]},
    }
    cell = task("sammo", options=options, budget=Budget(calls=600), program=chain())
    _, records = ran(tmp_path, cell, lambda request: chained(request) or proposal(request))
    made = [r["slots"]["nodes"] for r in records if r["kind"] == "candidate"]
    assert [list(nodes) for nodes in made] == [[], ["clue"], ["hint"], ["colour"]]


def test_an_evolution_of_two_never_chooses_the_best_of_nothing(tmp_path):
    options = {"search": "evolution", "population": 2, "max_candidates": 9}
    result, records = ran(tmp_path, structured(options, calls=600), structural(FOUR))
    assert sum(r["kind"] == "candidate" for r in records) == 10
    assert found(result) > 0.4


def test_halving_tries_more_candidates_for_the_same_calls(tmp_path):
    counts = {}
    for allocation in ("full", "halving"):
        options = {"allocation": allocation, "depth": 3}
        _, records = ran(tmp_path, structured(options, calls=420), structural(FOUR), allocation)
        scored = {r["study"] for r in records if r["kind"] == "call"}
        assert len(scored) == 1
        texts = {r["messages"][0][1].split("Word:")[0] for r in records if r["kind"] == "call"}
        counts[allocation] = len(texts)
    assert counts["halving"] > 1.5 * counts["full"]


def test_a_beam_that_starts_with_one_prompt_gives_it_the_children_of_a_full_beam(tmp_path):
    options = {"width": 3, "mutations": 2, "depth": 1}
    _, records = ran(tmp_path, structured(options, calls=600), structural(FOUR))
    made = [r["slots"] for r in records if r["kind"] == "candidate"][1:]
    # Six draws, of which one may come to what another has made.
    assert len(made) in {5, 6}
    assert len({tuple(slots["parents"]) for slots in made}) == 1


def test_instruction_tuning_finds_the_words_that_matter(tmp_path):
    """The proposer's styles differ, and the model heeds the one of them."""

    def model(request):
        word = question(request)
        if word is None:
            return f"<instruction>Say red or blue, in style {request.repeat % 6}.</instruction>"
        return answer(word, 0.85 if style(request) == 2 else 0.45)

    cell = task("sammo/instruction-tuning", budget=Budget(calls=900), select=30, holdout=60)
    result, records = ran(tmp_path, cell, model)
    assert result.report.decision == "promoted"
    assert "style 2" in "".join(result.served.variant.files.values())
    starts = {r["slots"]["operator"] for r in records if r["kind"] == "candidate"}
    assert {"empty start", "generic start", "doubled"} <= starts


def test_rag_tuning_finds_the_planted_combination(tmp_path):
    """Ten examples, in XML, item by item: each of the three helps."""

    def model(request):
        text = request.messages[-1].content
        asked = re.findall(r"(?:Word: |<word>|\"word\": \")([\w-]+)", text)
        word = asked[-1] if asked else text.rsplit("\n", 1)[-1]
        shown = len(re.findall(r"(?:search)\d+", text))
        is_xml = f"<word>{word}</word>" in text
        by_item = "Output 1:" not in text and shown > 0 and len(request.messages) == 1
        share = 0.3 + 0.25 * is_xml + 0.2 * by_item + 0.02 * min(shown, 10)
        said = answer(word, share)
        if "<answer>" in text:
            return f"<answer>{said}</answer>"
        if 'key, "answer"' in text:
            return f'{{"answer": "{said}"}}'
        return f"Answer: {said}" if '"Answer:"' in text else said

    cell = task("sammo/rag-tuning", budget=Budget(calls=900), select=30, holdout=60)
    result, records = ran(tmp_path, cell, model)
    assert result.served.candidate.operator == "10 examples, by item, data in xml"
    assert result.report.decision == "promoted"
    made = [r["slots"]["operator"] for r in records if r["kind"] == "candidate"]
    assert len(made) == 1 + 4 * 3 * 2


LONG = (
    "You are a most helpful and patient assistant, and you love words of every kind.\n\n"
    "{% section background %}\n"
    + "Words have been said to have colours since the days of the poets. "
    * 6
    + "\n{% endsection %}\n\n"
    "{% section task %}\nPlease say which colour the word has: red or blue.\n{% endsection %}\n\n"
    "{% section closing %}\nThank you so very much for all of your help with this.\n"
    "{% endsection %}\n\nWord: {{ word }}\n"
)


def literal_minded(request):
    """A model that needs the two labels, and nothing else of the prompt."""
    word = question(request)
    if word is None:
        return "<instruction>Red or blue?</instruction>"
    text = request.messages[0].content.casefold()
    return answer(word, 0.8) if "red" in text and "blue" in text else "mauve"


def compressing(margin, **options):
    pipeline = PipelineConfig(
        prompts=("colours",),
        models=["fake/pupil"],
        strategy=Strategy(name="sammo/compression", options=options),
        policy=Policy(margin=margin),
    )
    return task(
        "sammo/compression",
        options=options,
        program=program(LONG),
        pipeline=pipeline,
        budget=Budget(calls=900),
        select=24,
        holdout=60,
    )


def test_compression_keeps_the_accuracy_and_is_promoted_within_the_margin(tmp_path):
    """With 60 holdout cases that all tie the interval is six points wide on both sides."""
    result, _ = ran(tmp_path, compressing(0.08), literal_minded)
    report = result.report
    base, winner = report.contenders
    assert report.decision == "promoted", report.reason
    assert "fewer prompt tokens" in report.reason
    assert winner.select.mean == base.select.mean
    assert winner.prompt_tokens < 0.6 * base.prompt_tokens


def test_without_a_margin_a_saving_alone_promotes_nothing(tmp_path):
    result, _ = ran(tmp_path, compressing(0.0), literal_minded)
    winner = result.report.contenders[-1]
    assert winner.select.mean >= result.report.contenders[0].select.mean
    assert result.report.decision == "kept incumbent"


def test_compression_gives_up_no_more_than_the_margin(tmp_path):
    """Every section is worth ten points: only what is worth nothing may go."""

    def needy(request):
        word = question(request)
        if word is None:
            return "<instruction>Hm.</instruction>"
        text = request.messages[0].content
        return answer(word, 0.5 + 0.2 * ("poets" in text) + 0.2 * ("red or blue" in text))

    result, _ = ran(tmp_path, compressing(0.05), needy)
    base, winner = result.report.contenders
    assert winner.select.mean >= base.select.mean - 0.05 - 1e-9
    assert winner.prompt_tokens is None or winner.prompt_tokens <= base.prompt_tokens


def true_loss(folder, seed):
    """What the winner truly loses where six of twelve sections are worth three points each."""

    def lucky(request):
        word = question(request)
        if word is None:
            return ""
        here = re.findall(r"Section (.) says", request.messages[0].content)
        is_right = luck(word, seed) < 0.85 - 0.03 * lacking(here)
        return colour(word) if is_right else {"red": "blue", "blue": "red"}[colour(word)]

    def lacking(here):
        return sum(name not in here for name in "bcefgh")

    options = {"operators": ["drop section"]}
    cell = task(
        "sammo/compression",
        options=options,
        pipeline=PipelineConfig(
            prompts=("colours",),
            models=["fake/pupil"],
            strategy=Strategy(name="sammo/compression", options=options),
            policy=Policy(margin=0.05),
            seed=seed,
        ),
        program=program(sectioned(TWELVE)),
        budget=Budget(calls=2000),
        search=80,
        select=80,
        holdout=240,
    )
    result, records = ran(folder, cell, lucky, str(seed))
    written = {r["digest"]: str(r["templates"]) for r in records if r["kind"] == "candidate"}
    winner = written[result.report.contenders[-1].digest]
    return 0.03 * lacking(re.findall(r"Section (.) says", winner))


def test_what_loses_on_search_cases_alone_is_not_chosen(tmp_path):
    """Without its sections the model is right on all of select and on no case of search."""

    def forgetful(request):
        word = question(request)
        if word is None:
            return ""
        is_whole = len(re.findall(r"Section (.) says", request.messages[0].content)) == len(TWELVE)
        knows = is_whole or not word.startswith("search")
        return answer(word, 0.8) if knows else "mauve"

    cell = task(
        "sammo/compression",
        options={"operators": ["drop section"]},
        program=program(sectioned(TWELVE)),
        budget=Budget(calls=600),
        search=24,
        select=24,
    )
    result, records = ran(tmp_path, cell, forgetful)
    spent = {r["name"]: r["calls"] for r in records if r["kind"] == "stage"}
    assert spent["confirm"] > 0
    base, winner = result.report.contenders
    assert winner.digest == base.digest


def test_the_chance_to_be_promoted_keeps_compression_from_the_luckiest(tmp_path, monkeypatch):
    """What saves most goes by luck: of many that lose a little, some seem to lose nothing."""
    careful = fmean(true_loss(tmp_path / "careful", seed) for seed in range(4))
    monkeypatch.setattr(confirming, "_chance", lambda *_: 1.0)
    greedy = fmean(true_loss(tmp_path / "greedy", seed) for seed in range(4))
    assert careful < 0.5 * greedy


def test_without_headroom_a_search_for_accuracy_ends_after_the_probe(tmp_path):
    def perfect(request):
        word = question(request)
        return colour(word)

    result, _ = ran(tmp_path, structured({}, calls=600), perfect)
    assert result.report.spent.calls == 24
    assert "no headroom" in result.report.reason


def test_without_headroom_a_search_for_tokens_goes_on(tmp_path):
    def perfect(request):
        word = question(request)
        return "<instruction>Go.</instruction>" if word is None else colour(word)

    result, _ = ran(tmp_path, compressing(0.08, depth=2), perfect)
    assert result.report.decision == "promoted"


@pytest.mark.parametrize("search", ["grid", "beam"])
def test_a_value_that_the_provider_refuses_drops_its_candidates_alone(tmp_path, search):
    def model(request):
        if request.params.get("top_p") == 0.1:
            return ParameterError("the model does not take a parameter")
        return answer(question(request), 0.95 if request.params.get("top_p") == 0.5 else 0.3)

    values = {"values": {"*/params/top_p": [0.1, 0.5]}}
    options = {"search": search, "operators": ["parameter"], "space": values, "tuning": values}
    cell = structured(options, calls=300, names="a")
    result, records = ran(tmp_path, cell, model)
    assert result.report.decision == "promoted"
    dropped = [record["reason"] for record in records if record["kind"] == "dropped"]
    assert "the model does not take a parameter" in dropped
