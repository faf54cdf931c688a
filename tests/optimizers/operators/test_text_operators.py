from __future__ import annotations

import pytest

from landrace.optimizers.operators import stop_words
from landrace.optimizers.operators.base import children
from landrace.optimizers.operators.table import OPERATORS
from landrace.optimizers.operators.tuning import Tuning
from landrace.optimizers.slots.formats import FORMATS
from landrace.optimizers.slots.syntax import phrase_trees
from landrace.schemas.candidate import Candidate
from sammo_world import colour, context, is_meta, read_by, source_of, study_of


def asked(requests, text):
    return [r for r in requests if is_meta(r) and text in r.messages[-1].content]


def recorder(requests, answer):
    def model(request):
        requests.append(request)
        return answer(request) if is_meta(request) else "red"

    return model


@pytest.mark.parametrize(
    ("name", "wanted", "temperature"),
    [
        ("paraphrase", "in other words", 0.9),
        ("bullets", "bullet points", 0.7),
        ("rewrite", "clearer", 0.7),
    ],
)
def test_rewordings_ask_for_what_they_are_called(tmp_path, name, wanted, temperature):
    requests = []
    with study_of(tmp_path, recorder(requests, lambda r: f"Colour, please: {r.repeat}")) as study:
        found = children(OPERATORS[name], context(study, most=3))
        # n draws are n different requests, hence n answers.
        assert len({read_by(study, child) for child in found}) == 3
    assert len(asked(requests, wanted)) == 3
    assert {request.params["temperature"] for request in requests} == {temperature}


def test_a_reworded_section_keeps_its_heading_and_the_rest_of_the_template(tmp_path):
    with study_of(tmp_path, lambda _r: "Count the letters.") as study:
        use = context(study, tuning=Tuning(targets=("*/sections/hints",)))
        [child] = children(OPERATORS["paraphrase"], use)
        source = child.slots().source
    assert "## Hints\nCount the letters." in source
    assert "Short words" not in source
    assert "Say which colour the word has" in source


def test_a_remark_in_place_of_a_section_is_no_rewording(tmp_path):
    with study_of(tmp_path, lambda _r: "Sure.") as study:
        use = context(study, tuning=Tuning(targets=("*/sections/hints",)))
        assert children(OPERATORS["paraphrase"], use) == []


@pytest.mark.parametrize("said", ["Red or blue?", f"Red or blue? {FORMATS['xml'].ask}"])
def test_a_reworded_section_keeps_the_sentence_of_its_answer_format(tmp_path, said):
    """Once, if what was written out is served with the format's parser."""
    body = f"Which colour?\n\n{FORMATS['xml'].ask}"
    source = f"{{% section task %}}\n{body}\n{{% endsection %}}\n\nWord: {{{{ word }}}}\n"
    with study_of(tmp_path, lambda _r: said) as study:
        use = context(study, source=source, format="xml")
        [child] = children(OPERATORS["paraphrase"], use)
        text = read_by(study, child)
    assert text.startswith("Red or blue?")
    assert text.count(FORMATS["xml"].ask) == 1


def test_shorten_says_how_many_words_are_left(tmp_path):
    requests = []
    with study_of(tmp_path, recorder(requests, lambda _r: "Red or blue?")) as study:
        use = context(study, tuning=Tuning(targets=("*/sections/hints",), shorten=0.5))
        children(OPERATORS["shorten"], use)
    assert len(asked(requests, "at most 5 words")) == 1  # of nine


def test_induction_shows_search_cases_with_their_labels(tmp_path):
    requests = []
    answer = "Words of odd length are red, words of even length are blue."
    with study_of(tmp_path, recorder(requests, lambda _r: answer)) as study:
        [child] = children(OPERATORS["induce"], context(study))
        assert answer in read_by(study, child)
        assert "Word: sky" in read_by(study, child)
    shown = requests[0].messages[-1].content
    assert "Word: search" in shown
    assert "select" not in shown
    assert shown.count("Output:") == Tuning().induce_from


def test_an_induced_instruction_names_every_label(tmp_path):
    with study_of(tmp_path, lambda _r: "Tell the colour of it.") as study:
        [child] = children(OPERATORS["induce"], context(study))
        assert "red, blue" in child.slots().instruction


def test_ape_induces_first_and_resamples_later(tmp_path):
    with study_of(tmp_path) as study:
        [first] = children(OPERATORS["ape"], context(study))
        assert first.operator == "induce instructions"
        [later] = children(OPERATORS["ape"], context(study, instruction="Go.", layout="user"))
        assert later.operator == "paraphrase"


def test_ape_induces_anew_where_the_text_was_dropped(tmp_path):
    with study_of(tmp_path) as study:
        [anew] = children(OPERATORS["ape"], context(study, instruction="", layout="user"))
        assert anew.operator == "induce instructions"


def test_apo_explains_mistakes_and_mends_the_instruction(tmp_path):
    requests = []

    def answer(request):
        if "Name one flaw" in request.messages[-1].content:
            return f"It never says what blue is. ({request.repeat})"
        return f"<instruction>Red is odd, blue is even. {len(requests)}</instruction>"

    with study_of(tmp_path, recorder(requests, answer)) as study:
        tuning = Tuning(apo_gradients=2, apo_steps=1, apo_rewrites=0)
        found = children(OPERATORS["apo"], context(study, most=9, tuning=tuning))
    assert len(found) == 2
    critiques = asked(requests, "Name one flaw")
    assert len(critiques) == 2
    assert "Wanted answer: blue" in critiques[0].messages[-1].content
    assert "select" not in critiques[0].messages[-1].content
    amended = asked(requests, "It never says what blue is.")
    assert len(amended) == 2


def test_apo_asks_for_no_more_than_is_wanted(tmp_path):
    requests = []
    with study_of(tmp_path, recorder(requests, lambda _r: "Odd is red, even is blue.")) as study:
        children(OPERATORS["apo"], context(study, most=1))
    assert len([r for r in requests if is_meta(r)]) == 2


def test_apo_takes_no_remark_for_a_rewording(tmp_path):
    def answer(request):
        text = request.messages[-1].content
        return "Sure." if "in other words" in text else "Odd is red, even is blue."

    with study_of(tmp_path, recorder([], answer)) as study:
        tuning = Tuning(apo_gradients=1, apo_steps=1, apo_rewrites=2)
        assert len(children(OPERATORS["apo"], context(study, most=9, tuning=tuning))) == 1


def test_apo_has_nothing_to_say_of_a_candidate_without_mistakes(tmp_path):
    def perfect(request):
        assert not is_meta(request)
        return colour(request.messages[-1].content.rsplit(" ", 1)[-1])

    with study_of(tmp_path, perfect) as study:
        assert children(OPERATORS["apo"], context(study)) == []


def test_stop_words_go_and_what_turns_a_sentence_round_stays():
    text = "Please say, of the two words, which is not always the shorter one."
    assert stop_words.without(text, stop_words.ARTICLES) == (
        "say, of two words, which is not always shorter one."
    )
    short = stop_words.without(text, stop_words.FUNCTION_WORDS)
    assert short == "say, two words, not shorter one."
    for word in ("not", "no", "never", "only", "except", "without", "or", "first", "two"):
        assert word not in stop_words.FUNCTION_WORDS


def test_removing_stop_words_asks_nobody(tmp_path):
    def nobody(request):
        raise AssertionError(request)

    with study_of(tmp_path, nobody) as study:
        found = children(OPERATORS["stop words"], context(study, most=2))
        assert {child.operator for child in found} <= {"remove articles", "remove function words"}
        assert len(found) >= 1


def test_syntax_edits_delete_swap_paraphrase_and_put_back(tmp_path):
    seen = {}
    with study_of(tmp_path, lambda _r: "<instruction>tell the tint</instruction>") as study:
        for seed in range(40):
            for child in children(OPERATORS["syntax"], context(study, seed=seed)):
                seen.setdefault(child.operator, (child, read_by(study, child)))
        base = read_by(study, Candidate())
        assert len(seen["delete phrase"][1]) < len(base)
        assert sorted(seen["swap phrases"][1].replace(".", " ").split()) != base.split()
        assert "tell the tint" in seen["paraphrase phrase"][1]
        assert "put phrase back" not in seen  # the base has no ancestor that lost one


def test_a_deleted_phrase_can_be_put_back(tmp_path):
    lost = "and do not explain it"
    with study_of(tmp_path) as study:
        source = study.setting.program.main.source.replace(f", {lost}", "")
        found = {}
        for seed in range(60):
            for child in children(OPERATORS["syntax"], context(study, seed=seed, source=source)):
                if child.operator == "put phrase back":
                    found[seed] = read_by(study, child)
    assert found
    assert any("explain" in text for text in found.values())


def test_pruning_keeps_what_the_answers_depend_on(tmp_path):
    """The model needs the words "red or is it blue" and nothing else."""

    def needy(request):
        word = request.messages[-1].content.rsplit(" ", 1)[-1]
        knows = all(w in request.messages[0].content.split("Word:")[0] for w in ("red", "blue"))
        return colour(word) if knows else "green"

    with study_of(tmp_path, needy) as study:
        tuning = Tuning(targets=("*/sections/task",), prune_trials=40)
        [child] = children(OPERATORS["prune syntax"], context(study, tuning=tuning))
        entry = study.admit(child)
        assert len(source_of(entry)) < len(source_of(study.base)) - 20
        assert study.table.mean(entry.digest, study.select) == 1.0
        assert "{{ word }}" in source_of(entry)


def test_pruning_goes_breadth_first_and_stops_after_its_trials(tmp_path):
    with study_of(tmp_path, lambda _r: "red") as study:
        tuning = Tuning(targets=("*/sections/task",), prune_trials=1)
        children(OPERATORS["prune syntax"], context(study, tuning=tuning))
        tried = list(study.entries.values())[1:]
        sentence = phrase_trees("Say which colour the word has, and do not explain it.")
        assert len(tried) == len(sentence) == 1
        assert "Say which colour" not in source_of(tried[0])


def test_pruning_spares_the_runs_that_it_is_told_to(tmp_path):
    with study_of(tmp_path, lambda _r: "red", calls=200) as study:
        study.evaluate([study.base], study.select)
        use = context(study, tuning=Tuning(prune_trials=40))._replace(spare=100)
        children(OPERATORS["prune syntax"], use)
        assert 100 <= study.runs_left() < 176
