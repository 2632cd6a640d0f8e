"""`handrail pager`, and what the doctor and `init --people` make of pagers."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from bot.opening import opened
from storage import pagers
from storage.outbox import Room, take
from storage.people import load_registry
from tests.unit.cli.conftest import PEOPLE, Console, script

SECRET = "hunter2hunter2"
URL = f"jsons://jo:{SECRET}@gateway.example.org/jo"


def given(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    """What is on standard input, which is no terminal."""
    monkeypatch.setattr("sys.stdin", io.StringIO(words))


def code_that_waits(programme: Path) -> str:
    """The digits in the message that the program would send next."""
    with opened(programme, None) as open_programme, open_programme.unit() as unit:
        trains, _ = take(unit, Room())
    [[message]] = trains
    assert (message.channel, message.place) == ("pager", URL)
    return re.findall(r"\d{6}", message.text)[0]


def test_a_pager_is_set_and_proved_from_the_console(
    console: Console, programme: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For somebody who has no other channel: they read the code aloud."""
    given(monkeypatch, f"{URL}\n")
    said = console("pager", "set", "Jo Park")
    assert (said.status, SECRET in said.both) == (0, False)
    listed = console("pager", "list")
    assert (listed.status, listed.out) == (1, "Jo Park: jsons …jo, NOT CONFIRMED: never rung\n")
    assert console("pager", "code", "Jo Park").status == 0
    assert "wait a minute" in console("pager", "code", "Jo Park").err.casefold()
    code = code_that_waits(programme)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert console("pager", "confirm", "Jo Park", wrong).status == 1
    assert console("pager", "confirm", "Jo Park", code).out == "Confirmed.\n"
    assert console("pager", "list").status == 0
    assert console("pager", "confirm", "Jo Park", code).status == 1
    assert console("pager", "remove", "Jo Park").status == 0
    assert "has no pager" in console("pager", "remove", "Jo Park").err


def test_an_address_is_read_from_standard_input_and_told_to_nobody(programme: Path) -> None:
    """Not from the command line, which everybody on the machine can read; a refusal does not repeat it."""
    words = ("pager", "set", "Jo Park", "--config", str(programme))
    assert script(*words, given=f"{URL}\n".encode()).returncode == 0
    for wrong in (f"slack://{SECRET}/b/c", f"twilio://{SECRET}", SECRET, f"jsons://x/?verify=no&p={SECRET}", ""):
        done = script(*words, given=wrong.encode())
        assert (done.returncode, done.stderr != b"") == (1, True)
        assert SECRET.encode() not in done.stdout + done.stderr
    help_text = script("pager", "set", "--help").stdout
    assert b"--url" not in help_text


def test_nobody_but_staff_has_a_pager(console: Console, programme: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a participant is told never leaves by one."""
    given(monkeypatch, f"{URL}\n")
    said = console("pager", "set", "Maya Rivers")
    assert (said.status, "no member of staff" in said.err) == (1, True)


def test_a_pager_in_the_people_file_is_entered_sealed_and_unconfirmed(console: Console, home: Path) -> None:
    """With everybody else, when a programme is founded."""
    jo = "jo: {role: therapist, name: Jo Park, on_call: primary"
    (home / "people.yaml").write_text(PEOPLE.replace(jo, f'{jo}, pager: "{URL}"'))
    assert console("init", "--people", "people.yaml").status == 0
    assert "NOT CONFIRMED" in console("pager", "list").out
    for file in (home / "handrail").rglob("*"):
        assert file.is_dir() or SECRET.encode() not in file.read_bytes()
    with opened(home / "handrail", None) as programme, programme.unit() as unit:
        [kept] = pagers.all_pagers(unit)
        assert kept.url == URL
        assert SECRET not in repr(kept)
        registry = load_registry(unit, "")
        assert registry.address_of[kept.person_id] != kept.address_id  # they are met where they were


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("jo: {role: therapist, name: Jo Park, pager: 'slack://a/b/c'", 'cannot be of the kind "slack"'),
        ("jo: {role: therapist, name: Jo Park, pager: '+15551234567'", "kind://"),
        (
            "jo: {role: participant, name: Jo Park, therapist: ana, pager: 'jsons://x'",
            '"pager" is not for a participant',
        ),
    ],
)
def test_a_pager_in_the_people_file_that_cannot_be_is_told(console: Console, home: Path, wrong: str, told: str) -> None:
    """With file and line, before anything is made."""
    (home / "people.yaml").write_text(PEOPLE.replace("jo: {role: therapist, name: Jo Park, on_call: primary", wrong))
    said = console("init", "--people", "people.yaml")
    assert said.status == 1
    assert told in said.err
    assert "people.yaml, line" in said.err
    assert not (home / "handrail").exists()


# -- the doctor ----------------------------------------------------------------------------------------------------


def found(console: Console, name: str) -> list[tuple[str, str]]:
    lines = [json.loads(line) for line in console("doctor", "--json").out.splitlines()]
    return [(one["state"], one["says"]) for one in lines if one["name"] == name]


def test_the_doctor_looks_at_every_pager(console: Console, programme: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose is not confirmed, whose cannot be rung, whose can be read on the way. It rings nobody."""
    assert found(console, "pagers")[0][0] == "ok"
    assert found(console, "links") == []
    given(monkeypatch, f"{URL}\n")
    console("pager", "set", "Jo Park")
    given(monkeypatch, "json://gateway.example.org/lee\n")
    console("pager", "set", "Lee Ng")
    with opened(programme, None) as open_programme, open_programme.unit() as unit:
        pagers.set_pager(unit, dee := _id(unit, "Dee Reyes"), "tgram://token/1")  # of an older list of kinds
        pagers.change(unit, dee, pagers.PagerChange(tried=pagers.Tried.RIGHT))
    told = found(console, "pagers")
    assert ("look at this", "Not confirmed, so never rung: the pager of Jo Park, Lee Ng.") in _sorted(told)
    assert any(state == "broken" and "Dee Reyes cannot be rung" in says for state, says in told)
    assert any(state == "look at this" and "Lee Ng is not encrypted" in says for state, says in told)
    assert not any("Jo Park is not encrypted" in says for _, says in told)
    assert SECRET not in console("doctor").both
    assert found(console, "links")[0][0] == "look at this"


def _sorted(told: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Names in the order of the alphabet: ids follow the clock."""
    return [(state, says.replace("Lee Ng, Jo Park", "Jo Park, Lee Ng")) for state, says in told]


def _id(unit: pagers.Unit, name: str) -> str:
    roster = load_registry(unit, "").roster
    return next(one.id for one in roster.staff if one.name == name)


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ("https://pages.example.org", "ok"),
        ("https://pages.example.org/handrail/", "ok"),
        ("http://127.0.0.1:8461", "look at this"),
        ("http://pages.example.org", "refused"),
        ("pages.example.org", "refused"),
        ("https://jo:secret@pages.example.org", "refused"),
        ("https://pages.example.org/?x=1", "refused"),
        ("ftp://pages.example.org", "refused"),
    ],
)
def test_the_door_has_an_address_that_people_can_open_safely(
    console: Console, programme: Path, monkeypatch: pytest.MonkeyPatch, address: str, state: str
) -> None:
    """Without TLS somebody on the way could take a case in the name of its owner: such an address is refused."""
    given(monkeypatch, f"{URL}\n")
    console("pager", "set", "Jo Park")
    (programme / "handrail.toml").write_text(f'[server]\npublic_url = "{address}"\n')
    if state == "refused":
        said = console("check")
        assert (said.status, "https://pages.example.org" in said.out) == (1, True)
        assert console("run").status == 1
    else:
        assert found(console, "links")[0][0] == state
