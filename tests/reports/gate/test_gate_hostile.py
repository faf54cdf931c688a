"""Texts of cases, models and branches steer nothing that a report is read in."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from gate_examples import cell, claim, flip, report, scores, unknown
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_reader import LIVE, OURS, RUNNER_COMMAND, fences, tokens

from landrace.ci_commands import PART
from landrace.reports.gate.formats import FORMATS
from landrace.reports.gate.github import MOST_OF_A_KIND
from landrace.reports.neutralise import block
from landrace.schemas.gate_report import Break, CaseScore, Drift, Side, SuiteMeans

COMMENT_LIMIT = 65_536  # characters that GitHub takes
PAYLOADS = [
    "::error::stop",
    "\n::set-output name=x::y",
    "  ::add-mask::a\r::stop-commands::x",
    "%0A::warning::x",
    "##[error]stop",
    "##vso[task.complete]",
    "@octocat",
    "owner/repo#12 GH-7",
    "<script>alert(1)</script>",
    "</summary></details><h1>",
    "<!-- hidden",
    "]]>",
    "&amp;&#64;octocat",
    "[click](https://example.org)",
    "![pixel](//example.org/p.png)",
    "https://example.org www.example.org a@example.org",
    "\x1b[31m\x1b]8;;https://example.org\x07",
    "\x00\x08\x7f\x85",
    "\ufffe\uffff\ud800",
    "\u202eevil\u2066\u200b",
    "`" * 3,
    "````\n::error::\n````",
    "`" * 300,
    "|\\|",
    "~~gone~~ **bold** _it_ $x$",
    "\n\n# title\n\n- item\n\n---\n\n| a |\n| - |",
    "[x]: https://example.org",
    "a" * 3000,
    "file=x,line=1",
]
nasty = (
    st.lists(st.one_of(st.sampled_from(PAYLOADS), st.text(max_size=12)), min_size=1, max_size=6)
    .map("".join)
    .filter(str.strip)
)


def poisoned(text):
    """A report with the text in every field that can hold one."""
    side = Side(kind="template", digest=text, file=text)
    means = SuiteMeans(cases=1, base=1, head=1)
    everything = cell(
        "FAIL",
        (claim("FAIL", metric=text, reason=text, method=text), unknown(text, text)),
        prompt=text,
        model=text,
        reason=text,
        changed=(text,),
        base=side,
        head=side,
        split=text,
        breaks=(Break(kind="case", name=text, reason=text), Break(kind="tag", name=text, reason=text)),
        drift=Drift(
            changed=("cases",), old=means, new=means, regraded_cases=1, regraded_before=1,
            regraded_after=1, refused=text,
        ),
        flips=(
            flip(
                case_id=text, input=text, expected=text, base_output=text, head_output=text,
                feedback=text,
            ),
        ),
        scores=(CaseScore(case_id=text, base=1, head=0, repeats=2, flaky=True), *scores((1, None))),
    )  # fmt: skip
    return report(everything, base=text, head=text, reason=text, notes=(text, "plain"))


def shape(page):
    return [t.type for t in tokens(page) if t.type.endswith(("_open", "_block", "fence"))]


def beside(name, page):
    """The code in the item of a list that begins with a name."""
    [item] = [t for t in tokens(page) if t.type == "inline" and t.content.startswith(f"{name}: ")]
    [code] = [part.content for part in item.children if part.type == "code_inline"]
    return code


def html(page):
    return [t.content.strip() for t in tokens(page) if t.type in {"html_block", "html_inline"}]


@given(nasty)
def test_a_page_holds_no_markup_but_its_own(text):
    page = FORMATS["markdown"](poisoned(text))
    found = {token.type.removesuffix("_open").removesuffix("_close") for token in tokens(page)}
    plain = {"inline", "text", "text_special", "softbreak", "code_inline", "fence"}
    assert found - OURS - plain <= {"html_block", "html_inline"}
    for element in html(page):
        assert re.fullmatch(
            r"</?(sub|details)>|<details><summary>FAIL: [^<>]*</summary>", element
        ), element
    # Short texts stand beside their names, others below.
    likes = (FORMATS["markdown"](poisoned(plain)) for plain in ("plain", "two\nlines"))
    assert shape(page) in map(shape, likes)


@given(nasty)
def test_a_page_mentions_links_and_commands_nothing(text):
    page = FORMATS["markdown"](poisoned(text))
    for token in tokens(page):
        if token.type == "inline":
            seen = ["\0" if part.type == "code_inline" else part.content for part in token.children]
            assert not LIVE.search("".join(seen)), seen
        if token.type == "html_block":
            assert not LIVE.search(token.content)
    assert not RUNNER_COMMAND.search(page)


@given(nasty)
def test_a_flip_is_quoted_as_it_was_said(text):
    page = FORMATS["markdown"](poisoned(text))
    quoted = fences(page)[3] if fences(page) else beside("head", page)
    whole = block(text)
    if len(whole) < 500 and "`" * 33 not in whole:
        assert quoted.replace(PART, "").strip("\n") == whole.replace(PART, "").strip("\n")


@given(nasty)
def test_every_annotation_is_one_command_in_one_line(text):
    lines = FORMATS["github"](poisoned(text)).splitlines()
    assert len(lines) == 4  # one cell, the headline and two notes
    for line in lines:
        command = re.fullmatch(r"::(error|notice)(?: ([^:]*))?::(.*)", line)
        assert command, line
        for option in filter(None, (command[2] or "").split(",")):
            assert re.match(r"(file|line|title)=", option), line
        # A per cent sign begins an escape, and all escapes are ours.
        assert set(re.findall("%..", line)) <= {"%25", "%3A", "%2C"}
        assert "##[" not in line


@given(nasty)
def test_text_and_annotations_are_free_of_control_characters_and_commands(text):
    for form in ("text", "github"):
        shown = FORMATS[form](poisoned(text))
        assert not re.search(
            "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown
        )
        shown.encode()
    assert not RUNNER_COMMAND.search(FORMATS["text"](poisoned(text)))


@given(nasty)
def test_text_has_a_line_for_each_thing_it_tells(text):
    lines = FORMATS["text"](poisoned(text)).count("\n")
    assert lines == FORMATS["text"](poisoned("plain")).count("\n")


@given(nasty)
def test_junit_is_xml_with_a_test_case_for_each_case(text):
    shown = FORMATS["junit"](poisoned(text))
    assert not RUNNER_COMMAND.search(shown)
    (suite,) = ET.fromstring(shown)
    assert [suite.get(name) for name in ("tests", "failures", "skipped")] == ["3", "2", "1"]
    assert [case.tag for case in suite] == ["testcase"] * 3
    assert {len(case) for case in suite} == {1}


@settings(max_examples=20)
@given(nasty)
def test_data_comes_back_as_it_was(text):
    data = poisoned(text.encode("utf-8", "replace").decode())
    assert type(data).model_validate_json(data.model_dump_json()) == data


@pytest.mark.parametrize("text", ["<", "|", "`", "\x1b", "@a b_c ", "\U0001f33e"])
def test_a_page_fits_a_comment_with_500_cells_of_giant_texts(text):
    giant = (text * 2000)[:5000]
    one = poisoned(giant)
    crowd = report(
        *[one.cells[0].model_copy(update={"flips": one.cells[0].flips * 10})] * 500,
        notes=(giant,) * 100,
    )
    page = FORMATS["markdown"](crowd)
    assert len(page) < COMMENT_LIMIT
    assert len(page.encode("utf-8", "replace")) < 4 * COMMENT_LIMIT
    assert "more cells" in page
    assert "more notes" in page
    assert page.rstrip().endswith("</sub>")  # what was spent is told whatever is cut
    assert "| ❌ FAIL |" in page


def test_annotations_stay_within_what_a_step_shows():
    crowd = report(
        *[cell(verdict) for verdict in ("FAIL", "INCONCLUSIVE", "NOT EVALUATED", "PASS")] * 125,
        notes=("a note",) * 30,
    )
    lines = FORMATS["github"](crowd).splitlines()
    for kind in ("error", "warning", "notice"):
        of_kind = [line for line in lines if line.startswith(f"::{kind}")]
        assert len(of_kind) == MOST_OF_A_KIND
        assert re.search(r"::\d+ more (cell|note)s not shown here$", of_kind[-1])
    assert sum(line.startswith("::notice title=landrace gate::") for line in lines) == 1
    assert all(len(line) < 2500 for line in lines)


@pytest.mark.parametrize("count", [MOST_OF_A_KIND, MOST_OF_A_KIND + 1])
def test_all_annotations_are_shown_where_they_fit(count):
    lines = FORMATS["github"](report(*[cell("FAIL")] * count)).splitlines()
    assert len(lines) == MOST_OF_A_KIND + 1
    assert any("not shown here" in line for line in lines) is (count > MOST_OF_A_KIND)


def test_a_cell_with_many_breaks_keeps_its_details():
    breaks = tuple(
        Break(kind="case", name=f"case {number}" + "|" * 100, reason="critical" * 50)
        for number in range(500)
    )
    page = FORMATS["markdown"](report(cell("FAIL", breaks=breaks)))
    assert page.count("**Broken case**") == 20
    assert "- 480 more broken." in page


def test_500_cells_are_all_in_the_xml():
    crowd = report(*[cell("FAIL", scores=scores(*[(1, 0)] * 20))] * 500)
    root = ET.fromstring(FORMATS["junit"](crowd))
    assert root.get("tests") == str(500 * 21)
    assert len(list(root.iter("testcase"))) == 500 * 21
