"""What benchmarks/README.md says of the kept runs is what their records say."""

import json
import re
from pathlib import Path

from benchmarks.peers.__main__ import RECORDS
from benchmarks.peers.summary import summary

ROOT = Path(__file__).resolve().parents[3]


def test_the_page_has_the_table_of_the_records():
    kept = sorted(RECORDS.glob("review-sentiment/*-300-*.json"))
    records = [json.loads(file.read_text()) for file in kept]
    page = (ROOT / "benchmarks/README.md").read_text()
    table = re.search(r"<!-- peers -->\n(.*?)<!-- /peers -->", page, re.DOTALL)
    assert table is not None
    assert table[1].strip() == summary(records).strip()


def test_no_record_holds_a_word_of_a_case():
    for file in RECORDS.glob("*/*.json"):
        assert "messages" not in json.loads(file.read_text())
