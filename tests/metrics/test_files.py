from __future__ import annotations

import pytest

from landrace.errors import ConfigError, RefusedError
from landrace.metrics.files import MAX_BYTES, read_inside


@pytest.fixture
def root(tmp_path):
    (tmp_path / "secret.py").write_text("outside", encoding="utf-8")
    base = tmp_path / "base"
    (base / "folder").mkdir(parents=True)
    (base / "folder" / "a.py").write_bytes(b"one\r\ntwo\r\n")
    return base


def test_line_ends_are_made_equal(root):
    assert read_inside(root, "folder/a.py") == "one\ntwo\n"


def test_a_byte_order_mark_is_dropped(root):
    (root / "marked.py").write_bytes(b"\xef\xbb\xbfone\r\n")
    assert read_inside(root, "marked.py") == "one\n"


@pytest.mark.parametrize(
    "name",
    [
        *("../secret.py", "folder/../../secret.py", "/etc/passwd", "C:/x.py", "..\\secret.py"),
        *("a\0b", ".git/config", "folder/.GIT/config"),
    ],
)
def test_a_name_that_leads_out_is_refused(root, name):
    with pytest.raises(RefusedError, match="inside the repository"):
        read_inside(root, name)


def test_a_link_is_refused_wherever_it_leads(root):
    (root / "out.py").symlink_to(root.parent / "secret.py")
    (root / "in.py").symlink_to(root / "folder" / "a.py")
    (root / "linked").symlink_to(root / "folder")
    for name in ("out.py", "in.py", "linked/a.py"):
        with pytest.raises(RefusedError, match="over a link"):
            read_inside(root, name)


def test_the_root_itself_may_be_a_link(root):
    link = root.parent / "link"
    link.symlink_to(root)
    assert read_inside(link, "folder/a.py") == "one\ntwo\n"


@pytest.mark.parametrize("name", ["none.py", "folder", ""])
def test_it_must_be_a_file(root, name):
    with pytest.raises(ConfigError, match="does not exist"):
        read_inside(root, name)


def test_size_and_encoding_are_bounded(root):
    (root / "big.py").write_bytes(b"#" * (MAX_BYTES + 1))
    (root / "latin.py").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="more than"):
        read_inside(root, "big.py")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_inside(root, "latin.py")


def test_there_must_be_a_root():
    with pytest.raises(ConfigError, match="no checkout"):
        read_inside(None, "a.py")
