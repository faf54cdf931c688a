"""Ways of thinking about a task, after which an instruction is varied."""

from __future__ import annotations

THINKING_STYLES = (
    "Take the task apart into steps and say in which order they are done.",
    "Say what every possible answer means, and where it ends and another begins.",
    "Name the mistakes that are likely, and how the reader avoids them.",
    "Begin with the result that is wanted and work back to what must be looked at.",
    "Strip the task down to the one question that decides it.",
    "Compare the input with a typical case and look at what is different.",
    "Have the reader check an answer against the input before giving it.",
    "Explain why the task is done, so that doubtful cases can be decided by its purpose.",
    "State firm rules first and exceptions after them.",
    "Describe how an expert of the field would go about it.",
)
