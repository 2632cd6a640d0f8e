"""What a programme wrote laid over what is shipped, key by key, so that it writes down only what it wants otherwise.

Groups of keys merge, however deep. Lists whose items all have an `id` merge by it: an item with a new id is added at
the end, `{id: x, remove: true}` takes one away. Anything else replaces. Every part keeps its mark.
"""

from __future__ import annotations

from bot.reading.complaint import BadFiles
from bot.reading.document import Document
from bot.reading.nearest import did_you_mean


def overlay(lower: Document, upper: Document) -> Document:
    """`upper` over `lower`. Raises BadFiles for an id that is there twice, or is to be removed and is not there."""
    if isinstance(lower.value, dict) and isinstance(upper.value, dict):
        return _merged(lower, upper)
    if _has_ids(upper) and (lower.value == [] or _has_ids(lower)):
        return _merged_by_id(lower, upper)
    return upper


def _merged(lower: Document, upper: Document) -> Document:
    parts = {str(key): part for key, part in lower.parts.items()}
    for key, part in upper.parts.items():
        parts[str(key)] = overlay(parts[str(key)], part) if key in parts else part
    # Whatever is wrong with the whole, it is the last who wrote in it who will look.
    return Document.mapping(parts, upper.mark if upper.parts else lower.mark)


def _merged_by_id(lower: Document, upper: Document) -> Document:
    items = _by_id(lower)
    for name, item in _by_id(upper).items():
        if not _takes_away(item):
            items[name] = overlay(items[name], item) if name in items else item
        elif name in items:
            del items[name]
        else:
            what = f'There is no "{name}" here that could be removed.'
            raise BadFiles([item.complaint(("id",), what, did_you_mean(name, items))])
    return Document.sequence(list(items.values()), upper.mark)


def _by_id(document: Document) -> dict[str, Document]:
    items: dict[str, Document] = {}
    for item in document.parts.values():
        name = str(item.parts["id"].value)
        if name in items:
            hint = f"It is already in line {items[name].at(('id',)).mark.line}; give one of the two another id."
            raise BadFiles([item.complaint(("id",), f'The id "{name}" is here twice.', hint)])
        items[name] = item
    return items


def _has_ids(document: Document) -> bool:
    return (
        isinstance(document.value, list)
        and bool(document.value)
        and all(item.holds(("id",)) and not item.parts["id"].parts for item in document.parts.values())
    )


def _takes_away(item: Document) -> bool:
    return "remove" in item.parts and str(item.parts["remove"].value).lower() in {"true", "yes"}
