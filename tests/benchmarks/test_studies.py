from pathlib import Path

from benchmarks.studies import RECORDS, STUDIES, record, row, tables

ROOT = Path(__file__).resolve().parents[2]


def side(role, mean, tokens):
    return {"role": role, "holdout": {"mean": mean}, "prompt_tokens": tokens}


REPORT = {
    "contenders": [side("winner", 0.625, 120.4), side("base", 0.5, 80.0)],
    "comparisons": [{"difference": 0.125, "low": -0.0312, "high": 0.25}],
    "spent": {"calls": 1590, "prompt_tokens": 100_000, "completion_tokens": 2_345},
    "decision": "promoted",
}


def test_the_page_is_what_the_records_say():
    assert (ROOT / "docs/measured.md").read_text() == tables(RECORDS, 0)


def test_every_record_is_of_a_study():
    known = {study.name for study in STUDIES}

    assert {file.stem.rpartition("-")[0] for file in RECORDS.iterdir()} <= known


def test_a_record_becomes_a_row():
    figures = record(REPORT, 0)

    assert row(STUDIES[0], figures) == (
        "| review-sentiment | `sammo/instruction-tuning` | 50.0 | 62.5 | +12.5 [-3.1, +25.0]"
        " | 80 → 120 | 1,590 | 102,345 | promoted |"
    )


def test_a_search_that_found_nothing_new_has_no_difference():
    report = {**REPORT, "comparisons": []}

    assert "| not looked at |" in row(STUDIES[0], record(report, 0))
