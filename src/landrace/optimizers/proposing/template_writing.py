"""What a model that was trained to write prompts is asked, in training and in use.

`landrace export --of templates` writes the question into its rows and the strategy `trained` asks
it. Both take it from here: a model is worth what it learnt only where it is asked as it was
taught.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from landrace.optimizers.meta_prompts import render_meta_prompt
from landrace.optimizers.proposing.tagged import tagged

if TYPE_CHECKING:
    from landrace.optimizers.study import Study

QUESTION = "write_template"

_FENCED = re.compile(r"```\w*\n(.*?)\n?```", re.DOTALL)


def question(template: str) -> list[dict[str, str]]:
    """The chat messages that ask for a better template, as a row to train with has them."""
    turns = render_meta_prompt(QUESTION, _inputs(template))
    return [{"role": role, "content": content} for role, content in turns]


def asked(study: Study, template: str, *, temperature: float, max_tokens: int) -> str | None:
    """A template out of the proposer's answer to `question`; None, and logged, if there is none.

    Raises:
        BudgetExhaustedError: the question could not be paid.
    """
    answer = study.ask(
        QUESTION, temperature=temperature, max_tokens=max_tokens, whole=True, **_inputs(template)
    )
    text = template_in(answer or "")
    if text is None and answer is not None:
        study.log("no proposal", reason="the answer is empty", answer=answer[:500])
    return text


def template_in(answer: str) -> str | None:
    """The template in an answer, without a fence or tags around it; None where nothing is left."""
    inner = tagged(answer, "template")
    text = (answer if inner is None else inner).strip()
    fenced = _FENCED.fullmatch(text)
    text = fenced[1].strip() if fenced else text
    return f"{text}\n" if text else None


def _inputs(template: str) -> dict[str, str]:
    return {"template": template.strip()}
