"""What a programme has switched is said: by the doctor always, and by every command that would otherwise look as if
words were heard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Console

OFF = '[screening]\non = false\nbecause = "Only scores here."\n'
LOUD = "Text screening is OFF: nothing that participants write is looked through for danger. Because: Only scores here."


def doctor(console: Console) -> list[tuple[str, str]]:
    found = [json.loads(line) for line in console("doctor", "--json").out.splitlines()]
    return [(one["state"], one["says"]) for one in found if one["name"] == "screening"]


def write(programme: Path, text: str) -> None:
    path = programme / "handrail.toml"
    path.write_text(text)


def test_the_doctor_counts_the_rules_by_language_and_level(console: Console, programme: Path) -> None:
    """A programme whose rules were lost in copying would show here."""
    [(state, says)] = doctor(console)
    assert state == "ok"
    assert says.endswith("listen to what participants write")
    for word in ("en:", "es:", "emergency", "urgent", "watch"):
        assert word in says


def test_screening_that_is_off_is_said_loudly(console: Console, programme: Path) -> None:
    """By whoever looks at the files, at the machine or at the words: nobody may believe that words are heard."""
    write(programme, OFF)
    assert doctor(console) == [("look at this", LOUD)]
    said = console("check")
    assert (said.status, LOUD in said.err) == (0, True)
    said = console("assess", "--text", "I want to die")
    assert LOUD in said.err
    assert said.out.startswith("none")


def test_screening_that_is_on_needs_no_words(console: Console, programme: Path) -> None:
    """A warning that always comes is read by nobody."""
    assert "OFF" not in console("check").both + console("assess", "--text", "hello").both


@pytest.mark.parametrize(
    ("written", "state", "words"),
    [
        (
            '[screening.categories]\nviolence = { off = true, because = "The nurse line hears it." }',
            "look at this",
            ["violence:", "silent", "among them", "Because: The nurse line hears it."],
        ),
        (
            '[screening.categories]\nmedical = { at_most = "watch", because = "As above." }',
            "look at this",
            ["medical:", "quieter", "Because: As above."],
        ),
        ("[screening.categories]\nsubstance = { raised = 2 }", "ok", ["substance:", "louder"]),
        ('[screening]\nsecond_reader = "watch"', "look at this", ["the second reader: watch, not urgent."]),
        ('[screening]\nsecond_reader = "emergency"', "ok", ["the second reader: emergency, not urgent."]),
        ('[screening]\nlanguages = ["en"]', "look at this", ["The rules of es do not listen."]),
    ],
)
def test_every_difference_is_shown_with_its_reason(
    console: Console, programme: Path, written: str, state: str, words: list[str]
) -> None:
    """Whoever takes over the programme sees what was decided before, and why. What is only louder is no trouble."""
    write(programme, written)
    _, (found, says) = doctor(console)
    assert found == state
    for word in words:
        assert word in says


def test_a_single_rule_and_own_rules_are_shown_by_name(console: Console, programme: Path) -> None:
    """By the same id that stands in every signal."""
    rule = "en.suicide.wish_to_be_dead"
    write(programme, f'[screening.rules]\n"{rule}" = {{ level = "watch", because = "Too many." }}')
    (programme / "risk" / "en").mkdir(parents=True)
    own = "{id: own.bridge, version: 1, level: urgent, category: suicide, explain: x, patterns: [the old tower],"
    (programme / "risk/en/own.yaml").write_text(f"rules:\n  - {own} examples: {{hits: [the old tower]}}}}\n")
    assert doctor(console)[1:] == [
        ("look at this", f"{rule}: watch, not urgent. Because: Too many."),
        ("ok", "1 rule of your own: own.bridge"),
    ]


def test_an_evaluation_hears_what_the_programme_hears(console: Console, programme: Path) -> None:
    """A programme measures what it has, not what was shipped."""
    labels = '"lang": "en", "label": "urgent", "category": "suicide", "phenomenon": "direct"'
    Path("labelled.jsonl").write_text(f'{{"id": "1", "text": "I want to die", {labels}}}\n')
    shares = []
    for written in ("", OFF):
        write(programme, written or "[screening]\non = true\n")
        shares.append(json.loads(console("assess", "--json", "--eval", "labelled.jsonl").out.splitlines()[0])["share"])
    assert shares == [1.0, 0.0]
