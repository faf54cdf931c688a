"""Evidence that base's signers signed, and what passes for it and is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from git_repo import GitRepo
from landrace import signing
from landrace.workflows.pull_request.offline_gate import gate_offline
from landrace.workflows.pull_request.opened import opened
from pull_request_world import CELL, PROMPT, PUPIL, cell_of
from signing_keys import SIGNERS, make_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from pull_request_world import World
    from signing_keys import Key

SIGNATURE = f"{CELL}/evidence.json.sig"


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Key:
    return make_key(tmp_path_factory.mktemp("keys"), "stranger")


def test_signed_evidence_passes(signed):
    assert signed.todo() == {}
    report = signed.gate_offline()
    assert (report.verdict, report.exit_code) == ("PASS", 0)


def test_a_work_tree_whose_lines_end_as_on_windows_passes(signed, tmp_path):
    clone = GitRepo(tmp_path / "clone")
    crlf = ("--config", "core.autocrlf=true", "--branch", "change")
    signed.repo.git("clone", "--quiet", *crlf, str(signed.root), str(clone.root))
    for name in (f"{CELL}/evidence.json", SIGNATURE):
        assert b"\r\n" in (clone.root / name).read_bytes()
    with opened(clone.root, "origin/main", None) as change:
        assert gate_offline(change).verdict == "PASS"


def test_a_signature_is_beside_the_evidence_only_where_there_is_a_key(signed, landed):
    assert signed.read(SIGNATURE).startswith("-----BEGIN SSH SIGNATURE-----")
    assert not (landed.world.root / SIGNATURE).exists()


def made_up(world: World) -> None:
    world.edit_evidence(
        lambda old: old.model_copy(
            update={"answers": tuple(a.model_copy(update={"score": 1.0}) for a in old.answers)}
        )
    )


def signed_by(key: Key, options: str = "") -> Callable[[World, Key], None]:
    def make(world: World, _key: Key) -> None:
        data = (world.root / f"{CELL}/evidence.json").read_bytes()
        world.repo.write(SIGNATURE, signing.sign(data, key.path))

    return make


def refused(world: World, reason: str) -> None:
    world.commit()
    report = world.gate_offline()
    assert reason in cell_of(report).reason
    assert (report.verdict, report.exit_code) == ("NOT EVALUATED", 3)
    assert next(iter(world.todo().values())).startswith("optimize: ")


def test_made_up_scores_are_not_what_was_signed(signed):
    made_up(signed)
    refused(signed, "the signature is not of this content")


def test_a_missing_signature_is_refused(signed):
    signed.repo.git("rm", "--quiet", SIGNATURE)
    refused(signed, "the evidence is not signed, and base asks for a signature")


def test_a_stranger_is_refused_even_if_head_names_him(signed, stranger):
    made_up(signed)
    data = (signed.root / f"{CELL}/evidence.json").read_bytes()
    signed.repo.write(SIGNATURE, stranger.sign(data))
    signed.repo.write(SIGNERS, stranger.allowed())
    refused(signed, "signed by somebody whom allowed_signers does not name")


def test_heads_removal_of_the_signers_changes_nothing(signed):
    signed.repo.git("merge", "--quiet", "-m", "merge", "main")
    signed.repo.git("rm", "--quiet", SIGNERS, SIGNATURE)
    refused(signed, "the evidence is not signed")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ('valid-before="20200101"', "has expired, or is not valid yet"),
        ('valid-after="29990101"', "has expired, or is not valid yet"),
        ('namespaces="git"', "does not let the key"),
    ],
)
def test_base_may_end_a_keys_right_at_any_time(signed, key, options, reason):
    with signed.on_main():
        signed.repo.write(SIGNERS, key.allowed(options))
    refused(signed, reason)


def test_nobody_may_sign_where_base_names_nobody(signed):
    with signed.on_main():
        signed.repo.write(SIGNERS, "")
    refused(signed, "nobody may sign")


@pytest.mark.parametrize("text", ["", "no signature\n", "-----BEGIN SSH SIGNATURE-----\nAAAA\n"])
def test_a_signature_that_is_none_is_refused(signed, text):
    signed.repo.write(SIGNATURE, text)
    refused(signed, "this is not a signature of ssh-keygen")


def test_a_signature_of_another_cells_evidence_does_not_serve(signed, key):
    """The bot itself signed it, for the same prompt on another model."""
    signed.edit_evidence(lambda old: old.model_copy(update={"model": "fake/twin"}))
    data = (signed.root / f"{CELL}/evidence.json").read_bytes()
    signed.repo.write(SIGNATURE, key.sign(data))
    refused(signed, "the evidence is another cell's")


def test_evidence_that_is_refused_is_made_anew_by_a_search(signed, key):
    """The bot heals what a person broke; the ledger has what the search asks."""
    honest = signed.evidence()
    made_up(signed)
    signed.commit()
    results = signed.carry_out(run="run-2")
    assert [set(cell.files) for cell in results.cells] == [{"evidence.json", *honest.files}]
    signed.take(results, key.sign)
    assert signed.evidence() == honest
    assert signed.gate_offline().exit_code == 0
    assert signed.todo() == {}


def test_a_signed_pin_is_compared_with_another_base_without_a_search(signed, key):
    before = signed.evidence()
    with signed.on_main():
        signed.pin_with(PUPIL, 40)
    assert signed.todo() == {(PROMPT, PUPIL): "measure: what base serves changed"}
    results = signed.carry_out(run="run-2")
    assert [set(cell.files) for cell in results.cells] == [{"evidence.json"}]
    signed.take(results, key.sign)
    assert signed.evidence().files == before.files  # its report among them
    assert signed.gate_offline().exit_code == 0


@pytest.mark.parametrize("edited", [False, True])
def test_what_base_serves_needs_no_signature_of_head(settled, key, edited):
    """Byte for byte: a report that was edited beside it is not base's."""
    with settled.on_main():
        settled.repo.write(SIGNERS, key.allowed())
    settled.repo.git("reset", "--quiet", "--hard", "main")
    settled.repo.git("rm", "--quiet", f"{CELL}/evidence.json")
    if edited:
        settled.repo.write(f"{CELL}/report.md", "# All is well\n")
    settled.commit()
    kind = "optimize" if edited else "measure"
    assert settled.todo() == {(PROMPT, PUPIL): f"{kind}: there is no evidence yet"}


def test_signed_evidence_of_an_older_state_is_stale(signed):
    """It was true once: a signature does not make it about today."""
    signed.template(58)
    signed.commit()
    report = signed.gate_offline()
    assert report.exit_code == 4
    assert "the template changed" in cell_of(report).reason
