"""A document as the values that the rest of Handrail works with, or every reason why it cannot be.

Models inherit from `flows.strict.Strict`: a key that nobody knows is a complaint, never ignored, because in a file
about crises the misspelt line may be the one that counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from bot.reading.complaint import BadFiles, Complaint
from bot.reading.document import Document, Place
from bot.reading.known_keys import known_keys
from bot.reading.model_words import Wish, explained, unmet, wish
from bot.reading.nearest import did_you_mean, listed, nearest

T = TypeVar("T")


def read_as(kind: type[T], document: Document) -> T:
    """`document` as a `kind`: a model, or a list or dict of models. Raises BadFiles with all that is wrong in it."""
    try:
        return TypeAdapter(kind).validate_python(document.value)
    except ValidationError as invalid:
        found = _complaints(kind, document, invalid.errors(include_url=False))
        raise BadFiles(sorted(dict.fromkeys(found), key=lambda c: (c.file, c.line or 0))) from None


def _complaints(kind: object, document: Document, errors: Sequence[ErrorDetails]) -> Iterator[Complaint]:
    misspelt: set[tuple[Place, str]] = set()
    missing: list[tuple[Place, str]] = []
    wishes: dict[Place, list[Wish]] = {}
    for error in errors:
        place = place_of(document, error)
        last = str(error["loc"][-1]) if error["loc"] else ""
        if _long_enough(error):
            continue
        if error["type"] == "missing":
            missing.append((place, last))
        elif error["type"] == "extra_forbidden":
            known = known_keys(kind, error["loc"][:-1])
            misspelt.add((place[:-1], nearest(last, known) or ""))
            yield document.complaint(place, f'There is no key "{last}" here.', did_you_mean(last, known))
        elif (wished := wish(error)) is not None:
            wishes.setdefault(place, []).append(wished)
        else:
            yield document.complaint(place, *explained(error, place))
    # Several at one place are the branches of a union: one sentence for all of them.
    for place, several in wishes.items():
        yield document.complaint(place, *unmet(several, place, document.at(place).value))
    # Who wrote "sya" has been told about "say" already.
    for place, key in missing:
        if (place, key) not in misspelt:
            yield _missing(document, place, key)


def _long_enough(error: ErrorDetails) -> bool:
    """A list whose items are wrong is counted as if they were not there. They have been told about."""
    given = error["input"]
    short = error["type"] == "too_short" and isinstance(given, list)
    return short and len(given) >= error.get("ctx", {}).get("min_length", 0)


def place_of(document: Document, error: ErrorDetails) -> Place:
    """The place an error is about. Its `loc` also names branches of unions and the like, which no file holds."""
    places: dict[Place, None] = {(): None}
    for part in error["loc"]:
        longer = [(*place, part) for place in places if document.holds((*place, part))]
        places.update(dict.fromkeys(longer))
    last = error["loc"][-1] if error["loc"] else None

    def fits(place: Place) -> tuple[bool, bool, int]:
        # What the model was given there tells most: a branch may have the name of a key.
        return document.at(place).value is error["input"], bool(place) and place[-1] == last, len(place)

    best = max(places, key=fits)
    discriminator = str(error.get("ctx", {}).get("discriminator", "")).strip("'")
    return (*best, discriminator) if discriminator and document.holds((*best, discriminator)) else best


def _missing(document: Document, place: Place, key: str) -> Complaint:
    if not place:
        return document.complaint(place, f'This file needs a key "{key}".')
    within = next((f' of "{part}"' for part in reversed(place) if isinstance(part, str)), "")
    what = f"item {place[-1] + 1}{within}" if isinstance(place[-1], int) else listed([place[-1]], "")
    return document.complaint(place, f'The key "{key}" is missing in {what}.')
