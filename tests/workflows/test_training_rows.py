from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict

import pytest
from worlds import apt_pupil, cases, colour, perfect, task

from colours import SOURCE
from landrace.gateway.base import Message, Request
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import CALL, Ledger
from landrace.optimizers.proposing.template_writing import question
from landrace.schemas.pipeline import Budget
from landrace.workflows.run_cell import run_cell
from landrace.workflows.services import Services
from landrace.workflows.training_rows import (
    CUT_OFF,
    OTHER_MANNER,
    OTHER_TEXT,
    json_lines,
    training_rows,
)
from landrace.workflows.training_scope import Scope
from strategy_world import CONFIG, by_letter, chain, chained, generating


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    path = tmp_path_factory.mktemp("rows") / "ledger.jsonl"
    with Ledger(path) as ledger:
        result = run_cell(task(), Services(ScriptedGateway(apt_pupil), ledger))
    with Ledger(path) as ledger:
        yield ledger, result


def rows(searched, **options):
    return list(training_rows(searched[0].records, **options))


def words(turns):
    return " ".join(turn["content"] for turn in turns)


@pytest.mark.parametrize("of", ["answers", "templates"])
@pytest.mark.parametrize("kind", ["sft", "preferences", "rewards"])
def test_rows_have_the_form_that_trainers_read(searched, kind, of):
    found = rows(searched, kind=kind, of=of)
    keys = {
        "sft": {"messages"},
        "preferences": {"prompt", "chosen", "rejected"},
        "rewards": {"prompt", "completion", "reward"},
    }[kind]
    assert found
    for row in found:
        assert row.keys() == keys
        for name in keys - {"reward"}:
            assert row[name][-1].keys() == {"role", "content"}
            assert row[name][-1]["role"] == ("user" if name == "prompt" else "assistant")


def test_nothing_of_the_holdout_is_exported(searched):
    for kind in ("sft", "rewards"):
        for row in rows(searched, kind=kind, of="answers"):
            assert "holdout" not in words(row.get("messages") or row["prompt"])


def test_right_answers_alone_are_shown_as_examples(searched):
    kept = rows(searched, kind="sft", of="answers")
    every = rows(searched, kind="rewards", of="answers")
    assert len(kept) == sum(row["reward"] == 1 for row in every) < len(every)
    assert len(rows(searched, kind="sft", of="answers", threshold=0)) == len(every)


def test_a_preference_is_about_the_base_prompt_and_its_answers_differ(searched):
    for row in rows(searched, kind="preferences", of="answers"):
        assert [turn["role"] for turn in row["prompt"]] == ["user"]
        assert row["chosen"] != row["rejected"]


def test_the_best_template_is_chosen_over_the_others(searched):
    _, result = searched
    (taught,) = rows(searched, kind="sft", of="templates")
    assert taught["messages"][:-1] == question(SOURCE)
    best = max(rows(searched, kind="rewards", of="templates"), key=lambda row: row["reward"])
    assert taught["messages"][-1]["content"] == best["completion"][0]["content"]
    assert result.report.decision == "promoted"


def test_a_template_that_met_a_few_easy_cases_is_not_the_best():
    """Halving drops most candidates after a few cases; the best have met all, hard ones too."""
    easy, hard = [f"easy{n}" for n in range(4)], [f"hard{n}" for n in range(16)]
    right = {"base": easy, "good": [*easy, *hard[:10]], "dropped": easy[:3]}
    met = {"base": [*easy, *hard], "good": [*easy, *hard], "dropped": easy[:3]}
    records = [
        {"kind": "candidate", "study": "s", "digest": name, "templates": {"prompt": name}}
        for name in right
    ]
    records.append(RUNS[0])
    for name, its in met.items():
        value = {case: float(case in right[name]) for case in its}
        score = {"kind": "score", "study": "s", "candidate": name, "repeat": 0, "node": "prompt"}
        records += [{**score, "case": c, "value": value[c], "asked": ["0" * 64]} for c in its]
    (taught,) = training_rows(lambda: records, kind="sft", of="templates")
    assert words(taught["messages"][-1:]) == "good"
    pairs = list(training_rows(lambda: records, kind="preferences", of="templates"))
    assert {words(pair["chosen"]) for pair in pairs} == {"good"}
    assert "base" in {words(pair["rejected"]) for pair in pairs}


def written(name, **slots):
    """A candidate's record, of one node whose template is its name."""
    plain = {"format": "base", "parser": None, "params": {}, "demos": []}
    told = {"nodes": {"prompt": {**plain, **slots}}, "settings": {}, "graph": None}
    return {
        "kind": "candidate",
        "study": "s",
        "digest": name,
        "templates": {"prompt": name},
        "slots": told,
    }


@pytest.mark.parametrize("is_of_old", [False, True])
@pytest.mark.parametrize(
    "slots",
    [{"format": "xml"}, {"parser": {"kind": "first_line"}}, {"params": {"max_tokens": 64}}],
    ids=["format", "parser", "params"],
)
def test_a_template_that_is_good_with_another_parser_or_more_tokens_is_not_taught(slots, is_of_old):
    """`trained` would have it read by the base's parser, and under its parameters."""
    records = [
        {**written("base"), "graph": "0"},
        {**written("fair"), "graph": "0"},
        {**written("good", **slots), "graph": "1"},
    ]
    if is_of_old:
        records = [{k: v for k, v in each.items() if k != "graph"} for each in records]
    records.append(RUNS[0])
    for name, value in (("base", 0.0), ("fair", 0.5), ("good", 1.0)):
        for number in range(8):
            _, score = told(name, value, "prompt", "red", case=f"c{number}")
            records.append(score)
    (taught,) = training_rows(lambda: records, kind="sft", of="templates")
    assert words(taught["messages"][-1:]) == "fair"
    rewards = training_rows(lambda: records, kind="rewards", of="templates")
    assert {words(row["completion"]) for row in rewards} == {"base", "fair"}


def test_whatever_a_search_finds_is_taught_if_it_is_read_as_the_base_is(searched):
    written = [r for r in searched[0].records() if r["kind"] == "candidate"]
    (graph,) = {r["graph"] for r in written if r["slots"]["operator"] == "base"}
    alike = {r["templates"]["prompt"] for r in written if r["graph"] == graph}
    assert len(alike) < len({r["templates"]["prompt"] for r in written})
    found = rows(searched, kind="rewards", of="templates")
    assert {row["completion"][0]["content"] for row in found} <= alike


def test_an_answer_to_a_case_that_the_prompt_shows_is_no_row():
    (case,) = cases("search", 1)
    demo = {"case_id": case.id}
    asked = [record for each in ("slot", "text", "bare") for record in told(each, 1.0, "n", each)]
    records = [
        written("slot", demos=[demo]),
        {**written("text"), "templates": {"prompt": "Word: search0\nred\n\nWord: {{ word }}"}},
        {**written("bare"), "templates": {"prompt": "Word: {{ word }}"}},
        RUNS[0],
        *({**r, "case": case.id} if r["kind"] == "score" else r for r in asked),
    ]
    scope = Scope(cases={case.id: case})
    for kind in ("sft", "rewards"):
        (row,) = training_rows(lambda: records, kind=kind, of="answers", scope=scope)
        assert words(row.get("prompt") or row["messages"][:-1]) == "bare: n?"


def test_todays_cases_tell_what_a_template_shows_where_a_scope_names_none():
    """Else an answer that the author's own examples give away would be taught as a right one."""
    (case,) = cases("search", 1)
    shows = {"prompt": f"Word: {case.inputs['word']}\nred\n\nWord: {{{{ word }}}}"}
    bare = {"prompt": "Word: {{ word }}"}
    records = [
        {**written("base"), "templates": shows},
        {**written("bare"), "templates": bare},
        {"kind": "study", "study": "s", "prompt": "p", "model": "fake/pupil", "base": "base"},
    ]
    for name in ("base", "bare"):
        call, score = told(name, 1.0, "n", "red")
        records += [call, {**score, "case": case.id}]
    known = {"p": Scope(known={case.id: case}), "q": Scope()}.__getitem__
    (row,) = training_rows(lambda: records, kind="sft", of="answers", scope=known)
    assert words(row["messages"][:-1]) == "bare: n?"
    assert not list(training_rows(lambda: records, kind="preferences", of="answers", scope=known))
    gone = [{**record, "prompt": "q"} if "model" in record else record for record in records]
    found = training_rows(lambda: gone, kind="sft", of="answers", scope=known)
    assert len(list(found)) == 2, "cases of another prompt say nothing"


def test_of_another_prompt_there_is_nothing(searched):
    assert not rows(searched, kind="rewards", of="answers", scope=Scope(prompt="other"))


def test_of_another_model_there_is_nothing(searched):
    assert not rows(searched, kind="rewards", of="answers", scope=Scope(model="fake/other"))
    every = rows(searched, kind="rewards", of="answers")
    assert rows(searched, kind="rewards", of="answers", scope=Scope(model="fake/pupil")) == every


def test_cases_that_have_become_a_holdout_are_kept_out(searched):
    scope = Scope(cases={case.id: case for case in cases("select", 5)})
    found = rows(searched, kind="rewards", of="answers", scope=scope)
    # Candidates write their inputs in several forms; examples come before the question.
    asked = {re.findall(r"(?:search|select)\d+", words(row["prompt"]))[-1] for row in found}
    assert asked == {f"select{number}" for number in range(5)}


def test_ids_of_another_eval_set_say_nothing_of_todays_holdout(searched):
    """A new case at the head of a numbered file gives each id to the case of the one before."""
    today = searched[1].task.fingerprints.eval_set
    every = rows(searched, kind="rewards", of="answers")
    assert rows(searched, kind="rewards", of="answers", scope=Scope(eval_set=today)) == every
    assert not rows(searched, kind="rewards", of="answers", scope=Scope(eval_set="0" * 64))


def test_studies_that_do_not_say_their_split_seed_are_left_out_where_one_is_asked_for(searched):
    every = rows(searched, kind="rewards", of="answers")
    assert rows(searched, kind="rewards", of="answers", scope=Scope(split_seed=0)) == every
    assert not rows(searched, kind="rewards", of="answers", scope=Scope(split_seed=1))
    assert list(training_rows(lambda: RUNS, kind="sft", of="answers"))
    assert not list(
        training_rows(lambda: RUNS, kind="sft", of="answers", scope=Scope(split_seed=0))
    )


def test_a_row_that_two_studies_have_met_is_written_once():
    row = {"messages": [{"role": "user", "content": "a\u2028b"}]}
    assert json_lines([row, {"messages": []}, dict(row)]).count("\n") == 2


def test_half_of_a_surrogate_pair_can_be_written():
    text = json_lines([{"reward": 1.0, "completion": "a \ud83d"}, {"completion": "é"}])
    assert text == '{"reward": 1.0, "completion": "a ?"}\n{"completion": "é"}\n'


def test_the_nodes_of_a_program_are_taught_one_by_one(tmp_path):
    def model(request):
        said = chained(request)
        return "<instruction>Red or blue, style 2.</instruction>" if said is None else said

    with Ledger(tmp_path / "ledger.jsonl") as ledger:
        run_cell(task(program=chain()), Services(ScriptedGateway(model), ledger))
        found = list(training_rows(ledger.records, kind="rewards", of="templates"))
    asked = [row["prompt"] for row in found]
    for node in chain().nodes.values():
        assert question(node.source) in asked
    assert len({row["completion"][0]["content"] for row in found}) == len(found)


def told(candidate, value, node, text, **more):
    """The records of one run of a program whose last call was this node's."""
    request = Request.of("fake/pupil", [{"role": "user", "content": f"{candidate}: {node}?"}])
    score = {"kind": "score", "study": "s", "candidate": candidate, "case": "a", "value": value}
    return [
        {"kind": CALL, "key": request.digest, **asdict(request), "text": text},
        {**score, "repeat": 0, "asked": [request.digest], "node": node, **more},
    ]


RUNS = [
    {"kind": "study", "study": "s", "prompt": "p", "model": "fake/pupil", "base": "base"},
    *told("base", 0.5, "colour", "red"),
    *told("good", 1.0, "colour", "blue"),
    *told("lost", 0.0, "clue", "I cannot say."),
]


def test_a_run_that_is_right_teaches_all_of_its_calls():
    """Those of nodes before the last one, too; its score is about the answer alone."""
    hint, score = told("good", 1.0, "hint", "the sky")
    (asked,) = score["asked"]
    last = told("good", 1.0, "colour", "blue")[1]["asked"]
    runs = [
        {**record, "asked": [asked, *last]} if record.get("candidate") == "good" else record
        for record in RUNS
    ]
    records = [hint, *runs]
    taught = training_rows(lambda: records, kind="sft", of="answers")
    assert [words(row["messages"][-1:]) for row in taught] == ["the sky", "blue"]
    rewards = list(training_rows(lambda: records, kind="rewards", of="answers"))
    assert [row["reward"] for row in rewards] == [0.5, 1.0, 0.0]


def cut_off(records):
    """The same, with the limit on tokens as what ended each answer."""
    return [
        {**record, "finish_reason": "length"} if record["kind"] == CALL else record
        for record in records
    ]


@pytest.mark.parametrize("kind", ["sft", "rewards"])
def test_who_is_trained_learns_nothing_that_a_limit_cut_off(kind):
    """A trainer ends each row where its text ends, be it amid a word."""
    records = [
        RUNS[0],
        *told("good", 1.0, "colour", "blue"),
        *cut_off(told("cut", 1.0, "colour", "blue, becau")),
    ]
    left_out = []
    found = list(
        training_rows(
            lambda: records,
            kind=kind,
            of="answers",
            on_left_out=lambda *told: left_out.append(told),
        )
    )
    said = [row["messages"][-1:] if kind == "sft" else row["completion"] for row in found]
    assert [words(turns) for turns in said] == ["blue"]
    assert left_out == [(CUT_OFF, 1)]


def test_of_a_run_that_is_right_the_calls_that_were_not_cut_off_are_taught():
    (hint, score), (last, _) = (
        told("good", 1.0, "hint", "the sk"),
        told("good", 1.0, "colour", "red"),
    )
    asked = {**score, "asked": [hint["key"], last["key"]]}
    records = [RUNS[0], *cut_off([hint]), last, asked]
    taught = training_rows(lambda: records, kind="sft", of="answers")
    assert [words(row["messages"][-1:]) for row in taught] == ["red"]


def test_what_was_cut_off_may_be_rejected_and_is_never_chosen():
    base = cut_off(told("base", 0.5, "colour", "red, as the sk"))
    best = cut_off(told("best", 1.0, "colour", "blue, as the sk"))
    good = told("good", 0.9, "colour", "blue")
    records = [RUNS[0], *base, *best, *good]
    (pair,) = training_rows(lambda: records, kind="preferences", of="answers")
    assert (words(pair["chosen"]), words(pair["rejected"])) == ("blue", "red, as the sk")
    assert preferences([RUNS[0], *base, *best]) == (0, 0)


@pytest.fixture(scope="module")
def searched_twice(tmp_path_factory):
    """The records of two studies, and of two files of one model: the second is always wrong."""
    path = tmp_path_factory.mktemp("twice") / "ledger.jsonl"
    other = {"red": "blue", "blue": "red"}
    with Ledger(path) as ledger:
        for seed, model in ((0, perfect), (1, lambda request: other[perfect(request)])):
            services = Services(
                ScriptedGateway(model), ledger, fingerprint=lambda _model, seed=seed: f"file {seed}"
            )
            run_cell(task(budget=Budget(calls=300), seed=seed), services)
        return list(ledger.records())


def test_a_text_is_taught_by_the_score_that_its_own_weights_have_got(searched_twice):
    """The request is the same one whichever file a model's name stands for."""
    (base,) = {r["base"] for r in searched_twice if r["kind"] == "study"}
    records = [r for r in searched_twice if r.get("candidate", base) == base]
    found = {
        (words(row["prompt"]).split()[-1], words(row["completion"])): row["reward"]
        for row in training_rows(lambda: records, kind="rewards", of="answers")
    }
    assert set(found.values()) == {0.0, 1.0}
    for (word, said), reward in found.items():
        assert reward == (said == colour(word))


def test_where_a_ledger_of_old_does_not_say_which_weights_were_scored_nothing_is_taught(
    searched_twice,
):
    requests = {
        r["key"]: Request(
            r["model"], tuple(Message(*each) for each in r["messages"]), r["params"], r["repeat"]
        ).digest
        for r in searched_twice
        if r["kind"] == CALL
    }
    old = [
        {**r, "asked": [requests[key] for key in r["asked"]]} if r["kind"] == "score" else r
        for r in searched_twice
    ]
    left_out = Counter()

    def taught(records):
        left_out.clear()
        found = training_rows(
            lambda: records,
            kind="sft",
            of="answers",
            on_left_out=lambda why, answers: left_out.update({why: answers}),
        )
        return len(list(found))

    scores = [r for r in old if r["kind"] == "score"]
    twice = Counter(requests.values())
    assert taught(old) == sum(r["value"] == 1 and twice[r["asked"][0]] == 1 for r in scores)
    assert left_out[OTHER_TEXT] == sum(twice[r["asked"][0]] == 2 for r in scores) > 0
    (first, _) = [r["study"] for r in old if r["kind"] == "study"]
    alone = [r for r in old if r.get("study", first) == first]
    assert taught(alone) == sum(r["value"] == 1 for r in alone if r["kind"] == "score") > 0


def test_a_preference_is_between_answers_of_one_node():
    """A run may fail before the node that answers; what was said there is no worse colour."""
    (row,) = training_rows(lambda: RUNS, kind="preferences", of="answers")
    assert row["prompt"][0]["content"] == "base: colour?"
    assert (words(row["chosen"]), words(row["rejected"])) == ("blue", "red")


@pytest.mark.parametrize("is_of_old", [False, True])
def test_a_preference_is_between_answers_that_are_read_as_the_bases_are(is_of_old):
    """Where the base prompt is served, its parser would score `Answer: red` 0."""
    manners = {"base": ("0", {}), "good": ("0", {}), "best": ("1", {"format": "line"})}
    answers = {"base": (0.0, "blue"), "good": (0.5, "red"), "best": (1.0, "Answer: red")}
    records = [RUNS[0]]
    for name, (graph, slots) in manners.items():
        candidate = written(name, **slots)
        records.append(candidate if is_of_old else {**candidate, "graph": graph})
        value, text = answers[name]
        records += told(name, value, "prompt", text)
    left_out = []
    found = training_rows(
        lambda: records,
        kind="preferences",
        of="answers",
        on_left_out=lambda *told: left_out.append(told),
    )
    assert [(words(row["chosen"]), words(row["rejected"])) for row in found] == [("red", "blue")]
    assert left_out == [(OTHER_MANNER, 1)]


def preferences(records):
    """How many preferences there are in the records, and how many of the answers are left out."""
    left_out = []
    found = training_rows(
        lambda: records,
        kind="preferences",
        of="answers",
        on_left_out=lambda _why, answers: left_out.append(answers),
    )
    return len(list(found)), sum(left_out)


@pytest.mark.parametrize(
    ("times", "pairs", "left_out"),
    [((1, 1, 1), 2, 0), ((1, 1, 3), 1, 1), ((1, 3, 1), 1, 1), ((3, 1, 1), 0, 1), ((3, 3, 3), 0, 3)],
)
def test_answers_to_several_items_make_no_pair(times, pairs, left_out):
    """The run that is best on all items may have the worse answer to the last one."""
    base, good, bad = times
    runs = [
        *told("base", 0.5, "colour", "red", times=base),
        *told("good", 1.0, "colour", "blue", times=good),
        *told("bad", 0.0, "colour", "green", times=bad),
    ]
    assert preferences([RUNS[0], *runs]) == (pairs, left_out)


@pytest.mark.parametrize(("calls", "found"), [(1, (1, 0)), (2, (1, 0)), (3, (0, 3))])
def test_old_records_of_more_calls_than_nodes_may_be_of_several_items(calls, found):
    nodes = dict.fromkeys(("clue", "colour"), "")
    candidates = [
        {"kind": "candidate", "study": "s", "digest": name, "templates": nodes}
        for name in ("base", "good", "lost")
    ]
    old = [
        {**record, "asked": ["0" * 64] * (calls - 1) + record["asked"]}
        if record["kind"] == "score"
        else record
        for record in RUNS
    ]
    assert preferences(candidates + old) == found


@pytest.mark.parametrize(("nodes", "pairs"), [(["prompt"], 2), (["clue", "colour"], 0)])
def test_without_a_node_in_old_records_only_plain_prompts_have_preferences(nodes, pairs):
    candidates = [
        {"kind": "candidate", "study": "s", "digest": name, "templates": dict.fromkeys(nodes, "")}
        for name in ("base", "good", "lost")
    ]
    old = [{k: v for k, v in record.items() if k != "node"} for record in RUNS]
    found = training_rows(lambda: candidates + old, kind="preferences", of="answers")
    assert len(list(found)) == pairs


def test_scores_say_which_node_was_asked_last(searched, tmp_path):
    scores = [r for r in searched[0].records() if r["kind"] == "score"]
    assert {(r["node"], r["times"]) for r in scores} == {("prompt", 1)}
    graph = chain().graph
    nodes = {**graph.nodes, "hint": generating("hint", {"type": "number"})}
    program = chain()._replace(graph=graph._replace(nodes=nodes))

    def model(request):
        said = chained(request) or ""
        if "Clue: " not in request.messages[-1].content:
            return said
        return "none" if "7" in said else "1"

    with Ledger(tmp_path / "ledger.jsonl") as ledger:
        run_cell(task(program=program), Services(ScriptedGateway(model), ledger))
        scores = [r for r in ledger.records() if r["kind"] == "score"]
    assert {r["node"] for r in scores if "7" in r["case"]} == {"hint"}
    assert {r["node"] for r in scores if "7" not in r["case"]} == {"colour"}


def test_scores_say_how_often_their_node_was_asked(tmp_path):
    label = CONFIG.output.model_dump(by_alias=True, exclude_none=True)
    program = by_letter("colour", label, "Red or blue?\n{{ letter }}\n", most=4)
    with Ledger(tmp_path / "ledger.jsonl") as ledger:
        cell = task(program=program, budget=Budget(calls=1200))
        run_cell(cell, Services(ScriptedGateway(lambda _request: "red"), ledger))
        scores = [r for r in ledger.records() if r["kind"] == "score"]
    assert {(r["node"], r["times"], len(r["asked"])) for r in scores} == {("colour", 4, 4)}


def test_a_resumed_search_exports_each_row_once(searched, tmp_path):
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(searched[0].path.read_bytes())
    with Ledger(path) as again:
        run_cell(task(), Services(ScriptedGateway(apt_pupil), again))
        found = list(training_rows(again.records, kind="rewards", of="answers"))
    assert found == rows(searched, kind="rewards", of="answers")
