from __future__ import annotations

import re
from datetime import date

import pytest

from landrace.reports.model_watch import (
    commit_lines,
    headline,
    pull_request_body,
    rows,
    summary,
)
from landrace.schemas.model_findings import Ending, ListEdit, ModelFindings, New, Unpinned

EVIL = "x/@eve`<img src=x>|#1\n::error::\u202e"
DAY = date(2026, 12, 31)


def edit(add=(), remove=(), pipeline="shop"):
    return ListEdit(
        pipeline=pipeline, path=f"pipelines/{pipeline}.yaml", add=add, remove=remove, text="x"
    )


def ending(model="x/a", told="", role="model"):
    return Ending(pipeline="shop", model=model, role=role, ends=DAY, told=told)


def new(model, told=""):
    return New(pipeline="shop", model=model, told=told)


def unpinned(model="x/c", prompts=("answers",)):
    return Unpinned(pipeline="shop", model=model, prompts=prompts, command=f"optimize {model}")


def findings(ending=(), new=(), unpinned=(), edits=()):
    return ModelFindings(ending=ending, new=new, unpinned=unpinned, edits=edits)


ALL = findings(
    ending=(ending(), ending("x/p", "name another", "proposer"), ending("x/l", "the last")),
    new=(new("x/b"), *(new(f"x/{n}", "three at once") for n in range(3))),
    unpinned=(unpinned(), unpinned("x/d", tuple(f"prompt-{n}" for n in range(12)))),
    edits=(edit(("x/b",), ("x/a",)),),
)


def test_the_page_of_the_job_has_every_kind_of_finding(file_regression):
    file_regression.check(summary(ALL), extension=".md")


def test_the_rows_for_a_terminal():
    assert list(rows(ALL)) == [
        ("shop", "x/a", "ends on 2026-12-31", "remove it"),
        ("shop", "x/p", "ends on 2026-12-31 as the proposer", "name another"),
        ("shop", "x/l", "ends on 2026-12-31", "the last"),
        ("shop", "x/b", "new", "add it"),
        ("shop", "(3 more models)", "new", "three at once"),
        ("shop", "x/c", "no pin for answers", "optimize x/c"),
        (
            "shop",
            "x/d",
            f"no pin for {', '.join(f'prompt-{n}' for n in range(10))}, 2 more",
            "optimize x/d",
        ),
    ]


@pytest.mark.parametrize(
    ("edits", "line"),
    [
        ([edit(remove=("a",))], "Remove 1 model that ends"),
        ([edit(remove=("a", "b"))], "Remove 2 models that end"),
        ([edit(add=("a",))], "Add 1 new model"),
        ([edit(("a",), ("b",)), edit(("c",))], "Remove 1 model that ends and add 2 new models"),
    ],
)
def test_the_headline_counts(edits, line):
    assert headline(findings(edits=tuple(edits))) == line


def test_nothing_found_is_good_news():
    assert summary(findings()) == "## landrace: the lists of models are in order\n"


def test_names_cannot_act():
    found = findings(
        ending=(ending(EVIL), ending(EVIL, "stays", "proposer")),
        new=(new(EVIL),),
        unpinned=(unpinned(EVIL, (EVIL,)),),
        edits=(edit((EVIL,), (EVIL,)),),
    )
    for line in pull_request_body(found).splitlines():
        assert "\u202e" not in line
        assert not line.startswith("::")
        if line.startswith("|"):
            assert line.count("|") in {3, 4}
        if "@eve" in line:  # only ever within a span of code
            before, _, rest = line.partition("@eve")
            assert before.count("``") % 2 == 1
            assert "<img src=x>" in rest.partition("``")[0]
    assert all("\n" not in line for line in commit_lines(found))


def test_however_much_is_found_a_forge_takes_it():
    names = [f"{n}/{'m' * 150}" for n in range(200)]
    found = findings(
        ending=tuple(ending(name, told) for name in names for told in ("", "stays " * 50)),
        new=tuple(map(new, names)),
        unpinned=tuple(unpinned(name, ("p" * 190,) * 20) for name in names),
        edits=(edit(tuple(names), tuple(names)),),
    )
    text = pull_request_body(found)
    assert len(text) < 60_000
    assert text.count("more model") == 2
    assert re.search(r"^- And \d+ more\.$", text, re.MULTILINE)
    assert len(commit_lines(found)) == 51
