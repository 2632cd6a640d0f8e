"""Each step holds when it should and fails when it should."""

from __future__ import annotations

import pytest

DANGER = "maya says: I am going to end it tonight"

HOLD = {
    "a text anywhere, capitals or not": [DANGER, "maya sees: CALL 911"],
    "a regular expression": [DANGER, r"maya sees: /call \d+ now/"],
    "all parts of one message": [
        DANGER,
        'maya sees: {text: safe, buttons: ["i’m safe", Not sure], not: [Lee, /99\\d/]}',
    ],
    "buttons alone": [DANGER, "maya sees: {buttons: [Not sure]}"],
    "a message before the step": [DANGER, "wait: 3m", "maya sees: {text: Call 911, within: 1s}"],
    "a message within a minute": [DANGER, "wait: 4m", "lee is paged"],
    "a page of any level": [DANGER, "jo is paged", "ana is paged:"],
    "no page since it was seen": [DANGER, "jo is paged", "jo is not paged"],
    "no page since something was said": [DANGER, "jo says: /oncall", "jo is not paged"],
    "no page for somebody who only hears of it": ["maya says: hello", "jo is not paged", "ana is not paged"],
    "a unique beginning of a label": [DANGER, "lee does not see: case", "jo taps: ack", "case of maya: {holder: jo}"],
    "the key that is always there": ["noor taps: i need help", "case of noor: {level: emergency, state: open}"],
    "an exact label before the beginning of another": [
        *[DANGER, "maya taps: I'm safe", "maya taps: Start", "maya taps: No", "maya sees: Did this help?"],
    ],
    "nobody's case": ["maya says: hello", "case of maya: none"],
    "a case in nobody's hands": [DANGER, "case of maya: {holder: none}"],
    "a position": [
        DANGER,
        "maya sends location: 42.65,-73.75",
        "jo taps: Acknowledge",
        "maya sees: kept where you are",
    ],
    "waiting for a day and a time": ["wait until: 2026-03-12 08:00", "maya does not see: hello"],
    "time that passes first": [DANGER, "lee does not see: {text: Case, within: 4m}", "lee is paged: {within: 61s}"],
    "a broken phone, mended": [
        *["fault: {delivery: [maya, jo]}", DANGER, "maya does not see: 911", "mend: {delivery: maya}"],
        *["maya sees: {text: Call 911, within: 30s}", "jo does not see: Case"],
    ],
    "a broken pager, mended": [
        "fault: {pager: all}",
        DANGER,
        "jo does not see: Case",
        "mend: {pager: all}",
        "jo is paged",
    ],
    "a restart": [DANGER, "restart", "maya sees: Call 911", "restart:", "wait: 5m", "lee is paged"],
}


@pytest.mark.parametrize("written", HOLD.values(), ids=HOLD)
def test_it_holds(steps, written):
    """What a step says, it means."""
    found = steps(*written)
    assert found.status == 0, found.out + found.err


FAIL = {
    "a text that never comes": (["maya says: hello", "maya sees: goodbye"], "reached maya within 1 minute"),
    "a text that comes too late": ([DANGER, "lee sees: {text: Case, within: 4m}"], "reached lee within 4 minutes"),
    "a message matched already": (
        [DANGER, "maya sees: Call 911", "maya sees: Call 911"],
        "a step has matched that one, or one after it, already",
    ),
    "a message before the last one matched": (
        [DANGER, "maya sees: Are you safe", "maya sees: Call 911"],
        "a step has matched that one, or one after it, already",
    ),
    "a message with a forbidden word": (
        [DANGER, 'maya sees: {text: Call 911, not: ["988"]}'],
        "Only its words were found",
    ),
    "a button that is not there": ([DANGER, "maya sees: {text: safe, buttons: [Maybe]}"], "Only its words were found"),
    "a message that was seen": ([DANGER, "maya does not see: /call 9../"], "maya saw it at 21:00:00: “Call 911"),
    "a page that never comes": (["maya says: hello", "jo is paged"], "jo was not paged within 1 minute."),
    "a page of another level": (
        [DANGER, "jo is paged: {level: urgent, within: 5s}"],
        "jo was not paged at level urgent within 5 seconds.",
    ),
    "the same page twice": ([DANGER, "jo is paged", "jo is paged: {within: 1s}"], "jo was not paged within 1 second."),
    "a page that came": ([DANGER, "jo is not paged"], "jo was paged at 21:00:00."),
    "no case": (["maya says: hello", "case of maya: {level: urgent}"], "maya has no open case."),
    "a case": ([DANGER, "case of maya: none"], "maya has an open case: emergency, open."),
    "another case": (
        [DANGER, "case of maya: {level: watch, state: engaged, holder: jo}"],
        "The case's level is emergency, not watch; its state is open, not engaged; its holder is nobody, not jo.",
    ),
    "no such button": (["jo taps: Acknowledge"], "There is no button “Acknowledge” on this screen. No button."),
    "several such buttons": (
        [DANGER, "maya taps: I'm"],
        "More than one button begins with “I'm”: “I'm safe”, “I'm not",
    ),
    "a time that is over": (["wait: 1d", "wait until: 2026-03-11 08:00"], "That moment has passed already."),
}


@pytest.mark.parametrize(("written", "said"), FAIL.values(), ids=FAIL)
def test_it_fails(steps, written, said):
    """A step that cannot fail checks nothing."""
    found = steps(*written)
    assert found.status == 1, found.out + found.err
    assert said in " ".join(found.out.split())
    assert "evening.yaml, line" in found.out
    assert found.err == ""


def test_after_a_button_that_is_not_there_nothing_is_played(steps):
    """What follows would be about another evening."""
    found = steps("jo taps: Acknowledge", "maya says: hello", "maya sees: nothing of the kind")
    assert "Did not hold: 1 of 1 expectation." in found.out
    assert "hello" not in found.out


def test_a_failure_shows_the_screen(steps):
    """Whoever reads it sees at once what happened instead."""
    found = steps("maya says: I am going to end it tonight", "maya sees: goodbye")
    assert "Last on maya's screen:" in found.out
    assert "21:00:00  Are you safe right now? [I'm safe] [Not sure] [I'm not safe]" in found.out


def test_time_moves_only_as_far_as_it_must(steps):
    """A message after five minutes ends a wait of an hour there."""
    found = steps("maya says: I am going to end it tonight", "lee is paged: {within: 1h}", "lee says: /oncall")
    assert found.status == 0
    assert "21:05:00  Lee Ng       > /oncall" in found.out


def test_time_moves_by_seconds(steps):
    """Not by minutes: a call for help that goes unanswered is looked at after exactly two."""
    found = steps("noor taps: I need help now", "noor sees: Are you safe", "noor sees: {text: not heard, within: 119s}")
    assert found.status == 1
    found = steps("noor taps: I need help now", "noor sees: Are you safe", "noor sees: {text: not heard, within: 120s}")
    assert found.status == 0


def test_waiting_until_a_time_is_until_its_next_time(steps):
    """Also when that is tomorrow, and when it is right now."""
    found = steps("wait until: 20:00", "maya says: hello", "wait until: 20:00", "maya says: hello again")
    assert "Wed 11 Mar 2026\n20:00:00  Maya Rivers  > hello" in found.out
    assert "Thu 12 Mar 2026\n20:00:00  Maya Rivers  > hello again" in found.out


def test_strict_people_may_get_nothing_unexpected(run):
    """For somebody in `strict`, what no step looked for is a failure at the end."""
    text = """\
starts: 2026-03-10 21:00
strict: [jo]
people:
  maya: {role: participant}
  jo: {role: therapist, on_call: primary}
script:
  - maya says: I am going to end it tonight
  - maya sees: "911"
"""
    found = run(text)
    assert found.status == 1
    assert "line 2\n    strict: [jo]" in found.out
    assert "No step looked for 1 of jo's messages." in found.out
    assert run(text + "  - jo is paged\n").status == 0


def test_people_keep_their_own_settings(run):
    """Everything that may be written about somebody, in one file."""
    found = run("""\
    title: Everybody
    starts: 2026-03-10 21:00
    zone: America/New_York
    config: {programme: {name: Riverside, phone: 518-555-0199}, check_in: {expires_after: 30m, reminders_after: []}}
    strict: []
    people:
      maya:
        role: participant
        language: en
        zone: Europe/Berlin
        status: enrolled
        channel: public
        check_in: 02:30
        plan: {reason_for_living: my sister, warning_signs: [not sleeping]}
        location: {label: home, address: 12 Elm St, Albany NY, emergency_number: 518-555-0100, verified: 2026-03-01}
        flags: [asthma]
      sam: {role: facilitator, on_call: [supervisor, director]} # one space is enough for a remark
      oz: {role: operator, on_call: {primary: Mon-Fri 17:00-09:00, backup: always}}
      leo: {role: contact, of: maya, consent: [notify_in_emergency, share_location]}
      max: {role: participant, status: paused, check_in: "21:00"}
    groups:
      evening: {facilitator: sam, members: [maya], meets: Tue 18:00, room: "https://video.example/evening"}
    script:
      - wait until: 21:30
      - maya sees: mood
      - wait: 30m
      - maya sees: No answer today
      - max does not see: mood
      - maya says: plan
      - maya sees: my sister
      - maya says: I am going to end it tonight
      - oz is paged: {level: emergency}
      - oz taps: Acknowledge
      - maya sees: Oz
      # A trusted contact works nowhere: no list of cases, but always the numbers.
      - leo says: /cases
      - leo sees: {text: "911", not: /cases}
    """)
    assert found.status == 0, found.out + found.err


def test_a_person_may_be_called_anything(run):
    """Also what a step is called."""
    found = run("""\
    starts: 2026-03-10 21:00
    people:
      wait: {role: participant}
      case: {role: therapist, on_call: primary}
      restart: {role: supervisor}
    script:
      - wait says: I am going to end it tonight
      - case is paged
      - wait: 10m
      - restart is paged
      - restart
      - case of wait: {level: emergency}
    """)
    assert found.status == 0, found.out + found.err


def test_a_check_in_at_the_very_start_is_asked(run):
    """Nine o'clock has come when it is nine o'clock."""
    found = run("""\
    starts: 2026-03-10 21:00
    zone: America/New_York
    people:
      maya: {role: participant, check_in: "21:00"}
    script:
      - maya sees: {text: mood, within: 1s}
    """)
    assert found.status == 0, found.out
