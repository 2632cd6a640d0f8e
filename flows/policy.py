"""Who may do or see what. What the table does not say is not allowed.

Acting and seeing are apart: acknowledging opens nothing, so it needs no more than being on the ladder, and a stolen
phone that acknowledges has read nothing. No human may do anything about a participant they have no relation to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from flows.grant import _TOKEN, SYSTEM, Action, Actor, Deny, FieldClass, Grant, Role

__all__ = [
    "RULES",
    "UNRELATED",
    "Action",
    "Actor",
    "Deny",
    "Fact",
    "FieldClass",
    "Grant",
    "Relation",
    "Role",
    "authorize",
]

LIFE = timedelta(seconds=60)


class Fact(StrEnum):
    """One thing that ties an actor to a participant."""

    SELF = "self"
    CASELOAD = "caseload"
    LADDER = "ladder"
    HOLDER = "holder"
    GROUP = "group"
    NOTIFY = "notify_in_emergency"
    SHARE_LOCATION = "share_location"
    SHARE_PLAN = "share_plan"
    PLANNING = "involve_in_planning"
    UPDATES = "general_updates"


SCOPES = frozenset({Fact.NOTIFY, Fact.SHARE_LOCATION, Fact.SHARE_PLAN, Fact.PLANNING, Fact.UPDATES})


@dataclass(frozen=True, slots=True)
class Relation:
    """What ties an actor to a participant, as of now. The caller looks it up; nothing is assumed.

    `caseload`: in the actor's care (a therapist's own people; for a supervisor or director, those of their team).
    `on_ladder`: there is an open case, and the actor was paged for it or is on call for it now.
    `holder`: the actor acknowledged or took over the open case. `group`: the participant is in a group they lead.
    `contact_scopes` count only while `consent`, the participant's consent to this contact, is live.
    """

    self_: bool = False
    caseload: bool = False
    on_ladder: bool = False
    holder: bool = False
    group: bool = False
    contact_scopes: frozenset[str] = frozenset()
    consent: bool = False
    facts: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "facts", frozenset(_facts(self)))


def _facts(relation: Relation) -> set[str]:
    named = (
        (relation.self_, Fact.SELF),
        (relation.caseload, Fact.CASELOAD),
        (relation.on_ladder, Fact.LADDER),
        (relation.holder, Fact.HOLDER),
        (relation.group, Fact.GROUP),
    )
    true: set[str] = {fact for holds, fact in named if holds}
    return true | (relation.contact_scopes & SCOPES) if relation.consent else true


UNRELATED = Relation()
"""Nothing ties them together. The program handles everybody with this one."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One cell: any one of `needs` suffices, and `opens` may then be read. No needs: it is about nobody."""

    needs: frozenset[str] = frozenset()
    opens: frozenset[FieldClass] = frozenset()


def _about(*needs: Fact, opens: tuple[FieldClass, ...] = ()) -> Rule:
    return Rule(frozenset(needs), frozenset(opens))


_S, _C, _L, _H = Fact.SELF, Fact.CASELOAD, Fact.LADDER, Fact.HOLDER
_F = FieldClass
_NOBODY = Rule()
_ROTA = Rule(opens=frozenset({_F.STAFF}))
_CASE = (_F.WORDS, _F.NAME, _F.ADDRESS, _F.LOCATION, _F.MEDICAL, _F.ANSWERS, _F.CASE)

_PARTICIPANT = {
    Action.WRITE: _about(_S),
    Action.SEE_PLAN: _about(_S, opens=(_F.PLAN,)),
    Action.EDIT_PLAN: _about(_S, opens=(_F.PLAN,)),
}

_THERAPIST = {
    Action.WRITE: _about(_S),
    Action.SEE_PLAN: _about(_C, _L, _H, opens=(_F.NAME, _F.PLAN)),
    Action.EDIT_PLAN: _about(_C, opens=(_F.NAME, _F.PLAN)),
    Action.SEE_CASE: _about(_C, _L, _H, opens=_CASE),
    Action.LIST_CASES: _NOBODY,  # names only through SEE_CASE, one participant at a time
    Action.ACKNOWLEDGE: _about(_C, _L, _H),
    Action.DECLINE: _about(_L, _H),
    Action.TAKE_OVER: _about(_C, _L, _H),
    Action.HAND_BACK: _about(_H),
    Action.RELAY: _about(_H),  # the bot or one named human speaks, never both
    Action.RESOLVE: _about(_H),  # only by whoever took it
    Action.CLOSE: _about(_C, _H),
    Action.NOTE: _about(_C, _L, _H),
    Action.ASK: _about(_C, _H),
    Action.FOLLOW_UP: _about(_C, _L, _H),
    Action.SEE_ON_CALL: _ROTA,
    Action.ENROL: _NOBODY,
    Action.BREAKOUT: _about(_C, _L, _H, Fact.GROUP),
    Action.JUDGE: _about(_C, _H),
}

# A holder may fall silent or go home; whoever leads the team can then hand back, resolve and close.
_SUPERVISOR = _THERAPIST | {
    Action.HAND_BACK: _about(_C, _H),
    Action.RESOLVE: _about(_C, _H),
    Action.CLOSE: _about(_C, _L, _H),
    Action.CHANGE_ON_CALL: _ROTA,
    Action.SEE_STATUS: _NOBODY,
}

_DIRECTOR = _SUPERVISOR | {Action.CONFIGURE: _NOBODY}

# Anyone on the ladder may answer a page: safety first; the page is empty, so nothing is told by it.
_FACILITATOR = {
    Action.WRITE: _about(_S, Fact.GROUP),
    Action.ACKNOWLEDGE: _about(_L, _H),
    Action.DECLINE: _about(_L, _H),
    Action.SEE_ON_CALL: _ROTA,
    Action.BREAKOUT: _about(Fact.GROUP),
}

_OPERATOR = {
    Action.WRITE: _about(_S),
    Action.ACKNOWLEDGE: _about(_L, _H),
    Action.DECLINE: _about(_L, _H),
    Action.SEE_ON_CALL: _ROTA,
    Action.CHANGE_ON_CALL: _ROTA,
    Action.SEE_STATUS: _NOBODY,
    Action.CONFIGURE: _NOBODY,
    Action.ENROL: _NOBODY,
}

# A contact reports ("With them, OK"), but never stops a clinic's clock by acknowledging.
_CONTACT = {
    Action.WRITE: _about(_S),
    Action.SEE_PLAN: _about(Fact.SHARE_PLAN, Fact.PLANNING, opens=(_F.PLAN,)),
    Action.SEE_CASE: _about(Fact.NOTIFY, opens=(_F.NAME, _F.LOCATION)),
    Action.FOLLOW_UP: _about(_L, Fact.NOTIFY),
}

RULES: dict[Role, dict[Action, Rule]] = {
    Role.PARTICIPANT: _PARTICIPANT,
    Role.THERAPIST: _THERAPIST,
    Role.FACILITATOR: _FACILITATOR,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.DIRECTOR: _DIRECTOR,
    Role.CONTACT: _CONTACT,
    Role.OPERATOR: _OPERATOR,
    Role.PROGRAM: {},  # only HANDLE, below: all of the one participant being handled, nothing of anybody else
}
EVERYTHING = frozenset(FieldClass)


def authorize(
    actor: Actor, action: Action, participant_id: str | None, relation: Relation, reason: str, now: datetime
) -> Grant | Deny:
    """A Grant that ends within a minute, or a no that says why. A `reason` (a short code) is always asked for."""
    if not reason:
        return Deny("no_reason", "A reason is needed.")
    if actor.role is Role.PROGRAM and action is Action.HANDLE:
        fields: frozenset[FieldClass] | Deny = EVERYTHING if participant_id else _NOBODY_NAMED
    else:
        fields = _opened(actor.role, action, participant_id, relation)
    if isinstance(fields, Deny):
        return fields
    return Grant(actor, action, participant_id, fields, reason, now + LIFE, _TOKEN)


_NOBODY_NAMED = Deny("about_nobody", "Say whom this is about.")
_SOMEBODY_NAMED = Deny("about_somebody", "This is not about one participant.")


def _opened(role: Role, action: Action, participant_id: str | None, relation: Relation) -> frozenset[FieldClass] | Deny:
    rule = RULES[role].get(action)
    if rule is None:
        return Deny("not_this_role", f"{_a(role)} may not {_in_words(action)}.")
    if not rule.needs:
        return rule.opens if participant_id is None else _SOMEBODY_NAMED
    if not participant_id or participant_id == SYSTEM:
        return _NOBODY_NAMED
    if rule.needs.isdisjoint(relation.facts):
        return Deny("no_relation", f"{_a(role)} may not {_in_words(action)} for this person now.")
    return _consented(rule.opens, relation) if role is Role.CONTACT else rule.opens


def _consented(opens: frozenset[FieldClass], relation: Relation) -> frozenset[FieldClass]:
    """To be told that somebody needs them does not tell a contact where that is."""
    return opens if Fact.SHARE_LOCATION in relation.facts else opens - {FieldClass.LOCATION}


def _a(role: Role) -> str:
    return f"{'An' if role is Role.OPERATOR else 'A'} {role.value}"


def _in_words(action: Action) -> str:
    return _WORDS.get(action, action.value.replace("_", " "))


_WORDS = {
    Action.SEE_PLAN: "see a plan",
    Action.EDIT_PLAN: "edit a plan",
    Action.SEE_CASE: "see a case",
    Action.NOTE: "write a note",
    Action.ASK: "send questions",
    Action.HANDLE: "handle messages",
    Action.FOLLOW_UP: "record an outcome",
    Action.SEE_ON_CALL: "see who is on call",
    Action.CHANGE_ON_CALL: "change who is on call",
    Action.SEE_STATUS: "see the status",
    Action.BREAKOUT: "open a private room",
    Action.JUDGE: "say how useful a case was",
}
