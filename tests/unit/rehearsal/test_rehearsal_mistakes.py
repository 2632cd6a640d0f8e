"""A file with a mistake in it is not played: it says where the mistake is and what to write instead."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bot.rehearsal import rehearse
from tests.unit.rehearsal.conftest import PEOPLE

LINE = PEOPLE.count("\n") + 1

WRONG_STEPS = [
    ("maya shouts: hello", 'There is no step "maya shouts". The steps are: NAME says, NAME taps'),
    ("mayo says: hello", 'There is no person "mayo" in this file. Did you mean "maya"?'),
    ("maya say: hello", 'Did you mean "maya says"?'),
    ("wiat: 5m", 'Did you mean "wait"?'),
    ("sing a song", "The steps are: NAME says, NAME taps"),
    ("maya says:", "What is said must be some text."),
    ("maya sees:", "What is looked for must be some text."),
    ("maya sees: {txt: hello}", 'There is no key "txt" here. Did you mean "text"?'),
    ("maya sees: {within: 5s}", "What is looked for?"),
    ("maya sees: {text: hello, within: soon}", "'soon' is not a length of time; write it like 30s, 5m, 2h or 1d."),
    ("maya sees: /(/", "is not a regular expression"),
    ("jo is paged: {level: hihg}", 'There is no level "hihg".'),
    ("jo is paged: {level: emergncy}", 'Did you mean "emergency"?'),
    ("jo is paged: emergency", "Write them in braces: {level, within}."),
    ("jo is not paged: {level: urgent}", "Nothing is written behind this step."),
    ("restart: now", "Nothing is written behind this step."),
    ("wait: 5 minutes", "is not a length of time"),
    ("wait until: noon", "'noon' is not a time of day; write it like 09:00 or 21:30."),
    ("wait until: 2026-13-01 10:00", "is not a day and time"),
    ("case of jo: none", 'There is no participant "jo" in this file.'),
    ("case of maya: {state: acknowleged}", 'Did you mean "acknowledged"?'),
    ("case of maya: {state: closed}", "Write `none` instead"),
    ("case of maya: {holder: leo}", 'There is no person "leo". Did you mean "lee"?'),
    ("case of maya:", "How is the case to be?"),
    ("fault: {delivery: joe}", 'Did you mean "jo"?'),
    ("fault: {channel: telegram}", 'There is no channel "telegram".'),
    ("fault: {pagers: all}", 'Did you mean "pager"?'),
    ("mend: {pager: jo}", 'There is no pager "jo". Known here: "all".'),
    ("fault:", "What breaks, or works again?"),
    ("maya sends location: Albany", "A position is two numbers. Write it like 42.65,-73.75"),
    ("maya sends location: 142.65,-73.75", "There is no such place"),
    ("[maya says, hello]", "This is not a step."),
]


@pytest.mark.parametrize(("step", "said"), WRONG_STEPS, ids=[step for step, _ in WRONG_STEPS])
def test_a_wrong_step_is_told_with_its_line(steps, step, said):
    """Whoever writes a rehearsal is no programmer."""
    found = steps(step)
    assert found.status == 2
    assert f"evening.yaml, line {LINE}\n" in found.err
    assert said in found.err
    assert found.out == ""


def test_all_mistakes_are_told_at_once(steps):
    """Not one a run."""
    found = steps("maya shouts: hello", "mayo says: hello", "wait: long")
    assert found.err.count("evening.yaml, line") == 3


def test_two_steps_under_one_dash_are_told(run):
    """A dash is easily forgotten, and the second step would never be played."""
    found = run(PEOPLE + "  - maya says: hello\n    maya sees: hello\n")
    assert found.status == 2
    assert '"maya sees" stands alone' in found.err
    assert f"line {LINE + 1}" in found.err


WRONG_PEOPLE = [
    ("  leo: {role: participants}", 'Did you mean "participant"?'),
    ("  leo: {rool: participant}", 'Did you mean "role"?'),
    ("  leo: {role: participant, therapist: anna}", 'There is no member of staff "anna" in this file'),
    ("  leo: {role: participant, therapist: maya}", 'There is no member of staff "maya" in this file'),
    ("  leo: {role: participant, check_in: 25:00}", "is not a time of day"),
    ("  leo: {role: participant, zone: Mars/Olympus}", "is not a time zone"),
    ("  leo: {role: participant, hours: Mon-Fri 09:00-17:00}", '"hours" is not for a participant.'),
    ("  leo: {role: participant, plan: {coping: [walk]}}", 'There is no key "coping" here.'),
    ("  leo: {role: participant, channel: secret}", '"channel" must be "private" or "public"'),
    ("  leo: {role: therapist, plan: {internal_coping: [walk]}}", '"plan" is not for a therapist.'),
    ("  leo: {role: therapist, on_call: tertiary}", "there are primary, backup, supervisor, director"),
    ("  leo: {role: therapist, hours: nine to five}", "is not a list of hours"),
    ("  leo: {role: contact}", "Whose contact is leo?"),
    ("  leo: {role: contact, of: mya}", 'There is no participant "mya" in this file. Did you mean "maya"?'),
    ("  leo: {role: contact, of: maya, consent: [notify]}", '"consent"'),
    ("strict: [maja]", 'There is no person "maja" in this file. Did you mean "maya"?'),
    ("groups:\n  evening: {facilitator: sam, members: [maya]}", 'There is no facilitator "sam"'),
    ("groups:\n  evening: {facilitator: jo, members: [maya, jo]}", 'There is no participant "jo"'),
    ("groups:\n  evening: {facilitator: jo, meets: sometimes}", "is not a day and a time"),
    ("tittle: Steps", 'Did you mean "title"?'),
]


@pytest.mark.parametrize(("line", "said"), WRONG_PEOPLE, ids=[line for line, _ in WRONG_PEOPLE])
def test_a_wrong_person_is_told(run, line, said):
    """A misspelt role would be a tier that nobody sits in."""
    found = run(PEOPLE.replace("script:\n", f"{line}\nscript:\n") + "  - maya says: hello\n")
    assert found.status == 2
    assert said in found.err
    assert "evening.yaml, line" in found.err


@pytest.mark.parametrize("starts", ["", "2026-03-10", "tonight", "2026-02-30 10:00"])
def test_a_wrong_start_is_told(run, starts):
    """All times hang on it."""
    found = run(PEOPLE.replace("2026-03-10 21:00", starts) + "  - wait: 1m\n")
    assert found.status == 2
    assert "is not a day and time; write it like 2026-03-10 21:00" in found.err


def test_settings_in_a_file_are_checked_like_any_others(run):
    """`config:` has the keys of the programme's own files, and their complaints."""
    found = run(PEOPLE + "  - wait: 1m\nconfig:\n  check_in: {reminders: [10m]}\n")
    assert found.status == 2
    assert 'There is no key "reminders" here.' in found.err
    assert "evening.yaml, line" in found.err


def test_nothing_is_played_when_one_of_several_files_is_wrong(tmp_path):
    """Half an answer looks like a whole one."""
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(PEOPLE + "  - wait: 1m\n")
    bad.write_text(PEOPLE + "  - wait: soon\n")
    out, err = io.StringIO(), io.StringIO()
    assert rehearse([good, bad, tmp_path / "none.yaml"], None, False, out, err) == 2
    assert out.getvalue() == ""
    assert "bad.yaml, line" in err.getvalue()
    assert "There is no such file." in err.getvalue()


def test_a_broken_configuration_is_told_before_anything_is_played(tmp_path):
    """With `--config`, its mistakes are those of the files."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config/handrail.toml").write_text("[programme]\nzone = 'Mars'\n")
    path = tmp_path / "evening.yaml"
    path.write_text(PEOPLE + "  - wait: 1m\n")
    out, err = io.StringIO(), io.StringIO()
    assert rehearse([path], Path(tmp_path / "config"), False, out, err) == 2
    assert "is not a time zone" in err.getvalue()
