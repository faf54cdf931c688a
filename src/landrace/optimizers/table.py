"""The strategies. CONTRIBUTING.md lists what a new one needs besides its row."""

from __future__ import annotations

from landrace.optimizers.strategies import (
    ape,
    auto,
    capo,
    evoprompt,
    gepa,
    gpo,
    mipro,
    opro,
    pe2,
    promptbreeder,
    promptwizard,
    promst,
    protegi,
    sammo,
    simba,
    textgrad,
    trained,
)
from landrace.optimizers.strategy import Strategy, family, row, shows, words_alone

STRATEGIES: dict[str, Strategy] = {
    "ape": row(
        ape,
        "instructions guessed from examples, the best of many (APE, §3)",
        reach=words_alone,
    ),
    "auto": row(
        auto,
        "examples, instructions and formats for every node, screened and then bred",
        reach=lambda options: shows(options.max_demos),
    ),
    "capo": row(
        capo,
        "instructions and examples bred, cheap ones first, chosen by a race (CAPO, §4)",
        reach=lambda options: shows(options.max_shots),
    ),
    "evoprompt": row(
        evoprompt,
        "a population crossed and mutated by one question a child (EvoPrompt, §3.2)",
        reach=words_alone,
        longest_answer=evoprompt.longest_answer,
    ),
    **family(
        "evoprompt",
        evoprompt,
        evoprompt.FAMILY,
        reach=words_alone,
        longest_answer=evoprompt.longest_answer,
    ),
    "gepa": row(
        gepa,
        "each node rewritten after what it did, parents off a Pareto frontier (GEPA)",
        reach=words_alone,
    ),
    "gpo": row(
        gpo,
        "steps with momentum and a limit of words, as in gradient descent (GPO, §3)",
        reach=words_alone,
    ),
    **family("gpo", gpo, gpo.FAMILY, reach=words_alone),
    "mipro": row(
        mipro,
        "instructions and examples of all nodes chosen together by TPE (MIPRO, §4.3)",
        reach=lambda options: shows(options.max_demos),
        longest_answer=mipro.longest_answer,
    ),
    **family(
        "mipro",
        mipro,
        mipro.FAMILY,
        reach=lambda options: shows(options.max_demos),
        longest_answer=mipro.longest_answer,
    ),
    "opro": row(
        opro,
        "proposals after the best of what was tried, with scores (OPRO, §4)",
        reach=words_alone,
    ),
    "pe2": row(
        pe2,
        "edits after examining mistakes one by one, back to the best of all (PE2, §3)",
        reach=words_alone,
        longest_answer=pe2.longest_answer,
    ),
    "promptbreeder": row(
        promptbreeder,
        "prompts and ways to change them, in binary tournaments (Promptbreeder, §3)",
        reach=lambda options: shows(options.max_shots),
    ),
    "promptwizard": row(
        promptwizard,
        "thinking styles, critique and synthesis, then examples (PromptWizard, §3)",
        reach=lambda options: shows(options.examples),
        longest_answer=promptwizard.longest_answer,
    ),
    "promst": row(
        promst,
        "a tree of prompts written after faults that have names (PROMST)",
        reach=words_alone,
    ),
    "protegi": row(
        protegi,
        "a beam of edits that answer critiques, chosen by a bandit (ProTeGi, §3)",
        reach=words_alone,
    ),
    "sammo": row(
        sammo,
        "words, parameters and structure mutated by beam, evolution or grid (SAMMO, §3)",
        reach=sammo.reach,
        check=sammo.check,
    ),
    **family("sammo", sammo, sammo.FAMILY, reach=sammo.reach, check=sammo.check),
    "simba": row(
        simba,
        "examples and rules from cases on which candidates differ most (SIMBA of DSPy)",
        reach=lambda options: shows(options.max_demos),
        longest_answer=simba.longest_answer,
    ),
    "textgrad": row(
        textgrad,
        "critiques backward through the program, steps undone if worse (TextGrad, §2)",
        reach=words_alone,
        longest_answer=textgrad.longest_answer,
    ),
    "trained": row(
        trained,
        "templates by a model that was trained to write them (MAPO, FIPO; QPO's use)",
        reach=words_alone,
    ),
}
