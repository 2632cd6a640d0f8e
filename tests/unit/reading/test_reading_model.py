"""A file that does not fit its model says so at the right line, in the words of whoever wrote it."""

from datetime import time
from enum import Enum
from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError, field_validator, model_validator

from bot.reading import BadFiles, Strict, parse_toml, parse_yaml, read_as, source_of


class Mood(Enum):
    """An enum of words."""

    CALM = "calm"
    TENSE = "tense"


class Choice(Strict):
    """One answer."""

    id: str
    label: str = Field(min_length=1)


class Say(Strict):
    """A remark; its kind has the name of one of its keys, as in real life."""

    kind: Literal["say"]
    id: str
    say: str
    next: str | None = None


class Ask(Strict):
    """A question."""

    kind: Literal["ask"]
    id: str
    ask: str
    choices: list[Choice] = Field(default=[], min_length=1)
    minutes: int = Field(default=5, ge=1, le=60)
    at: time | None = None
    skip: bool = False
    mood: Mood = Mood.CALM
    then: int | list[str] | None = None

    @field_validator("ask")
    @classmethod
    def _asks(cls, words: str) -> str:
        if "?" not in words:
            raise ValueError("a question ends with a question mark")
        return words


class Talk(Strict):
    """A whole file."""

    title: str
    steps: tuple[Annotated[Say | Ask, Field(discriminator="kind")], ...]
    by_name: dict[str, Say] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _not_too_short(self) -> "Talk":
        if not self.steps:
            raise ValueError("Nobody says anything.")
        return self


GOOD = """\
title: Check-in
steps:
  - kind: say
    id: hello
    say: No
  - kind: ask
    id: sleep
    ask: How did you sleep?
    minutes: 21
    at: 21:00
    skip: No
    mood: tense
    then: 7
    choices:
      - {id: well, label: Well}
by_name:
  say: {kind: say, id: x, say: y}
"""


def read(text):
    return read_as(Talk, parse_yaml(source_of("a.yaml", text.encode())))


def complaints(old, new):
    assert old in GOOD
    with pytest.raises(BadFiles) as caught:
        read(GOOD.replace(old, new, 1))
    return [(c.line, f"{c.what} {c.hint}".strip()) for c in caught.value.complaints]


def test_the_model_says_what_words_mean():
    """The same three letters are an answer in one place and a truth value in another."""
    talk = read(GOOD)
    remark, question = talk.steps
    assert remark.say == "No"
    assert (question.skip, question.minutes, question.at) == (False, 21, time(21))
    assert (question.mood, question.then) == (Mood.TENSE, 7)


def test_what_was_read_does_not_change():
    with pytest.raises(ValidationError):
        read(GOOD).title = "Another"


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("say: No", "sya: No", 5, 'There is no key "sya" here. Did you mean "say"?'),
        ("label: Well", "lable: Well", 15, 'There is no key "lable" here. Did you mean "label"?'),
        ("say: y}", "say: y, nxt: z}", 17, 'There is no key "nxt" here. Did you mean "next"?'),
        ("    say: No\n", "", 3, 'The key "say" is missing in item 1 of "steps".'),
        (", id: x", "", 17, 'The key "id" is missing in "say".'),
        ("title: Check-in\n", "", 1, 'This file needs a key "title".'),
        ("  - kind: say\n    id", "  - id", 3, 'The key "kind" is missing here.'),
        ("kind: ask", "kind: aks", 6, '"kind" must be "say" or "ask", not "aks". Did you mean "ask"?'),
        ("tense", "tence", 12, '"mood" must be "calm" or "tense", not "tence". Did you mean "tense"?'),
        ("minutes: 21", "minutes: soon", 9, '"minutes" must be a whole number, not "soon".'),
        ("minutes: 21", "minutes:", 9, '"minutes" must be a whole number, but nothing is written here.'),
        ("minutes: 21", "minutes: 99", 9, '"minutes" must be at most 60, not "99".'),
        ("minutes: 21", "minutes: {a: b}", 9, '"minutes" must be a whole number, not a group of keys.'),
        ("at: 21:00", "at: 9pm", 10, '"at" must be a time of day, like 21:00, not "9pm".'),
        ("skip: No", "skip: maybe", 11, '"skip" must be true or false, not "maybe".'),
        ("then: 7", "then: x", 13, '"then" must be a whole number or a list, not "x".'),
        ("{id: well, label: Well}", "well", 15, 'Item 1 of "choices" must be a group of keys, not "well".'),
        ("label: Well", "label: ''", 15, '"label" must be some text, but nothing is written here.'),
        ("How did you sleep?", "Sleep.", 8, "A question ends with a question mark."),
        ("title: Check-in", "title: [a]", 1, '"title" must be text, not a list of 1.'),
        (GOOD, "title: x\nsteps: []\n", 1, "Nobody says anything."),
        (GOOD, "- a\n", 1, "This file must be a group of keys, not a list of 1."),
    ],
)
def test_what_does_not_fit_is_told_at_its_line(old, new, line, told):
    assert complaints(old, new) == [(line, told)]


def test_everything_wrong_is_told_at_once_from_top_to_bottom():
    """A clinician mends the file once, not once for each mistake."""
    with pytest.raises(BadFiles) as caught:
        read(
            GOOD.replace("minutes: 21", "minutes: x").replace("say: No", "say: No\n    nxt: a").replace("Well}", "''}")
        )
    assert [complaint.line for complaint in caught.value.complaints] == [6, 10, 16]


def test_numbers_in_toml_are_not_text():
    """TOML knows numbers, so a forgotten quote can be named."""
    with pytest.raises(BadFiles) as caught:
        read_as(Choice, parse_toml(source_of("a.toml", b'id = 5\nlabel = "x"\n')))
    (complaint,) = caught.value.complaints
    assert (complaint.line, complaint.what, complaint.hint) == (1, '"id" must be text, not 5.', 'Put it in "quotes".')


def test_a_file_may_be_a_list():
    document = parse_yaml(source_of("a.yaml", b"- {id: a, label: A}\n- {id: b, labl: B}\n"))
    with pytest.raises(BadFiles) as caught:
        read_as(list[Choice], document)
    assert [(c.line, c.hint) for c in caught.value.complaints] == [(2, 'Did you mean "label"?')]


class Letters(Strict):
    """A list that may not be empty."""

    letters: tuple[Literal["a", "b"], ...] = Field(min_length=1)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("[x]", ['"a" or "b"']),
        ("[]", ["must be a list of at least 1, not a list of 0"]),
    ],
)
def test_a_list_with_a_wrong_item_is_not_called_too_short(written: str, told: list[str]) -> None:
    """ "Must be a list of at least 1, not a list of 1" helps nobody; the item has been told about."""
    with pytest.raises(BadFiles) as bad:
        read_as(Letters, parse_yaml(source_of("f.yaml", f"letters: {written}\n".encode())))
    assert len(bad.value.complaints) == len(told)
    for complaint, words in zip(bad.value.complaints, told, strict=True):
        assert words in complaint.what
