"""Spelling: which known word was meant by a stretched, masked, disguised or mistyped one.

Only words that the lexicon knows are ever the answer. A word that is known, or common, is never taken for another.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, product
from typing import Final

from flows.risk.joined import Joined
from flows.risk.masks import SIGNS, Masks
from flows.risk.slips import LONGEST, Slips
from flows.risk.sounds import SHORTEST, sound

_STRETCHED: Final = re.compile(r"(.)\1\1")
_TWICE: Final = re.compile(r"(.)\1")
_MASKED: Final = re.compile(f"[{re.escape(SIGNS)}]")
_NUMBER_AND_UNIT: Final = re.compile(
    r"\$?\d+(?:am|pm|mg|mgs|mcg|ml|g|kg|lb|lbs|h|hr|hrs|hs|s|m|min|mins|x|th|st|nd|rd|k|yo|ft|in|cm|mm|oz|d)?"
)
_SEVERAL_DIGITS: Final = re.compile(r"[2-9]\d|1[1-9]|\d{3}")
_A_NUMBER_OF: Final = re.compile(r"\d+[a-z]{3,}")
_SIGN_FOR: Final[dict[str, str]] = dict(zip("0345726890@$+€¢§¥£", "oeastzgbgoastecsyl", strict=True)) | {"'": ""}
_DISGUISE: Final = str.maketrans(_SIGN_FOR)
_TWO_WAYS: Final = "1!|"  # an i or an l
_LONGEST_WORD: Final = 24  # the longest word of the lexicon is shorter; a longer one is nobody's typing slip
_MOST_WAYS: Final = 6
_MOST_OTHERS: Final = 2
_SHORTEST_DISGUISED: Final = 3
_SHORTEST_JOINED: Final = 5
_SHORTEST_CORRECTED: Final = 3


Language = frozenset[str]  # all its words
_NO_LANGUAGE: Final[Language] = frozenset()


@dataclass(frozen=True, slots=True)
class Words:
    """What a spelling is made of: the words of the lexicon, and how grave each word of a grave rule is.

    `common` words stand as they are, and `small` ones are the commonest of them; `swear_words` are what a star most
    often hides; those `by_ear` are written as they sound.
    """

    known: frozenset[str] = frozenset()
    grave: Mapping[str, int] = field(default_factory=dict)
    common: frozenset[str] = frozenset()
    swear_words: frozenset[str] = frozenset()
    small: frozenset[str] = frozenset()
    by_ear: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Spelling:
    """Everything that is known about words, in the form in which it is asked for."""

    kept: frozenset[str]
    languages: tuple[Language, ...]
    words: Words
    slips: Slips
    masks: Masks
    joined: tuple[Joined, ...]  # one a language
    sounds: Mapping[str, str]
    squeezed: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, languages: Iterable[Words]) -> Spelling:
        """A spelling that knows the words of all these languages."""
        each = tuple(languages)
        words = _merged(each)
        squeezed: dict[str, list[str]] = defaultdict(list)
        for word in sorted(words.known, key=lambda word: (-len(word), word)):
            squeezed[_squeezed(word)].append(word)
        return cls(
            words.known | words.common,
            tuple(one.known | one.common for one in each),
            words,
            Slips.of(words.known, words.grave, words.small),
            Masks.of(words.known, words.grave, words.swear_words),
            tuple(Joined.of(one.known | one.common, one.common, one.small, words.grave) for one in each),
            {sound(word): word for word in sorted(words.by_ear) if len(word) >= SHORTEST},
            {plain: tuple(some) for plain, some in squeezed.items()},
        )

    def spoken(self, words: Sequence[str]) -> Language:
        """The language that most of these words are of."""
        return max(self.languages, key=lambda language: sum(word in language for word in words), default=_NO_LANGUAGE)

    def settle(self, word: str, spoken: Language = _NO_LANGUAGE) -> str:
        """The known word that `word` stands for, rather one that is `spoken` here than another, or `word` itself."""
        if word in self.kept or not len(word) >= _SHORTEST_CORRECTED:
            return word
        if _STRETCHED.search(word) is not None:
            return self._unstretched(word, spoken)
        if len(word) > LONGEST + 1:
            return word
        return self._by_ear(word) or self._slipped(word, spoken) or self._struck_twice(word) or word

    def apart(self, word: str, spoken: Language = _NO_LANGUAGE) -> list[str]:
        """The words in `word` where several were written together, otherwise only the one that it stands for."""
        settled = self.settle(word, spoken)
        if settled in self.kept or len(word) < _SHORTEST_JOINED:
            return [settled]
        cuts = (cut for joined in self.joined if (cut := joined.apart(word)) is not None)
        return min(cuts, key=len, default=[settled])

    def others(self, written: str, word: str, spoken: Language) -> Sequence[str]:
        """What else of a grave rule `written` may stand for than `word`: the two likeliest."""
        masked = _MASKED.search(written) is not None
        fitting = self.masks.fitting(written) if masked else self.slips.fitting(written, spoken)
        return [other for other in fitting if other != word and other in self.words.grave][:_MOST_OTHERS]

    def spelt(self, letters: str) -> list[str] | None:
        """The words that letters written one by one spell, or None if they are only initials."""
        whole = self.settle(letters)
        if whole in self.kept and len(letters) >= _SHORTEST_DISGUISED:
            return [whole]
        cuts = (cut for joined in self.joined if (cut := joined.spelt(letters)) is not None)
        return min(cuts, key=len, default=None)

    def undisguised(self, chunk: str, *, bold: bool = False) -> str | None:
        """The word behind digits, symbols or masking signs (`k1ll`, `$uicide`, `k*ll`), or None.

        `bold` is for a text of which it is known that signs stand for letters: there, `70` is a `to`.
        """
        if len(chunk) > _LONGEST_WORD:
            return None
        if _MASKED.search(chunk):
            return next(iter(self.masks.fitting(chunk)), None)
        if not bold and (len(chunk) < _SHORTEST_DISGUISED or _NUMBER_AND_UNIT.fullmatch(chunk)):
            return None
        return self._letters_for_signs(chunk, bold=bold)

    def _slipped(self, word: str, spoken: Language) -> str | None:
        return next(iter(self.slips.fitting(word, spoken)), None)

    def _by_ear(self, word: str) -> str | None:
        return self.sounds.get(sound(word)) if len(word) >= SHORTEST and self.sounds else None

    def _unstretched(self, word: str, spoken: Language) -> str:
        plain = _squeezed(word)
        if len(plain) > _LONGEST_WORD:
            return word
        if (meant := self._longest_in(word, plain)) is not None:
            return meant
        return plain if plain in self.kept else self._slipped(plain, spoken) or self._by_ear(plain) or word

    def _struck_twice(self, word: str) -> str | None:
        """A short word with a letter struck twice: `diee`."""
        meant = (
            self._longest_in(word, _squeezed(word)) if len(word) > _SHORTEST_CORRECTED and _TWICE.search(word) else None
        )
        return meant if meant in self.words.grave else None

    def _longest_in(self, word: str, plain: str) -> str | None:
        """The known word that needs no more of any letter than there is in `word`."""
        runs = [len(list(run)) for _, run in groupby(word)]
        for known in self.squeezed.get(plain, ()):
            if all(len(list(run)) <= there for (_, run), there in zip(groupby(known), runs, strict=True)):
                return known
        return None

    def _letters_for_signs(self, chunk: str, *, bold: bool) -> str | None:
        shown = sum("a" <= sign <= "z" for sign in chunk)
        unsure = sum(sign in _TWO_WAYS for sign in chunk)
        if unsure > _MOST_WAYS or not (shown or bold):
            return None
        readings = list(_readings(chunk.translate(_DISGUISE)))
        kept = [word for word in readings if word in self.kept]
        if kept:
            return max(kept, key=lambda word: (word in self.words.known, self.words.grave.get(word, 0)))
        if shown and not _A_NUMBER_OF.fullmatch(chunk) and chunk[0] != "@":
            settled = (self.settle(word) for word in readings)
            one_word = bold and _SEVERAL_DIGITS.search(chunk) is None
            return next((word for word in settled if word in self.words.known), readings[0] if one_word else None)
        return None


def _readings(plain: str) -> Iterator[str]:
    """Every way to read the signs that stand for one letter or another."""
    places = [place for place, sign in enumerate(plain) if sign in _TWO_WAYS]
    if not places:
        yield plain
        return
    for letters in product("il", repeat=len(places)):
        reading = list(plain)
        for place, letter in zip(places, letters, strict=True):
            reading[place] = letter
        yield "".join(reading)


def _squeezed(word: str) -> str:
    return "".join(letter for letter, _ in groupby(word))


def _merged(several: Sequence[Words]) -> Words:
    """The words of several languages together; where they differ about a word, the graver one is right."""
    grave: dict[str, int] = {}
    for words in several:
        for word, rank in words.grave.items():
            grave[word] = max(rank, grave.get(word, 0))
    return Words(
        grave=grave,
        known=frozenset().union(*(words.known for words in several)),
        common=frozenset().union(*(words.common for words in several)),
        small=frozenset().union(*(words.small for words in several)),
        swear_words=frozenset().union(*(words.swear_words for words in several)),
        by_ear=frozenset().union(*(words.by_ear for words in several)),
    )
