"""Whether the options suit a program, in what they name of it, and the machine."""

from __future__ import annotations

from contextlib import suppress
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from landrace.errors import ConfigError, ModelError, TemplateError
from landrace.optimizers.operators.section_edits import INTRO
from landrace.optimizers.operators.view import TASK
from landrace.optimizers.option_error import NotInstalledError, OptionError
from landrace.optimizers.slots.selectors import Slot, chosen
from landrace.optimizers.slots.syntax import INSTALL, lacking
from landrace.strict_json import near_fix
from landrace.template import parse, sections

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from landrace.optimizers.strategies.sammo.options import Options
    from landrace.optimizers.strategy import Takes
    from landrace.optimizers.variants import Program
    from landrace.schemas.candidate import Candidate


def check(
    options: Options, program: Program, candidates: Sequence[Candidate], takes: Takes
) -> None:
    """Refuse what would be left undone without a word; ``candidates`` are served already.

    Raises:
        OptionError: a pattern matches no slot, a value suits no node or model, or an operator
            needs what is not installed.
    """
    named = _sections(program, candidates)
    others = [
        slot
        for node in program.nodes
        for slot in (
            *(Slot(node, "sections", name) for name in (TASK, INTRO)),
            *(Slot(node, kind) for kind in ("sections", "demos", "format")),
        )
    ]
    _check_patterns(options.tuning.targets, [*named, *others], ("tuning", "targets"), program)
    _check_patterns(options.space.optional, named, ("space", "optional"), program)
    _check_values(options.tuning.values, program, takes, ("tuning", "values"))
    _check_values(options.space.values, program, takes, ("space", "values"))
    check_parser(options)


def check_parser(options: Options) -> None:
    """Make sure before the first call that an operator that parses texts can.

    Raises:
        NotInstalledError: the parser, or its model, is not installed.
    """
    lacks = lacking() if options.syntactic else None
    if lacks:
        names = " and ".join(f"`{name}`" for name in options.syntactic)
        raise NotInstalledError(
            f"{names} {'need' if len(options.syntactic) > 1 else 'needs'} {lacks}, which is not "
            "installed",
            ("operators",),
            f"{INSTALL}, or list `operators` without {names}",
        )


def _sections(program: Program, candidates: Sequence[Candidate]) -> list[Slot]:
    """The sections of every node's template, as the prompt has it or as it is served."""
    found: dict[Slot, None] = {}
    for name, node in program.nodes.items():
        for source in (node.source, *(candidate.slots(name).source for candidate in candidates)):
            # What is served and cannot be used any more stops no search.
            with suppress(TemplateError):
                names = sections(parse(source or "", name=node.path))
                found.update(dict.fromkeys(Slot(name, "sections", each) for each in names))
    return list(found)


def _check_patterns(
    patterns: Iterable[str], slots: Sequence[Slot], path: tuple[str, ...], program: Program
) -> None:
    for pattern in patterns:
        if not any(chosen(slot, (pattern,)) for slot in slots):
            known = [str(slot) for slot in slots]
            fix = near_fix(pattern, known) or f"{program.name} has {', '.join(known) or 'none'}"
            raise OptionError(f"`{pattern}` matches nothing of {program.name}", path, fix)


def _check_values(
    values: Mapping[str, Sequence[Any]], program: Program, takes: Takes, path: tuple[str, ...]
) -> None:
    for address, options in values.items():
        slot = Slot.of(address)
        assert slot is not None  # the options refuse what is no address
        if slot.kind == "params":
            _check_asks(slot.node, program, (*path, address))
            _check_taken(slot, options, takes, (*path, address))
        else:
            _check_field(slot, options, program, (*path, address))


def _check_asks(pattern: str, program: Program, path: tuple[str, ...]) -> None:
    if not any(fnmatchcase(node, pattern) for node in program.nodes):
        nodes = ", ".join(program.nodes)
        fix = near_fix(pattern, program.nodes) or f"those that ask a model are {nodes}"
        raise OptionError(f"`{pattern}` matches no node of {program.name}", path, fix)


def _check_taken(slot: Slot, values: Sequence[Any], takes: Takes, path: tuple[str, ...]) -> None:
    for value in values:
        try:
            takes({slot.name: value})
        except ModelError as error:
            raise OptionError(f"{error.where}: {error.problem}", path, error.fix) from error


def _check_field(
    slot: Slot, values: Sequence[Any], program: Program, path: tuple[str, ...]
) -> None:
    for value in values:
        try:
            program.graph.changed({slot.node: {slot.kind: value}})
        except ConfigError as error:
            raise OptionError(f"{program.name}: {error.problem}", path, error.fix) from error
