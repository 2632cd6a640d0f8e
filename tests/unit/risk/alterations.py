# ruff: noqa: RUF001  (this file is about characters that look alike)
"""What phones, programs and people do to a sentence without meaning anything else by it."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from flows.risk import CommonFile
from flows.risk.fold import fold
from flows.risk.sounds import sound
from tests.unit.risk.shipped import FILES

COMMON = frozenset(
    word
    for file in FILES.values()
    if isinstance(file, CommonFile)
    for word in f"{file.commonest_words} {file.common_words}".split()
)
COMMON_SOUNDS = frozenset(map(sound, COMMON))
Alteration = Callable[[str, Random], str]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _table(alike: str) -> dict[int, str]:
    return str.maketrans({latin: other for latin, other in zip(LETTERS, alike, strict=True) if other != "."})


CYRILLIC = _table("аЬсԁеғԍһіј.ӏмпорԛгѕтцѵшхуᴢ")
GREEK = _table("αβϲδε...ι.κλμηορ..ςτυνωχγζ")
SMALL_CAPITALS = _table("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘ.ʀꜱᴛᴜᴠᴡxʏᴢ")
LEET_DIGITS = _table("4..." + "3.9.1....." + "0...57......")
LEET_SYMBOLS = _table("@.......!..|......$+......")
STRETCHED = re.compile(r"(.)\1\1")
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def everywhere(sign: str) -> Alteration:
    return lambda text, _: sign.join(text)


def through(table: dict[int, str], share: float = 1.0) -> Alteration:
    return lambda text, dice: "".join(c.translate(table) if dice.random() < share else c for c in text.lower())


def shifted(first: int) -> Alteration:
    return lambda text, _: "".join(chr(first + ord(c) - 97) if "a" <= c <= "z" else c for c in text.lower())


def each_word(change: Callable[[str, Random], str], shortest: int = 1) -> Alteration:
    """`change` done to every word of plain letters that is long enough."""
    pattern = re.compile(rf"(?<![\w'])[^\W\d_]{{{shortest},}}(?![\w'])")
    return lambda text, dice: pattern.sub(lambda found: change(found.group(), dice), text)


def one_word(change: Callable[[str, Random], str], shortest: int) -> Alteration:
    """`change` done to one word, as people's fingers do. What makes another word of it is done to no word: who reads
    `me corté las penas` for `me corté las venas` is not mistaken."""
    pattern = re.compile(rf"(?<![\w'])[^\W\d_]{{{shortest},}}(?![\w'])")

    def alter(text: str, dice: Random) -> str:
        found = [word for word in pattern.finditer(text) if STRETCHED.search(word.group()) is None]
        for word in dice.sample(found, len(found)):
            changed = change(word.group(), dice)
            plain = fold(changed).text
            if plain not in COMMON and sound(plain) not in COMMON_SOUNDS:
                return text[: word.start()] + changed + text[word.end() :]
        return text

    return alter


def stretch(word: str, dice: Random) -> str:
    place = dice.randrange(len(word))
    return word[:place] + word[place] * dice.randint(3, 7) + word[place + 1 :]


def mask(word: str, dice: Random) -> str:
    inner = [place for place in range(1, len(word) - 1) if word[place].lower() in "aeiou"] or [1]
    place = dice.choice(inner)
    return word[:place] + "*" + word[place + 1 :]


def swap(word: str, dice: Random) -> str:
    place = dice.randrange(1, len(word) - 1)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def leave_out(word: str, dice: Random) -> str:
    place = dice.randrange(1, len(word) - 1)  # not the last, which in Spanish says who
    return word[:place] + word[place + 1 :]


def strike_twice(word: str, dice: Random) -> str:
    place = dice.randrange(len(word))
    return word[:place] + word[place] + word[place:]


def strike_beside(word: str, dice: Random) -> str:
    place = dice.randrange(1, len(word) - 1)
    row = next((row for row in KEYS if word[place].lower() in row), "")
    if not row:
        return word
    at = row.index(word[place].lower())
    return word[:place] + row[at + 1 if at + 1 < len(row) else at - 1] + word[place + 1 :]


def spaced(text: str, _: Random) -> str:
    return "   ".join(" ".join(word) for word in text.split())


def mojibake(text: str, _: Random) -> str:
    """Written as UTF-8, read as Windows-1252, as old programs do."""
    curly = text.replace("'", "’")
    return "".join(c if c.isascii() else "".join(_misread(byte) for byte in c.encode()) for c in curly)


def _misread(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


SAME: dict[str, Alteration] = {
    "capitals": lambda text, _: text.upper(),
    "title case": lambda text, _: text.title(),
    "mixed case": lambda text, dice: "".join(dice.choice((c.upper(), c.lower())) for c in text),
    "zero-width spaces": everywhere("\u200b"),
    "soft hyphens": everywhere("\u00ad"),
    "bidi marks": everywhere("\u200f"),
    "bidi overrides": lambda text, _: f"\u202e{text}\u202c",
    "control characters": everywhere("\x00"),
    "strike-through": lambda text, _: "".join(f"{c}\u0336" for c in text),
    "accents": lambda text, dice: "".join(
        c + dice.choice("\u0301\u0308\u0302\u030a") if c.isalpha() else c for c in text
    ),
    "Cyrillic, half": through(CYRILLIC, 0.5),
    "Cyrillic, all": through(CYRILLIC),
    "Greek": through(GREEK),
    "full width": lambda text, _: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "mathematical": shifted(0x1D41A),
    "mathematical script": shifted(0x1D4EA),
    "circled": shifted(0x24D0),
    "squared": shifted(0x1F130),
    "small capitals": through(SMALL_CAPITALS),
    "stretched": each_word(stretch, 3),
    "one word stretched": one_word(stretch, 3),
    "asterisk in one word": one_word(mask, 4),
    "spaced": spaced,
    "spaced by dots": each_word(lambda word, _: ".".join(word)),
    "spaced by dashes": each_word(lambda word, _: "-".join(word)),
    "dots for blanks": lambda text, _: text.replace(" ", "."),
    "slashes for blanks": lambda text, _: text.replace(" ", "/"),
    "underscores for blanks": lambda text, _: text.replace(" ", "_"),
    "no-break spaces": lambda text, _: text.replace(" ", "\u00a0"),
    "double spaces": lambda text, _: text.replace(" ", "  "),
    "curly apostrophes": lambda text, _: text.replace("'", "\u2019"),
    "no apostrophes": lambda text, _: text.replace("'", ""),
    "blank for the apostrophe": lambda text, _: text.replace("n't", "n t").replace("I'm", "I m").replace("i'm", "i m"),
    "mojibake": mojibake,
    "two letters swapped": one_word(swap, 5),
    "a letter left out": one_word(leave_out, 5),
    "a letter struck twice": one_word(strike_twice, 5),
    "the key beside": one_word(strike_beside, 5),
    "an emoji at the end": lambda text, dice: text + dice.choice((" 😭", "😭😭😭", " 💔", " 🙏🏽", " ❤️")),
    "an emoji at the start": lambda text, dice: dice.choice(("😭 ", "💔 ", "🥺🥺 ")) + text,
    "politeness before": lambda text, dice: dice.choice(("hello, ", "good evening. ", "hola, ", "hi there! ")) + text,
    "politeness after": lambda text, dice: text + dice.choice((", thank you", ", gracias", ". thanks")),
    "small talk before": lambda text, dice: (
        dice.choice(("hey how are you. ", "hey, long day. ", "hola buenas tardes. ")) + text
    ),
    "a name before": lambda text, dice: dice.choice(("Maya, ", "Dr Okafor, ", "Doctora Ruiz, ", "hey Sam ")) + text,
    "dots at the end": lambda text, _: f"{text}...",
    "exclamation marks": lambda text, _: f"{text}!!!",
}
#: Where every letter is changed, some sentences cannot be told from other ones any more.
ALMOST: dict[str, Alteration] = {
    "leet digits": through(LEET_DIGITS),
    "leet digits, half": through(LEET_DIGITS, 0.5),
    "leet symbols": through(LEET_SYMBOLS),
    "asterisk in every word": each_word(mask, 4),
    "no blanks": lambda text, _: text.replace(" ", ""),
    "one letter after the other": lambda text, _: " ".join(c for c in text if c != " "),
}
