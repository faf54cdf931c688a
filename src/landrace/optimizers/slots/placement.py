"""Where an instruction stands: before the input, after it, or where the answer begins.

OPRO (Yang et al. 2023, arXiv 2309.03409, §5.1) compares these places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from landrace.optimizers.operators.view import with_instruction
from landrace.template import literal

if TYPE_CHECKING:
    from landrace.optimizers.operators.view import View

Place: TypeAlias = Literal["before", "after", "answer"]

LEAD = "Answer:"
HERE = "[the instruction]"


def placed(view: View, text: str, place: Place) -> dict[str, Any]:
    """The slots that change when the node gets this instruction in this place.

    A chat model begins its answer in a turn of its own, which no template can write a part of:
    an instruction at the start of the answer ends the user's message, after "Answer:". Anywhere
    but before the input, examples as turns and answer formats are left out, and so is an
    "Answer:" with which the input ends.
    """
    if place == "before":
        return with_instruction(view, text)
    parts = view.parts
    assert parts is not None
    before = [parts.input.removesuffix(LEAD).rstrip(), *([LEAD] if place == "answer" else [])]
    body = "\n\n".join(before)
    section = f"{{% section task %}}\n{literal(text)}\n{{% endsection %}}"
    return {
        "source": f"{{% user %}}\n{body}\n\n{section}\n{{% enduser %}}\n",
        "instruction": None,
        "layout": "base",
        "format": "base",
        "parser": None,
        "demos": (),
    }


def sketched(user: str, place: Place) -> str:
    """An input as the model reads it, with a mark where the instruction stands."""
    user = user.removesuffix(LEAD).rstrip()
    if place == "before":
        return f"{HERE}\n\n{user}"
    return f"{user}\n\n{HERE}" if place == "after" else f"{user}\n\n{LEAD} {HERE}"
