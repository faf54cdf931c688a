"""What landrace asks of git: reading commits, making them, exchanging them with a remote."""

from landrace.git.attributes import altered
from landrace.git.checkout import fast_forward
from landrace.git.credentials import Token
from landrace.git.log import Commit, commits, history, trailers, without_trailers
from landrace.git.reading import (
    TreeFile,
    changed_files,
    changed_in_work_tree,
    head_commit,
    is_clean,
    is_shallow,
    list_folders,
    list_top,
    list_tree,
    merge_base,
    present,
    read_blob,
    read_files,
    read_tree,
    read_trees,
    require_folders,
    resolve,
    toplevel,
    tracked_files,
)
from landrace.git.remote import fetch, push, remote_head
from landrace.git.writing import Author, write_commit

__all__ = [
    "Author",
    "Commit",
    "Token",
    "TreeFile",
    "altered",
    "changed_files",
    "changed_in_work_tree",
    "commits",
    "fast_forward",
    "fetch",
    "head_commit",
    "history",
    "is_clean",
    "is_shallow",
    "list_folders",
    "list_top",
    "list_tree",
    "merge_base",
    "present",
    "push",
    "read_blob",
    "read_files",
    "read_tree",
    "read_trees",
    "remote_head",
    "require_folders",
    "resolve",
    "toplevel",
    "tracked_files",
    "trailers",
    "without_trailers",
    "write_commit",
]
