"""Reading: a text becomes words that remember where they stood and how long the writer paused before them.

Reading never fails and never loses a word. Its cost grows with the length of the text, whatever the text holds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from flows.risk.fold import fold
from flows.risk.spelling import Spelling

SOFT: Final = 1  # a comma, a dash: the sentence goes on, but a denial before it has said its piece
HARD: Final = 2  # a full stop, a new line: a new clause

_CHUNK: Final = re.compile(r"\S+|\n")
_PIECE: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*|\.{2,}|[^\w\s]|_")
_DIGITS_OR_LETTERS: Final = re.compile(r"\d+|\D+")
_DISGUISE: Final = re.compile(r"[0-9@$!|+*#_\-.~]")
_COMMAND: Final = re.compile(r"\s*([!/]help)\b")
_ENDS: Final = ".,!?;:)'\""
_PAUSES: Final[Mapping[str, int]] = dict.fromkeys(".!?;", HARD) | dict.fromkeys(',:-—–()/"[]“”«»¿¡', SOFT)
_FEWEST_SPACED: Final = 3
_WIDEST_SPACE: Final = 3
_LONGEST_RUN: Final = 120


@dataclass(frozen=True, slots=True)
class Page:
    """A text as words. `starts` and `ends` point into the text as written; `pauses[i]` is the pause before word i."""

    words: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]
    pauses: Sequence[int]


def read(text: str, spelling: Spelling) -> Page:
    """The words of `text`, in their plain form."""
    folded, places = fold(text)
    scribe = _Scribe(spelling, places)
    command = _COMMAND.match(folded)
    if command is not None:
        scribe.write(command.group(1), command.start(1), command.end(1))
    for chunk in _CHUNK.finditer(folded, command.end() if command else 0):
        scribe.take(chunk.group(), chunk.start())
    return scribe.page()


@dataclass(slots=True)
class _Scribe:
    """Writes down one page. Lives only while it is being read."""

    spelling: Spelling
    places: Sequence[int]
    words: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    pauses: list[int] = field(default_factory=list)
    pause: int = 0
    singles: int = 0

    def take(self, chunk: str, start: int) -> None:
        """One piece of text without blanks, or a line break."""
        if chunk.isalpha():
            self.write(self.spelling.settle(chunk), start, start + len(chunk))
        elif chunk == "\n":
            self.pause = HARD
        elif not self._undisguise(chunk, start):
            self._take_pieces(chunk, start)

    def write(self, word: str, start: int, end: int) -> None:
        """One word, from `start` to `end` of the folded text."""
        self.words.append(word)
        self.starts.append(self.places[start])
        self.ends.append(self.places[end - 1] + 1)
        self.pauses.append(self.pause)
        self.pause = 0
        self.singles += len(word) == 1

    def page(self) -> Page:
        """Everything written so far. Letters written one by one are words again."""
        if self.singles >= _FEWEST_SPACED:
            self._join_spaced()
        return Page(tuple(self.words), tuple(self.starts), tuple(self.ends), tuple(self.pauses))

    def _undisguise(self, chunk: str, start: int) -> bool:
        core = chunk.rstrip(_ENDS)
        if _DISGUISE.search(core) is None or (word := self.spelling.undisguised(core)) is None:
            return False
        self.write(word, start, start + len(core))
        self._take_pieces(chunk[len(core) :], start + len(core))
        return True

    def _take_pieces(self, chunk: str, start: int) -> None:
        for piece in _PIECE.finditer(chunk):
            sign = piece.group()
            if sign[0].isalnum():
                self._take_word(sign, start + piece.start())
            elif sign == "-" and len(chunk) > 1:
                continue  # self-harm is one thing; only a dash between blanks is a pause
            elif sign in _PAUSES or len(sign) > 1:
                self.pause = max(self.pause, _PAUSES.get(sign, SOFT))
            elif unicodedata.category(sign) == "So":  # pictures speak too
                self.write(sign, start + piece.start(), start + piece.end())

    def _take_word(self, word: str, start: int) -> None:
        end = start + len(word)
        if word.isalpha() or word.isdigit():
            self.write(self.spelling.settle(word), start, end)
        elif "'" in word:
            self.write(self.spelling.settle(word.replace("'", "")), start, end)
        else:
            for part in _DIGITS_OR_LETTERS.finditer(word):
                self.write(self.spelling.settle(part.group()), start + part.start(), start + part.end())

    def _join_spaced(self) -> None:
        """`k i l l` and `k.i.l.l` are one word. Any other run of single letters stays as it is."""
        old, self.words, self.starts, self.ends, self.pauses = self._emptied()
        place = 0
        while place < len(old.words):
            stop = _end_of_run(old, place)
            letters = "".join(old.words[place:stop])
            spelt = self.spelling.words_in(letters) if stop - place >= _FEWEST_SPACED else None
            stop = max(stop, place + 1)
            for word, size in _sized(old.words[place:stop], spelt):
                self._copy(old, word, place, place + size)
                place += size

    def _emptied(self) -> tuple[Page, list[str], list[int], list[int], list[int]]:
        return Page(self.words, self.starts, self.ends, self.pauses), [], [], [], []

    def _copy(self, old: Page, word: str, place: int, stop: int) -> None:
        self.words.append(word)
        self.starts.append(old.starts[place])
        self.ends.append(old.ends[stop - 1])
        self.pauses.append(old.pauses[place])


def _sized(as_they_are: Sequence[str], spelt: Sequence[str] | None) -> Iterable[tuple[str, int]]:
    """Each word with the number of written words it was made from."""
    if spelt is None:
        return ((word, 1) for word in as_they_are)
    return ((word, len(word)) for word in spelt)


def _end_of_run(page: Page, place: int) -> int:
    """Where the run of single letters that starts at `place` ends."""
    stop = place
    furthest = min(len(page.words), place + _LONGEST_RUN)
    while stop < furthest and len(page.words[stop]) == 1 and page.words[stop].isalpha():
        if stop > place and page.starts[stop] - page.ends[stop - 1] > _WIDEST_SPACE:
            break
        stop += 1
    return stop
