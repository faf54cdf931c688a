"""What the loader chooses per query, and that nothing of it can be changed unseen."""

from __future__ import annotations

import errno
import json
import random
import shutil
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace import Registry, run
from landrace.digest import json_digest
from landrace.errors import (
    FormatError,
    InputTypeError,
    IntegrityError,
    MissingInputError,
    RefusedError,
    StorageError,
)
from landrace.runtime.bundle import Bundle, bundle_folder
from landrace.runtime.choices import CHOICES_FILE, Choices, Query, Served, read_choices
from landrace.runtime.choosing import Policy, least_gain
from loader_cells import TEMPLATE, make_pin, write_cell
from program_world import graph_json

STRICT = "{% system %}Be strict.{% endsystem %}\n{% user %}{{ review }}{% enduser %}\n"
KIND = "{% system %}Be kind.{% endsystem %}\n{% user %}{{ review }}{% enduser %}\n"
NOVELS = ["the", "plot", "of", "this", "novel", "and", "its", "characters"]
PHONES = ["the", "battery", "of", "this", "phone", "and", "its", "screen"]


def served(template):
    return Served({"prompt.jinja": template}, {"kind": "text"}, None)


def digest_of(template):
    return served(template).cell(make_pin()).pin.variant


WINNER, OF_STRICT, OF_KIND = make_pin().variant, digest_of(STRICT), digest_of(KIND)


def queries(words, rewards, count=12, seed=0):
    rng = random.Random(seed)
    return tuple(
        Query(" ".join(rng.sample(words, len(words) - 2)), dict(rewards)) for _ in range(count)
    )


def of_clusters(*more, winner=WINNER):
    """The strict variant is right about phones, the kind one about novels."""
    return Choices(
        "review-sentiment",
        "local/small",
        winner,
        16,
        {OF_STRICT: served(STRICT), OF_KIND: served(KIND)},
        (
            *queries(PHONES, {WINNER: 0.5, OF_STRICT: 1.0, OF_KIND: 0.0}),
            *queries(NOVELS, {WINNER: 0.5, OF_STRICT: 0.0, OF_KIND: 1.0}, seed=1),
            *more,
        ),
    )


@pytest.fixture
def folder(tmp_path):
    write_cell(tmp_path, make_pin(aliases=("small",)))
    return tmp_path


def put(folder, choices):
    value = choices if isinstance(choices, dict) else choices.to_dict()
    path = next(folder.glob("*/*/pin.json")).with_name(CHOICES_FILE)
    path.write_text(json.dumps(value), "utf-8")
    return path


def prompt(folder, model="local/small"):
    return Registry(folder).get("review-sentiment", model)


def test_each_kind_of_query_gets_its_variant(folder):
    put(folder, of_clusters())
    pinned = prompt(folder)
    phone = pinned.choose(review="a phone whose battery dies")
    novel = pinned.choose(review="a novel whose characters live")
    assert (phone.digest, novel.digest) == (OF_STRICT, OF_KIND)
    assert phone.render(review="x")[0]["content"] == "Be strict."
    assert novel.request(review="x")["messages"][0]["content"] == "Be kind."
    assert novel.request(review="x")["temperature"] == 0


def test_a_chosen_program_asks_in_the_order_that_was_scored(tmp_path):
    def asking(*names):
        params = {"response_format": {name: {} for name in names}}
        node = {"generate": {"params": params, "template": "prompt.jinja"}}
        return graph_json({"prompt": node}, "prompt")

    pin = make_pin(program=asking("form", "tone"))
    write_cell(tmp_path, pin)
    other = Served({"prompt.jinja": STRICT}, {"kind": "text"}, asking("reason", "label"))
    digest = other.cell(pin).pin.variant
    phones = queries(PHONES, {pin.variant: 0.5, digest: 1.0})
    found = Choices("review-sentiment", "local/small", pin.variant, 16, {digest: other}, phones)
    put(tmp_path, found).write_text(found.dumps(), "utf-8")
    bundle = tmp_path / "prompts.json"
    bundle.write_bytes(bundle_folder(tmp_path))
    for registry in (tmp_path, bundle):
        chosen = prompt(registry).choose(review="a phone whose battery dies")
        asked = run(chosen, lambda **request: ",".join(request["response_format"]), review="x")
        assert asked.answer == "reason,label"
    turned = found.variants[digest]._replace(program=asking("label", "reason"))
    put(tmp_path, found._replace(variants={digest: turned}))
    with pytest.raises(IntegrityError, match="was edited"):
        prompt(tmp_path).choose(review="a phone")


def test_where_nothing_is_near_the_pinned_variant_is_served(folder):
    put(folder, of_clusters())
    pinned = prompt(folder)
    assert pinned.choose(review="zebras") is pinned
    assert pinned.choose(review="") is pinned


@pytest.mark.parametrize("wins", [1, 2])
def test_thin_evidence_changes_nothing(folder, wins):
    rewards = {WINNER: 0.0, OF_STRICT: 1.0}
    put(folder, of_clusters(*queries(["zebra"] * 6, rewards, wins)))
    pinned = prompt(folder)
    assert pinned.choose(review="zebra") is pinned


def test_three_full_wins_are_the_least_that_is_enough(folder):
    put(folder, of_clusters(*queries(["zebra"] * 6, {WINNER: 0.0, OF_STRICT: 1.0}, 3)))
    assert prompt(folder).choose(review="zebra").digest == OF_STRICT


def test_wins_that_losses_cancel_change_nothing(folder):
    up, down = {WINNER: 0.0, OF_STRICT: 1.0}, {WINNER: 1.0, OF_STRICT: 0.0}
    zebras = [*queries(["zebra"] * 6, up, 5), *queries(["zebra"] * 6, down, 4)]
    put(folder, of_clusters(*zebras))
    pinned = prompt(folder)
    assert pinned.choose(review="zebra") is pinned


def test_without_the_file_nothing_is_chosen(folder):
    pinned = prompt(folder)
    assert pinned.choose(review="a phone") is pinned


def test_choices_around_another_pin_are_not_used(folder):
    put(folder, of_clusters(winner="0" * 64))
    pinned = prompt(folder)
    assert pinned.choose(review="a phone whose battery dies") is pinned


@pytest.mark.parametrize("deploy", ["another pin", "half a pin", "no registry"])
def test_a_service_goes_on_choosing_whatever_is_deployed(folder, deploy):
    """Who has not chosen yet is served the pinned variant, who has what was there then."""
    put(folder, of_clusters())
    asked, idle = prompt(folder), prompt(folder)
    before = asked.choose(review="a phone whose battery dies").digest
    pin = next(folder.glob("*/*/pin.json"))
    if deploy == "no registry":
        shutil.rmtree(folder)
    else:
        text = make_pin(params={}).dumps()
        pin.write_text(text if deploy == "another pin" else text[:99], "utf-8")
    assert asked.choose(review="a phone whose battery dies").digest == before
    assert idle.choose(review="a phone whose battery dies") is idle


def test_a_pin_that_cannot_be_read_for_once_ends_no_choosing(folder, monkeypatch):
    """Too many open files, say, at the first `choose`."""
    put(folder, of_clusters())
    pinned = prompt(folder)

    def fails(path, limit):
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as busy:
        busy.setattr("landrace.runtime.folder._read_regular", fails)
        with pytest.raises(StorageError, match="Too many open files"):
            pinned.choose(review="a phone whose battery dies")
    assert pinned.choose(review="a phone whose battery dies").digest == OF_STRICT


def test_a_pin_that_became_a_link_out_is_refused_until_it_is_mended(folder, tmp_path_factory):
    put(folder, of_clusters())
    pinned = prompt(folder)
    pin = next(folder.glob("*/*/pin.json"))
    outside = pin.rename(tmp_path_factory.mktemp("outside") / "pin.json")
    pin.symlink_to(outside)

    with pytest.raises(RefusedError, match="leads out of the registry"):
        pinned.choose(review="a phone whose battery dies")
    outside.replace(pin)
    assert pinned.choose(review="a phone whose battery dies").digest == OF_STRICT


def test_an_alias_chooses_too_and_keeps_its_resolution(folder):
    put(folder, of_clusters())
    found = prompt(folder, "small").choose(review="a phone whose battery dies")
    assert (found.digest, found.resolution.by, found.model) == (OF_STRICT, "alias", "local/small")


def test_what_is_chosen_is_made_once_and_has_its_cells_pin(folder):
    put(folder, of_clusters())
    pinned = prompt(folder)
    one, two = (pinned.choose(review="a phone whose battery dies") for _ in range(2))
    assert one.pin == two.pin == pinned.pin
    assert one.pin.variant != one.digest
    assert one.choose(review="a novel") is one
    answer = run(one, lambda **request: request["messages"][0]["content"], review="x")
    assert answer.answer == "Be strict."


def test_a_bundle_takes_the_choices_with_it(folder, tmp_path):
    put(folder, of_clusters())
    path = tmp_path / "bundle.json"
    path.write_bytes(bundle_folder(folder))
    found = prompt(path).choose(review="a phone whose battery dies")
    assert found.digest == OF_STRICT
    assert Bundle(path.read_bytes(), "b").prompts() == ["review-sentiment"]


def test_a_bundle_leaves_another_pins_choices_out(folder):
    without = bundle_folder(folder)
    put(folder, of_clusters(winner="0" * 64))
    assert bundle_folder(folder) == without


def test_the_inputs_are_checked_as_for_rendering(folder):
    put(folder, of_clusters())
    with pytest.raises(MissingInputError):
        prompt(folder).choose()
    with pytest.raises(InputTypeError):
        prompt(folder).choose(review=7)


def test_an_input_that_is_no_json_is_an_error(tmp_path):
    inputs = {"type": "object", "properties": {"review": {}}, "required": ["review"]}
    pin = make_pin(inputs=inputs)
    write_cell(tmp_path, pin)
    put(tmp_path, of_clusters(winner=pin.variant)._replace(variants={}, queries=()))
    with pytest.raises(InputTypeError, match="no JSON"):
        prompt(tmp_path).choose(review=SimpleNamespace())


def edited(change):
    value = of_clusters().to_dict()
    change(value)
    return value


def redigested(value):
    content = {key: item for key, item in value.items() if key not in {"schema", "digest"}}
    return {**value, "digest": json_digest(content)}


def with_other_text(value):
    value["variants"][OF_STRICT]["files"]["prompt.jinja"] = "Say {{ review }}"


def test_an_edited_file_is_refused(folder):
    put(folder, edited(lambda value: value["queries"].pop()))
    with pytest.raises(IntegrityError, match="digest"):
        prompt(folder).choose(review="a phone")


def test_an_edited_variant_is_refused_though_the_digest_was_mended(folder):
    put(folder, redigested(edited(with_other_text)))
    with pytest.raises(IntegrityError, match="was edited"):
        prompt(folder).choose(review="a phone")
    with pytest.raises(IntegrityError, match="was edited"):
        bundle_folder(folder)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda value: value.pop("winner"), "`winner` is missing"),
        (lambda value: value.update(more=1), "`more` is not a known key"),
        (lambda value: value.update(schema=2), "newer landrace"),
        (lambda value: value["queries"][0]["rewards"].update({WINNER: 2}), "between 0 and 1"),
        (lambda value: value["variants"].update(best={}), "SHA-256"),
    ],
)
def test_a_malformed_file_names_the_fault(folder, change, problem):
    put(folder, redigested(edited(change)))
    with pytest.raises(FormatError, match=problem):
        prompt(folder).choose(review="a phone")


def test_a_variant_without_its_template_is_malformed_though_all_digests_fit(folder):
    empty = Served({}, {"kind": "text"}, None)
    digest = empty.cell(make_pin()).pin.variant
    put(folder, of_clusters()._replace(variants={digest: empty}))
    with pytest.raises(FormatError, match=r"files` does not name prompt\.jinja"):
        prompt(folder).choose(review="a phone")


def test_a_link_out_of_the_registry_is_refused(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "choices.json"
    outside.write_text(json.dumps(of_clusters().to_dict()), "utf-8")
    put(folder, of_clusters()).unlink()
    next(folder.glob("*/*/pin.json")).with_name(CHOICES_FILE).symlink_to(outside)
    with pytest.raises(RefusedError):
        prompt(folder).choose(review="a phone")


def test_a_template_with_crlf_is_the_same_variant(folder):
    crlf = served(STRICT.replace("\n", "\r\n"))
    put(folder, of_clusters()._replace(variants={OF_STRICT: crlf}))
    found = prompt(folder).choose(review="a phone whose battery dies")
    assert found.digest == OF_STRICT


def test_the_pinned_text_is_none_of_the_others():
    assert len({TEMPLATE, STRICT, KIND}) == len({WINNER, OF_STRICT, OF_KIND}) == 3


def test_what_is_written_is_what_is_read():
    assert read_choices(json.dumps(of_clusters().to_dict()), "here") == of_clusters()


@given(st.lists(st.floats(-1, 1), max_size=40))
def test_the_least_gain_is_below_the_mean_of_what_counts(differences):
    mean = sum(differences) / (len(differences) + 2)
    assert -2 <= least_gain(differences) < mean


@given(st.integers(0, 50))
def test_more_full_wins_are_more_evidence(wins):
    assert least_gain([1.0] * (wins + 1)) > least_gain([1.0] * wins)


@given(st.text(max_size=80))
def test_the_same_query_gets_the_same_variant(text):
    choices = of_clusters()
    first, second = (Policy(choices).choose(text) for _ in range(2))
    assert first == second
    assert first in {WINNER, OF_STRICT, OF_KIND}
