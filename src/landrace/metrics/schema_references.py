"""Where the references of a JSON Schema lead; nothing is fetched for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.metrics.text import quote

if TYPE_CHECKING:
    from jsonschema.protocols import Validator


def why_no_references(validator: Validator) -> str | None:
    """The first reference that leads out of the validator's schema or round in a circle."""
    # Slow to import. The registry has the drafts' own schemas, and fetches no others; it comes
    # without types.
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]  # noqa: PLC0415
    from referencing.exceptions import Unresolvable  # noqa: PLC0415
    from referencing.jsonschema import specification_with  # noqa: PLC0415

    draft = specification_with(validator.META_SCHEMA["$schema"])
    root = draft.create_resource(validator.schema)
    todo = [(root, REGISTRY.resolver_with_root(root))]
    leads: dict[int, int | None] = {}  # from each schema that was seen to where its `$ref` leads
    while todo:
        resource, resolver = todo.pop()
        schema: Any = resource.contents
        if not isinstance(schema, dict) or id(schema) in leads:
            continue
        leads[id(schema)] = None
        if isinstance(reference := schema.get("$ref"), str):
            try:
                found = resolver.lookup(reference)
            except Unresolvable:
                return f"it refers to {quote(reference)}, which is not in it"
            leads[id(schema)] = id(found.contents)
            todo.append((draft.create_resource(found.contents), found.resolver))
            if _is_circle(id(schema), leads):
                return f"it refers to {quote(reference)}, which leads back to the reference"
        todo += [(part, resolver.in_subresource(part)) for part in resource.subresources()]
    return None


def _is_circle(start: int, leads: dict[int, int | None]) -> bool:
    """Whether references alone lead back to the start: then no value is ever checked."""
    here, passed = leads[start], {start}
    while here is not None and here not in passed:
        passed.add(here)
        here = leads.get(here)
    return here is not None
