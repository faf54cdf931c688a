"""The filters and tests that templates may use: Jinja's everyday ones, over JSON values.

They mean what they mean in Jinja, but print lists, dicts, booleans and None as JSON, and
charge their work. `tojson` keeps the order of keys and escapes nothing, since models read it, not
browsers. An ``attribute`` is a key of a dict or an index of a list, never an
attribute of a Python object.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from jinja2.filters import do_float, do_int, do_round, do_title, do_wordcount

from landrace.template.operators import ARITHMETIC, COMPARISONS
from landrace.template.values import show

if TYPE_CHECKING:
    from collections.abc import Callable

    from landrace.template.state import State

MISSING: Final = object()

_MAX_DIGITS = 1000
_MAX_PRECISION = 15
_MAX_INDENT = 8
_MAX_STRIP = 100
_ESCAPES: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"}
)


def _text(convert: Callable[[str], Any]) -> Callable[[State, Any], Any]:
    return lambda state, value: convert(show(state, value))


def _trim(state: State, value: Any, chars: str | None = None) -> str:
    if chars is not None and len(chars) > _MAX_STRIP:
        raise ValueError(f"`trim` takes at most {_MAX_STRIP} characters")
    return show(state, value).strip(chars)


def _replace(state: State, value: Any, old: str, new: str, count: int | None = None) -> str:
    text = show(state, value)
    found = text.count(old) if count is None else min(text.count(old), max(count, 0))
    state.charge(found * len(new))
    return text.replace(old, new, found)


def _truncate(  # noqa: PLR0917 - Jinja's own order of arguments
    state: State,
    value: Any,
    length: int = 255,
    killwords: bool = False,  # noqa: FBT001, FBT002 - Jinja's own order of arguments
    end: str = "...",
    leeway: int = 5,
) -> str:
    text = show(state, value)
    if length < len(end) or leeway < 0:
        raise ValueError("`truncate` needs a length that has room for its end")
    if len(text) <= length + leeway:
        return text
    kept = text[: length - len(end)]
    return (kept if killwords else kept.rsplit(" ", 1)[0]) + end


def _tojson(state: State, value: Any, indent: int | None = None) -> str:
    if indent is not None and not 0 <= indent <= _MAX_INDENT:
        raise ValueError(f"`tojson` takes an indent of 0 to {_MAX_INDENT}")
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return show(state, value, indent)


def items_of(value: Any) -> list[Any]:
    if not isinstance(value, (str, list, dict)):
        raise TypeError(f"a list is needed, and this is a {type(value).__name__}")
    return list(value)


def _items_by(state: State, value: Any, attribute: str | int | None) -> list[Any]:
    """The items, of each of which an attribute will be read."""
    items = items_of(value)
    if attribute is not None:
        state.charge(len(items) * len(str(attribute)))  # it is taken apart for every item
    return items


def _field(item: Any, attribute: str | int | None, default: Any = None) -> Any:
    if attribute is None:
        return item
    for part in str(attribute).split("."):
        try:
            item = _part(item, part)
        except (LookupError, TypeError):
            if default is None:
                raise
            item = default
    return item


def _part(item: Any, part: str) -> Any:
    key: Any = int(part) if isinstance(item, list) and part.isdecimal() else part
    if not isinstance(item, dict) and isinstance(key, str):
        raise TypeError(f"`{part}` is looked up in something that is no dict")
    return item[key]


def _folded(value: Any, *, case_sensitive: bool) -> Any:
    return value.lower() if isinstance(value, str) and not case_sensitive else value


def _join(state: State, value: Any, d: str = "", attribute: str | int | None = None) -> str:
    if not isinstance(d, str):
        raise TypeError("`join` needs a text between the items")
    parts = [show(state, _field(item, attribute)) for item in _items_by(state, value, attribute)]
    state.charge(sum(map(len, parts)) + len(d) * len(parts))
    return d.join(parts)


def _sort(
    state: State,
    value: Any,
    reverse: bool = False,  # noqa: FBT001, FBT002 - Jinja's own order of arguments
    case_sensitive: bool = False,  # noqa: FBT001, FBT002 - same
    attribute: str | int | None = None,
) -> list[Any]:
    # Several attributes, as in "team,name", sort by the first, then by the second.
    keys = attribute.split(",") if isinstance(attribute, str) else [attribute]
    # Comparing takes about the logarithm of the length more.
    state.weigh(value, 8 * len(keys))
    return sorted(
        _items_by(state, value, attribute),
        key=lambda item: [
            _folded(_field(item, key), case_sensitive=case_sensitive) for key in keys
        ],
        reverse=reverse,
    )


def _unique(
    state: State,
    value: Any,
    case_sensitive: bool = False,  # noqa: FBT001, FBT002 - Jinja's own order of arguments
    attribute: str | int | None = None,
) -> list[Any]:
    seen: dict[str, Any] = {}
    for item in _items_by(state, value, attribute):
        key = _folded(_field(item, attribute), case_sensitive=case_sensitive)
        # As text, because integers can be chosen to collide in a hash table.
        seen.setdefault(json.dumps(key, sort_keys=True), item)
    return list(seen.values())


def _extreme(choose: Callable[..., Any]) -> Callable[..., Any]:
    def apply(
        state: State,
        value: Any,
        case_sensitive: bool = False,  # noqa: FBT001, FBT002 - Jinja's own order of arguments
        attribute: str | int | None = None,
    ) -> Any:
        items = _items_by(state, value, attribute)
        if not items:
            return MISSING
        return choose(
            items,
            key=lambda item: _folded(_field(item, attribute), case_sensitive=case_sensitive),
        )

    return apply


def _map(state: State, value: Any, *, attribute: str | int, default: Any = None) -> list[Any]:
    """`map` by attribute; the one by a filter's name is made where filters are looked up."""
    return [_field(item, attribute, default) for item in _items_by(state, value, attribute)]


def _sum(state: State, value: Any, attribute: str | int | None = None, start: Any = 0) -> Any:
    total = start
    for item in _items_by(state, value, attribute):
        total = ARITHMETIC["Add"](state, total, _field(item, attribute))
    return total


def _dict_items(_state: State, value: Any) -> list[list[Any]]:
    if not isinstance(value, dict):
        raise TypeError("`items` needs a dict")
    return [[key, item] for key, item in value.items()]


def _list(_state: State, value: Any) -> list[Any]:
    return items_of(value)


def _reverse(_state: State, value: Any) -> Any:
    return value[::-1] if isinstance(value, str) else items_of(value)[::-1]


def _first(_state: State, value: Any) -> Any:
    return next(iter(items_of(value)), MISSING)


def _last(_state: State, value: Any) -> Any:
    return next(reversed(items_of(value)), MISSING)


def _length(_state: State, value: Any) -> int:
    return len(items_of(value))


def _number_text(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _MAX_DIGITS:
        raise ValueError(f"a number of more than {_MAX_DIGITS} characters")
    return value


def _abs(_state: State, value: Any) -> Any:
    return abs(value)


def _int(_state: State, value: Any, default: int = 0, base: int = 10) -> Any:
    return do_int(_number_text(value), default, base)


def _float(_state: State, value: Any, default: float = 0.0) -> Any:
    return do_float(_number_text(value), default)


def _round(_state: State, value: Any, precision: int = 0, method: Any = "common") -> Any:
    if abs(precision) > _MAX_PRECISION:
        raise ValueError(f"`round` takes a precision of at most {_MAX_PRECISION}")
    if method not in {"common", "ceil", "floor"}:
        raise ValueError("`round` takes the methods common, ceil and floor")
    return do_round(value, precision, method)


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "abs": _abs,
    "capitalize": _text(str.capitalize),
    "count": _length,
    "e": _text(lambda text: text.translate(_ESCAPES)),
    "escape": _text(lambda text: text.translate(_ESCAPES)),
    "first": _first,
    "float": _float,
    "int": _int,
    "items": _dict_items,
    "join": _join,
    "last": _last,
    "length": _length,
    "list": _list,
    "lower": _text(str.lower),
    "map": _map,
    "max": _extreme(max),
    "min": _extreme(min),
    "replace": _replace,
    "reverse": _reverse,
    "round": _round,
    "sort": _sort,
    "string": _text(str),
    "sum": _sum,
    "title": _text(do_title),
    "tojson": _tojson,
    "trim": _trim,
    "truncate": _truncate,
    "unique": _unique,
    "upper": _text(str.upper),
    "wordcount": _text(do_wordcount),
}


def _kind(*kinds: type) -> Callable[[State, Any], bool]:
    return lambda _state, value: isinstance(value, kinds)


def _number(kind: type | tuple[type, ...]) -> Callable[[State, Any], bool]:
    return lambda _state, value: isinstance(value, kind) and not isinstance(value, bool)


def _remainder(state: State, value: Any, num: Any = 2) -> Any:
    return ARITHMETIC["Mod"](state, value, num)


_ALIASES: Final = {
    "eq": ("eq", "equalto"),
    "ne": ("ne",),
    "lt": ("lt", "lessthan"),
    "lteq": ("le",),
    "gt": ("gt", "greaterthan"),
    "gteq": ("ge",),
}

TESTS: Final[dict[str, Callable[..., Any]]] = {
    "boolean": _kind(bool),
    "divisibleby": lambda state, value, num: _remainder(state, value, num) == 0,
    "even": lambda state, value: _remainder(state, value) == 0,
    "false": lambda _state, value: value is False,
    "float": _number(float),
    "integer": _number(int),
    "iterable": _kind(str, list, dict),
    "lower": lambda state, value: show(state, value).islower(),
    "mapping": _kind(dict),
    "none": lambda _state, value: value is None,
    "number": _number((int, float)),
    "odd": lambda state, value: _remainder(state, value) == 1,
    "sequence": _kind(str, list, dict),
    "string": _kind(str),
    "true": lambda _state, value: value is True,
    "upper": lambda state, value: show(state, value).isupper(),
    "in": COMPARISONS["in"],
    **{alias: COMPARISONS[name] for name, aliases in _ALIASES.items() for alias in aliases},
}
