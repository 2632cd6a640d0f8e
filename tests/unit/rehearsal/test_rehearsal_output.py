"""What a rehearsal prints, for people and for machines."""

from __future__ import annotations

import io
import json

from bot.rehearsal import rehearse, stories
from tests.unit.rehearsal.conftest import PEOPLE

KEYS = ["at", "who", "kind", "text", "buttons", "level", "held"]


def test_json_is_one_object_a_line_with_the_same_keys(steps):
    """Machines rely on the shape; a missing value is still there."""
    found = steps(
        "maya says: I am going to end it tonight", "jo is paged: {level: emergency}", "jo taps: Ack", as_json=True
    )
    lines = [json.loads(line) for line in found.out.splitlines()]
    assert found.status == 0
    assert all(list(line) == KEYS for line in lines)
    assert lines[0] == {
        "at": "2026-03-10T21:00:00-04:00",
        "who": "maya",
        "kind": "says",
        "text": "I am going to end it tonight",
        "buttons": [],
        "level": None,
        "held": None,
    }
    page = next(line for line in lines if line["kind"] == "page" and line["who"] == "jo")
    assert (page["level"], page["buttons"]) == ("emergency", ["Acknowledge", "Not me"])
    held = next(line for line in lines if line["kind"] == "is paged")
    assert (held["who"], held["level"], held["held"]) == ("jo", "emergency", True)
    assert held["text"] == "jo is paged: {level: emergency}"
    assert next(line for line in lines if line["kind"] == "taps")["text"] == "Acknowledge"
    assert (lines[-1]["kind"], lines[-1]["held"]) == ("result", True)


def test_json_says_why_something_did_not_hold(steps):
    """And where it is written."""
    found = steps("maya sees: goodbye", "wait: 1m", as_json=True)
    lines = [json.loads(line) for line in found.out.splitlines()]
    failed = next(line for line in lines if line["held"] is False)
    assert failed["kind"] == "sees"
    assert failed["text"].startswith("maya sees: goodbye — No new message like this reached maya")
    assert "evening.yaml, line 11" in failed["text"]
    assert (lines[-1]["kind"], lines[-1]["held"]) == ("result", False)
    assert found.status == 1


def test_nothing_else_is_printed_while_things_break(steps, capfd):
    """What the program logs must not get between the lines."""
    found = steps("fault: {channel: private}", "maya says: I am going to end it tonight", "wait: 5m", as_json=True)
    assert [json.loads(line) for line in found.out.splitlines()]
    assert capfd.readouterr() == ("", "")


def test_the_transcript_is_in_the_order_in_which_it_happened(steps):
    """With time, who, words, buttons, and which of them were pages."""
    found = steps("maya says: I am going to end it tonight", "wait: 5m", "lee taps: Acknowledge")
    out = found.out
    assert out.startswith("Steps\n=====\n\nTue 10 Mar 2026\n21:00:00  Maya Rivers  > I am going to end it tonight\n")
    assert "[I'm safe] [Not sure] [I'm not safe]" in out
    assert "[paged EMERGENCY]" in out
    assert out.index("21:05:00  Lee Ng         [paged") < out.index("21:05:00  Lee Ng       > [Acknowledge]")
    assert "\x1b" not in out


def test_several_files_are_counted(tmp_path):
    """At the end one line says how it went."""
    for name, step in (("a", "wait: 1m"), ("b", "maya sees: goodbye")):
        (tmp_path / f"{name}.yaml").write_text(f"{PEOPLE}  - {step}\n")
    out = io.StringIO()
    assert rehearse([tmp_path / "a.yaml", tmp_path / "b.yaml"], None, False, out) == 1
    assert out.getvalue().endswith("1 of 2 rehearsals held.\n")


def test_a_programme_rehearses_with_its_own_words(tmp_path):
    """`--config`: the ladder, the words and the zone are those of the clinic."""
    config = tmp_path / "config"
    config.mkdir()
    (config / "handrail.toml").write_text('[programme]\nname = "Riverside"\nzone = "Europe/London"\n')
    path = tmp_path / "evening.yaml"
    steps = "  - maya taps: I need help now\n  - jo taps: Ack\n  - jo taps: Take over\n  - maya sees: from Riverside\n"
    path.write_text(PEOPLE.replace("zone: America/New_York\n", "") + steps)
    out = io.StringIO()
    assert rehearse([path], config, True, out) == 0
    assert '"at": "2026-03-10T21:00:00+00:00"' in out.getvalue()


def test_stories_are_listed_and_a_programme_adds_its_own(tmp_path):
    """The demo plays them by name."""
    (tmp_path / "stories").mkdir()
    (tmp_path / "stories/panic.yaml").write_text("title: Our own panic\n")
    (tmp_path / "stories/broken.yaml").write_text("title: [\n")
    shipped = tmp_path / "shipped"
    (shipped / "stories").mkdir(parents=True)
    (shipped / "stories/panic.yaml").write_text("title: The panic button\n")
    found = {story.name: story.title for story in stories([shipped, tmp_path])}
    assert found == {"broken": "broken", "panic": "Our own panic"}


def test_a_file_may_have_any_ending(tmp_path):
    """It was named on the command line, so it is meant."""
    path = tmp_path / "evening.yml"
    path.write_text(f"{PEOPLE}  - wait: 1m\n")
    assert rehearse([path], None, False, io.StringIO()) == 0
