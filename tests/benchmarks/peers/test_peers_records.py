"""What benchmarks/README.md says of the kept runs is what their records say."""

import json
import re
from pathlib import Path

import pytest
from benchmarks.peers.__main__ import RECORDS
from benchmarks.peers.summary import summary

ROOT = Path(__file__).resolve().parents[3]


# Of so many tasks there are all of these, and of the first the others, too.
SHARED_TASKS = ("sentiment", "num-to-verbal", "antonyms", "negation", "bbh-sports-understanding")
SHARED = ("base", "dspy-miprov2", "landrace-auto", "promptolution-capo")
REGIONS = {
    "peers": ["review-sentiment/*-300-*.json"],
    "peers auto": ["sentiment/*-600-0.json"],
    "peers tasks": [f"{task}/{name}-600-0.json" for task in SHARED_TASKS for name in SHARED],
    "peers again": [f"{task}/landrace-auto-600-1.json" for task in SHARED_TASKS],
    "peers half": [f"{task}/landrace-auto-300-0.json" for task in SHARED_TASKS],
}


@pytest.mark.parametrize("region", REGIONS)
def test_the_page_has_the_table_of_the_records(region):
    files = [file for kept in REGIONS[region] for file in sorted(RECORDS.glob(kept))]
    records = [json.loads(file.read_text()) for file in files]
    page = (ROOT / "benchmarks/README.md").read_text()
    table = re.search(rf"<!-- {region} -->\n(.*?)<!-- /{region} -->", page, re.DOTALL)
    assert table is not None
    assert table[1].strip() == summary(records).strip()


def test_no_record_holds_a_word_of_a_case():
    for file in RECORDS.glob("*/*.json"):
        assert "messages" not in json.loads(file.read_text())
