"""Answers read anew by parsers that forgive more, beside the candidates that gave them."""

from __future__ import annotations

import pytest

from landrace.optimizers.strategies.auto import Options
from landrace.optimizers.strategies.auto.reading import better_read
from landrace.optimizers.variants import as_written
from landrace.schemas.candidate import Candidate
from sammo_world import colour, study_of

TALKING = Candidate.plain(operator="layout", layout="system")


def chatty(request):
    """Right, but never with the label alone."""
    word = request.messages[-1].content.rsplit(" ", 1)[-1]
    return f"{colour(word)}\nI am sure."


def tolerant(folder):
    """What a search pinned that read the chatty answers with a parser that forgives."""
    with study_of(folder, chatty, options=Options()) as study:
        (entry,) = study.admit_all([TALKING])
        study.evaluate([entry], study.select)
        found = better_read(study, [entry])
        assert all(study.ranked([entry, one], study.select)[0] is one for one in found)
        return [one.variant for one in found]


def test_a_parser_that_reads_more_is_found(tmp_path):
    assert tolerant(tmp_path)


@pytest.mark.parametrize("place", [0, -1])
def test_what_is_served_already_needs_no_parent(tmp_path, place):
    served = tolerant(tmp_path / "before")[place]
    incumbent = as_written(served.program.graph, served.files, "incumbent")
    with study_of(tmp_path / "now", chatty, options=Options(), incumbent=incumbent) as study:
        assert study.incumbent.digest == served.digest
        (entry,) = study.admit_all([TALKING])
        study.evaluate([entry], study.select)
        assert served.digest in {one.digest for one in better_read(study, [entry])}
