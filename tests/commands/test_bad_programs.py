"""Bad programs: `check` says what is wrong, in which line, and what to do; nothing is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from pinned import pin_prompt

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    from git_repo import GitRepo

FOLDER = "prompts/route-note"
# The nodes stand in the lines 16 to 19.
PROMPT = """\
description: Sends a note to the team that can answer it.
inputs:
  type: object
  properties:
    note: {type: string}
  required: [note]
  additionalProperties: false
output:
  type: label
  labels: [billing, delivery, repairs]
  max_tokens: 8
metrics:
  - metric: exact_match
program:
  nodes:
    gist: {generate: {template: gist.jinja}}
    like: {retrieve: {from: cases, query: gist}}
    facts: {retrieve: {from: facts.jsonl, query: gist}}
    team: {generate: {template: team.jinja}}
  output: team
"""
GIST = "{% section task %}\nSay what is wanted.\n{% endsection %}\n\nNote: {{ note }}\n"
TEAM = """\
{% section task %}
Which team?
{% endsection %}

{{ facts }}
{% for each in like %}
{{ each.expected }}
{% endfor %}
{{ note }}
"""
FACTS = '{"text": "Vans come on Mondays."}\n'
FILES = {"prompt.yaml": PROMPT, "gist.jinja": GIST, "team.jinja": TEAM, "facts.jsonl": FACTS}


class Row(NamedTuple):
    """A file, what becomes of a part of it (None: it goes), and what is said of it."""

    file: str
    old: str
    new: str | None
    where: str
    problem: str
    fix: str


ROWS = {
    "a cycle": Row(
        "gist.jinja",
        "{{ note }}",
        "{{ note }} {{ team }}",
        "prompt.yaml:18",
        "the nodes form a cycle: facts -> team -> gist -> facts",
        "no node may read its own output, not even by way of others",
    ),
    "an edge of the wrong type": Row(
        "prompt.yaml",
        "from: facts.jsonl, query: gist",
        "from: facts.jsonl, query: like",
        "prompt.yaml:18",
        "the node `facts` (retrieve) needs a text or a list of texts, "
        "and `like` is a list of objects",
        "let an `extract` or `generate` node make a text of it",
    ),
    "a node that nobody reads": Row(
        "team.jinja",
        "{{ facts }}",
        "",
        "prompt.yaml:18",
        "nothing that leads to the output `team` reads the node `facts`",
        "remove the node, or let another read it",
    ),
    "a template that wants what no node makes": Row(
        "team.jinja",
        "in like",
        "in likes",
        "team.jinja:6",
        "the template of the node `team` reads `likes`, which is neither an input nor a node",
        "did you mean `like`?",
    ),
    "a template that reads parts of a text": Row(
        "team.jinja",
        "{{ facts }}",
        "{{ facts }}\n{{ gist.topic }}",
        "team.jinja:6",
        "the template of the node `team` reads `gist.topic`, and the value of `gist` is text",
        "read `gist` as a whole, or let that node give JSON",
    ),
    "a node with the name of an input": Row(
        "prompt.yaml",
        "    gist:",
        "    note:",
        "prompt.yaml:16",
        "the node `note` has the name of an input",
        "give the node another name",
    ),
    "a corpus that is missing": Row(
        "facts.jsonl",
        FACTS,
        None,
        "facts.jsonl",
        "the file is missing",
        f"add it, or correct `from` in {FOLDER}/prompt.yaml:18",
    ),
    "a template that is missing": Row(
        "team.jinja",
        TEAM,
        None,
        "team.jinja",
        "the file is missing",
        f"add it, or correct `template` in {FOLDER}/prompt.yaml:19",
    ),
    "a line of a corpus that is no item": Row(
        "facts.jsonl",
        FACTS,
        FACTS + "[]\n",
        "facts.jsonl:2",
        "the line is a list, not an object",
        "",
    ),
    "an item without what is searched": Row(
        "facts.jsonl",
        FACTS,
        FACTS + '{"txt": "Lamps."}\n',
        "facts.jsonl:2",
        "`text` is missing",
        "give every line of the corpus the field that the node searches (`text`)",
    ),
    "a field that cases do not have": Row(
        "prompt.yaml",
        "{from: cases, query: gist}",
        "{from: cases, query: gist, text: nota}",
        "prompt.yaml:17",
        "the node `like` searches `nota`, which is no input of the cases",
        "did you mean `note`?",
    ),
    "a corpus elsewhere": Row(
        "prompt.yaml",
        "from: facts.jsonl",
        "from: ../facts.jsonl",
        "prompt.yaml:18",
        "`program.nodes.facts.retrieve.from` is neither `cases` nor the name of a .jsonl file "
        "in lower case beside prompt.yaml",
        "",
    ),
    "a template elsewhere": Row(
        "prompt.yaml",
        "team.jinja",
        "team.txt",
        "prompt.yaml:19",
        "`program.nodes.team.generate.template` is not the name of a .jinja file "
        "beside prompt.yaml",
        "",
    ),
}


@pytest.fixture
def good(repo: GitRepo, landrace: Callable[..., Result]) -> GitRepo:
    assert landrace("init").exit_code == 0
    (repo.root / FOLDER / "prompt.jinja").unlink()
    for file, text in FILES.items():
        repo.write(f"{FOLDER}/{file}", text)
    repo.commit("start")
    return repo


def spoil(repo: GitRepo, row: Row) -> None:
    if row.new is None:
        (repo.root / FOLDER / row.file).unlink()
    else:
        repo.edit(f"{FOLDER}/{row.file}", row.old, row.new)


@pytest.mark.parametrize("name", ROWS)
def test_a_bad_program(good: GitRepo, landrace: Callable[..., Result], name: str) -> None:
    row = ROWS[name]
    assert landrace("check", "route-note").exit_code == 0
    spoil(good, row)
    result = landrace("check", "route-note")
    assert result.exit_code == 2
    said = [f"{FOLDER}/{row.where}: error: {row.problem}", f"  {row.fix}" if row.fix else ""]
    assert result.stdout.splitlines()[:-1] == [line for line in said if line]


@pytest.mark.parametrize("name", ROWS)
def test_a_bad_program_is_not_planned(
    good: GitRepo, landrace: Callable[..., Result], name: str
) -> None:
    row = ROWS[name]
    assert landrace("plan").exit_code == 0
    spoil(good, row)
    result = landrace("plan")
    assert (result.exit_code, result.stdout) == (2, "")
    assert row.problem in result.stderr


def test_what_verify_says_of_an_error_and_its_remedy_are_two_lines(
    repo: GitRepo, landrace: Callable[..., Result]
) -> None:
    landrace("init")
    pin_prompt(repo.root)
    file = next(repo.root.glob("registry/*/*/prompt.jinja"))
    file.write_text("Another one.")
    said = landrace("verify").stdout.splitlines()
    place = file.relative_to(repo.root)
    assert said[1] == f"  {place}: the file is not the one that its pin names"
    assert said[2].startswith("  restore it from git, or")
