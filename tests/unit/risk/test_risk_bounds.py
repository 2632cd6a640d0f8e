"""Nothing that can be sent breaks the assessment or makes it slow."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.level import Level
from flows.risk import Assessment, assess
from tests.unit.risk.shipped import LEXICON, sentences

HOME = str(Path(sys.modules["flows.risk.assessing"].__file__ or "").parent)


def work(text: str) -> int:
    """How many lines of the assessment ran: the same on every machine, however busy."""
    lines = 0

    def count(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return count

    def enter(frame: FrameType, _event: str, _argument: Any) -> Any:
        return count if frame.f_code.co_filename.startswith(HOME) else None

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        assess(text, LEXICON)
    finally:
        sys.settrace(before)
    return lines


@given(st.text(max_size=300))
def test_any_text_is_assessed(text):
    """No message is lost because of what is in it."""
    found = assess(text, LEXICON)
    assert all(text[s.start : s.end] == s.words.reveal() for s in found.signals)


WORDS = st.sampled_from(
    [word for text in sentences("emergency") + sentences("none") for word in text.split()]
    + [".", "but", "!", "\n", "k*ll", "a", "i", "12", "🆘", "💀", "\u202e", "\x00", "not", "no", "take all", "pills"]
)


@given(st.lists(WORDS, max_size=60).map(" ".join))
def test_any_order_of_worrying_words_is_assessed(text):
    """The same with words that the lexicon knows."""
    found = assess(text, LEXICON)
    assert found.level == max((signal.level for signal in found.signals), default=Level.NONE)
    assert all(text[s.start : s.end] == s.words.reveal() for s in found.signals)


@settings(max_examples=40)
@given(st.lists(WORDS, min_size=1, max_size=8).map(" ".join))
def test_work_grows_with_the_length_and_not_with_its_square(piece):
    """Four times the text is at most about four times the work, also when every word is in the lexicon."""
    once, four_times = f"{piece} " * 48, f"{piece} " * 192  # both longer than one window
    assert work(four_times) <= 5 * work(once) + 2_000


@pytest.mark.parametrize(
    "piece",
    [
        "i want to kill myself tonight ",
        "not going to kill myself ",
        "want to ",
        "a ",
        "k i l l ",
        "k*ll ",
        "took ",
        "!",
        "🆘",
        ".",
        "🆘💊😭 ",
        "imgoingtokillmyself ",
        "imgoingtokillmyself",
        "k\u0336i\u0336l\u0336l\u0336 ",
        "q w z ",
        "xqzt ",
        "qwrtplk ",
        "a*",
        "s**c*de ",
        "k1ll ",
        "4 70 50 k1ll ",
        "|l ",
        "a-b ",
        "k.i.l.l. ",
        "k.",
        "dying.",
        "don t ",
        "i m ",
        "'",
        "&#39;",
        "&",
        "â€™",
        "Ãâð",
        "suicid ",
        "kiiill ",
    ],
)
def test_a_text_made_to_be_slow_is_not(piece):
    """Repetition is the worst case of a matcher; here it is only long."""
    assert work(piece * 400) <= 5 * work(piece * 100) + 2_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\n\n",
        "\x00",
        "\u202e\u200f\u2066",
        "\ud800",
        "\ud83d broken emoji \udc00",
        "!" * 5000,
        "'" * 5000,
        "a" * 200_000,
        "1" * 5000,
        "é" * 5000,
        "\u0301" * 5000,
        "👩‍👩‍👧‍👦" * 500,
        "ﷺ" * 500,
        "xq" * 50_000,
        "a." * 5000,
        "*" * 5000,
        "a*" * 5000,
        "&#" * 5000,
        "â€" * 5000,
        "\ufffd" * 5000,
        "مرحبا كيف حالك",
        "שלום, מה שלומך?",
    ],
)
def test_odd_texts_are_no_signal_and_no_error(text):
    """Empty, hidden, broken, endless, or in a language we do not read."""
    assert assess(text, LEXICON) == Assessment()


def test_a_megabyte_is_read_to_its_end():
    """The last words count as much as the first."""
    text = "nothing happened today. " * 42_000 + "i took all my pills"
    found = assess(text, LEXICON)
    assert found.level is Level.EMERGENCY
    assert text[found.signals[0].start :] == "took all my pills"


def test_repeating_oneself_does_not_bury_the_therapist():
    """Of each rule three signals are enough to show; none of them is a louder one left out."""
    found = assess("i dont want to kill myself. " * 50 + "i want to kill myself. " * 50, LEXICON)
    assert 0 < len(found.signals) <= 9
    assert found.level is Level.URGENT
