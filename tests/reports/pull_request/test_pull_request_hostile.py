"""Texts of prompts, models, cases and branches steer nothing that a comment is read in."""

from __future__ import annotations

import re

import pytest
from gate_examples import claim, flip, report, scores
from hypothesis import given
from hypothesis import strategies as st
from markdown_reader import LIVE, OURS, RUNNER_COMMAND, tokens
from pull_request_examples import PROMOTED, TRANSFERS, judged, plan, run, work

from landrace.errors import ConfigError
from landrace.reports.pull_request.markdown import markdown
from landrace.reports.pull_request.preflight import preflight
from landrace.reports.pull_request.text import text as as_text
from landrace.reports.pull_request.trouble import trouble
from landrace.schemas.evidence import Transfer
from landrace.schemas.gate_report import Break
from landrace.schemas.pull_request import TransferRow
from landrace.schemas.results import Unfinished

COMMENT_LIMIT = 65_536  # characters that GitHub takes
PAYLOADS = [
    "\n::set-output name=x::y",
    "##[error]stop",
    "@octocat",
    "owner/repo#12 fixes GH-7",
    "<script>alert(1)</script>",
    "</summary></details><h1>",
    "<!-- landrace:report -->",
    "[click](https://example.org)",
    "![pixel](//example.org/p.png)",
    "https://example.org www.example.org",
    "\x1b[31m\x1b]8;;https://example.org\x07",
    "\u202eevil\u2066\u200b",
    "````\n::error::\n````",
    "`" * 300,
    "|\\|",
    "~~gone~~ **bold** _it_ $x$",
    "\n\n# title\n\n- item\n\n---\n\n| a |\n| - |",
    "a" * 3000,
]
nasty = (
    st.lists(st.one_of(st.sampled_from(PAYLOADS), st.text(max_size=12)), min_size=1, max_size=5)
    .map("".join)
    .filter(str.strip)
)


def poisoned(text):
    """A run with the text in every field that can hold one."""
    gate = report(
        judged(
            "FAIL",
            (claim("FAIL", metric=text, reason=text, method=text),),
            name=(text, text),
            reason=text,
            changed=(text,),
            breaks=(Break(kind="case", name=text, reason=text),),
            flips=(flip(case_id=text, input=text, base_output=text, head_output=text),),
            scores=scores((1, 0)),
        ),
        base=text,
        head=text,
        notes=(text,),
        reason=text,
    )
    search = {"prompt": text, "model": text, "reason": text, "operator": text, "diff": text}
    searches = tuple(
        PROMOTED.model_copy(update={**search, "prompt": prompt}) for prompt in (text, f"{text}2")
    )
    row = TransferRow(
        prompt=text, winner_of=text, scores=(Transfer(model=text, score=0.5, cases=9),)
    )
    return run(
        searches=searches,
        gate=gate,
        base=text,
        head=text,
        run=text,
        transfers=(row,),
        unfinished=(Unfinished(prompt=text, model=text, reason=text, exit_code=75),),
        plan=plan(work(name=(text, text), reasons=(text,)), why_not=text, notes=(text,)),
        committed=text,
    )


def html(page):
    return [t.content.strip() for t in tokens(page) if t.type in {"html_block", "html_inline"}]


def shape(page):
    return [t.type for t in tokens(page) if t.type.endswith(("_open", "_block", "fence"))]


@given(nasty)
def test_a_comment_holds_no_markup_but_its_own(text):
    page = markdown(poisoned(text))
    found = {token.type.removesuffix("_open").removesuffix("_close") for token in tokens(page)}
    plain = {"inline", "text", "text_special", "softbreak", "code_inline", "fence"}
    assert found - OURS - plain <= {"html_block", "html_inline"}
    for element in html(page):
        assert re.fullmatch(
            r"</?(sub|details)>|<details><summary>(FAIL: |kept: |Each winner of )[^<>]*</summary>",
            element,
        ), element
    # Short texts stand beside their names, others below.
    assert shape(page) in (shape(markdown(poisoned(plain))) for plain in ("plain", "two\nlines"))


@given(nasty)
def test_comment_and_preflight_mention_link_and_command_nothing(text):
    told = poisoned(text)
    failed = trouble(ConfigError(text, where=text, fix=text))
    assert shape(failed) == shape(trouble(ConfigError("a", where="b", fix="c")))
    for page in (markdown(told), preflight(told.plan), failed):
        for token in tokens(page):
            if token.type == "inline":
                seen = ["\0" if p.type == "code_inline" else p.content for p in token.children]
                assert not LIVE.search("".join(seen)), seen
            if token.type == "html_block":
                assert not LIVE.search(token.content)
        assert not RUNNER_COMMAND.search(page)


@given(nasty)
def test_the_text_is_free_of_control_characters_and_commands(text):
    shown = as_text(poisoned(text))
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown
    )
    assert not RUNNER_COMMAND.search(shown)
    assert shown.count("\n") == as_text(poisoned("plain")).count("\n")


def crowd(text):
    """500 cells with all that a cell can have, 500 that were not finished, and as many notes."""
    giant = (text * 2000)[:5000]
    one = poisoned(giant)
    names = [f"p{number}{giant}" for number in range(500)]
    searches = [PROMOTED.model_copy(update={"prompt": name, "diff": giant}) for name in names]
    cells = [
        one.gate.cells[0].model_copy(
            update={"prompt": name, "model": PROMOTED.model, "flips": one.gate.cells[0].flips * 10}
        )
        for name in names
    ]
    return one.model_copy(
        update={
            "gate": one.gate.model_copy(update={"cells": tuple(cells), "notes": (giant,) * 100}),
            "searches": tuple(searches),
            "unfinished": one.unfinished * 500,
            "transfers": tuple(
                t.model_copy(update={"prompt": n}) for n in names for t in TRANSFERS
            ),
            "plan": plan(
                *[work(name=(n, n), reasons=(giant,)) for n in names], notes=(giant,) * 100
            ),
        }
    )


@pytest.mark.parametrize("text", ["<", "|", "`", "@a b_c ", "\U0001f33e", "\x1b"])
def test_a_comment_fits_with_500_cells_of_giant_texts(text):
    told = crowd(text)
    page = markdown(told)
    assert len(page) <= 60_000
    assert len(page) < COMMENT_LIMIT
    assert len(page.encode("utf-8", "replace")) < 4 * COMMENT_LIMIT
    for left_out in ("more cells not shown", "more notes not shown", "are left out here"):
        assert left_out in page
    assert "more of these tables not shown" in page
    assert page.rstrip().endswith("</sub>")  # what was spent is told whatever is cut
    assert "| ❌ FAIL |" in page
    ahead = preflight(told.plan)
    assert len(ahead) <= 60_000
    assert "more cells not shown" in ahead
    assert "these ceilings are kept" in ahead


def test_a_smaller_limit_is_kept_too():
    page = markdown(crowd("a"), limit=45_000)
    assert len(page) <= 45_000


def test_500_plain_cells_are_counted():
    cells = [judged(name=(f"prompt-{n}", "openai/gpt-4o-mini")) for n in range(500)]
    page = markdown(run(*cells))
    shown = page.count("| ✅ PASS |")
    more = re.search(r"(\d+) more cells not shown", page)
    assert shown > 90
    assert shown + int(more[1]) == 500
