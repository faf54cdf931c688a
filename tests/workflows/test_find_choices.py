"""Choosing per query, from a search's scores to the loader, in a world with two kinds of queries."""

from __future__ import annotations

import copy
import re

import pytest

from landrace import Registry
from landrace.errors import ConfigError, EvidenceError
from landrace.optimizers.variants import write_variant
from landrace.pin import MAX_VARIANT_BYTES, Pin
from landrace.runtime.choices import CHOICES_FILE, Query
from landrace.runtime.folder import RegistryFolder
from landrace.schemas.candidate import Candidate
from landrace.schemas.case import Case
from landrace.schemas.pipeline import Budget
from landrace.store.registry import write_cell
from landrace.workflows.choices import complements, find_choices, write_choices
from landrace.workflows.task import Fingerprints
from strategy_world import STYLES, answer, colour, pupil, run, style, task

SKILLED = {("phone", 2), ("novel", 3)}


def clustered(name, count):
    words = [f"{'phone' if n % 2 else 'novel'} {name}{n}" for n in range(count)]
    return tuple(
        Case(id=word.replace(" ", "-"), inputs={"word": word}, expected=colour(word))
        for word in words
    )


def writer(request):
    source = request.messages[-1].content.split("<template>\n")[1].split("\n</template>")[0]
    return source.replace(
        "{% endsection %}", f"In style {request.repeat % STYLES}.\n{{% endsection %}}"
    )


def said(word, number):
    kind = word.split()[0]
    return answer(word, 0.95 if (kind, number) in SKILLED else 0.4)


def reader(request):
    """Right about phones in style 2 and about novels in style 3."""
    asked = re.search(r"Word: (.+)\Z", request.messages[-1].content)
    return said(asked[1], style(request)) if asked else writer(request)


def searched(path, model=reader):
    cell = task("trained", budget=Budget(calls=2000))._replace(
        search=clustered("search", 12),
        select=clustered("select", 80),
        holdout=clustered("held", 60),
    )
    return cell, run(cell, path, model)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    cell, ran = searched(tmp_path_factory.mktemp("searched"))
    return cell, ran, Pin.loads(ran.files["pin.json"])


@pytest.fixture(scope="module")
def found(world):
    cell, ran, pin = world
    return find_choices(cell, pin, ran.records)


def test_what_suits_the_other_kind_stands_beside_the_winner(world, found):
    served = [world[1].files["prompt.jinja"]]
    served += [each.files["prompt.jinja"] for each in found.choices.variants.values()]
    assert {2, 3} <= {
        int(style_of[1]) for text in served if (style_of := re.search(r"style (\d)", text))
    }
    assert found.cases == 80
    assert found.low > 0
    assert found.chosen > found.winner + 0.1


def test_unseen_queries_are_served_better_than_by_the_winner_alone(world, found, tmp_path):
    _, ran, pin = world
    files = {name: text.encode() for name, text in ran.files.items()}
    write_cell(tmp_path, pin.prompt, pin.model.id, files)
    write_choices(tmp_path, found, (pin.prompt, pin.model.id))
    prompt = Registry(tmp_path).get(pin.prompt, pin.model.id)

    def rewards(choose):
        got = []
        for case in clustered("unseen", 200):
            chosen = prompt.choose(**case.inputs) if choose else prompt
            text = "\n".join(m["content"] for m in chosen.render(**case.inputs))
            number = re.search(r"style (\d)", text)
            got.append(
                said(case.inputs["word"], int(number[1]) if number else None) == case.expected
            )
        return sum(got) / len(got)

    assert rewards(choose=True) > rewards(choose=False) + 0.15
    assert rewards(choose=True) > 0.9


def test_a_new_pin_takes_the_choices_away(world, found, tmp_path):
    _, ran, pin = world
    files = {name: text.encode() for name, text in ran.files.items()}
    write_cell(tmp_path, pin.prompt, pin.model.id, files)
    write_choices(tmp_path, found, (pin.prompt, pin.model.id))
    write_cell(tmp_path, pin.prompt, pin.model.id, files)
    registry = RegistryFolder(str(tmp_path / "registry"))
    assert registry.text(pin.prompt, pin.model.id, CHOICES_FILE) is None
    assert registry.pin(pin.prompt, pin.model.id) == pin


def test_what_pays_no_more_is_removed(world, found, tmp_path):
    _, _, pin = world
    cell = (pin.prompt, pin.model.id)
    write_cell(tmp_path, *cell, {"pin.json": pin.dumps().encode()})
    registry = RegistryFolder(str(tmp_path / "registry"))
    for each, is_there in ((found, True), (found._replace(choices=None), False)):
        write_choices(tmp_path, each, cell)
        assert (registry.text(*cell, CHOICES_FILE) is not None) == is_there


def test_more_than_a_loader_reads_is_not_written(world, found, tmp_path):
    _, _, pin = world
    long = Query("a" * MAX_VARIANT_BYTES, {})
    large = found._replace(choices=found.choices._replace(queries=(long,)))
    with pytest.raises(ConfigError, match="the most that is read"):
        write_choices(tmp_path, large, (pin.prompt, pin.model.id))
    assert not list(tmp_path.iterdir())


def test_nothing_of_the_holdout_is_in_it(world, found):
    cell, ran, pin = world
    assert all("held" not in query.text for query in found.choices.queries)
    now_held = cell._replace(select=cell.select[20:], holdout=(*cell.holdout, *cell.select[:20]))
    texts = {query.text for query in find_choices(now_held, pin, ran.records).choices.queries}
    assert texts == {case.inputs["word"] for case in cell.select[20:]}


def test_cases_that_a_variant_may_show_as_examples_do_not_count(world):
    cell, ran, pin = world
    may_be_shown = cell._replace(search=cell.select[:20], select=cell.select[20:])
    found = find_choices(may_be_shown, pin, ran.records)
    assert {query.text for query in found.choices.queries} == {
        case.inputs["word"] for case in cell.select[20:]
    }


def test_no_variant_is_a_program_beside_a_plain_one(world):
    """`prompt.choose(...).request(...)` must not fail for some queries alone."""
    cell, ran, pin = world
    renamed = {}
    records = [dict(record) for record in ran.records]
    for record in records:
        if record["kind"] == "candidate" and record["digest"] != ran.result.served.digest:
            slots = copy.deepcopy(record["slots"])
            for node in slots["nodes"].values():
                node["params"] = {"top_p": 0.5}
            digest = write_variant(cell.program, Candidate.model_validate(slots)).digest
            renamed[record["digest"]] = digest
            record.update(slots=slots, digest=digest)
        elif record["kind"] == "score":
            record["candidate"] = renamed.get(record["candidate"], record["candidate"])
    assert len(renamed) > 1
    assert find_choices(cell, pin, records).choices is None


def test_where_no_kind_has_a_variant_of_its_own_nothing_is_written(tmp_path):
    cell, ran = searched(tmp_path, _flat)
    found = find_choices(cell, Pin.loads(ran.files["pin.json"]), ran.records)
    assert found.choices is None
    assert found.low <= 0


def _flat(request):
    asked = re.search(r"Word: (.+)\Z", request.messages[-1].content)
    return answer(asked[1], 0.8 if style(request) == 2 else 0.5) if asked else writer(request)


def test_a_stale_pin_has_no_choices(world):
    cell, ran, pin = world
    edited = cell._replace(fingerprints=Fingerprints("a" * 64, "d" * 64, 0, "c" * 64))
    with pytest.raises(EvidenceError, match="other files"):
        find_choices(edited, pin, ran.records)


def test_scores_of_another_cell_do_not_count(world, tmp_path):
    cell, _, pin = world
    other = run(task("ape"), tmp_path, pupil)
    with pytest.raises(EvidenceError, match="no scores"):
        find_choices(cell, pin, other.records)


def test_complements_are_right_where_the_winner_and_each_other_are_not():
    queries = [
        Query("one", {"w": 1.0, "a": 0.0, "b": 0.0, "c": 0.0}),
        Query("two", {"w": 0.0, "a": 1.0, "b": 1.0, "c": 0.0}),
        Query("three", {"w": 0.0, "a": 1.0, "b": 0.0, "c": 0.0}),
        Query("four", {"w": 0.0, "a": 0.0, "c": 0.5}),
    ]
    assert complements("w", queries) == ["a", "c"]


@pytest.mark.parametrize("seed", [7, None])
def test_scores_of_other_splits_do_not_count(world, seed):
    """What was shown then may be a holdout case now."""
    cell, ran, pin = world
    before = [{**r, "split_seed": seed} if r["kind"] == "study" else r for r in ran.records]
    with pytest.raises(EvidenceError, match="no scores of the pinned variant"):
        find_choices(cell, pin, before)
