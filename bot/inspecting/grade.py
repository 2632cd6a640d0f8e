"""How many years of school does a text ask for? Flesch–Kincaid, with a small counter of English syllables."""

from __future__ import annotations

import re

SENTENCE_END = re.compile(r"[.!?…]+(?:[\"”’)]*)(?=\s|$)|\n+")
WORD = re.compile(r"[A-Za-z0-9]+(?:[’'-][A-Za-z0-9]+)*")
VOWELS = re.compile(r"[aeiouy]+")
# A silent ending adds no syllable: "take", "moved" (not "added"), "times" (not "houses"), "safely" keeps its own.
SILENT = re.compile(r"(?<=[^aeiouy])e(?:d|s)?$")
SPOKEN = re.compile(r"(?:[td]ed|[szxc]es|[sc]hes|ges|[^aeiouy]le[sd]?)$")
INNER_E = re.compile(r"(?<=[aeiouy][^aeiouy])e(?=(?:ly|ful|less|ment|thing|one|where)\b)")
# Two sounds in one run of vowels.
SPLIT = re.compile(r"i[aou]|[aeiou]y?ing|eo|(?<!g)ua|uou|ea$|creat|iet")
# One sound, though the letters look like more.
HEARD = (
    (re.compile(r"people"), "pipi"),
    (re.compile(r"every"), "evri"),
    (re.compile(r"evening"), "ivning"),
    (re.compile(r"[tsc]ion|[ct]ial|[ctx]ious"), "shan"),
    (re.compile(r"qu"), "k"),
    (re.compile(r"gui"), "gi"),
)


def sentences(text: str) -> list[str]:
    """The sentences of `text`, without the empty ones."""
    return [part.strip() for part in SENTENCE_END.split(text) if part and part.strip()]


def words(text: str) -> list[str]:
    """The words and numbers of `text`."""
    return WORD.findall(text)


def syllables(word: str) -> int:
    """About how many syllables an English word has. A number is short to read, so it counts as one."""
    letters = re.sub(r"[^a-z]", "", word.lower())
    if not letters or any(sign.isdigit() for sign in word):
        return 1
    for written, spoken in HEARD:
        letters = written.sub(spoken, letters)
    joined = INNER_E.sub("", letters)
    count = len(VOWELS.findall(joined)) + len(SPLIT.findall(joined))
    if SILENT.search(joined) and not SPOKEN.search(joined):
        count -= 1
    return max(1, count)


def grade(text: str) -> float:
    """The school grade that `text` asks for."""
    said = words(text)
    if not said:
        return 0.0
    per_sentence = len(said) / max(1, len(sentences(text)))
    per_word = sum(syllables(word) for word in said) / len(said)
    return 0.39 * per_sentence + 11.8 * per_word - 15.59
