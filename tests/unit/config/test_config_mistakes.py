"""Whoever makes a mistake in a file hears of it once: which file, which line, what stands there, what was meant."""

from __future__ import annotations

import pytest

from bot.loading import load_library, shipped_config
from bot.reading import BadFiles

SCRIPT = """
    conversation: evening
    version: 1
    steps:
      - id: hello
        say: How was the day?
        choices:
          - {id: good, label: Good}
          - {id: bad, label: Bad, next: by}
      - id: bye
        say: Good night.
"""
# file, what is written, the line complained about, what stands there, and words of the complaint
MISTAKES = {
    "a step that is not there": (
        "content/en/evening.yaml",
        SCRIPT,
        8,
        "- {id: bad, label: Bad, next: by}",
        'There is no step "by" in this file. Did you mean "bye"?',
    ),
    "a jump to a place that is none": (
        "content/en/evening.yaml",
        SCRIPT.replace("next: by", "next: crisis.save"),
        8,
        "- {id: bad, label: Bad, next: crisis.save}",
        'A script cannot go on with "crisis.save". Did you mean "crisis.safe"?',
    ),
    "a step that nothing leads to": (
        "content/en/evening.yaml",
        """
            conversation: evening
            version: 1
            steps:
              - id: hello
                say: Good evening.
                next: bye
              - id: lost
                say: Nobody hears this.
              - id: bye
                say: Good night.
        """,
        7,
        "- id: lost",
        'Nothing leads to the step "lost".',
    ),
    "a circle": (
        "content/en/evening.yaml",
        """
            conversation: evening
            version: 1
            steps:
              - id: hello
                say: Good evening.
              - id: more
                say: And once more.
                next: hello
        """,
        8,
        "next: hello",
        'From here it goes back to "hello", in a circle.',
    ),
    "two steps of one name": (
        "content/en/evening.yaml",
        """
            conversation: evening
            version: 1
            steps:
              - {id: hello, say: Good evening.}
              - {id: hello, say: And again.}
        """,
        5,
        "- {id: hello, say: And again.}",
        'There are two steps "hello".',
    ),
    "a conversation under another name": (
        "content/en/evening.yaml",
        "conversation: evning\nversion: 1\nsteps:\n  - {id: hello, say: Good evening.}\n",
        1,
        "conversation: evning",
        'Write "evening" here.',
    ),
    "a key that nobody knows": (
        "content/en/everyday.yaml",
        """
            steps:
              - id: hello
                sya: Good day.
        """,
        3,
        "sya: Good day.",
        'There is no key "sya" here. Did you mean "say"?',
    ),
    "a slot that nothing fills": (
        "content/en/crisis.yaml",
        """
            steps:
              - id: seen
                say: "{staf} has seen this, says {staff}."
        """,
        3,
        'say: "{staf} has seen this, says {staff}."',
        'Nothing can be filled in for {staf} here. Did you mean "staff"?',
    ),
    "a slot of another line": (
        "content/en/crisis.yaml",
        """
            steps:
              - id: told
                say: "I am asking {staff} to answer by {by}."
        """,
        3,
        'say: "I am asking {staff} to answer by {by}."',
        "Nothing can be filled in for {staff} here.",
    ),
    "a number left out of the numbers": (
        "content/en/crisis.yaml",
        """
            steps:
              - id: emergency
                say: Call {emergency} now.
        """,
        3,
        "say: Call {emergency} now.",
        "This text must hold {line}.",
    ),
    "a brace too many": (
        "content/en/everyday.yaml",
        """
            steps:
              - id: received
                say: "Thank you. {hours"
        """,
        3,
        'say: "Thank you. {hours"',
        "There is a { or } here that does not belong to a slot.",
    ),
    "a line that the program says, misspelt": (
        "content/en/crisis.yaml",
        """
            steps:
              - {id: unclear, remove: true}
              - {id: uncleer, say: I have kept that.}
        """,
        3,
        "- {id: uncleer, say: I have kept that.}",
        'Nothing leads to the step "uncleer". Did you mean "unclear"?',
    ),
    "a line that the program says, taken away": (
        "content/en/crisis.yaml",
        """
            steps:
              - {id: no_button_needed, remove: true}
        """,
        1,
        "steps:",
        'The program says "no_button_needed", and there is no such step here.',
    ),
    "a label that rehearsals press": (
        "content/en/crisis.yaml",
        """
            steps:
              - id: safe
                choices:
                  - {id: safe, label: I am fine}
        """,
        4,
        "- {id: safe, label: I am fine}",
        'This button must be called "I\'m safe".',
    ),
    "an answer that the program does not understand": (
        "content/en/crisis.yaml",
        """
            steps:
              - id: offer
                choices:
                  - {id: later, label: Later}
        """,
        4,
        "- {id: later, label: Later}",
        'The program understands no answer "later" here.',
    ),
    "an answer taken away": (
        "content/en/crisis.yaml",
        """
            steps:
              - id: again
                choices:
                  - {id: stop, remove: true}
        """,
        3,
        "choices:",
        'The answer "stop" is missing here.',
    ),
    "a word that means two answers": (
        "content/en/crisis.yaml",
        """
            steps:
              - id: direct
                choices:
                  - id: "no"
                    words: [sometimes]
        """,
        None,
        "",
        '"sometimes" already means the answer "no".',
    ),
    "a word that always works": (
        "content/en/check_in.yaml",
        """
            steps:
              - id: contact
                choices:
                  - {id: "no", words: [stop]}
        """,
        4,
        '- {id: "no", words: [stop]}',
        '"stop" can be no answer: it is one of the words that always work.',
    ),
    "a rule about a question that nobody asks": (
        "risk/scores.yaml",
        """
            rules:
              - id: score.safety.strong
                item: check_in.saftey
        """,
        3,
        "item: check_in.saftey",
        'No question is called "check_in.saftey". Did you mean "check_in.safety"?',
    ),
    "a pattern in a question that nobody asks": (
        "risk/patterns.yaml",
        """
            rules:
              - id: EW-LOW
                any:
                  - {look: answers, item: check_in.moood, at_most: 3, days: 3, within: 9}
        """,
        4,
        "- {look: answers, item: check_in.moood, at_most: 3, days: 3, within: 9}",
        'No question is called "check_in.moood". Did you mean "check_in.mood"?',
    ),
    "a pattern in answers that nobody can give": (
        "risk/patterns.yaml",
        """
            rules:
              - id: EW-ISO
                any:
                  - {look: answers, item: check_in.contact, is: never, days: 3, within: 9}
        """,
        4,
        "- {look: answers, item: check_in.contact, is: never, days: 3, within: 9}",
        '"never" is no answer to "check_in.contact".',
    ),
    "a pattern of numbers where there are none": (
        "risk/patterns.yaml",
        """
            rules:
              - id: EW-SWING
                any:
                  - {look: swing, item: check_in.contact, points: 4, times: 2, within: 7}
        """,
        4,
        "- {look: swing, item: check_in.contact, points: 4, times: 2, within: 7}",
        '"check_in.contact" is not answered with a number.',
    ),
    "a pattern for everybody of two questions, one of which nobody asks": (
        "risk/patterns.yaml",
        """
            rules:
              - id: EW-SLEEP
                any:
                  - look: on_one_day
                    all:
                      - {item: check_in.sleep, at_most: 4}
                      - {item: check_in.energy, at_least: 7}
        """,
        7,
        "- {item: check_in.energy, at_least: 7}",
        'No question is called "check_in.energy".',
    ),
    "a rule about an answer that nobody can give": (
        "risk/scores.yaml",
        """
            rules:
              - id: score.safety.strong
                is: strng
        """,
        3,
        "is: strng",
        '"strng" is no answer to "check_in.safety". Did you mean "strong"?',
    ),
    "a setting misspelt": (
        "handrail.toml",
        """
            [check_in]
            expires_affter = "3h"
        """,
        2,
        'expires_affter = "3h"',
        'There is no key "expires_affter" here. Did you mean "expires_after"?',
    ),
    "a length of time that is none": (
        "handrail.toml",
        """
            [check_in]
            expires_after = "3 weeks"
        """,
        2,
        'expires_after = "3 weeks"',
        "write it like 30s, 5m, 2h or 1d",
    ),
    "a check-in that is not there": (
        "handrail.toml",
        """
            [check_in]
            conversation = "chek_in"
        """,
        2,
        'conversation = "chek_in"',
        'There is no conversation "chek_in" that could be the check-in. Did you mean "check_in"?',
    ),
    "a country without lines": (
        "handrail.toml",
        """
            [programme]
            country = "UK"
        """,
        2,
        'country = "UK"',
        'There are no crisis lines for "uk"',
    ),
    "a language without texts": (
        "handrail.toml",
        """
            [programme]
            language = "fi"
        """,
        2,
        'language = "fi"',
        'There are no texts in "fi".',
    ),
    "a seat that is nobody's": (
        "escalation.yaml",
        """
            urgent:
              tiers:
                - {after: 0m, page: [primry]}
        """,
        3,
        "- {after: 0m, page: [primry]}",
        "'primry' is nobody on a ladder",
    ),
    "a ladder that starts late": (
        "escalation.yaml",
        """
            urgent:
              tiers:
                - {after: 5m, page: [primary]}
        """,
        1,
        "urgent:",
        "The first tier must start at 0m.",
    ),
    "a rule about words with an unknown list": (
        "risk/en/mine.yaml",
        """
            language: en
            rules:
              - id: en.mine.one
                version: 1
                level: watch
                category: suicide
                explain: Ours.
                patterns: ["{no_such_list} today"]
                examples: {hits: [x]}
        """,
        8,
        'patterns: ["{no_such_list} today"]',
        "no_such_list",
    ),
    "a file whose name is nearly right": ("escalations.yaml", "x: y\n", None, "", "This file is not read"),
    "a file in no language": ("content/everyday.yaml", "x: y\n", None, "", "This file is not read"),
    "a translation of nothing": (
        "content/es/everyday.yaml",
        """
            conversation: everyday
            steps:
              - {id: helo, say: Hola.}
        """,
        3,
        "- {id: helo, say: Hola.}",
        'There is no step "helo" in English. Did you mean "hello"?',
    ),
    "a translated answer to nothing": (
        "content/es/check_in.yaml",
        """
            steps:
              - id: contact
                choices:
                  - {id: si, label: Sí}
        """,
        4,
        "- {id: si, label: Sí}",
        'There is no answer "si" in English.',
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_once_with_its_place(programme, mistake):
    """One mistake, one complaint, ready to be pasted into a message."""
    file, text, line, near, what = MISTAKES[mistake]
    complaint = programme.writes(file, text).only_complaint
    assert what in f"{complaint.what} {complaint.hint}"
    if line is not None:
        assert complaint.file.endswith(file)
        assert (complaint.line, complaint.near) == (line, near)


def test_all_mistakes_are_told_at_once(programme):
    """Nobody likes to mend one, run again, and hear of the next."""
    for file in ("handrail.toml", "escalation.yaml", "content/en/evening.yaml", "content/en/crisis.yaml"):
        text = next(text for name, text, *_ in MISTAKES.values() if name == file)
        programme.writes(file, text)
    programme.writes("resources/us.yaml", "country: [\n")
    with pytest.raises(BadFiles) as bad:
        load_library(programme.roots)
    assert len({complaint.file for complaint in bad.value.complaints}) == 5


def test_settings_laid_over_are_checked_as_well(programme):
    """A rehearsal's `config:` is no way around the checks."""
    with pytest.raises(BadFiles) as bad:
        load_library([shipped_config()], {"chek_in": {}, "crisis": {"try_fr": "1m"}})
    assert [complaint.hint for complaint in bad.value.complaints] == [
        'Did you mean "check_in"?',
        'Did you mean "try_for"?',
    ]
