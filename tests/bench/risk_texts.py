"""What is read when reading is measured: messages of eighty characters, and a hundred kilobytes of one and the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle
from random import Random

from tests.unit.risk.alterations import ALMOST, SAME
from tests.unit.risk.shipped import sentences

ORDINARY = sentences("none")
WORRYING = sentences("emergency") + sentences("urgent")
LENGTH = 80
#: How chat goes on, written for this: eighty characters or so each.
CHAT = (
    "hey are we still on for group thursday? i might be ten minutes late because of work",
    "the bus was late again and i forgot my lunch so today is going just great so far lol",
    "my sister is visiting this weekend, we might cook something and watch a movie later",
    "slept ok, maybe six hours. woke up once to feed the cat and then went back to sleep",
    "can you remind me what page of the workbook we were supposed to read for next week?",
    "i walked to the park after dinner like we talked about and it was actually kind of nice",
    "work was stressful today but i used the breathing thing before the meeting, it helped",
    "no puedo ir a la sesion del martes porque tengo que cuidar a mis hijos, perdon por avisar",
    "hoy dormi mejor que ayer, creo que apagar el telefono antes de acostarme si me ayuda",
    "thanks for checking in. nothing new here, just tired and ready for the weekend to come",
)


def messages() -> list[str]:
    """Messages of about eighty characters: chat, and among it, as seldom as can be, what must be heard."""
    worrying = [text for text in WORRYING if len(text) >= LENGTH // 2][:2]
    return [*CHAT, *CHAT, *worrying]


def _long(pieces: list[str], between: str) -> Callable[[int], str]:
    return lambda size: "".join(_until(size, pieces, between))[:size]


def _until(size: int, pieces: list[str], between: str) -> Iterator[str]:
    written = 0
    for piece in cycle(pieces):
        yield piece + between
        written += len(piece) + len(between)
        if written >= size:
            return


def _altered(way: str) -> list[str]:
    return [(SAME | ALMOST)[way](text, Random(text)) for text in WORRYING]


_LETTERS = Random(1).choices("abcdefghijklmnopqrstuvwxyz", k=997)

LONG: dict[str, Callable[[int], str]] = {
    "ordinary chat": _long(ORDINARY, ". "),
    "crisis phrases": _long(WORRYING, ". "),
    "crisis phrases, no full stop": _long(WORRYING, " "),
    "denials": _long(["i am not going to kill myself"], ". "),
    "one letter, again and again": _long(["a"], " "),
    "single letters": _long(_LETTERS, " "),
    "spaced letters": _long(_altered("spaced"), "   "),
    "masked letters": _long(_altered("asterisk in every word"), " "),
    "joined words": _long(_altered("no blanks"), " "),
    "one word without end": _long(_altered("no blanks"), ""),
    "leet": _long(_altered("leet digits"), " "),
    "emoji": lambda size: "🆘💊😭" * (size // len("🆘💊😭".encode())),
    "combining marks": lambda size: _long(_altered("strike-through"), " ")(size * 2 // 3),  # two bytes each
}
