"""`handrail doctor`: each thing that is not right is found, and the line says what mends it."""

from __future__ import annotations

import json
import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.doctor.installation import packages
from bot.opening import opened
from flows.grant import Role
from flows.level import Level
from flows.message import Outbound, Urgency
from flows.phi import Phi
from storage import inbox, outbox
from storage.inbox import Arrival
from storage.lookup import one_named
from storage.people import address_id_of
from tests.unit.cli.conftest import Console


class Found(dict[str, list[tuple[str, str, str]]]):
    """What the doctor found, by name: (state, what it says, what mends it)."""

    def one(self, name: str) -> tuple[str, str, str]:
        [found] = self[name]
        return found


def examined(console: Console, *words: str) -> Found:
    said = console("doctor", "--json", *words)
    found = Found()
    for line in said.out.splitlines():
        one = json.loads(line)
        found.setdefault(one["name"], []).append((one["state"], one["says"], one["mend"]))
    assert said.err == ""
    assert said.status == (0 if all(state == "ok" for group in found.values() for state, _, _ in group) else 1)
    return found


def test_a_new_programme_has_nothing_broken(console: Console, programme: Path) -> None:
    """What is left is what only people can do: dial the lines, approve the words, start it."""
    found = examined(console)
    wrong = {name: group for name, group in found.items() for state, _, _ in group if state != "ok"}
    assert set(wrong) == {"crisis texts", "crisis lines", "running"}
    assert found.one("crisis lines")[2].startswith("Dial each")
    assert found.one("key")[0] == found.one("ledger")[0] == found.one("durable")[0] == "ok"
    assert found.one("on call: primary")[1] == "no gap in the next 14 days"


def test_it_changes_nothing(console: Console, programme: Path) -> None:
    """Looking must be safe at any time."""
    before = (programme / "data" / "handrail.db").read_bytes()
    examined(console)
    assert (programme / "data" / "handrail.db").read_bytes() == before


def test_everything_ok_is_0(console: Console, programme: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a service manager can ask."""
    monkeypatch.setattr("bot.doctor.files._is_day", lambda _written: True)
    process = os.fork()
    if process == 0:  # somebody works on it
        from storage.dialect import OneProcess, engine_for  # noqa: PLC0415

        OneProcess(engine_for(f"sqlite:///{programme}/data/handrail.db")).take()
        import time  # noqa: PLC0415

        time.sleep(60)
        os._exit(0)
    try:
        lock = programme / "data" / "handrail.db.lock"
        while not (lock.exists() and lock.read_text() == str(process)):
            pass
        said = console("doctor")
    finally:
        os.kill(process, 9)
        os.waitpid(process, 0)
    assert said.status == 0, said.out
    assert said.out.endswith("Everything is ok.\n")


def test_without_a_programme(console: Console) -> None:
    """The first thing a newcomer types."""
    found = examined(console)
    assert found.one("programme")[2] == "handrail init"
    assert list(console.home.iterdir()) == [console.home / "people.yaml"]


def _lost(folder: Path) -> None:
    (folder / "secrets" / "handrail.key").unlink()


def _open(folder: Path) -> None:
    (folder / "secrets" / "handrail.key").chmod(0o640)


def _beside(folder: Path) -> None:
    (folder / "handrail.toml").write_text('[storage]\nkey_file = "data/handrail.key"\n')


def _no_database(folder: Path) -> None:
    (folder / "data" / "handrail.db").unlink()


def _not_a_database(folder: Path) -> None:
    (folder / "data" / "handrail.db").write_bytes(b"not a database" * 1000)


def _newer(folder: Path) -> None:
    with sqlite3.connect(folder / "data" / "handrail.db") as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")


def _edited(folder: Path) -> None:
    with sqlite3.connect(folder / "data" / "handrail.db") as raw:
        raw.execute("UPDATE audit SET action = 'nothing' WHERE seq = 3")


def _hasty(folder: Path) -> None:
    with sqlite3.connect(folder / "data" / "handrail.db") as raw:
        raw.execute("PRAGMA journal_mode=DELETE")


@pytest.mark.parametrize(
    ("harm", "name", "says", "mend"),
    [
        (_lost, "key", "There is no key file", "Put your copy of the key back"),
        (_open, "key", "is open to other accounts (mode 640)", "chmod 600"),
        (_beside, "key", "lies where the data lie", "storage.key_file"),
        (_no_database, "database", "There is none at", "handrail init"),
        (_not_a_database, "database", "file is not a database", "See that it is there"),
        (_newer, "database", "A newer Handrail has used this database", "Start that one"),
        (_edited, "ledger", "broken at entry 3", "find out who could write"),
        (_hasty, "durable", "does not keep what it confirms", "set it back"),
    ],
)
def test_what_is_broken_is_found(
    console: Console, programme: Path, harm: object, name: str, says: str, mend: str
) -> None:
    """Each with what mends it."""
    assert callable(harm)
    harm(programme)
    state, said, mends = examined(console).one(name)
    assert state == "broken"
    assert says in said
    assert mend in mends


def test_broken_files_do_not_hide_the_rest(console: Console, programme: Path) -> None:
    """A slip in a text says nothing about the key."""
    (programme / "escalation.yaml").write_text("emergncy: {}\n")
    found = examined(console)
    assert found.one("files")[0] == "broken"
    assert found.one("files")[2] == "handrail check"
    assert found.one("database")[0] == "ok"


def test_a_ladder_that_ends_in_nobody_is_broken(console: Console) -> None:
    """The last tier repeats until somebody acknowledges; it may never be empty."""
    path = console.home / "people.yaml"
    path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if "dee:" not in line))
    console("init", "--people", "people.yaml")
    state, says, mend = examined(console).one("emergency ladder")
    assert state == "broken"
    assert "(director) is nobody at all" in says
    assert "handrail init --people FILE" in mend


def test_gaps_on_call_are_counted(console: Console, programme: Path) -> None:
    """In the next fourteen days, with the first of them."""
    console("schedule", "remove", "jo", "primary")
    console("schedule", "add", "jo", "primary", "Mon-Fri 17:00-09:00")
    state, says, mend = examined(console).one("on call: primary")
    assert state == "look at this"
    assert "gaps in the next 14 days, the first" in says
    assert mend == "handrail schedule add NAME primary HOURS"


def test_people_without_what_they_need_are_counted_not_named(console: Console, programme: Path) -> None:
    """Whoever runs the machine need not learn who is in treatment."""
    with (console.home / "people.yaml").open("a") as file:
        file.write("  noor: {role: participant, name: Noor Haddad, language: fr}\n")
    console("init", "--people", "people.yaml")
    found = examined(console)
    says = [said for state, said, _ in found["participants"] if state != "ok"]
    assert says == [
        "1 participant without a therapist who works here.",
        "1 participant without a safety plan.",
        "1 participant without a time for the check-in.",
    ]
    assert any('"fr"' in said for state, said, _ in found["languages"] if state != "ok")
    assert "Noor" not in console("doctor").both


def test_what_failed_and_what_waits_is_found(console: Console, programme: Path) -> None:
    """A message that nobody could read, a page that nobody got."""
    past = datetime.now(UTC) - timedelta(hours=2)
    with opened(programme, None) as found, found.store.begin(past) as unit:
        maya = one_named(unit, "maya", frozenset({Role.PARTICIPANT}))
        jo = one_named(unit, "jo", frozenset({Role.THERAPIST}))
        inbox.keep(unit, [Arrival("a" * 32, "private", "1", maya, "text", Level.NONE, Phi("words of hers"))])
        inbox.failed(unit, ["a" * 32])
        outbox.promise(unit, [(Outbound(jo, "A case", Urgency.CRISIS, "care.page@1"), address_id_of(unit, jo), maya)])
    found_now = examined(console)
    assert found_now.one("messages")[0] == "look at this"
    state, says, _ = found_now.one("pages")
    assert state == "broken"
    assert says == "1 crisis message unsent, the oldest for 2 hours."
    assert "words of hers" not in console("doctor").both


def test_what_a_programme_switches_off_is_listed(console: Console, programme: Path) -> None:
    """It may be meant; it must not be forgotten."""
    (programme / "handrail.toml").write_text("[check_in]\nreminders_after = []\n")
    risk = programme / "risk" / "en"
    risk.mkdir(parents=True)
    shipped = (Path("/") / Path(__file__).parents[3] / "config/risk/en/suicide.yaml").read_text()
    rule = next(line.split("id: ")[1] for line in shipped.splitlines() if "- id: " in line)
    (risk / "suicide.yaml").write_text(f"rules:\n  - {{id: {rule}, remove: true}}\n")
    (programme / "risk" / "patterns.yaml").write_text("rules:\n  - {id: EW-MISS3, remove: true}\n")
    state, says, _ = examined(console).one("switched off")
    assert state == "look at this"
    assert "1 rule about patterns taken away: EW-MISS3" in says
    assert f"1 rule about words taken away: {rule}" in says
    assert "reminders of an unanswered check-in" in says


def test_another_distribution_with_our_names_is_found(tmp_path: Path) -> None:
    """`bot` is a common name."""
    lie = dict.fromkeys(("bot", "flows", "storage"), tmp_path)
    assert packages(lie, {"bot": ["handrail"], "flows": ["Handrail"]}).mend == ""
    assert "telebot" in packages(lie, {"bot": ["handrail", "telebot"]}).says
    assert "lie apart" in packages({**lie, "bot": tmp_path / "x"}, {}).says


def test_on_postgresql(console: Console, postgres_url: str) -> None:
    """The same commands by address; twice changes nothing there either."""
    assert console("init", "--database", postgres_url, "--people", "people.yaml").status == 0
    assert "Nothing was changed." in console("init", "--people", "people.yaml", "--database", postgres_url).out
    found = examined(console, "--database", postgres_url)
    assert found.one("database")[0] == found.one("ledger")[0] == "ok"
    assert found.one("running")[0] == "look at this"
    assert console("plan", "maya", "--as", "ana", "--database", postgres_url).status == 0
    assert console("schedule", "--database", postgres_url).status == 0
