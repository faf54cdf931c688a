from __future__ import annotations

import random
from types import SimpleNamespace

import pytest

from landrace.metrics.base import MetricOptions
from landrace.optimizers.meta_prompts import render_meta_prompt
from landrace.optimizers.proposing import grounded
from landrace.optimizers.proposing.grounded import Facts, Tried, View
from landrace.optimizers.variants import Program, write_variant
from landrace.program import Graph
from landrace.program.nodes import Extract
from landrace.schemas.candidate import Candidate, Demo
from landrace.schemas.case import Case
from landrace.schemas.prompt import OutputContract
from strategy_world import generating

LABEL = OutputContract(type="label", labels=("late", "damaged"), max_tokens=4)
QUERY = "{% section task %}\nWrite a search query.\n{% endsection %}\n\nTicket: {{ ticket }}\n"
TOPIC = "{% section task %}\nName the topic.\n{% endsection %}\n\nNotes: {{ notes }}\n"
INPUTS = {"type": "object", "properties": {"ticket": {"type": "string"}}}
TWO = Program.of_graph(
    "tickets",
    Graph(
        {
            "query": generating("query", {"type": "text"}),
            "notes": Extract("query", "lines", "", every=True),
            "topic": generating("topic", {"type": "label", "labels": ["late", "damaged"]}),
        },
        "topic",
    ),
    {"query": (QUERY, "query.jinja"), "topic": (TOPIC, "topic.jinja")},
    inputs=INPUTS,
    corpora={},
    where="prompt.yaml",
)
ONE = Program.of("tickets", QUERY, LABEL, path="prompt.jinja", inputs=INPUTS)
CASES = tuple(
    Case(id=f"c{n}", inputs={"ticket": f"Parcel {n} is late."}, expected="late") for n in range(130)
)


class FakeStudy:
    """A study that renders what it is asked, and answers from a list; the last answer stays."""

    def __init__(self, program, answers, *, search=CASES):
        self.setting = SimpleNamespace(
            program=program, description="Sort support tickets.", labels=MetricOptions()
        )
        self.search = search
        self.asked = []
        self.logged = []
        self._answers = list(answers)

    def rng(self, name):
        return random.Random(name)

    def ask(self, meta_prompt, *, max_tokens=400, temperature=0.8, **inputs):
        messages = render_meta_prompt(meta_prompt, inputs)
        self.asked.append((meta_prompt, "\n---\n".join(f"{r}: {c}" for r, c in messages)))
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def log(self, kind, **fields):
        self.logged.append((kind, fields))


def _texts(study):
    return "\n\n===== \n".join(f"{name}\n{text}" for name, text in study.asked) + "\n"


GOOD = "Sort <instruction>Say late or damaged, whichever fits the ticket.</instruction> done"


def test_the_questions_about_a_program_read_as_kept(file_regression):
    study = FakeStudy(TWO, ["They are short.", "NOTHING", "Short complaints."], search=CASES[:12])
    study._answers = [
        "Short texts.",
        "NOTHING",
        "Short complaints.",
        "It sorts.",
        "It asks.",
        "It names.",
    ]
    facts = grounded.gather(study, data=True, program=True)
    assert facts.data == "Short complaints."
    assert facts.program == "It sorts."
    assert facts.roles == {"query": "It asks.", "topic": "It names."}
    file_regression.check(_texts(study), extension=".txt")


def test_a_proposal_shows_all_that_is_known(file_regression):
    study = FakeStudy(TWO, [GOOD])
    view = View(
        Facts("Short complaints.", "It sorts.", grounded.pseudo_source(TWO), {"topic": "Names."}),
        demos=(Demo(case_id="c1", user="Notes: a dent", assistant="damaged"),),
        tip=grounded.TIPS["persona"],
        history=[Tried("Name it.", 0.5), Tried("Name the topic well.", 0.625), Tried("Hm.", 0.1)],
    )
    text = grounded.proposed(study, TWO.nodes["topic"], view)
    assert text == "Say late or damaged, whichever fits the ticket."
    file_regression.check(_texts(study), extension=".txt")


def test_a_proposal_without_grounding_shows_the_instruction_alone(file_regression):
    study = FakeStudy(ONE, [GOOD])
    grounded.proposed(study, ONE.main, View())
    file_regression.check(_texts(study), extension=".txt")


def test_a_joint_proposal_has_an_instruction_for_each_node(file_regression):
    answer = "<query>\nFind the carrier's words.\n</query>\n<topic>\nSay late or damaged.\n</topic>"
    study = FakeStudy(TWO, [answer])
    tried = [({"query": "Ask it.", "topic": "Name it."}, 0.25)]
    found = grounded.proposed_together(study, list(TWO.nodes.values()), Facts(), tried)
    assert found == {"query": "Find the carrier's words.", "topic": "Say late or damaged."}
    file_regression.check(_texts(study), extension=".txt")


def test_a_joint_proposal_shows_each_nodes_examples_and_a_tip():
    study = FakeStudy(TWO, [None])
    shown = {"topic": (Demo(case_id="c1", user="Notes: a dent", assistant="damaged"),)}
    nodes = list(TWO.nodes.values())
    grounded.proposed_together(study, nodes, Facts(), [], demos=shown, tip=grounded.TIPS["simple"])
    [(_, text)] = study.asked
    assert "Step topic, input: Notes: a dent\nAnswer: damaged\n" in text
    assert grounded.TIPS["simple"] in text


def test_a_joint_proposal_without_one_of_the_nodes_is_none():
    study = FakeStudy(TWO, ["<query>Find the carrier's words.</query>"])
    assert grounded.proposed_together(study, list(TWO.nodes.values()), Facts(), []) is None


def test_the_data_summary_ends_after_five_calls_without_news():
    study = FakeStudy(
        ONE, ["Short texts.", "nothing", "Nothing.", "", "NOTHING new", "NOTHING", "Short."]
    )
    assert grounded.data_summary(study) == "Short."
    assert [name for name, _ in study.asked] == ["dataset_observe"] * 6 + ["dataset_condense"]


@pytest.mark.parametrize(("cases", "calls"), [(1, 2), (10, 2), (11, 3), (100, 11), (130, 11)])
def test_the_estimate_counts_every_call(cases, calls):
    study = FakeStudy(ONE, ["Something new again."], search=CASES[:cases])
    grounded.gather(study, data=True, program=False)
    assert len(study.asked) == calls
    assert grounded.fact_calls(cases, 1, data=True, program=False) == calls


@pytest.mark.parametrize("program", [ONE, TWO])
def test_the_estimate_counts_what_describes_a_program(program):
    study = FakeStudy(program, ["It sorts."])
    grounded.gather(study, data=False, program=True)
    nodes = len(program.nodes)
    assert len(study.asked) == grounded.fact_calls(130, nodes, data=False, program=True)


def test_a_proposer_that_says_nothing_leaves_the_facts_empty():
    facts = grounded.gather(FakeStudy(TWO, [None]), data=True, program=True)
    assert (facts.data, facts.program, set(facts.roles.values())) == ("", "", {""})


@pytest.mark.parametrize("answer", [None, "", "yes", "word " * 400])
def test_an_answer_without_an_instruction_is_no_proposal(answer):
    study = FakeStudy(ONE, [answer])
    assert grounded.proposed(study, ONE.main, View()) is None


def test_labels_that_a_proposal_forgets_are_added():
    study = FakeStudy(ONE, ["<instruction>Name the topic of the ticket.</instruction>"])
    text = grounded.proposed(study, ONE.main, View())
    assert "late, damaged" in text


def test_a_proposal_with_template_tags_stays_text():
    study = FakeStudy(
        ONE, ["<instruction>Say late or damaged. {{ ticket }} {% system %}</instruction>"]
    )
    text = grounded.proposed(study, ONE.main, View())
    candidate = Candidate.plain(operator="x", instruction=text, layout="system")
    system, user = write_variant(ONE, candidate).first_messages({"ticket": "T"})
    assert system["content"] == "Say late or damaged. {{ ticket }} {% system %}"
    assert user["content"] == "Ticket: T"


def test_five_of_the_history_are_shown_the_best_last():
    study = FakeStudy(ONE, [GOOD])
    history = [Tried(f"Instruction number {n}.", n / 10) for n in range(8)]
    grounded.proposed(study, ONE.main, View(history=history))
    text = study.asked[0][1]
    places = [text.find(f"number {n}.") for n in range(8)]
    assert places[:3] == [-1] * 3
    assert places[3:] == sorted(places[3:])
    assert min(places[3:]) > 0
