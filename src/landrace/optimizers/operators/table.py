"""The operators. A new one is a module, a row here and a test."""

from __future__ import annotations

from landrace.optimizers.operators import (
    critique,
    examples,
    formatting,
    induction,
    parameters,
    pruning,
    rewording,
    section_edits,
    stop_words,
    syntax_edits,
)
from landrace.optimizers.operators.base import Operator

OPERATORS: dict[str, Operator] = {
    operator.name: operator
    for operator in (
        Operator("paraphrase", rewording.has_text, rewording.paraphrase),
        Operator("rewrite", rewording.has_text, rewording.rewrite),
        Operator("bullets", rewording.has_text, rewording.to_bullet_points),
        Operator("shorten", rewording.has_text, rewording.shorten),
        Operator("induce", induction.can_be_instructed, induction.induce),
        Operator("ape", induction.can_be_instructed, induction.ape),
        Operator("apo", induction.can_be_instructed, critique.apo),
        Operator("stop words", stop_words.has_stop_words, stop_words.remove_stop_words),
        Operator("syntax", rewording.has_text, syntax_edits.edit_syntax),
        Operator("prune syntax", rewording.has_text, pruning.prune_syntax),
        Operator("parameter", parameters.has_choices, parameters.replace_parameter),
        Operator("data format", formatting.can_be_reformatted, formatting.change_data_format),
        Operator(
            "section format",
            formatting.has_sections,
            formatting.change_section_format,
        ),
        Operator("fewer examples", examples.has_examples, examples.decrease_examples),
        Operator("drop section", section_edits.can_drop, section_edits.drop_a_section),
        Operator("drop examples", examples.has_anything_to_drop, examples.drop_examples),
        Operator("drop intro", section_edits.has_intro, section_edits.drop_the_intro),
        Operator("repeat section", section_edits.can_repeat, section_edits.repeat_a_section),
    )
}
