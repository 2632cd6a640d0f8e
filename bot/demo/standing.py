"""How things stand, and what falls due next: the panel above "What happened"."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.demo.cast import Cast
from flows.case import Case
from flows.ladder import Roster, people_of
from flows.library import Library
from storage.chronicle import Chronicle, Waits

SHOWN = 3


def standing(chronicle: Chronicle, cast: Cast, library: Library, roster: Roster) -> dict[str, Any]:
    """The open case in three short facts, and the next things due."""
    case = next((one for one in reversed(chronicle.cases) if one.state != "closed"), None)
    ahead = Ahead(chronicle, cast, library, roster)
    return {
        "case": None if case is None else _case(case, cast),
        "next": [
            {"at": round(one.due_at.timestamp() * 1000), "words": ahead.in_words(one)}
            for one in chronicle.waits[:SHOWN]
        ],
    }


def _case(case: Case, cast: Cast) -> dict[str, str]:
    about = cast.by_id(case.participant_id)
    return {
        "number": str(case.number),
        "level": case.level.word,
        "state": case.state,
        "about": about.first_name if about else "",
        "holder": cast.name(case.holder_id) if case.holder_id else "",
        "speaker": cast.name(case.speaker_id) if case.speaker_id else "",
    }


class Ahead:
    """Says what a timer will do when it falls due."""

    def __init__(self, chronicle: Chronicle, cast: Cast, library: Library, roster: Roster) -> None:
        self.chronicle = chronicle
        self.cast = cast
        self.library = library
        self.roster = roster

    def in_words(self, one: Waits) -> str:
        if one.kind == "climb":
            return self._climb(one)
        if one.kind == "later":
            return f"A line for {self.cast.name(one.person_id)}, at the start of their working hours"
        if one.kind in {"follow_up", "follow_up_overdue"}:
            return self._task(one)
        name = self._first(one.person_id)
        case = next((case for case in self.chronicle.cases if case.id == one.key), None)
        holder = self.cast.name(case.holder_id) if case and case.holder_id else "Whoever has it"
        return _TIMERS.get(one.kind, "Something falls due").format(name=name, holder=holder)

    def _climb(self, one: Waits) -> str:
        case = next((case for case in self.chronicle.cases if case.id == one.key), None)
        if case is None:
            return "The next tier is asked"
        number, people = self._next_tier(case, one.due_at)
        if not people:
            return "Everybody on the ladder is asked again"
        return f"Tier {number + 1} is asked: {' and '.join(self.cast.name(person) for person in people)}"

    def _next_tier(self, case: Case, at: datetime) -> tuple[int, tuple[str, ...]]:
        tiers = self.library.escalation.of(case.level).tiers
        for number in range(case.tier + 1, len(tiers)):
            people = people_of(tiers[number], self.roster, self.cast.therapist_of(case.participant_id), at)
            if people:
                return number, people
        return len(tiers), ()

    def _task(self, one: Waits) -> str:
        task = next((task for task in self.chronicle.tasks if task.id == one.key), None)
        what = task.kind.replace("_", " ") if task else "a task"
        if one.kind == "follow_up_overdue":
            return f"{what.capitalize()} is overdue, and the supervisor hears of it"
        owner = self.cast.name(task.owner_id) if task else "somebody"
        return f"{owner} is asked for: {what}"

    def _first(self, person_id: str) -> str:
        found = self.cast.by_id(person_id)
        return found.first_name if found else "somebody"


_TIMERS = {
    "lapse": "If {holder} has not been in touch, the next tier is asked",
    "unresolved": "{holder} is reminded that the case is open",
    "quiet": "If {name} has not answered, the numbers are shown again",
    "trying": "{name} is asked whether it helped",
    "check_back": "{name} is asked how it is now, as promised",
    "check_in": "{name}’s daily check-in",
    "check_in_reminder": "If {name} has not answered, one gentle reminder",
    "check_in_expiry": "{name}’s check-in closes",
}
