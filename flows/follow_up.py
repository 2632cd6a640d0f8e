"""Tasks after a case: each has a clock and an owner, and an overdue one reaches the supervisor."""

from __future__ import annotations

from flows import telling
from flows.event import Due
from flows.policy import Role
from flows.turn import Draft


def due(draft: Draft, event: Due) -> None:
    """A task's time has come: its owner is told, and the clock for being overdue starts."""
    _ask(draft, event, event.data["owner"], "care.follow_up")
    draft.due(
        "follow_up_overdue",
        draft.now + draft.library.escalation.follow_up_overdue_after,
        event.key,
        event.data,
    )


def overdue(draft: Draft, event: Due) -> None:
    """Nobody recorded an outcome: the supervisor hears of it, as well as the owner."""
    draft.note(telling.BOT, "follow_up_overdue", "follow_up", event.key)
    people = telling.people_with(draft, Role.SUPERVISOR) or telling.people_with(draft, Role.DIRECTOR)
    for person in dict.fromkeys([*people, event.data["owner"]]):
        _ask(draft, event, person, "care.follow_up_overdue")


def _ask(draft: Draft, event: Due, person: str, content: str) -> None:
    if draft.roster.member(person) is None:
        return
    draft.tell(
        person,
        content,
        slots={
            "case": event.data["number"],
            "next": event.data["kind"].replace("_", " "),
            "holder": draft.roster.name(event.data["owner"]),
        },
        question="care.follow_up",
        ref=f"{event.data['case']}/{event.key}",
        choices=draft.choices("care.follow_up"),
    )
