"""The pattern language: small enough for a clinician to read aloud, checked when it is read.

    want to die                words, one after the other
    {kill} {self}              a concept: any of its words or phrases
    {any of kill, hurt}        any word of several concepts
    (my|these) pills           one of these, written on the spot
    {i} ... {kill}             up to four words may stand between; `...2` says up to two
    {take} {too_much}? {pills} a question mark: may be there or not
    [start] help [end]         the message starts, or ends, here
    <n> pills                  `<n>` is any number, `<many>` one above five
    {pills} & {counted}        both in one clause, in any order, up to ten words apart
    {alone} + {pills}          both somewhere in the message, in any order, in any clause

Fillers (just, really, so) may always stand between two words. A pattern never reaches across the end of a clause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import permutations, product
from typing import Final

WINDOW: Final = 4
_WIDEST: Final = 10
_MOST_PARTS: Final = 9
_MOST_OPTIONAL: Final = 3
_MOST_TOGETHER: Final = 3
_MOST_APART: Final = 3

_APART: Final = re.compile(r"\s\+\s")
_TOGETHER: Final = re.compile(r"\s&\s")

_TOKEN: Final = re.compile(
    r"\{(?P<concepts>[^{}]*)\}(?P<maybe_concepts>\??)"
    r"|\((?P<words>[^()]*)\)(?P<maybe_words>\??)"
    r"|\.\.\.(?P<gap>\d*)"
    r"|\[(?P<edge>[^\[\]]*)\]"
    r"|(?P<word>[^\s{}()\[\]]+)"
)


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to find: any of these concepts, or any of these phrases, at most `gap` words after the one before."""

    concepts: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    gap: int = 0
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """A pattern as it was written, taken apart."""

    parts: tuple[Part, ...]
    at_start: bool = False
    at_end: bool = False

    def variants(self) -> Iterator[Sentence]:
        """The sentence with and without each of its optional parts."""
        places = [place for place, part in enumerate(self.parts) if part.optional]
        for kept in product((True, False), repeat=len(places)):
            left_out = {place for place, keep in zip(places, kept, strict=True) if not keep}
            yield Sentence(_without(self.parts, left_out), self.at_start, self.at_end)


@cache  # read once by whoever checks the file, and once more when the lexicon is put together
def parse(written: str) -> tuple[tuple[Sentence, ...], ...]:
    """The pattern taken apart: what must be somewhere in the message, and for each of these every way to write it.

    A ValueError says in one sentence what is wrong with it.
    """
    _check_signs(written)
    whole = tuple(tuple(_ways(written, part)) for part in _APART.split(written))
    if len(whole) > _MOST_APART:
        raise ValueError(f"“{written}” has {len(whole)} parts joined by +; at most {_MOST_APART} are possible")
    return whole


def _ways(written: str, clause: str) -> Iterator[Sentence]:
    """What is joined by & in every order."""
    together = [_sentence(part) for part in _TOGETHER.split(clause)]
    if len(together) > _MOST_TOGETHER:
        raise ValueError(f"“{written}” has {len(together)} parts joined by &; at most {_MOST_TOGETHER} are possible")
    if len(together) > 1 and any(part.at_start or part.at_end for part in together):
        raise ValueError(f"“{written}” has [start] or [end] beside &; what comes in any order has no edge")
    for order in permutations(together):
        parts = [part for sentence in order for part in _after_a_gap(sentence.parts)]
        yield from Sentence(tuple(parts), order[0].at_start, order[-1].at_end).variants()


def _after_a_gap(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """These parts, up to ten words after whatever stands before them."""
    return (Part(parts[0].concepts, parts[0].phrases, _WIDEST, parts[0].optional), *parts[1:])


def _sentence(written: str) -> Sentence:
    tokens = list(_TOKEN.finditer(written))
    edges = [token["edge"] for token in tokens if token["edge"] is not None]
    _check_edges(written, edges, tokens)
    parts = tuple(_parts(written, tokens))
    _check_parts(written, parts)
    return Sentence(parts, "start" in edges, "end" in edges)


def _parts(written: str, tokens: list[re.Match[str]]) -> Iterator[Part]:
    gap, seen = 0, False
    for token in tokens:
        if token["gap"] is not None:
            gap = _gap(written, token["gap"])
            if not seen:
                raise ValueError(f"“{written}” starts with “...”; a gap stands between two things")
        elif token["edge"] is None:
            yield _part(written, token, gap)
            gap, seen = 0, True
    if gap:
        raise ValueError(f"“{written}” ends with “...”; a gap stands between two things")


def _part(written: str, token: re.Match[str], gap: int) -> Part:
    if token["concepts"] is not None:
        names = tuple(_listed(token["concepts"].strip().removeprefix("any of "), ","))
        if not names:
            raise ValueError(f"“{written}” has empty braces; write the name of a concept between them")
        return Part(concepts=names, gap=gap, optional=token["maybe_concepts"] == "?")
    if token["words"] is not None:
        phrases = tuple(_listed(token["words"], "|"))
        if not phrases:
            raise ValueError(f"“{written}” has empty brackets; write words between them, parted by |")
        return Part(phrases=phrases, gap=gap, optional=token["maybe_words"] == "?")
    word: str = token["word"]
    return Part(phrases=(word.removesuffix("?"),), gap=gap, optional=word.endswith("?"))


def _gap(written: str, digits: str) -> int:
    words = int(digits) if digits else WINDOW
    if not 0 < words <= _WIDEST:
        raise ValueError(f"“{written}” allows {words} words in between; from 1 to {_WIDEST} are possible")
    return words


def _listed(text: str, by: str) -> Iterator[str]:
    return (item.strip() for item in text.split(by) if item.strip())


def _without(parts: tuple[Part, ...], left_out: set[int]) -> tuple[Part, ...]:
    """A part left out hands its gap on to the next one."""
    kept: list[Part] = []
    gap = 0
    for place, part in enumerate(parts):
        gap = max(gap, part.gap)
        if place not in left_out:
            kept.append(Part(part.concepts, part.phrases, gap if kept else 0))
            gap = 0
    return tuple(kept)


def _check_signs(written: str) -> None:
    for opening, closing in ("{}", "()", "[]"):
        if written.count(opening) != written.count(closing):
            raise ValueError(f"“{written}” has a {opening} or a {closing} too many")


def _check_edges(written: str, edges: list[str], tokens: list[re.Match[str]]) -> None:
    unknown = [edge for edge in edges if edge not in ("start", "end")]
    if unknown:
        raise ValueError(f"“{written}” has [{unknown[0]}]; only [start] and [end] are known")
    if "start" in edges and tokens[0]["edge"] != "start":
        raise ValueError(f"“{written}” has [start] in the middle; it can only come first")
    if "end" in edges and tokens[-1]["edge"] != "end":
        raise ValueError(f"“{written}” has [end] in the middle; it can only come last")


def _check_parts(written: str, parts: tuple[Part, ...]) -> None:
    needed = [part for part in parts if not part.optional]
    if not needed:
        raise ValueError(f"“{written}” asks for nothing that must be there")
    if len(parts) > _MOST_PARTS or len(parts) - len(needed) > _MOST_OPTIONAL:
        raise ValueError(f"“{written}” is too long: at most {_MOST_PARTS} parts, {_MOST_OPTIONAL} of them optional")
