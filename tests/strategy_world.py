"""A small world that every strategy can be run in: colours of words, and models that heed prompts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import colours
from colours import SOURCE, luck
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.metrics.table import build
from landrace.optimizers.table import STRATEGIES
from landrace.optimizers.variants import Program
from landrace.parsers import default_parser
from landrace.program import Graph, Retrieve
from landrace.program.nodes import Extract, ForEach, Generate
from landrace.schemas.candidate import Candidate, Demo
from landrace.schemas.case import Case
from landrace.schemas.pipeline import Budget, ModelConfig, PipelineConfig, Policy, Strategy
from landrace.schemas.prompt import PromptConfig
from landrace.template import compile_template
from landrace.workflows.pinning import cell_files
from landrace.workflows.run_cell import run_cell
from landrace.workflows.services import Services
from landrace.workflows.task import CellTask, Fingerprints, Incumbent

if TYPE_CHECKING:
    from landrace.workflows.run_cell import CellResult

CONFIG = PromptConfig.model_validate(colours.CONFIG)

# A clue of the word, a hint of the clue, the colour of the hint. The middle step is the weak one.
CHAIN = {
    "clue": "{% section task %}\nGive a clue.\n{% endsection %}\n\nWord: {{ word }}\n",
    "hint": "{% section task %}\nMake it a hint.\n{% endsection %}\n\nClue: {{ clue }}\n",
    "colour": "{% section task %}\nRed or blue?\n{% endsection %}\n\nHint: {{ hint }}\n",
}

STYLES = 6  # a proposer's instructions differ in one number
_WORD = re.compile(r"Word: (\S+)\Z")
_STYLE = re.compile(r"style (\d)")


def generating(name, contract):
    return Generate(f"{name}.jinja", contract, {}, default_parser(contract))


def chain(**templates):
    """The program of `CHAIN`, or with other templates for some nodes."""
    label = CONFIG.output.model_dump(by_alias=True, exclude_none=True)
    nodes = {
        name: generating(name, label if name == "colour" else {"type": "text", "max_tokens": 8})
        for name in CHAIN
    }
    texts = {**CHAIN, **templates}
    sources = {name: (source, f"{name}.jinja") for name, source in texts.items()}
    return Program.of_graph(
        "colours",
        Graph(nodes, "colour"),
        sources,
        inputs=CONFIG.inputs,
        corpora={},
        where="prompt.yaml",
    )


def written_in(order, program):
    """The program with its nodes in another order."""
    sources = {name: (node.source, node.path) for name, node in program.nodes.items()}
    graph = program.graph._replace(nodes={name: program.graph.nodes[name] for name in order})
    return Program.of_graph(
        program.name, graph, sources, inputs=program.inputs, corpora={}, where=program.where
    )


def by_letter(name, contract, source, *, most):
    """A program with one node, which is asked about each letter of the word, ``most`` at most."""
    nodes = {
        "letters": Extract("word", "regex", r"\w", every=True),
        name: ForEach(
            "letters", "letter", f"{name}.jinja", most, contract, {}, default_parser(contract)
        ),
    }
    return Program.of_graph(
        "colours",
        Graph(nodes, name),
        {name: (source, f"{name}.jinja")},
        inputs=CONFIG.inputs,
        corpora={},
        where="prompt.yaml",
    )


def remarking(model):
    """The model, but what it is to say in other words it answers with a remark."""

    def remarks(request):
        is_rewording = "in other words" in request.messages[-1].content
        return "Sure." if is_rewording else model(request)

    return remarks


def retrieving(corpus, *, exclude_exact=False):
    """A program whose one asking node reads how much was found in a corpus, which is JSON lines."""
    label = CONFIG.output.model_dump(by_alias=True, exclude_none=True)
    nodes = {
        "notes": Retrieve(
            "notes.jsonl", "word", "bm25", 2, "round_robin", exclude_exact, text="text"
        ),
        "colour": generating("colour", label),
    }
    source = (
        "{% section task %}\nRed or blue?\n{% endsection %}\n\n"
        "{{ notes | length }}\nWord: {{ word }}\n"
    )
    return Program.of_graph(
        "colours",
        Graph(nodes, "colour"),
        {"colour": (source, "colour.jinja")},
        inputs=CONFIG.inputs,
        corpora={"notes.jsonl": corpus},
        where="prompt.yaml",
    )


def chained(request):
    """The answer of a node of the chain, or None for a question to the proposer.

    Clue and hint hand on the word, or spoil it; style 2 mends the hint, and nothing else.
    """
    found = re.search(r"(Word|Clue|Hint): (\S+)\Z", request.messages[-1].content)
    if found is None:
        return None
    step, word = found[1], found[2]
    share = 0.95 if step != "Clue" or style(request) == 2 else 0.5
    if step == "Hint":
        return answer(word, share)
    return word if luck("ease", step, word) < share else f"not-{word}"


def colour(word):
    return "red" if luck("colour", word) < 0.5 else "blue"


def cases(name, count):
    words = [f"{name}{number}" for number in range(count)]
    return tuple(Case(id=word, inputs={"word": word}, expected=colour(word)) for word in words)


def lengthened(items, by):
    """The cases with words that begin with so much more."""
    words = {case.id: by + case.inputs["word"] for case in items}
    return tuple(
        Case(id=name, inputs={"word": word}, expected=colour(word)) for name, word in words.items()
    )


def question(request):
    """The word that is asked for; None for a question to the proposer."""
    found = _WORD.search(request.messages[-1].content)
    return found[1] if found else None


def shown(request):
    """The words of the demos."""
    return [
        message.content.rsplit(" ", 1)[-1]
        for message, answer in zip(request.messages, request.messages[1:], strict=False)
        if answer.role == "assistant"
    ]


def showing(count):
    """A candidate that is given, with so many examples."""
    words = (f"search{number}" for number in range(count))
    demos = tuple(Demo(case_id=w, user=f"Word: {w}", assistant=colour(w)) for w in words)
    text = "Which colour does the word have? Say red or blue."
    return Candidate.plain(operator="given", layout="user", instruction=text, demos=demos)


def few_mistakes(words, write):
    """A model that is wrong on these alone of the search cases; ``write`` is its proposer."""

    def model(request):
        word = question(request)
        if word is None:
            return write(request)
        if word.startswith("search"):
            return answer(word, 0.0 if word in words else 1.0)
        return answer(word, 0.5)

    return model


def style(request):
    """The number in the instruction; None for the base's."""
    text = "\n".join(m.content for m in request.messages if m.role != "assistant")
    found = _STYLE.search(text)
    return int(found[1]) if found else None


def proposal(request):
    """An instruction, or one for each tag asked for, in a style that the question decides."""
    text = request.messages[-1].content
    tags = dict.fromkeys(re.findall(r"^<(clue|hint|colour|prompt)>$", text, re.MULTILINE))
    return "\n".join(
        f"<{tag}>Say red or blue for the word, in style "
        f"{int(STYLES * luck('style', tag, request.digest))}.</{tag}>"
        for tag in tags or ["instruction"]
    )


def answer(word, share):
    """Right on about this share of the words, the same for each word."""
    right = colour(word)
    return right if luck("ease", word) < share else {"red": "blue", "blue": "red"}[right]


def pupil(request):
    """A model that heeds both style and demos."""
    word = question(request)
    if word is None:
        return proposal(request)
    return answer(word, 0.4 + 0.2 * (style(request) == 2) + 0.05 * min(len(shown(request)), 6))


def task(
    name,
    *,
    options=None,
    budget=None,
    seed=0,
    search=24,
    select=20,
    holdout=12,
    policy=None,
    **changes,
):
    strategy = STRATEGIES[name]
    chosen = strategy.options.model_validate(options or {})
    pipeline = PipelineConfig(
        prompts=("colours",),
        models=(ModelConfig(id="fake/pupil"),),
        seed=seed,
        strategy=Strategy(name=name, options=options or {}),
        policy=policy or Policy(),
    )
    values = {
        "program": Program.of(
            "colours", SOURCE, CONFIG.output, path="prompt.jinja", inputs=CONFIG.inputs
        ),
        "config": CONFIG,
        "search": cases("search", search),
        "select": cases("select", select),
        "holdout": cases("holdout", holdout),
        "metric": build(CONFIG.metrics),
        "fingerprints": Fingerprints("a" * 64, "b" * 64, 0, "c" * 64),
        "pipeline": pipeline,
        "model": ModelConfig(id="fake/pupil", params={"temperature": 0, "max_tokens": 8}),
        "options": chosen,
        "budget": budget or Budget(calls=300),
        "incumbent": None,
        "others": (),
    }
    return CellTask(**{**values, **changes})


def served_with(items):
    """An incumbent with these cases as its examples."""
    demos = tuple(
        Demo(case_id=case.id, user=f"Word: {case.inputs['word']}", assistant=case.expected)
        for case in items
    )
    served = Candidate.plain(
        layout="user", instruction="Is the word red or blue?", demos=demos, operator="incumbent"
    )
    return Incumbent(served, "d", 0)


class Ran(NamedTuple):
    result: CellResult
    files: dict[str, str]
    records: list[dict]
    gateway: ScriptedGateway


def run(cell, path, model=pupil, gateway=None):
    gateway = gateway or ScriptedGateway(model)
    with Ledger(path / "ledger.jsonl") as ledger:
        result = run_cell(cell, Services(gateway, ledger))
        return Ran(result, cell_files(result), list(ledger.records()), gateway)


def asked_in_search(ran):
    """Every message of every call before the shortlist, in one text."""
    kinds = [record["kind"] for record in ran.records]
    before = ran.records[: kinds.index("shortlist")]
    calls = (record["messages"] for record in before if record["kind"] == "call")
    return "\n".join(content for messages in calls for _, content in messages)


def admitted_texts(ran, **values):
    """What a model reads of each admitted candidate, by node, for these values of what it reads."""
    for record in ran.records:
        if record["kind"] == "candidate":
            for node, source in record["templates"].items():
                messages = compile_template(source, name=node).render(values)
                yield node, "\n".join(message["content"] for message in messages)
