"""Thoughts to begin with, and ways to change an instruction; the seeds of Promptbreeder's units.

The paper has 39 and 56 of them (its appendices C and D); these are our own and fewer.
"""

STYLES = (
    "What would an expert look at first?",
    "How can the task be broken into smaller ones?",
    "Which mistakes are easy to make here, and how can they be avoided?",
    "What does the form of the answer demand?",
    "What would change the answer, and what would not?",
    "How would one explain this to a child?",
    "What has to be ruled out before one can be sure?",
    "Which cases are on the border, and what decides them?",
)

MUTATIONS = (
    "Make it plainer, so that nobody can misread it.",
    "Add a step that the reader takes before answering.",
    "Say the same from another point of view.",
    "Leave out whatever does not help, and stress what does.",
    "Name a mistake that the reader must not make.",
    "Turn it into rules that can be checked one by one.",
    "Write it as a teacher would who has seen many pupils fail.",
    "Give the reason for what it asks.",
)
