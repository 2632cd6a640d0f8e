"""Can those who work here be reached at all, on a channel that the programme speaks on? A page to nobody is the worst
that can happen, so this is said before anybody relies on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.console import counted
from bot.doctor.finding import Finding, broken, look, ok
from flows.grant import Role
from flows.ladder import Roster
from storage.lookup import Reached

WAYS: Mapping[str, str] = {
    "matrix": "write matrix: into your file of people, for who is new",
    "telegram": "handrail invite NAME",
    "pager": "handrail pager set NAME",
}


def reach(there: Mapping[str, Sequence[Reached]], roster: Roster, participants: int, named: str) -> Iterator[Finding]:
    """`there` is who has an address on each channel that the programme speaks on; without any it speaks on simulated
    phones, which is said elsewhere."""
    if not there:
        return
    people = {one.person_id: one.role for reached in there.values() for one in reached}
    ways = {channel: f"{WAYS[channel]}{named if channel != 'matrix' else ''}" for channel in there}
    silent = [person.name for person in roster.staff if person.id not in people]
    if silent:
        yield broken(
            "who is reached",
            f"Nobody can reach {', '.join(silent)}: no account of theirs is known.",
            "; or: ".join(ways.values()),
        )
    elif roster.staff:
        yield ok("who is reached", "everybody who works here has an account that is known")
    missing = participants - sum(role is Role.PARTICIPANT for role in people.values())
    if missing > 0:
        ways.pop("pager", None)
        says = f"{counted(missing, 'participant')} with no account that is known."
        yield look("who is reached", says, "; or: ".join(ways.values()))
