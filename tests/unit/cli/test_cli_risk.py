"""`handrail risk`: the weekly sheet about rules."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from bot.opening import opened
from flows.case import Case
from flows.ladder import Roster
from flows.level import Level
from flows.phi import Phi
from flows.risk import Signal
from flows.situation import Situation
from flows.turn import Turn
from storage import people, situations, turns
from storage.people import Registry
from storage.turns import Decided
from tests.unit.cli.conftest import Console


def fire(programme: Path, times: int, rule: str, level: Level, *, useful: bool) -> None:
    """So many closed cases in which the rule fired, each judged."""
    with opened(programme, None) as found:
        for number in range(times):
            with found.unit() as unit:
                registry = people.fresh_registry(unit, Registry("", Roster(), {}))
                maya = people.people_named(unit, "maya")[0]
                situation, address = situations.load_participants(unit, [maya], registry)[maya]
                for turn in _closed_case(situation, f"{rule}-{number}", rule, level, useful=useful):
                    turns.save(unit, [Decided(situation, turn, address, "tried", f"{rule}-{number}")], registry)
                    situation = replace(situation, case=turn.case)


def _closed_case(situation: Situation, key: str, rule: str, level: Level, *, useful: bool) -> list[Turn]:
    assert situation.participant is not None
    now = situation.now
    case = Case(key, situation.next_case_number, situation.participant.id, level, now, now, now)
    heard = Signal(rule, 1, level, "suicide", 0, 7, Phi("goodbye"), "Said so.")
    return [Turn(case=case, signals=(heard,)), Turn(case=replace(case, state="closed"), judged=(key, useful))]


def test_nothing_has_fired_yet(console: Console, programme: Path) -> None:
    """The first day."""
    said = console("risk")
    assert (said.status, said.out) == (0, "No rule has fired yet.\n")


def test_rules_and_numbers_and_nobody(console: Console, programme: Path) -> None:
    """The sheet may lie on a table in a meeting."""
    fire(programme, 2, "EW-LOW", Level.WATCH, useful=True)
    said = console("risk")
    assert said.status == 0
    line = next(line for line in said.out.splitlines() if line.startswith("EW-LOW"))
    assert line.split() == ["EW-LOW", "watch", "2", "2", "0", "2", "2", "0"]
    for word in ("Maya", "maya", "Rivers", "goodbye", "proposed"):
        assert word not in said.out


def test_a_noisy_rule_is_marked_and_an_emergency_never(console: Console, programme: Path) -> None:
    """People decide; nothing is muted by itself."""
    fire(programme, 30, "EW-SWING", Level.WATCH, useful=False)
    fire(programme, 30, "score.safe.not_safe", Level.WATCH, useful=False)
    said = console("risk")
    assert said.status == 1
    marked = [line.split()[0] for line in said.out.splitlines() if "muted for paging is proposed" in line]
    assert marked == ["EW-SWING"]
    rows = {row["rule"]: row for row in map(json.loads, console("risk", "--json").out.splitlines())}
    assert rows["EW-SWING"]["30d"] == {"fired": 30, "useful": 0, "not_useful": 30}
    assert rows["EW-SWING"]["muting_proposed"] is True
    assert rows["score.safe.not_safe"]["muting_proposed"] is False
