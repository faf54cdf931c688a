from __future__ import annotations

import errno
import json
import os
import threading

import pytest

from landrace.errors import FormatError, RefusedError, StorageError
from landrace.ledger import Ledger


def call(number: int, **more):
    return {"kind": "call", "key": f"{number:064x}", "study": "s", "text": "x" * number, **more}


def test_a_call_is_found_again_after_reopening(tmp_path):
    path = tmp_path / "ledger.jsonl"
    with Ledger(path) as ledger:
        for number in range(20):
            ledger.append(call(number))
            ledger.append({"kind": "stage", "name": "probe"})
    with Ledger(path) as ledger:
        record, study = ledger.call(f"{13:064x}")
        assert record == call(13)
        assert study == "s"
        assert ledger.call(f"{99:064x}") is None
        assert len(list(ledger.records())) == 40


def test_a_torn_last_line_is_set_aside_and_the_rest_is_kept(tmp_path):
    path = tmp_path / "ledger.jsonl"
    with Ledger(path) as ledger:
        ledger.append(call(1))
        ledger.append(call(2))
    whole = path.read_bytes()
    for cut in range(1, len(whole) // 2 - 1):
        path.write_bytes(whole[:-cut])
        with Ledger(path) as ledger:
            assert ledger.call(f"{1:064x}") is not None
            assert ledger.call(f"{2:064x}") is None
            assert ledger.set_aside > 0
            ledger.append(call(3))
        with Ledger(path) as ledger:
            assert ledger.call(f"{3:064x}")[0] == call(3)


def test_half_a_line_of_a_killed_process_does_not_swallow_the_next_record(tmp_path):
    """It is found by who appends next, who may have had the ledger open all the time."""
    path = tmp_path / "ledger.jsonl"
    with Ledger(path) as killed, Ledger(path) as survivor:
        killed.append(call(1))
        with path.open("ab") as half:
            half.write(json.dumps(call(2)).encode()[:40])
        survivor.append(call(3))
        survivor.append(call(4))
        assert survivor.set_aside == 40
        assert [survivor.call(f"{n:064x}") is not None for n in (1, 2, 3, 4)] == [
            *(True, False, True, True)
        ]
    assert len(path.with_suffix(".torn").read_bytes()) == 41
    with Ledger(path) as again:
        assert [record["key"] for record in again.records()] == [f"{n:064x}" for n in (1, 3, 4)]


@pytest.mark.parametrize(
    "line",
    [
        '{"kind":"call"}',
        '{"kind":"call","key":"zz"}',
        '{"kind":"call","key":5}',
        '{"kind":"call","key":"aa","study":5}',
        '{"kind":"stage","deep":' + "[" * 100_000,
    ],
)
def test_a_line_that_cannot_be_indexed_is_named(tmp_path, line):
    path = tmp_path / "ledger.jsonl"
    path.write_text(f"{json.dumps(call(1))}\n{line}\n")
    with pytest.raises(FormatError, match="damaged line") as caught:
        Ledger(path)
    assert caught.value.where == f"{path}:2"


def test_a_damaged_line_in_the_middle_is_an_error_that_changes_nothing(tmp_path):
    path = tmp_path / "ledger.jsonl"
    lines = [json.dumps(call(n)) for n in range(3)]
    lines[1] = lines[1][:40]
    path.write_text("\n".join(lines) + "\n")
    before = path.read_bytes()
    with pytest.raises(FormatError) as caught:
        Ledger(path)
    assert caught.value.where == f"{path}:2"
    assert path.read_bytes() == before


def test_a_full_disk_leaves_no_half_record(tmp_path, monkeypatch):
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(path)
    ledger.append(call(1))
    real_write = os.write

    def nearly_full(file, data):
        return real_write(file, data[: len(data) // 2])

    monkeypatch.setattr(os, "write", nearly_full)
    with pytest.raises(StorageError):
        ledger.append(call(2))

    def full(_file, _data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StorageError) as caught:
        ledger.append(call(3))
    assert caught.value.exit_code == 2
    monkeypatch.undo()
    ledger.append(call(4))
    ledger.close()
    with Ledger(path) as again:
        assert [record["key"] for record in again.records()] == [f"{n:064x}" for n in (1, 4)]


def test_two_writers_do_not_mix_their_lines(tmp_path):
    path = tmp_path / "ledger.jsonl"
    with Ledger(path) as one, Ledger(path) as other:
        threads = [
            threading.Thread(
                target=lambda led=led, start=start: [
                    led.append(call(n)) for n in range(start, start + 100)
                ]
            )
            for led, start in ((one, 0), (other, 100))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        record, _ = one.call(f"{42:064x}")
        assert record == call(42)
    with Ledger(path) as ledger:
        assert all(ledger.call(f"{n:064x}") is not None for n in range(200))


def test_what_another_process_appends_is_learned_on_refresh(tmp_path):
    path = tmp_path / "ledger.jsonl"
    with Ledger(path) as mine, Ledger(path) as other:
        mine.append(call(1))
        other.append(call(2))
        mine.append(call(3))
        assert mine.call(f"{2:064x}") is None

        mine.refresh()

        assert mine.call(f"{2:064x}") == (call(2), "s")
        assert mine.call(f"{3:064x}") == (call(3), "s")
        mine.append(call(4))
        other.refresh()
        assert other.call(f"{4:064x}") == (call(4), "s")


def test_a_refresh_names_the_damaged_line_of_another_process(tmp_path):
    path = tmp_path / "ledger.jsonl"
    with Ledger(path) as ledger:
        ledger.append(call(1))
        with path.open("a") as other:
            other.write(json.dumps(call(2)) + "\nnot a record\n")
        with pytest.raises(FormatError) as caught:
            ledger.refresh()
    assert caught.value.where == f"{path}:3"


@pytest.mark.parametrize("name", ["ledger.jsonl", "ledger.torn"])
def test_nothing_is_written_through_a_link(tmp_path, name):
    """Its target would lose its last line, or get the torn end of the ledger."""
    elsewhere = tmp_path / "diary.txt"
    elsewhere.write_bytes(b"no line end")
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(b'{"kind":"call","ke')
    (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / name).symlink_to(elsewhere)
    with pytest.raises(RefusedError, match="link") as caught:
        Ledger(path)
    assert caught.value.where == str(tmp_path / name)
    assert elsewhere.read_bytes() == b"no line end"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "ledger.jsonl")
    with pytest.raises(RefusedError, match="another thing than a file"):
        Ledger(tmp_path / "ledger.jsonl")


def test_only_the_user_can_read_what_is_set_aside(tmp_path):
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(b'{"kind":"call","ke')
    Ledger(path).close()
    assert path.with_suffix(".torn").stat().st_mode & 0o077 == 0
