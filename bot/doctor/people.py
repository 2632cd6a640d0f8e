"""The people: does every ladder end in somebody, who is on call when, and who cannot be reached or looked after?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.console import counted
from bot.doctor.finding import Finding, broken, look, ok
from flows.ladder import Ladder, Roster, people_of, sits
from flows.library import Library
from flows.rota import DAY_WORDS, LAYERS, gaps
from storage.health import Census

AHEAD = 14
STEP = timedelta(minutes=15)
PEOPLE_FILE = "Write it into your file of people, for who is new; handrail schedule for times."


def on_call(library: Library, roster: Roster, now: datetime) -> Iterator[Finding]:
    """Whether somebody is asked at the end of each ladder at any time, and where a layer has gaps."""
    zone = library.settings.programme.zone
    for level in ("urgent", "emergency"):
        yield _end_of(getattr(library.escalation, level), level, roster, now, zone)
    for layer in LAYERS:
        if _named(library, layer):
            yield _layer(layer, roster, now, zone)


def _end_of(ladder: Ladder, level: str, roster: Roster, now: datetime, zone: str) -> Finding:
    """The last tier is the one that repeats until somebody acknowledges: it may never be empty."""
    name, last = f"{level} ladder", ladder.tiers[-1]
    empty = next((at for step in range(AHEAD * 96) if not people_of(last, roster, "", at := now + step * STEP)), None)
    if empty is None:
        who = ", ".join(roster.name(person) for person in people_of(last, roster, "", now))
        return ok(name, f"ends in {who}")
    seats = " or ".join((*last.page, *last.first_of))
    mend = f"Add a {seats} (handrail init --people FILE), or: handrail schedule add NAME {seats.split()[0]} always"
    return broken(name, f"The last to be asked ({seats}) is nobody at all from {_moment(empty, zone)}.", mend)


def _named(library: Library, layer: str) -> bool:
    ladders = (library.escalation.urgent, library.escalation.emergency)
    return any(layer in (*tier.page, *tier.first_of) for ladder in ladders for tier in ladder.tiers)


def _layer(layer: str, roster: Roster, now: datetime, zone: str) -> Finding:
    name = f"on call: {layer}"
    found = gaps(roster.shifts, layer, now, AHEAD)
    if not found:
        return ok(name, f"no gap in the next {AHEAD} days")
    if not any(shift.layer == layer for shift in roster.shifts):
        if sits(layer, roster, "", now):
            return ok(name, "nobody on the rota, so everybody with that role is asked")
        return look(name, "Nobody is ever on this layer.", f"handrail schedule add NAME {layer} HOURS")
    first = f"{_moment(found[0][0], zone)} to {_moment(found[0][1], zone)}"
    says = f"{counted(len(found), 'gap')} in the next {AHEAD} days, the first {first}."
    return look(name, says, f"handrail schedule add NAME {layer} HOURS")


def _moment(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{DAY_WORDS[local.weekday()]} {local:%d %b %H:%M}"


# -- who is without what -------------------------------------------------------------------------------------------


def without(found: Census, roster: Roster, library: Library) -> Iterator[Finding]:
    """In numbers; names only of those who work here."""
    if not found.participants:
        yield look("participants", "There are none yet.", "handrail init --people FILE")
    else:
        yield ok("participants", f"{found.participants} active")
    silent = ", ".join(roster.name(person) for person in found.staff_without_address)
    lacks = (
        (found.participants_without_address, "cannot be reached at any address", PEOPLE_FILE),
        (found.without_therapist, "without a therapist who works here", PEOPLE_FILE),
        (found.without_plan, "without a safety plan", "handrail plan NAME --as NAME --from FILE"),
        (found.without_check_in, "without a time for the check-in", "handrail schedule check-in NAME HH:MM"),
        (found.without_check_in_timer, "with a time, but no next check-in", "handrail schedule check-in NAME HH:MM"),
    )
    for number, what, mend in lacks:
        if number:
            yield look("participants", f"{counted(number, 'participant')} {what}.", mend)
    if silent:
        yield look("staff", f"Nobody can reach {silent}: no address.", PEOPLE_FILE)
    for language, number in found.languages:
        if language not in library.languages:
            says = f'{counted(number, "participant")} with the language "{language}", in which there are no texts.'
            yield look("languages", says, f"Write config/content/{language}/, or they go on reading English.")
