"""Forges: what happened there, what is said there, what is committed there. Knows no prompts."""
