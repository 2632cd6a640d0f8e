"""`handrail assess`, to the letter: one object in, one out, in the same order."""

from __future__ import annotations

import json

import pytest

from bot.assessing import assess_lines, assess_words


def run(lexicon, *lines):
    return list(assess_lines(lines, lexicon.of))


def test_one_line_in_one_line_out(lexicon):
    """Other keys are handed on first; the assessment comes last and wins where names clash."""
    (line,) = run(lexicon, '{"id": 7, "text": "i want to die", "lang": "en", "level": "mine", "note": "é"}\n')
    answer = json.loads(line.json)
    assert not line.bad
    assert list(answer) == ["id", "note", "level", "category", "signals"]
    assert (answer["id"], answer["level"], answer["category"]) == (7, "urgent", "suicide")
    (signal,) = answer["signals"]
    assert list(signal) == ["rule", "version", "start", "end", "words", "level"]
    assert "i want to die"[signal["start"] : signal["end"]] == signal["words"] == "want to die"


def test_without_a_language_both_are_tried(lexicon):
    """The higher signal wins."""
    levels = [json.loads(line.json)["level"] for line in run(lexicon, '{"text": "me quiero morir"}', '{"text": "hi"}')]
    assert levels == ["urgent", "none"]
    (only_english,) = run(lexicon, '{"text": "me quiero morir", "lang": "en"}')
    assert json.loads(only_english.json)["level"] == "none"


@pytest.mark.parametrize(
    "bad",
    [
        "no json",
        "[]",
        '"text"',
        "{}",
        '{"text": 3}',
        '{"text": null}',
        '{"text": "x", "lang": 5}',
        "{" * 99,
        "1e",
        "NaN",
    ],
)
def test_a_bad_line_is_told_and_the_next_is_assessed(lexicon, bad):
    """The number is enough to find it; what stands in it is repeated nowhere."""
    first, wrong, last = run(lexicon, '{"text": "a"}', bad, '{"text": "i want to die"}')
    assert [first.bad, wrong.bad, last.bad] == [False, True, False]
    complaint = json.loads(wrong.json)
    assert complaint["line"] == 2
    assert list(complaint) == ["line", "error"]
    assert json.loads(last.json)["level"] == "urgent"


def test_a_secret_in_a_bad_line_is_not_repeated(lexicon):
    """Complaints end in logs."""
    (line,) = run(lexicon, '{"text": "i want to die')
    assert line.bad
    assert "die" not in line.json


def test_a_blank_line_is_bad_unless_nothing_follows(lexicon):
    """An answer must stand beside its question; a last line break means nothing."""
    assert [line.bad for line in run(lexicon, '{"text": "a"}', "\n", '{"text": "b"}', "\n", "")] == [False, True, False]
    assert run(lexicon) == []
    assert run(lexicon, "\n", "\n") == []


def test_odd_but_right_lines(lexicon):
    """A byte order mark, a Windows line end, half an emoji: all are read and can be printed."""
    lines = run(
        lexicon, '\ufeff{"text": "i want to die"}\r\n', '{"text": "\\ud83d", "note": "\\ud83d"}', '{"text": ""}'
    )
    assert not any(line.bad for line in lines)
    for line in lines:
        assert json.loads(line.json.encode().decode())["category"] in {"suicide", "none"}


def test_lines_are_answered_as_they_come(lexicon):
    """A pipe of any length needs no memory."""

    def endless():
        while True:
            yield '{"text": "help"}'

    answers = assess_lines(endless(), lexicon.of)
    assert json.loads(next(answers).json)["level"] == "emergency"


def test_one_message_in_words(lexicon):
    """Which words, which rule, and how fast a human looks; and no promise when nothing is found."""
    words = assess_words("i took all my pills", lexicon)
    assert words.startswith("emergency (medical): a human looks now.")
    assert "“took all my pills” (characters 2 to 19)" in words
    assert "en.medical.overdose, version 1" in words
    assert "does not mean that the person is safe" in assess_words("good morning", lexicon)
