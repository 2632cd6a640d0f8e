"""However it is typed, a cry for help is heard, and the signal points at the words that were typed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.level import Level
from flows.risk import assess
from flows.risk.fold import fold
from tests.unit.risk.shipped import LEXICON, RISK, sentences

CYRILLIC = str.maketrans("aceopxyAEKMOPCTX", "асеорхуАЕКМОРСТХ")  # noqa: RUF001
EVERYWHERE = {
    "capitals": str.upper,
    "title case": str.title,
    "zero-width spaces": "\u200b".join,
    "soft hyphens": "\u00ad".join,
    "word joiners": "\u2060".join,
    "right-to-left marks": "\u200f".join,
    "overrides": lambda text: f"\u202e{text}\u202c",
    "accents on every letter": lambda text: "".join(f"{c}\u0301" if c.isalpha() else c for c in text),
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "mathematical bold": lambda text: "".join(chr(0x1D41A + ord(c) - 97) if "a" <= c <= "z" else c for c in text),
    "Cyrillic look-alikes": lambda text: text.translate(CYRILLIC),
    "control characters": "\x00".join,
    "non-breaking spaces": lambda text: text.replace(" ", "\u00a0"),
    "double spaces": lambda text: text.replace(" ", "  "),
    "exclamation marks": lambda text: f"{text}!!!",
    "an emoji at the end": lambda text: f"{text} 😭",
    "curly apostrophes": lambda text: text.replace("'", "\u2019"),
    "no apostrophes": lambda text: text.replace("'", ""),
}


@pytest.mark.parametrize("way", EVERYWHERE)
def test_a_disguised_emergency_is_still_an_emergency(way):
    """The normaliser is one for everybody; no rule needs to know of hidden characters."""
    lost = [t for t in sentences("emergency") if assess(EVERYWHERE[way](t), LEXICON).level is not Level.EMERGENCY]
    assert lost == []


@pytest.mark.parametrize(
    "text",
    [
        "k i l l myself",
        "k.i.l.l m.y.s.e.l.f",
        "i want to d i e",
        "kiiiiill myself",
        "i want to dieeeee",
        "k1ll mys3lf",
        "$uicidal",
        "su!c!dal",
        "k*ll myself",
        "i wnat to die",
        "im sucidal",
        "i overdoesd",
        "gonna kil myslef",
        "wanna kms",
        "want to unalive myself",
        "i dont wanna live",
        "i don`t want to live",
        "i d\u200bo\u200bn’t want to live",
        "ctb",
        "kiero morirme",
        "me kiero morir",
        "M4t4rme quiero",
        "quiero m o r i r m e",
        "quierosuicidarme",
        "me kiero matar",
        "ya no kiero bibir",
        "m kiero morir",
        "boi a suisidarme",
        "want to d!e",
        "k-i-l-l myself",
        "k/i/l/l m/y/s/e/l/f",
        "i.want.to.kill.myself",
        "i_want_to_die",
        "imgoingtokillmyself tonight",
        "s*cide is all i think about",
        "im su****al",
        "i donâ€™t want to live",
        "i don&#39;t want to live",
        "i don�t want to live",
        "i don;t want to live",
        "i don t want to live",
        "1 w4n7 70 d13",
        "! w@n+ +o d!e",
        "im suicidle",
        "wantto die",
        "me quiero moriiiiir",
    ],
)
def test_ways_of_typing_that_people_use(text, lexicon):
    """Spaced, stretched, masked, in leet, mistyped, abbreviated: read as meant."""
    assert assess(text, lexicon).level >= Level.URGENT


@pytest.mark.parametrize(
    "text",
    [
        "the therapist was great",
        "a b c d e",
        "50mg at 11am",
        "2x a day",
        "l8r",
        "the s**t hit the f*n",
        "f*** this b*tch of a printer",
        "#killmyself is a song?",
        "see https://example.org/kill-myself-not-the-song.html",
        "write to d.i.e@example.org",
        "meet Kyle, Dylan and Suzy",
        "QUÉ… “MURIÓ” dijo la radio",
        "h-e-l-l-o there",
        "therapistmeeting",
        "manslaughter, a podcast",
        "AT&T called again",
        "1234 5678 90",
        "a.m. and p.m.",
        "x-ray, t-shirt, to-do",
    ],
)
def test_ordinary_writing_is_not_read_into(text, lexicon):
    """Numbers with units, initials, names, links, swear words and long words stay what they are."""
    assert assess(text, lexicon).level is Level.NONE


ALTERED = st.sampled_from(sorted(EVERYWHERE))


@given(st.sampled_from(sentences("emergency") + sentences("urgent")), ALTERED, ALTERED, st.text(max_size=20))
def test_offsets_point_at_the_words_as_written(sentence, one, other, before):
    """A therapist sees the participant's own words marked, not those of the program."""
    text = before + " " + EVERYWHERE[one](EVERYWHERE[other](sentence))
    for signal in assess(text, LEXICON).signals:
        assert 0 <= signal.start < signal.end <= len(text)
        assert text[signal.start : signal.end] == signal.words.reveal()


def test_offsets_skip_what_is_hidden_before_the_words(lexicon):
    """Hidden characters shift nothing."""
    text = "\u200b\u200b  ok. i want to d\u200bie"
    (signal,) = assess(text, lexicon).signals
    assert text[signal.start : signal.end] == "want to d\u200bie"


def test_an_abbreviation_is_marked_as_it_was_written(lexicon):
    """`kms` stands for two words and is one place in the text."""
    (signal,) = assess("ugh kms", lexicon).signals
    assert (signal.start, signal.end, signal.words.reveal()) == (4, 7, "kms")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ok imgonnakillmyself tonight", "killmyself"),
        ("i donâ€™t want to live", "donâ€™t want to live"),
        ("ugh k.i.l.l m.y.s.e.l.f", "k.i.l.l m.y.s.e.l.f"),
    ],
)
def test_what_was_taken_apart_or_put_together_is_marked_as_it_was_written(text, words, lexicon):
    """A therapist sees the letters that were typed, all of them and no others."""
    assert any(signal.words.reveal().endswith(words) for signal in assess(text, lexicon).signals)


def test_no_common_word_is_taken_for_another(lexicon):
    """`hills` are no pills. What the bot itself says is common, too."""
    spelling = lexicon.spelling
    files = [path for folder in ("content", "resources") for path in (RISK.parent / folder).rglob("*.yaml")]
    said = {word for path in files for word in re.findall(r"[a-z]{3,}", fold(path.read_text()).text)}
    taken = {word: spelling.settle(word) for word in spelling.words.common | said if spelling.settle(word) != word}
    assert {word for word, other in taken.items() if other in spelling.words.grave} == set()
