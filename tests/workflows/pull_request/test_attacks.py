"""What somebody who can push to head may try, so that the gate passes what got worse.

Head serves a variant of skill 5 in each of these, or lies about what it serves. Without
signatures the scores themselves can be made up, and a test says so; everything else is caught.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

import pytest
from kinds import TWIN, WHOLE

from colours import luck
from git_repo import GitRepo
from landrace.digest import json_digest
from landrace.errors import LandraceError, RefusedError
from landrace.gateway.scripted import ScriptedGateway
from landrace.program.params import DECODING_PARAMS
from landrace.runtime.bundle import bundle_folder
from landrace.runtime.registry import Registry
from landrace.store.project import Project
from landrace.store.splits import assign_splits
from landrace.workflows.gating import strays
from landrace.workflows.gating.changes import find_changes
from pull_request_world import CELL, LEDGER, PROMPT, PUPIL, cell_of, pupil
from signing_keys import SIGNERS
from skill import word_of, words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pull_request_world import World

BAD = 5


class Attack(NamedTuple):
    name: str
    make: Callable[[World], object]
    exit_code: int
    reason: str


def worse(world: World) -> None:
    """The pin of a worse variant, itself in order."""
    world.pin_with(PUPIL, BAD)


def after(*steps: Callable[[World], object]) -> Callable[[World], None]:
    def make(world: World) -> None:
        for step in steps:
            step(world)

    return make


def answers(change: Callable[[list], list]) -> Callable[[World], None]:
    """Other answers, and everything else made to fit the pin that stands there."""

    def make(world: World) -> None:
        worse(world)
        found = list(world.evidence().answers)
        world.forge_evidence(answers=tuple(change(found)))

    return make


def evidence(**changes: object) -> Callable[[World], None]:
    return lambda world: world.forge_evidence(**changes)


def text(old: str, new: str) -> Callable[[World], None]:
    def make(world: World) -> None:
        found = world.read(f"{CELL}/evidence.json")
        assert old in found
        world.repo.write(f"{CELL}/evidence.json", found.replace(old, new, 1))

    return make


def params(**changes: object) -> Callable[[World], None]:
    def change(pin):
        return pin._replace(model=pin.model._replace(params={**pin.model.params, **changes}))

    return lambda world: world.edit_pin(change)


def parser(spec: dict) -> Callable[[World], None]:
    return lambda w: w.edit_pin(lambda pin: pin._replace(output=pin.output._replace(parser=spec)))


def inputs(world: World) -> None:
    narrow = {**world.pin_of().inputs, "maxProperties": 0}
    world.edit_pin(lambda pin: pin._replace(inputs=narrow))


def lie_about_inputs(world: World) -> None:
    """A digest of its own over inputs that are not today's."""
    old = world.evidence().inputs
    lied = {**old, "incumbent": "0" * 64}
    world.forge_evidence(inputs=lied, digest=json_digest(lied))


def more_inputs(world: World) -> None:
    lied = {**world.evidence().inputs, "luck": "0" * 64}
    world.forge_evidence(inputs=lied, digest=json_digest(lied))


def write(path: str, content: str | bytes) -> Callable[[World], object]:
    return lambda world: world.repo.write(path, content)


def beside(folder: str) -> Callable[[World], object]:
    """The worse pin where only another file system finds it."""

    def make(world: World) -> None:
        good = {name: world.read(f"{CELL}/{name}") for name in ("pin.json", "prompt.jinja")}
        worse(world)
        for name in good:
            world.repo.write(f"{folder}/{name}", world.read(f"{CELL}/{name}"))
        for name, content in good.items():
            world.repo.write(f"{CELL}/{name}", content)

    return make


def at_the_top(world: World) -> None:
    """What once made `Registry(".")` take the whole repository for a registry."""
    beside("colours/fake%2Fpupil")(world)
    world.repo.write("registry/readme/pin.json", "")


def called_like_a_cell(world: World) -> None:
    """A stray whose path reads like the name of a cell that is in order."""
    world.repo.write("registry/colours/fake/pupil", "")


def copy_of_another_cell(world: World) -> None:
    """The evidence of the same prompt on another model."""
    world.edit_evidence(lambda old: old.model_copy(update={"model": TWIN}))


def leave_the_pipeline(world: World) -> None:
    worse(world)
    world.prompt("paints")
    world.pipeline(**{**WHOLE, "prompts": ["paints"]})


def remove_the_pipeline(world: World) -> None:
    worse(world)
    world.repo.git("rm", "--quiet", "pipelines/all.yaml")


ATTACKS = [
    Attack("edits the variant", write(f"{CELL}/prompt.jinja", "{% user %}hi{% enduser %}"), 4,
           "the pinned variant was edited by hand"),
    Attack("pins a worse variant", worse, 4, "the evidence is about another variant"),
    Attack("and says that the evidence is about it", after(worse, evidence(files={"pin.json": "0" * 64})), 4,
           "a file beside the evidence is not the one that it was made with"),
    Attack("takes the answers away", answers(lambda _found: []), 4, "only 0% of the questions were answered"),
    Attack("takes the looks away", after(worse, evidence(looks=0)), 4, "its answers end before they decide"),
    Attack("leaves bad answers out", answers(lambda found: [a for a in found if a.score or a.side == "base"]), 4,
           "of the questions were answered on both sides"),
    Attack("answers twice", answers(lambda found: [*found, found[1].model_copy(update={"score": 1.0})]), 3,
           "an answer that nobody asked for"),
    Attack("answers more often", answers(lambda found: [*found, found[1].model_copy(update={"repeat": 3})]), 3,
           "an answer that nobody asked for"),
    Attack("answers other cases", answers(lambda found: [*found, found[1].model_copy(update={"case": "no"})]), 3,
           "an answer that nobody asked for"),
    Attack("scores other metrics", answers(lambda found: [found[0].model_copy(update={"parts": {"f1": 1.0}}), *found[1:]]), 3,
           "an answer with other metrics"),
    Attack("scores above one", text('"score": 1.0', '"score": 7.0'), 3, "less than or equal to 1"),
    Attack("scores infinity", text('"score": 1.0', '"score": 1e999'), 3, "it is no evidence"),
    Attack("scores nothing", text('"score": 1.0', '"score": NaN'), 3, "NaN is not a JSON number"),
    Attack("edits the digest", text('"digest": "', '"digest": "0'), 3, "it is no evidence"),
    Attack("edits an input", text('"policy": "', '"policy": "0'), 3, "it is no evidence"),
    Attack("gives a digest of its own", lie_about_inputs, 4, "what base serves changed"),
    Attack("rests on more", more_inputs, 4, "the evidence rests on something unknown"),
    Attack("adds a key", text('"looks"', '"luck": 1,\n  "looks"'), 3, "it is no evidence"),
    Attack("adds a key twice", text('"looks"', '"looks": 0,\n  "looks"'), 3, "stands twice"),
    Attack("writes it otherwise", text("\n    ", "\n     "), 3, "not as landrace writes it"),
    Attack("names files elsewhere", text('"pin.json"', '"../../x"'), 3, "it is no evidence"),
    Attack("writes no JSON", write(f"{CELL}/evidence.json", "{"), 3, "not JSON"),
    Attack("writes no text", write(f"{CELL}/evidence.json", b"\xff\xfe"), 3, "not UTF-8"),
    Attack("nests", write(f"{CELL}/evidence.json", "[" * 100_000), 3, "nested too deeply"),
    Attack("writes 17 MB", write(f"{CELL}/evidence.json", b" " * (17 << 20)), 3, "larger than"),
    Attack("writes 5 MB beside the evidence", write(f"{CELL}/report.json", b" " * (5 << 20)), 3, "larger than"),
    Attack("writes no text beside the evidence", write(f"{CELL}/report.md", b"\xff"), 3, "not UTF-8"),
    Attack("another cell's evidence", copy_of_another_cell, 3, "the evidence is another cell's"),
    Attack("serves other parameters", params(max_tokens=1), 4, "the model's parameters changed"),
    Attack("serves another address", params(api_base="https://elsewhere.example"), 4, "the model's parameters changed"),
    Attack("refuses inputs", inputs, 4, "the inputs changed"),
    Attack("removes the pin", lambda w: w.repo.git("rm", "-r", "--quiet", CELL), 4, "there is no pin yet"),
    Attack("removes the pipeline", remove_the_pipeline, 4, "no pipeline that base allows asks for this pin"),
    Attack("leaves the pipeline", leave_the_pipeline, 4, "no pipeline that base allows asks for this pin"),
    Attack("pins another model", lambda w: w.pin_with(TWIN, BAD), 4, "no pipeline that base allows asks for this pin"),
    Attack("pins a prompt that is not there", lambda w: w.repo.write("registry/ghost/fake%2Fpupil/pin.json", w.read(f"{CELL}/pin.json")), 4,
           "no pipeline that base allows asks for this pin"),
    Attack("another case of the prompt", beside("registry/Colours/fake%2Fpupil"), 3, "a checkout might serve it"),
    Attack("another case of the registry", beside("Registry/colours/fake%2Fpupil"), 3, "a checkout might serve it"),
    Attack("another case of the model", beside("registry/colours/fake%2fpupil"), 3, "a checkout might serve it"),
    Attack("a folder with a dot", beside("registry/colours./fake%2Fpupil"), 3, "a checkout might serve it"),
    Attack("brings choices that nobody has judged", write(f"{CELL}/choices.json", "{}"), 3, "a checkout might serve it"),
    Attack("makes the repository the registry", at_the_top, 3, "a checkout might serve it"),
    Attack("a cell at the top alone", beside("colours/fake%2Fpupil"), 3, "a checkout might serve it"),
    Attack("a cell at the top in another case", beside("Colours/fake%2fpupil"), 3, "a checkout might serve it"),
    Attack("a pin without a model", write("registry/readme/pin.json", ""), 3, "a checkout might serve it"),
    Attack("a pin in a prompt's folder", write("registry/colours/Pin.json", ""), 3, "a checkout might serve it"),
    Attack("a registry in the registry", write("registry/registry/notes.txt", "hi"), 3, "a checkout might serve it"),
    Attack("in another case", write("registry/Registry/notes.txt", "hi"), 3, "a checkout might serve it"),
    Attack("cells of a registry in the registry", beside("registry/registry/colours/fake%2Fpupil"), 3, "a checkout might serve it"),
    Attack("a bundle in the place of the registry", write("REGISTRY", "{}"), 3, "a checkout might serve it"),
    Attack("an end that is cut off", beside("registry./colours/fake%2Fpupil"), 3, "a checkout might serve it"),
    Attack("a letter that nobody sees", beside("regi\u200cstry/colours/fake%2Fpupil"), 3, "a checkout might serve it"),
    Attack("a file called like a cell of base", called_like_a_cell, 3, "a checkout might serve it"),
    Attack("takes pins out of archives", write("registry/.gitattributes", "pin.json export-ignore"), 3, "other pins, or none"),
    Attack("encodes templates otherwise", write("registry/colours/.GitAttributes", "*.jinja working-tree-encoding=UTF-16"), 3, "other pins, or none"),
    Attack("takes the registry out of archives", write(".gitattributes", "/registry/ export-ignore"), 3, "other pins, or none"),
    Attack("attributes in another case", write(".gitAttributes", "pin.json ident"), 3, "other pins, or none"),
    Attack("a file with a name of its own", write(f"{CELL}/PIN.JSON", "{}"), 3, "a checkout might serve it"),
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_it_does_not_pass(landed, attack: Attack):
    world = landed.world
    attack.make(world)
    world.commit()
    report = world.gate_offline()
    assert report.verdict == "NOT EVALUATED"
    assert attack.reason in "\n".join(cell.reason for cell in report.cells)
    assert report.exit_code == attack.exit_code


def test_made_up_scores_pass_without_signatures(landed):
    """By design, and said in docs/github.md: who may push is trusted until base names signers."""

    def made_up(answer):
        return answer.model_copy(update={"score": 1.0}) if answer.side == "head" else answer

    answers(lambda found: [made_up(answer) for answer in found])(landed.world)
    landed.world.commit()
    assert landed.world.gate_offline().exit_code == 0


def test_a_link_in_the_place_of_a_pin_is_refused(landed, tmp_path):
    (landed.world.root / f"{CELL}/pin.json").unlink()
    (landed.world.root / f"{CELL}/pin.json").symlink_to(tmp_path)
    landed.world.commit()
    with pytest.raises(RefusedError, match="symbolic link"):
        landed.world.gate_offline()


@pytest.mark.parametrize("path", [LEDGER, ".landrace/results.json", ".Landrace/ledger.jsonl"])
def test_what_a_checkout_of_head_would_believe_is_refused(landed, path):
    landed.world.repo.write(path, "{}")
    landed.world.repo.git("add", "--force", path)
    landed.world.commit()
    with pytest.raises(RefusedError, match="git tracks") as caught:
        landed.world.gate_offline()
    assert caught.value.where.endswith(f":{path.split('/', maxsplit=1)[0]}")


def test_of_very_many_strays_the_first_are_told(landed, monkeypatch):
    monkeypatch.setattr(strays, "MOST_TOLD", 3)
    for number in range(5):
        landed.world.repo.write(f"registry/x/y/{number}", "")
    landed.world.commit()
    report = landed.world.gate_offline()
    assert report.exit_code == 3
    assert [cell.model for cell in report.cells if cell.prompt == "x"] == ["y/0", "y/1", "y/2"]


@pytest.mark.parametrize("place", ["registry/registry", "registry/ghost", "Registry"])
def test_a_link_beside_the_cells_is_refused(landed, place):
    world = landed.world
    beside("elsewhere/colours/fake%2Fpupil")(world)
    (world.root / place).symlink_to(world.root / "elsewhere")
    world.commit()
    with pytest.raises(RefusedError, match="symbolic link"):
        world.gate_offline()


@pytest.mark.parametrize(
    "path", ["registry/README.md", "registry/colours/NOTES.md", "web/icons/pin.json", "a/pin.json"]
)
def test_what_nobody_could_serve_passes(landed, path):
    landed.world.repo.write(path, "{}")
    landed.world.commit()
    assert landed.world.gate_offline().exit_code == 0


@pytest.mark.parametrize("text", ["* text=auto eol=crlf", "*.md export-ignore", "prompts filter=x"])
def test_attributes_that_alter_no_pin_pass(landed, text):
    landed.world.repo.write(".gitattributes", text)
    landed.world.commit()
    assert landed.world.gate_offline().exit_code == 0


@pytest.mark.parametrize("head", ["HEAD", None])
@pytest.mark.parametrize(
    "text", ["*.jinja ident", "pin.json filter=lfs", "fake%2Fpupil export-ignore"]
)
def test_a_gate_that_asks_refuses_attributes_that_alter_pins(landed, text, head):
    landed.world.repo.write(".gitattributes", text)
    landed.world.commit()
    with (
        pytest.raises(RefusedError, match="other pins, or none") as caught,
        find_changes(landed.world.root, "main", head),
    ):
        pass
    assert caught.value.where == ".gitattributes"


@pytest.mark.parametrize("attack", [at_the_top, beside("registry/Colours/fake%2Fpupil")])
@pytest.mark.parametrize("head", ["HEAD", None])
def test_a_gate_that_asks_refuses_them_before_it_asks(landed, attack, head):
    attack(landed.world)
    landed.world.commit()
    with (
        pytest.raises(RefusedError, match="a checkout might serve it"),
        find_changes(landed.world.root, "main", head),
    ):
        pass


def test_a_gate_that_asks_tells_of_choices_beside_a_pin_alone(landed):
    landed.world.repo.write(f"{CELL}/choices.json", "{}")
    landed.world.commit()
    with find_changes(landed.world.root, "main", "HEAD") as changes:
        told = f"{CELL}/choices.json changed: no gate judges what applications choose by it"
        assert changes.cells
        assert told in changes.notes
    landed.world.repo.write("registry/Colours/fake%2Fpupil/choices.json", "{}")
    with (
        pytest.raises(RefusedError, match="a checkout might serve it"),
        find_changes(landed.world.root, "main", None),
    ):
        pass


@pytest.mark.parametrize("head", ["HEAD", None])
def test_a_bundle_in_the_place_of_the_registry_is_refused(landed, head):
    """`Registry("registry")` would take it."""
    world = landed.world
    data = bundle_folder(world.root / "registry")
    world.repo.git("rm", "-r", "--quiet", "registry")
    world.repo.write("registry", data)
    world.commit()
    with pytest.raises(RefusedError), find_changes(world.root, "main", head):
        pass


@pytest.mark.parametrize("place", [".", "registry"])
def test_what_is_refused_is_not_served_either(landed, place):
    world = landed.world
    at_the_top(world)
    world.repo.write("registry/registry/notes.txt", "hi")
    served = Registry(world.root / place).get("colours", PUPIL)
    assert served.digest == world.pin_of().variant


def test_a_repository_of_its_own_in_the_registry_is_refused(landed):
    world = landed.world
    GitRepo.make(world.root / "registry/ghost")
    with (
        pytest.raises(RefusedError, match="repository of its own"),
        find_changes(world.root, "main", None),
    ):
        pass


def test_a_pin_out_of_heads_own_hands_is_measured_and_fails(landed):
    worse(landed.world)
    landed.world.commit()
    landed.world.finish()
    report = landed.world.gate_offline()
    assert (report.exit_code, cell_of(report).verdict) == (1, "FAIL")


def lie_in_the_pin(world: World) -> None:
    world.edit_pin(lambda pin: pin._replace(holdout_looks=0, inflation=0.0))


def lie_in(name: str, old: str, new: str) -> Callable[[World], object]:
    def make(world: World) -> None:
        told = world.read(f"{CELL}/{name}")
        assert old in told
        world.repo.write(f"{CELL}/{name}", told.replace(old, new))

    return make


def remove(*names: str) -> Callable[[World], object]:
    return lambda world: world.repo.git("rm", "--quiet", *(f"{CELL}/{name}" for name in names))


NO_EVIDENCE = remove("evidence.json", "evidence.json.sig")
LIES = {
    "in the pin": lie_in_the_pin,
    "in the pin, without evidence": after(lie_in_the_pin, NO_EVIDENCE),
    "of another version": after(
        lambda w: w.edit_pin(lambda p: p._replace(search=p.search._replace(version="999"))),
        NO_EVIDENCE,
    ),
    "in the report": lie_in("report.md", "\n", "\nLoved.\n"),
    "in its data": lie_in("report.json", '"promoted"', '"kept incumbent"'),
    "in its data, without evidence": after(
        lie_in("report.json", '"promoted"', '"kept incumbent"'), NO_EVIDENCE
    ),
    "by leaving the report out": remove("report.md", "report.json"),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_the_bot_signs_nothing_that_a_person_tells_of_a_search(signed, key, lie):
    """It searches anew, and what it finds stands in the place of what was made up."""
    names = ("pin.json", "report.json", "report.md")
    honest = [signed.read(f"{CELL}/{name}") for name in names]
    lie(signed)
    signed.commit()
    assert [told.split(":")[0] for told in signed.todo().values()] == ["optimize"]
    assert signed.gate_offline().exit_code in {3, 4}
    signed.take(signed.carry_out(run="run-2"), key.sign)
    assert [signed.read(f"{CELL}/{name}") for name in names] == honest
    assert signed.gate_offline().exit_code == 0


@pytest.mark.parametrize("signs", [False, True])
def test_a_pin_by_hand_for_a_new_prompt_is_searched_anew(settled, key, signs):
    """Base has nothing that it could be compared with, so nobody would have judged it."""
    if signs:
        with settled.on_main():
            settled.repo.write(SIGNERS, key.allowed())
        settled.repo.git("reset", "--quiet", "--hard", "main")
    settled.prompt("paints", skill=90, count=100)
    settled.pin_with(PUPIL, BAD, prompt="paints", note="Garbage.")
    settled.commit()
    assert settled.todo() == {("paints", PUPIL): "optimize: there is no evidence yet"}
    settled.take(settled.carry_out(), key.sign if signs else None)
    assert "Garbage." not in settled.read("registry/paints/fake%2Fpupil/prompt.jinja")
    assert settled.todo() == {}
    assert settled.gate_offline().exit_code == 0


def test_a_pin_by_hand_for_a_new_model_takes_over_no_traffic(settled):
    """An exact match goes before the alias or the family that answered until now."""
    allowed = {**WHOLE, "allowed_models": ["fake/*"]}
    with settled.on_main():
        settled.pipeline(**allowed)
    settled.repo.git("reset", "--quiet", "--hard", "main")
    settled.pipeline(**{**allowed, "models": [PUPIL, TWIN]})
    settled.pin_with(TWIN, BAD, note="Garbage.")
    settled.commit()
    with settled.opened() as change:
        (work,) = change.scope.work
    assert work.kind == "optimize"
    assert "base has no such cell that the pin is compared with" in work.cell.reasons
    settled.finish()
    assert "Garbage." not in settled.read(f"registry/{PROMPT}/fake%2Ftwin/prompt.jinja")


def test_a_milder_policy_of_head_does_not_judge(landed):
    worse(landed.world)
    mild = {"gate": {"metrics": [{"allowed_drop": 0.99}]}}
    landed.world.pipeline(**{**WHOLE, **mild})
    landed.world.commit()
    landed.world.finish()
    assert landed.world.gate_offline().exit_code == 1


def test_easier_cases_of_head_do_not_judge(landed):
    """Head's only cases are those that its bad variant solves."""
    worse(landed.world)
    landed.world.commit()
    landed.world.cases([line for line in words(2000) if luck(line["id"]) * 100 < BAD])
    landed.world.commit()
    landed.world.finish()
    landed.world.pin_with(PUPIL, BAD)
    landed.world.commit()
    landed.world.finish(run="run-2")
    report = landed.world.gate_offline()
    assert (report.exit_code, cell_of(report).verdict) == (1, "FAIL")


def memory(request) -> str:
    """Knows the words that its examples tell, and no more than usual of the others."""
    shown = " ".join(message.content for message in request.messages[:-1]).split()
    return "red" if word_of(request) in shown else pupil(request)


def give_away(world: World, share: float) -> list[str]:
    """Put so much of base's holdout into head's search, and as many others into the holdout."""
    source = Project(world.root).read_prompt("colours")
    splits = assign_splits(source.eval_set().cases, source.config.splits)
    held, taught = (
        [name for name, split in splits.items() if split == which]
        for which in ("holdout", "search")
    )
    moved = held[: round(share * len(held))]
    by_hand = dict.fromkeys(moved, "search") | dict.fromkeys(taught[: len(moved)], "holdout")
    world.cases([{**line, "split": by_hand.get(line["id"])} for line in words(100)])
    return moved


def test_no_case_judges_that_heads_splits_gave_to_the_search(world):
    moved = give_away(world, 0.5)
    world.template(1)
    world.commit()
    world.finish(memory)
    assert any(f" {word}\n" in world.read(f"{CELL}/prompt.jinja") for word in moved)
    report = world.gate_offline()
    assert {score.case_id for score in cell_of(report).scores}.isdisjoint(moved)
    assert {answer.case for answer in world.evidence().answers}.isdisjoint(moved)
    assert any(note.startswith(f"{len(moved)} of the ") for note in report.notes)
    assert cell_of(report).verdict == "INCONCLUSIVE", "few are left, and none is a gift"


def test_nothing_is_paid_for_where_heads_splits_leave_too_little_to_judge_by(world):
    give_away(world, 1)
    world.template(1)
    world.commit()
    gateway = ScriptedGateway(memory)
    results = world.carry_out(gateway=gateway)
    [left] = results.unfinished
    assert (gateway.calls, left.exit_code, results.cells) == (0, 2, ())
    assert "keep more of them by `split: holdout`" in left.reason
    assert world.gate_offline().exit_code == 4


def test_a_pin_out_of_a_search_elsewhere_is_not_judged_by_what_that_could_see(landed):
    give_away(landed.world, 1)
    worse(landed.world)
    landed.world.commit()
    results = landed.world.carry_out()
    assert ([one.exit_code for one in results.unfinished], results.cells) == ([2], ())
    assert landed.world.gate_offline().exit_code == 4


def short_sighted(request) -> str:
    return pupil(request) if request.params["max_tokens"] > 1 else "r"


def test_parameters_that_cripple_a_good_variant_are_measured_as_they_are_served(settled):
    """Head's pipeline may change them; the variant is the one that base serves."""
    settled.pipeline(**{**WHOLE, "models": [{"id": PUPIL, "params": {"max_tokens": 1}}]})
    settled.commit()
    settled.finish(short_sighted)
    assert settled.pin_of().model.params["max_tokens"] == 1
    report = settled.gate_offline()
    assert (report.exit_code, cell_of(report).verdict) == (1, "FAIL")


@pytest.mark.parametrize("spec", [{}, {"kind": "unheard-of"}])
def test_a_parser_that_no_application_can_use_fails(landed, spec):
    parser(spec)(landed.world)
    landed.world.commit()
    landed.world.finish()
    report = landed.world.gate_offline()
    assert (report.exit_code, cell_of(report).verdict) == (1, "FAIL")
    assert "its pin's parser cannot be used" in cell_of(report).reason


def test_other_names_of_a_pin_are_told(landed):
    """Who asks for `default` is served by this pin from now on; no answer shows that."""
    world = landed.world
    world.edit_pin(lambda pin: pin._replace(model=pin.model._replace(aliases=("default",))))
    world.commit()
    world.finish()
    report = world.gate_offline()
    assert report.exit_code == 0
    assert "colours on fake/pupil answers to default, too" in report.notes


def test_a_name_that_a_pin_loses_is_told(settled):
    world = settled
    rename = lambda *names: lambda pin: pin._replace(model=pin.model._replace(aliases=names))  # noqa: E731
    with world.on_main():
        world.edit_pin(rename("default", "small"))
    world.repo.git("reset", "--quiet", "--hard", "main")
    world.edit_pin(rename("small", "tiny"))
    world.commit()
    notes = world.gate_offline().notes
    assert "colours on fake/pupil answers to tiny, too" in notes
    assert (
        "colours on fake/pupil does not answer to default any more: an application that asks so "
        "gets another pin that fits, or an error" in notes
    )


@pytest.mark.parametrize("first", ["main", "better"])
def test_a_merge_that_undoes_what_base_has_merged_is_a_change(settled, first):
    """Base has merged a better pin; head merges that branch, too, and keeps the old one.

    Either parent may be what git calls the merge base, and seen from one of them head has not
    touched the pin.
    """
    git = settled.repo.git
    git("checkout", "--quiet", "-b", "better", "main")
    settled.pin_with(PUPIL, 95)
    settled.commit()
    git("checkout", "--quiet", "main")
    settled.repo.write("README.md", "x")
    settled.commit()
    git("checkout", "--quiet", "change")
    settled.config(description="Other words.")
    settled.commit()
    for branch in (first, "main" if first == "better" else "better"):
        strategy = ["-s", "ours"] if branch == "better" else []
        git("merge", "--quiet", *strategy, "-m", "merge", branch)
    git("checkout", "--quiet", "main")
    git("merge", "--quiet", "-m", "take the better pin", "better")
    git("checkout", "--quiet", "change")
    assert len(git("merge-base", "--all", "main", "change").split()) == 2
    assert settled.gate_offline().exit_code == 4


def test_leaving_out_a_few_bad_answers_is_bounded_by_the_policys_coverage(landed):
    """By design without signatures; more than the policy allows is not evaluated."""
    head = [a for a in landed.world.evidence().answers if a.side == "head"]
    allowed = int(len(head) * 0.05)
    left_out = {a.case for a in sorted(head, key=lambda a: a.score)[: allowed + 1]}
    answers(lambda found: [a for a in found if a.side == "base" or a.case not in left_out])(
        landed.world
    )
    landed.world.commit()
    assert landed.world.gate_offline().exit_code == 4


ELSEWHERE = "https://elsewhere.example/v1"
JUDGE = {"metric": "llm_judge", "model": "fake/judge", "rubric": "Say red."}


def node(kind: str = "generate", **given: object) -> Callable[[World], object]:
    """The prompt as a program of one node, which has parameters of its own."""
    fields = {"over": "word", "as": "one"} if kind != "generate" else {}
    body = {**fields, "template": "prompt.jinja", "params": given}
    program = {"nodes": {"answer": {kind: body}}, "output": "answer"}
    return lambda world: world.config(program=program)


def strategy(name: str, **options: object) -> Callable[[World], object]:
    def make(world: World) -> None:
        world.pipeline(**{**WHOLE, "strategy": {"name": name, "options": options}})
        world.template(51)

    return make


def values(address: str, value: object) -> Mapping[str, object]:
    return {"values": {address: [value]}}


def pinned_graph(world: World) -> None:
    """A pin whose graph has an address, itself in order."""
    world.pin_with(PUPIL, BAD)
    contract = {"type": "label", "labels": ["red", "blue"], "max_tokens": 8}
    asking = {
        "template": "prompt.jinja",
        "output": contract,
        "params": {"api_base": ELSEWHERE},
        "parser": {"kind": "text"},
    }
    graph = {"nodes": {"prompt": {"generate": asking}}, "output": "prompt"}
    world.edit_pin(lambda pin: pin._replace(program=graph))


def judged(world: World) -> None:
    """Head's judge is base's but for an address."""
    with world.on_main():
        world.config(metrics=[JUDGE])
    world.repo.git("reset", "--quiet", "--hard", "main")
    world.config(metrics=[{**JUDGE, "params": {"api_base": ELSEWHERE}}])


def models(*more: object, **changes: object) -> Callable[[World], object]:
    """The pipeline with other models, while the search has a reason."""

    def make(world: World) -> None:
        with world.on_main():
            world.pipeline(**{**WHOLE, "allowed_models": ["*"]})
        world.repo.git("reset", "--quiet", "--hard", "main")
        world.pipeline(**{**WHOLE, "models": [PUPIL, *more], "allowed_models": ["*"], **changes})
        world.template(51)

    return make


SENDING = {
    **{
        f"{name} of a node": node(**{name: value})
        for name, value in {
            "api_base": ELSEWHERE,
            "base_url": ELSEWHERE,
            "api_key": "sk-of-somebody-else",
            "api_version": "1",
            "organization": "theirs",
            "extra_headers": {"Host": "elsewhere.example"},
            "headers": {"Host": "elsewhere.example"},
            "extra_body": {"n": 1000},
            "custom_llm_provider": "ollama",
            "fallbacks": ["fake/twin"],
            "mock_response": "red",
            "model": TWIN,
            "messages": [],
            "n": 1000,
            "proxies": ELSEWHERE,
            "timeout": 10**9,
            "tools": [{"type": "function"}],
            "vertex_credentials": "/etc/passwd",
            "temperature": {"api_base": ELSEWHERE},
        }.items()
    },
    "api_base of a node for each item": node("for_each", api_base=ELSEWHERE),
    "api_base of a node for many items": node("batch", api_base=ELSEWHERE),
    "a value of sammo's space": strategy(
        "sammo", search="grid", space=values("*/params/api_base", ELSEWHERE)
    ),
    "a value of sammo's tuning": strategy(
        "sammo", operators=["parameters"], tuning=values("prompt/params/base_url", ELSEWHERE)
    ),
    "a value of a preset": strategy(
        "sammo/rag-tuning", space=values("*/params/extra_headers", {"Host": "elsewhere.example"})
    ),
    "all parameters at once": strategy(
        "sammo", search="grid", space=values("prompt/params", {"api_base": ELSEWHERE})
    ),
    "a template elsewhere": strategy(
        "sammo", search="grid", space=values("prompt/template", "../x.jinja")
    ),
    "the graph of a pin": pinned_graph,
    "a judge": judged,
    "another model's address": models({"id": TWIN, "params": {"api_base": ELSEWHERE}}),
    "a model that is an address": models(f"huggingface/{ELSEWHERE}"),
    "a proposer": models(proposer={"id": TWIN, "params": {"api_base": ELSEWHERE}}),
    "a teacher": models(
        proposer={"id": TWIN, "params": {"api_base": ELSEWHERE}},
        strategy={"name": "mipro", "options": {"teacher": True}},
    ),
}


@pytest.mark.parametrize("attack", SENDING.values(), ids=SENDING.keys())
def test_nothing_of_head_says_where_a_call_goes_or_with_what_right(world, attack):
    """Requests go out under the repository's credentials: every way into their arguments."""
    attack(world)
    world.commit()
    gateway = ScriptedGateway(pupil)
    for use in (
        lambda: world.carry_out(gateway=gateway),
        lambda: world.gate(pupil, head="HEAD", through=lambda _own: gateway),
        world.gate_offline,
    ):
        with contextlib.suppress(LandraceError):
            use()
    for request in gateway.requests:
        assert request.params.keys() <= DECODING_PARAMS.keys()
        assert not isinstance(request.params.get("temperature"), dict)
        assert "://" not in request.model
    assert {request.model for request in gateway.requests} <= {PUPIL, TWIN, "fake/judge"}
