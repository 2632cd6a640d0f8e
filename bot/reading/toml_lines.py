"""In which line does each key of a TOML file stand?

tomllib keeps no lines. This walks over text that tomllib has already accepted, so it need not doubt anything: it only
skips what is no key and counts.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator

from bot.reading.document import Place

_KEY = r"""(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)"""
DOTTED = re.compile(rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*")
AROUND = {sign: re.compile(rf"[ \t]*{re.escape(sign)}[ \t]*") for sign in ("=", "[", "[[", "]", "]]")}
BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
COMMA = re.compile(rf"{BLANK.pattern},?{BLANK.pattern}")
# Long quotes first: up to two quotes may stand right before the closing three. Last what needs no quotes.
SCALAR = re.compile(
    r"""\"{3}(?:\\.|[^\\])*?\"{3,5}(?!\")|'{3}.*?'{3,5}(?!')|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^,\]}#\n]+""",
    re.DOTALL,
)


def lines_of(text: str) -> dict[Place, int]:
    """The line of every key and every list item of `text`, which tomllib must have accepted."""
    walk = _Walk(text)
    walk.all()
    return walk.lines


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text
        self.lines: dict[Place, int] = {}
        self.position = 0
        self.line_ends = [found.start() for found in re.finditer("\n", text)]
        self.headings: dict[Place, int] = {}  # how many [[headings]] each list has had so far

    def all(self) -> None:
        table: Place = ()
        self.take(BLANK)
        while self.position < len(self.text):
            if self.sees("[["):
                table = self.heading("[[", "]]")
            elif self.sees("["):
                table = self.heading("[", "]")
            else:
                self.pair(table)
            self.take(BLANK)

    def heading(self, opening: str, closing: str) -> Place:
        line = self.line()
        self.take(AROUND[opening])
        *above, last = self.keys()
        self.take(AROUND[closing])
        place: Place = (*self.way((), above, line), last)
        if opening == "[[":
            self.lines.setdefault(place, line)
            index = self.headings.get(place, 0)
            self.headings[place] = index + 1
            place = (*place, index)
        self.lines[place] = line
        return place

    def pair(self, table: Place) -> None:
        line = self.line()
        *above, last = self.keys()
        self.take(AROUND["="])
        place = (*self.way(table, above, line), last)
        self.lines[place] = line
        self.value(place)

    def way(self, place: Place, keys: list[str], line: int) -> Place:
        """The place of `keys` below `place`; in a list of tables, that of its latest table."""
        for key in keys:
            place = (*place, key)
            self.lines.setdefault(place, line)
            if place in self.headings:
                place = (*place, self.headings[place] - 1)
        return place

    def value(self, place: Place) -> None:
        if self.sees("["):
            for index in self.items("]"):
                self.lines[(*place, index)] = self.line()
                self.value((*place, index))
        elif self.sees("{"):
            for _ in self.items("}"):
                self.pair(place)
        else:
            self.take(SCALAR)

    def items(self, closing: str) -> Iterator[int]:
        """Stops in front of each item of a list or an inline table; whoever asked walks over it."""
        self.position += 1
        self.take(BLANK)
        index = 0
        while not self.sees(closing):
            yield index
            index += 1
            self.take(COMMA)
        self.position += 1

    def keys(self) -> list[str]:
        return _unquoted(self.take(DOTTED))

    def sees(self, sign: str) -> bool:
        return self.text.startswith(sign, self.position)

    def take(self, what: re.Pattern[str]) -> str:
        found = what.match(self.text, self.position)
        if found is None:
            raise ValueError(f"cannot be read (at line {self.line()})")
        self.position = found.end()
        return found.group()

    def line(self) -> int:
        return bisect_left(self.line_ends, self.position) + 1


def _unquoted(dotted: str) -> list[str]:
    """`a."b c"` as tomllib understands it."""
    keys: list[str] = []
    inner: object = tomllib.loads(f"{dotted} = 0")
    while isinstance(inner, dict):
        key, inner = next(iter(inner.items()))
        keys.append(key)
    return keys
