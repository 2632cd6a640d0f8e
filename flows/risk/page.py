"""Reading: a text becomes words that remember where they stood and how long the writer paused before them.

Reading never fails and never loses a word. Its cost grows with the length of the text, whatever the text holds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Final

from flows.risk.fold import Folded, fold
from flows.risk.spelling import Language, Spelling

SOFT: Final = 1  # a comma, a dash: the sentence goes on, but a denial before it has said its piece
HARD: Final = 2  # a full stop, a new line: a new clause

# Most messages hold nothing but letters, apostrophes, and signs at the ends of words.
_ODD: Final = re.compile(r"[^a-z\s'.,!?]|[.,!?]['a-z]|(?<![a-z])'")
_CHUNK: Final = re.compile(r"([a-z]+(?:'[a-z]+)*)([.,!?]*)(?!\S)|\S+|\n")
_PIECE: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*|\.{2,}|[^\w\s]|_")
_DIGITS_OR_LETTERS: Final = re.compile(r"\d+|\D+")
_DISGUISE: Final = re.compile(r"[0-9@$!|+*#_\-.~•×█░€¢§¥£\ufffd]")
_SIGN_IN_A_WORD: Final = re.compile(
    r"[a-z](?:[@$|+€]|!+(?=[a-z@$|+€]))+[a-z@$|+!€]|(?:^|\s)[@$][a-z]+(?:\s|$)|\|[a-z]|[a-z]\|"
)
_DIGIT_IN_A_WORD: Final = re.compile(r"[a-z]\d+[a-z]")
_BESIDE_A_DIGIT: Final = re.compile(r"[a-z]\d|\d[a-z]")
_VOWEL: Final = re.compile(r"[aeio]")
_LINK: Final = re.compile(r"\w{2,12}://|www\.\w")
_TAG: Final = re.compile(r"[#@]")
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
    doubts: Mapping[int, Sequence[str]] = field(default_factory=dict)  # by start: what else a word may have been

    def other_readings(self) -> Iterator[Page]:
        """The same text with the second, and with the third likeliest word wherever one is in doubt."""
        for place in range(max(map(len, self.doubts.values()), default=0)):
            words = tuple(self._other(start, word, place) for start, word in zip(self.starts, self.words, strict=True))
            yield Page(words, self.starts, self.ends, self.pauses)

    def _other(self, start: int, word: str, place: int) -> str:
        others = self.doubts.get(start, ())
        return others[place] if place < len(others) else word


def read(text: str, spelling: Spelling) -> Page:
    """The words of `text`, in their plain form."""
    folded = fold(text)
    scribe = _Scribe(spelling, spelling.kept, folded)
    start = 0
    if _ODD.search(folded.text) is not None:
        start = scribe.look_for_oddities()
    for chunk in _CHUNK.finditer(folded.text, start):
        scribe.take(chunk)
    return scribe.page()


@lru_cache(maxsize=256)
def _length(signs: str) -> int:
    """How long the pause of these full stops, commas and the like is."""
    if len(signs) > 1 and not signs.strip("."):
        return SOFT
    return max(_PAUSES.get(sign, 0) for sign in signs)


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
    kept: frozenset[str]
    folded: Folded
    bold: bool = False  # signs stand for letters in this text
    bare: bool = False  # so do whole numbers
    strung: bool = False  # a full stop stands for a blank
    beaded: bool = False  # a word stands letter by letter, with signs in between
    words: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    pauses: list[int] = field(default_factory=list)
    pause: int = 0
    singles: int = 0
    spoken: Language | None = None
    # People repeat themselves.
    settled: dict[str, Sequence[str]] = field(default_factory=dict)
    behind: dict[str, str | None] = field(default_factory=dict)
    others: dict[str, Sequence[str]] = field(default_factory=dict)
    doubts: dict[int, Sequence[str]] = field(default_factory=dict)
    through: dict[str, Sequence[tuple[str, int]] | None] = field(default_factory=dict)

    def look_for_oddities(self) -> int:
        """How this text is written, if not in words and blanks alone. Returns where its words start."""
        text = self.folded.text
        self.bold, self.bare = _is_bold(text), _is_bare(text)
        self.strung, self.beaded = _is_strung(text), _BEADS.search(text) is not None
        command = _COMMAND.match(text)
        if command is None:
            return 0
        self.write(command.group(1), command.start(1), command.end(1))
        return command.end()

    def take(self, chunk: re.Match[str]) -> None:
        """One piece of text without blanks, or a line break. Most of them by far are a word and what ends it."""
        word, signs = chunk.group(1, 2)
        if word is None:
            self._take_chunk(chunk.group(), chunk.start())
            return
        start = chunk.start()
        if word in self.kept:  # written here and now, because nearly every word is one of these
            self.words.append(word)
            self.starts.append(self.folded.starts[start])
            self.ends.append(self.folded.ends[start + len(word) - 1])
            self.pauses.append(self.pause)
            self.pause = 0
            self.singles += len(word) == 1
        elif "'" in word:
            self._take_with_apostrophe(word, start)
        else:
            self._take_letters(word, range(start, start + len(word) + 1))
        if signs:
            self.pause = _length(signs)

    def _take_chunk(self, chunk: str, start: int) -> None:
        if chunk == "\n":
            self.pause = HARD
        elif chunk.isalpha():
            self._take_letters(chunk, range(start, start + len(chunk) + 1))
        elif _LINK.match(chunk) is not None:
            self.write(chunk, start, start + len(chunk))  # an address is nobody's words
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

    def page(self) -> Page:
        """Everything written so far. Letters written one by one are words again."""
        if self.singles >= _FEWEST_SPACED:
            self._join_spaced()
        if not _TAILS.isdisjoint(self.words):
            self._join_tails()
        return Page(tuple(self.words), tuple(self.starts), tuple(self.ends), tuple(self.pauses), self.doubts)

    def _undisguise(self, chunk: str, start: int) -> bool:
        """A chunk with signs in it that is one word."""
        if chunk in self.kept and not (self.bare and chunk.isdigit()):
            self.write(chunk, start, start + len(chunk))
            return True
        core = chunk.rstrip(_ENDS)
        if core not in self.behind:
            self.behind[core] = self._behind(core) if _DISGUISE.search(core) else None
        word = self.behind[core]
        if word is None and (self.bold or self.bare) and chunk in ("!", "|", "1"):
            core, word = chunk, "i" if self.bare or chunk != "1" else None
        if word is None:
            return False
        self._doubt(core, word, start)
        self.write(word, start, start + len(core))
        self._take_pieces(chunk[len(core) :], start + len(core))
        return True

    def _doubt(self, written: str, word: str, start: int) -> None:
        """Remember what else was perhaps meant."""
        if written not in self.others:
            self.others[written] = self.spelling.others(written, word, self._spoken())
        if self.others[written]:
            self.doubts[self.folded.starts[start]] = self.others[written]

    def _behind(self, core: str) -> str | None:
        if core.isdigit() and not self.bare:
            return None
        return self.spelling.undisguised(core, bold=self.bare or (self.bold and not core.lstrip("$+").isdigit()))

    def _take_pieces(self, chunk: str, start: int) -> None:
        if self._take_beads(chunk, start) or self._apostrophe_meant(chunk, start):
            return
        tag = _TAG.match(chunk) is not None
        for piece in _PIECE.finditer(chunk):
            sign = piece.group()
            if sign[0].isalnum():
                self._take_word(sign, start + piece.start(), tag=tag)
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
        letters = chunk[::2][: len(places)]
        words = self.spelling.apart(letters, self._spoken())
        if not all(word in self.kept for word in words):
            return False
        self._write_all(letters, words, [*places, places[-1] + 1])
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

    def _take_word(self, word: str, start: int, *, tag: bool = False) -> None:
        end = start + len(word)
        if tag or word.isdigit():
            self.write(word, start, end)
        elif word.isalpha():
            self._take_letters(word, range(start, end + 1))
        elif "'" in word:
            self._take_with_apostrophe(word, start)
        else:
            for part in _DIGITS_OR_LETTERS.finditer(word):
                self._take_letters(part.group(), range(start + part.start(), start + part.end() + 1))

    def _take_with_apostrophe(self, word: str, start: int) -> None:
        letters = word.replace("'", "")
        if letters in self.kept:
            self.write(letters, start, start + len(word))
        else:
            places = [start + place for place, letter in enumerate(word) if letter != "'"]
            self._take_letters(letters, [*places, start + len(word)])

    def _take_letters(self, letters: str, places: Sequence[int]) -> None:
        """Letters without a sign between them: a word, or several that were written together."""
        if letters in self.kept:
            self.write(letters, places[0], places[-1])
            return
        words = self.settled.get(letters)
        if words is None:
            words = self.settled[letters] = self.spelling.apart(letters, self._spoken())
        self._write_all(letters, words, places)

    def _spoken(self) -> Language:
        """The language that most of the words are of. Looked at only where a word is in doubt."""
        if self.spoken is None:
            self.spoken = self.spelling.spoken(self.folded.text.split())
        return self.spoken

    def _write_all(self, letters: str, words: Sequence[str], places: Sequence[int]) -> None:
        """Words that were written together, whose letters stand at these places."""
        if len(words) == 1:
            if words[0] != letters:
                self._doubt(letters, words[0], places[0])
            self.write(words[0], places[0], places[-1])
            return
        stop = 0
        for word in words:
            self.write(word, places[stop], places[stop + len(word) - 1] + 1)
            stop += len(word)

    def _join_spaced(self) -> None:
        """`k i l l` and `k.i.l.l` are one word. Any other run of single letters stays as it is."""
        old, self.words, self.starts, self.ends, self.pauses = self._emptied()
        done = 0
        for start, stop in _runs(old):
            spelt = self._spelt(old, start, stop)
            if spelt is None:
                continue
            self._copy_all(old, done, start)
            done = start
            for word, size in spelt:
                self._copy(old, word, done, done + size)
                done += size
        self._copy_all(old, done, len(old.words))

    def _spelt(self, old: Page, start: int, stop: int) -> Sequence[tuple[str, int]] | None:
        """The words that single letters spell, each with the number of its letters."""
        return self._spelt_by_gaps(old, start, stop) or self._remembered("".join(old.words[start:stop]))

    def _remembered(self, letters: str) -> Sequence[tuple[str, int]] | None:
        if letters not in self.through:
            self.through[letters] = self._spelt_through(letters)
        return self.through[letters]

    def _spelt_by_gaps(self, old: Page, start: int, stop: int) -> Sequence[tuple[str, int]] | None:
        """Where a wider gap parts the words, each must be one."""
        gaps = [old.starts[place] - old.ends[place - 1] for place in range(start + 1, stop)]
        narrow = min(gaps)
        cuts = [start, *(place for place, gap in enumerate(gaps, start + 1) if gap > narrow), stop]
        groups = [("".join(old.words[one:other]), other - one) for one, other in pairwise(cuts)]
        spelt = [(self.spelling.settle(letters, self._spoken()), size) for letters, size in groups]
        real = any(len(word) >= _FEWEST_SPACED for word, _ in spelt)
        return spelt if real and all(word in self.kept or word.isdigit() for word, _ in spelt) else None

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
        places = [place for place, word in enumerate(self.words) if word in _TAILS and self._is_tail(place, word)]
        if not places:
            return
        old, self.words, self.starts, self.ends, self.pauses = self._emptied()
        done = 0
        for place in places:
            if place > done:
                self._copy_all(old, done, place - 1)
                self._copy(old, old.words[place - 1] + old.words[place], place - 1, place + 1)
                done = place + 1
        self._copy_all(old, done, len(old.words))

    def _is_tail(self, place: int, tail: str) -> bool:
        whole = self.words[place - 1] + tail if place and not self.pauses[place] else ""
        return whole in self.spelling.words.known and (whole[0] == "i" or whole[-2:] in ("nt", "ve", "re"))

    def _emptied(self) -> tuple[Page, list[str], list[int], list[int], list[int]]:
        return Page(self.words, self.starts, self.ends, self.pauses), [], [], [], []

    def _copy_all(self, old: Page, start: int, stop: int) -> None:
        self.words += old.words[start:stop]
        self.starts += old.starts[start:stop]
        self.ends += old.ends[start:stop]
        self.pauses += old.pauses[start:stop]

    def _copy(self, old: Page, word: str, place: int, stop: int) -> None:
        self.words.append(word)
        self.starts.append(old.starts[place])
        self.ends.append(old.ends[stop - 1])
        self.pauses.append(old.pauses[place])


def _runs(page: Page) -> Iterator[tuple[int, int]]:
    """Where three or more letters or digits stand one by one, none far from the one before it."""
    singles = [place for place, word in enumerate(page.words) if len(word) == 1 and word.isalnum()]
    start = previous = -_WIDEST_SPACE
    for place in [*singles, len(page.words) + 1]:
        if place == previous + 1 and place - start < _LONGEST_RUN and _close(page, previous, place):
            previous = place
            continue
        if previous - start + 1 >= _FEWEST_SPACED:
            yield start, previous + 1
        start = previous = place


def _close(page: Page, previous: int, place: int) -> bool:
    return page.starts[place] - page.ends[previous] <= _WIDEST_SPACE
