"""Reading: a text becomes words that remember where they stood and how long the writer paused before them.

Reading never fails and never loses a word. Its cost grows with the length of the text, whatever the text holds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from flows.risk.fold import Folded, fold
from flows.risk.spelling import Language, Spelling

SOFT: Final = 1  # a comma, a dash: the sentence goes on, but a denial before it has said its piece
HARD: Final = 2  # a full stop, a new line: a new clause

_CHUNK: Final = re.compile(r"\S+|\n")
_PIECE: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*|\.{2,}|[^\w\s]|_")
_DIGITS_OR_LETTERS: Final = re.compile(r"\d+|\D+")
_DISGUISE: Final = re.compile(r"[0-9@$!|+*#_\-.~•×█░€¢§¥£\ufffd]")
_SIGN_IN_A_WORD: Final = re.compile(
    r"[a-z](?:[@$|+€]|!+(?=[a-z@$|+€]))+[a-z@$|+!€]|(?:^|\s)[@$][a-z]+(?:\s|$)|\|[a-z]|[a-z]\|"
)
_DIGIT_IN_A_WORD: Final = re.compile(r"[a-z]\d+[a-z]")
_BESIDE_A_DIGIT: Final = re.compile(r"[a-z]\d|\d[a-z]")
_VOWEL: Final = re.compile(r"[aeio]")
_LINK: Final = re.compile(r"[#@]|https?:|www\.|\w+://")
# Words strung on dots, dashes or slashes, as somebody writes whose space bar is broken, or who hides.
_STRUNG: Final = re.compile(r"(?<![\w'])[^\W_]['\w]*(?:[./,;\\|+~*-]+[^\W_]['\w]*){3,}")
_STRUNG_ALONE: Final = re.compile(r"[^\W_]['\w]*(?:[./,;\\|+~*-][^\W_]['\w]*)+[.!?]*")
_BEADED: Final = re.compile(r"[^\W_](?:([./,;\\|+~_*•·-])[^\W_])(?:\1[^\W_])*[.!?,;:]*")
_BEADS: Final = re.compile(r"(?<!\S)[^\W_](?:([./,;\\|+~_*•·-])[^\W_])(?:\1[^\W_])+(?!\w)")
_APOSTROPHE_MEANT: Final = re.compile(r"[a-z]+[?;\"\ufffd](?:t|m|s|d|re|ve|ll)")
_TAILS: Final = frozenset({"t", "m", "ve", "re"})
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
    folded = fold(text)
    scribe = _Scribe(
        spelling,
        folded,
        bold=_is_bold(folded.text),
        bare=_is_bare(folded.text),
        strung=_is_strung(folded.text),
        beaded=_BEADS.search(folded.text) is not None,
    )
    command = _COMMAND.match(folded.text)
    if command is not None:
        scribe.write(command.group(1), command.start(1), command.end(1))
    for chunk in _CHUNK.finditer(folded.text, command.end() if command else 0):
        scribe.take(chunk.group(), chunk.start())
    return scribe.page()


def _is_bare(text: str) -> bool:
    """Nobody writes a sentence without an a, an e, an i and an o, unless digits stand for them."""
    return _VOWEL.search(text) is None and len(_BESIDE_A_DIGIT.findall(text)) > 1


def _is_bold(text: str) -> bool:
    """Whether signs are inside of words."""
    return _SIGN_IN_A_WORD.search(text) is not None or _DIGIT_IN_A_WORD.search(text) is not None


def _is_strung(text: str) -> bool:
    return _STRUNG.search(text) is not None or _STRUNG_ALONE.fullmatch(text) is not None


@dataclass(slots=True)
class _Scribe:
    """Writes down one page. Lives only while it is being read."""

    spelling: Spelling
    folded: Folded
    bold: bool  # signs stand for letters in this text
    bare: bool  # so do whole numbers
    strung: bool  # a full stop stands for a blank
    beaded: bool  # a word stands letter by letter, with signs in between
    words: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    pauses: list[int] = field(default_factory=list)
    pause: int = 0
    singles: int = 0
    tails: bool = False
    spoken: Language | None = None
    settled: dict[str, Sequence[str]] = field(default_factory=dict)  # people repeat themselves

    def take(self, chunk: str, start: int) -> None:
        """One piece of text without blanks, or a line break."""
        if chunk.isalpha():
            self._take_letters(chunk, range(start, start + len(chunk) + 1))
        elif chunk == "\n":
            self.pause = HARD
        elif not self._undisguise(chunk, start):
            self._take_pieces(chunk, start)

    def write(self, word: str, start: int, end: int) -> None:
        """One word, from `start` to `end` of the folded text."""
        self.words.append(word)
        self.starts.append(self.folded.starts[start])
        self.ends.append(self.folded.ends[end - 1])
        self.pauses.append(self.pause)
        self.pause = 0
        self.singles += len(word) == 1
        self.tails |= word in _TAILS

    def page(self) -> Page:
        """Everything written so far. Letters written one by one are words again."""
        if self.singles >= _FEWEST_SPACED:
            self._join_spaced()
        if self.tails:
            self._join_tails()
        return Page(tuple(self.words), tuple(self.starts), tuple(self.ends), tuple(self.pauses))

    def _undisguise(self, chunk: str, start: int) -> bool:
        """A chunk with signs in it that is one word."""
        if chunk in self.spelling.kept and not (self.bare and chunk.isdigit()):
            self.write(chunk, start, start + len(chunk))
            return True
        core = chunk.rstrip(_ENDS)
        word = self._behind(core) if _DISGUISE.search(core) else None
        if word is None and (self.bold or self.bare) and chunk in ("!", "|", "1"):
            core, word = chunk, "i" if self.bare or chunk != "1" else None
        if word is None:
            return False
        self.write(word, start, start + len(core))
        self._take_pieces(chunk[len(core) :], start + len(core))
        return True

    def _behind(self, core: str) -> str | None:
        if core.isdigit() and not self.bare:
            return None
        return self.spelling.undisguised(core, bold=self.bare or (self.bold and not core.lstrip("$+").isdigit()))

    def _take_pieces(self, chunk: str, start: int) -> None:
        if self._take_beads(chunk, start) or self._apostrophe_meant(chunk, start):
            return
        link = _LINK.match(chunk) is not None
        for piece in _PIECE.finditer(chunk):
            sign = piece.group()
            if sign[0].isalnum():
                self._take_word(sign, start + piece.start(), link=link)
            elif sign == "-" and len(chunk) > 1:
                continue  # self-harm is one thing; only a dash between blanks is a pause
            elif sign in _PAUSES or len(sign) > 1:
                self._pause(_PAUSES.get(sign, SOFT), ends_chunk=piece.end() == len(chunk))
            elif unicodedata.category(sign) == "So":  # pictures speak too
                self.write(sign, start + piece.start(), start + piece.end())

    def _pause(self, length: int, *, ends_chunk: bool) -> None:
        if ends_chunk or not self.strung:
            self.pause = max(self.pause, length)

    def _take_beads(self, chunk: str, start: int) -> bool:
        """`k.i.l.l` and `h-e-l-p`, if it spells words."""
        if not self.beaded or _BEADED.fullmatch(chunk) is None:
            return False
        places = [start + place for place, letter in enumerate(chunk) if letter.isalnum()]
        words = self.spelling.apart(chunk[::2][: len(places)], self._spoken())
        if not all(word in self.spelling.kept for word in words):
            return False
        self._write_all(words, [*places, places[-1] + 1])
        self._take_pieces(chunk[2 * len(places) - 1 :], start + 2 * len(places) - 1)
        return True

    def _apostrophe_meant(self, chunk: str, start: int) -> bool:
        """`don;t` and `don?t`: the key beside the apostrophe, or what a program put in its place."""
        core = chunk.rstrip(_ENDS)
        if _APOSTROPHE_MEANT.fullmatch(core) is None:
            return False
        word = "".join(filter(str.isalpha, core))
        if word not in self.spelling.words.known:
            return False
        self.write(word, start, start + len(core))
        self._take_pieces(chunk[len(core) :], start + len(core))
        return True

    def _take_word(self, word: str, start: int, *, link: bool) -> None:
        end = start + len(word)
        if link or word.isdigit():
            self.write(word, start, end)
        elif word.isalpha():
            self._take_letters(word, range(start, end + 1))
        elif "'" in word:
            places = [start + place for place, letter in enumerate(word) if letter != "'"]
            self._take_letters(word.replace("'", ""), [*places, end])
        else:
            for part in _DIGITS_OR_LETTERS.finditer(word):
                self._take_letters(part.group(), range(start + part.start(), start + part.end() + 1))

    def _take_letters(self, letters: str, places: Sequence[int]) -> None:
        """Letters without a sign between them: a word, or several that were written together."""
        if letters in self.spelling.kept:
            self.write(letters, places[0], places[-1])
            return
        words = self.settled.get(letters)
        if words is None:
            words = self.settled[letters] = self.spelling.apart(letters, self._spoken())
        self._write_all(words, places)

    def _spoken(self) -> Language:
        """The language that most of the words are of. Looked at only where a word is in doubt."""
        if self.spoken is None:
            self.spoken = self.spelling.spoken(self.folded.text.split())
        return self.spoken

    def _write_all(self, words: Sequence[str], places: Sequence[int]) -> None:
        """Words that were written together, whose letters stand at these places."""
        if len(words) == 1:
            self.write(words[0], places[0], places[-1])
            return
        stop = 0
        for word in words:
            self.write(word, places[stop], places[stop + len(word) - 1] + 1)
            stop += len(word)

    def _join_spaced(self) -> None:
        """`k i l l` and `k.i.l.l` are one word. Any other run of single letters stays as it is."""
        old, self.words, self.starts, self.ends, self.pauses = self._emptied()
        place = 0
        while place < len(old.words):
            stop = _end_of_run(old, place)
            spelt = self._spelt(old, place, stop) if stop - place >= _FEWEST_SPACED else None
            stop = max(stop, place + 1)
            for word, size in spelt or [(word, 1) for word in old.words[place:stop]]:
                self._copy(old, word, place, place + size)
                place += size

    def _spelt(self, old: Page, start: int, stop: int) -> Sequence[tuple[str, int]] | None:
        """The words that single letters spell, each with the number of its letters."""
        return self._spelt_by_gaps(old, start, stop) or self._spelt_through("".join(old.words[start:stop]))

    def _spelt_by_gaps(self, old: Page, start: int, stop: int) -> Sequence[tuple[str, int]] | None:
        """Where a wider gap parts the words, each must be one."""
        gaps = [old.starts[place] - old.ends[place - 1] for place in range(start + 1, stop)]
        narrow = min(gaps)
        cuts = [start, *(place for place, gap in enumerate(gaps, start + 1) if gap > narrow), stop]
        groups = [("".join(old.words[one:other]), other - one) for one, other in pairwise(cuts)]
        spelt = [(self.spelling.settle(letters, self._spoken()), size) for letters, size in groups]
        kept = self.spelling.kept
        real = any(len(word) >= _FEWEST_SPACED for word, _ in spelt)
        return spelt if real and all(word in kept or word.isdigit() for word, _ in spelt) else None

    def _spelt_through(self, letters: str) -> Sequence[tuple[str, int]] | None:
        words: list[tuple[str, int]] = []
        for part in _DIGITS_OR_LETTERS.findall(letters):
            spelt = [part] if part.isdigit() else self.spelling.spelt(part)
            if spelt is None:
                return None
            words += [(spelt[0], len(part))] if len(spelt) == 1 else [(word, len(word)) for word in spelt]
        return words

    def _join_tails(self) -> None:
        """`don t` and `i m`: the apostrophe became a blank."""
        old, self.words, self.starts, self.ends, self.pauses = self._emptied()
        for place, word in enumerate(old.words):
            whole = self.words[-1] + word if word in _TAILS and self.words and not old.pauses[place] else ""
            if whole in self.spelling.words.known and (whole[0] == "i" or whole[-2:] in ("nt", "ve", "re")):
                self.words[-1], self.ends[-1] = whole, old.ends[place]
            else:
                self._copy(old, word, place, place + 1)

    def _emptied(self) -> tuple[Page, list[str], list[int], list[int], list[int]]:
        return Page(self.words, self.starts, self.ends, self.pauses), [], [], [], []

    def _copy(self, old: Page, word: str, place: int, stop: int) -> None:
        self.words.append(word)
        self.starts.append(old.starts[place])
        self.ends.append(old.ends[stop - 1])
        self.pauses.append(old.pauses[place])


def _end_of_run(page: Page, place: int) -> int:
    """Where the run of single letters that starts at `place` ends."""
    stop = place
    furthest = min(len(page.words), place + _LONGEST_RUN)
    while stop < furthest and len(page.words[stop]) == 1 and page.words[stop].isalnum():
        if stop > place and page.starts[stop] - page.ends[stop - 1] > _WIDEST_SPACE:
            break
        stop += 1
    return stop
