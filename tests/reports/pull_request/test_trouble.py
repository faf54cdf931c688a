from __future__ import annotations

from landrace.errors import ConfigError, FormatError
from landrace.reports.pull_request.trouble import trouble


def test_it_says_what_is_wrong_where_and_what_to_do():
    error = FormatError("there is no `{{`", where="1f0c:prompts/a/prompt.jinja:3", fix="Close it.")
    assert trouble(error) == (
        "## ⚪ landrace: NOT EVALUATED\n\n"
        "Error in `1f0c:prompts/a/prompt.jinja:3`: there is no \\`{{\\`.\n\n"
        "What to do: Close it.\n"
    )


def test_a_problem_may_be_all_that_is_known():
    told = "## ⚪ landrace: NOT EVALUATED\n\nError: there is no base.\n"
    assert trouble(ConfigError("there is no base")) == told
