"""Who may do or see what: the whole table in two pictures, and the rules that no cell may break."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.grant import SYSTEM, Action, Actor, Deny, FieldClass, ForgedGrant, Grant, Role
from flows.policy import LIFE, UNRELATED, Relation, authorize

NOW = datetime(2025, 3, 1, 3, 0, tzinfo=UTC)
MAYA = "maya"

# One letter for each thing that can tie an actor to a participant.
TIES = {
    "s": Relation(self_=True),
    "c": Relation(caseload=True),
    "l": Relation(on_ladder=True),
    "h": Relation(holder=True),
    "g": Relation(group=True),
    "n": Relation(consent=True, contact_scopes=frozenset({"notify_in_emergency"})),
    "o": Relation(consent=True, contact_scopes=frozenset({"share_location"})),
    "p": Relation(consent=True, contact_scopes=frozenset({"share_plan"})),
    "i": Relation(consent=True, contact_scopes=frozenset({"involve_in_planning"})),
    "u": Relation(consent=True, contact_scopes=frozenset({"general_updates"})),
    "x": Relation(consent=False, contact_scopes=frozenset({"notify_in_emergency", "share_plan"})),
}

# Which tie lets whom do what. "*": it is about nobody. "all": whoever it is about. ".": never.
#   s themselves, c caseload or team, l on the ladder, h holds the case, g own group,
#   a contact with live consent to n be notified, o know the place, p see the plan, i help plan, u hear news.
WHO_MAY = """
action         participant therapist facilitator supervisor director contact operator program
write          s           s         sg          s          s        s       s        .
see_plan       s           clh       .           clh        clh      pi      .        .
edit_plan      s           c         .           c          c        .       .        .
see_case       .           clh       .           clh        clh      n       .        .
list_cases     .           *         .           *          *        .       .        .
acknowledge    .           clh       lh          clh        clh      .       lh       .
decline        .           lh        lh          lh         lh       .       lh       .
take_over      .           clh       .           clh        clh      .       .        .
hand_back      .           h         .           ch         ch       .       .        .
relay          .           h         .           h          h        .       .        .
resolve        .           h         .           ch         ch       .       .        .
close          .           ch        .           clh        clh      .       .        .
note           .           clh       .           clh        clh      .       .        .
ask            .           ch        .           ch         ch       .       .        .
follow_up      .           clh       .           clh        clh      ln      .        .
see_on_call    .           *         *           *          *        .       *        .
change_on_call .           .         .           *          *        .       *        .
see_status     .           .         .           *          *        .       *        .
configure      .           .         .           .          *        .       *        .
enrol          .           *         .           *          *        .       *        .
breakout       .           clhg      g           clhg       clhg     .       .        .
judge          .           ch        .           ch         ch       .       .        .
handle         .           .         .           .          .        .       .        all
"""

# What may then be read. Letters: w words, n name, a address, p plan, l location, m medical, s answers, c case, t staff.
READS = {c.value[0]: c for c in FieldClass} | {"s": FieldClass.ANSWERS, "a": FieldClass.ADDRESS, "t": FieldClass.STAFF}
WHAT_OPENS = """
action         participant therapist facilitator supervisor director contact operator program
write          .           .         .           .          .        .       .        .
see_plan       p           np        .           np         np       p       .        .
edit_plan      p           np        .           np         np       .       .        .
see_case       .           wnalmsc   .           wnalmsc    wnalmsc  n       .        .
list_cases     .           .         .           .          .        .       .        .
acknowledge    .           .         .           .          .        .       .        .
decline        .           .         .           .          .        .       .        .
take_over      .           .         .           .          .        .       .        .
hand_back      .           .         .           .          .        .       .        .
relay          .           .         .           .          .        .       .        .
resolve        .           .         .           .          .        .       .        .
close          .           .         .           .          .        .       .        .
note           .           .         .           .          .        .       .        .
ask            .           .         .           .          .        .       .        .
follow_up      .           .         .           .          .        .       .        .
see_on_call    .           t         t           t          t        .       t        .
change_on_call .           .         .           t          t        .       t        .
see_status     .           .         .           .          .        .       .        .
configure      .           .         .           .          .        .       .        .
enrol          .           .         .           .          .        .       .        .
breakout       .           .         .           .          .        .       .        .
judge          .           .         .           .          .        .       .        .
handle         .           .         .           .          .        .       .        wnaplmsct
"""


def cells(picture: str) -> dict[tuple[Role, Action], str]:
    head, *rows = [line.split() for line in picture.strip().splitlines()]
    return {(Role(role), Action(row[0])): cell for row in rows for role, cell in zip(head[1:], row[1:], strict=True)}


def ask(role: Role, action: Action, about: str | None, relation: Relation, reason: str = "test") -> Grant | Deny:
    return authorize(Actor("okafor", role), action, about, relation, reason, NOW)


def granted(role: Role, action: Action) -> dict[str, Grant]:
    """Every single tie that gives a Grant, "*" for none needed."""
    answers = {tie: ask(role, action, MAYA, relation) for tie, relation in TIES.items()}
    answers["*"] = ask(role, action, None, UNRELATED)
    return {tie: answer for tie, answer in answers.items() if isinstance(answer, Grant)}


def test_the_pictures_show_every_cell():
    """A role or an action that is added must be thought about here."""
    everything = {(role, action) for role in Role for action in Action}
    assert cells(WHO_MAY).keys() == cells(WHAT_OPENS).keys() == everything


@pytest.mark.parametrize(("cell", "ties"), cells(WHO_MAY).items(), ids=lambda value: "-".join(value)[:40])
def test_each_cell_is_as_drawn(cell, ties):
    """Each tie alone is tried in each cell: none gives more than the picture says."""
    expected = {"all": set(TIES), ".": set()}.get(ties, set(ties))
    assert set(granted(*cell)) == expected


@pytest.mark.parametrize(("cell", "letters"), cells(WHAT_OPENS).items(), ids=lambda value: "-".join(value)[:40])
def test_each_grant_opens_as_drawn(cell, letters):
    """Acting opens nothing; only seeing does, and editing what one must see."""
    expected = frozenset(READS[letter] for letter in letters if letter != ".")
    assert all(grant.fields == expected for grant in granted(*cell).values())


def test_a_contact_learns_the_place_only_if_that_was_agreed():
    """To be told that somebody needs them is one consent; where that is, another."""
    both = Relation(consent=True, contact_scopes=frozenset({"notify_in_emergency", "share_location"}))
    assert ask(Role.CONTACT, Action.SEE_CASE, MAYA, both).fields == {FieldClass.NAME, FieldClass.LOCATION}


def test_a_scope_that_nobody_defined_opens_nothing():
    """A scope is not a back door to the other ties."""
    odd = Relation(consent=True, contact_scopes=frozenset({"caseload", "holder", "everything"}))
    assert odd.facts == frozenset()


relations = st.builds(
    Relation,
    st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans(),
    st.frozensets(st.sampled_from(["notify_in_emergency", "share_location", "share_plan", "caseload", "self"])),
    st.booleans(),
)  # fmt: skip
unrelated = st.builds(
    Relation,
    contact_scopes=st.frozensets(st.sampled_from(["notify_in_emergency", "share_plan"])),
    consent=st.just(False),
)


@given(st.sampled_from(Role), st.sampled_from(Action), st.text(min_size=1), unrelated)
def test_without_a_tie_nobody_gets_anything_about_a_participant(role, action, about, relation):
    """Only the program, handling somebody's own message, needs no tie."""
    answer = ask(role, action, about, relation)
    assert isinstance(answer, Deny) or (role, action) == (Role.PROGRAM, Action.HANDLE)


@given(st.sampled_from([role for role in Role if role is not Role.PROGRAM]), st.sampled_from(Action), relations)
def test_no_tie_ever_opens_a_secret_of_the_system(role, action, relation):
    """Tokens and keys are nobody's case."""
    assert isinstance(ask(role, action, SYSTEM, relation), Deny)
    assert isinstance(ask(role, action, "", relation), Deny)


@given(st.sampled_from([Role.FACILITATOR, Role.OPERATOR]), st.sampled_from(Action), relations)
def test_facilitators_and_operators_read_nothing_about_anybody(role, action, relation):
    """Whatever ties they have: no case content for the one, no health content for the other."""
    for about in (MAYA, None):
        answer = ask(role, action, about, relation)
        assert isinstance(answer, Deny) or answer.fields <= {FieldClass.STAFF}


@given(st.sampled_from(Role), st.sampled_from(Action), relations, st.booleans(), st.booleans())
def test_another_tie_never_takes_a_grant_away(role, action, relation, caseload, holder):
    """What a person may do, they may still do when they are more to the participant."""
    more = replace(relation, caseload=relation.caseload or caseload, holder=relation.holder or holder)
    if isinstance(ask(role, action, MAYA, relation), Grant):
        assert isinstance(ask(role, action, MAYA, more), Grant)


def test_a_grant_covers_one_participant_the_named_classes_and_a_minute():
    """A caseload that changed, or a consent withdrawn, acts within the minute."""
    grant = ask(Role.THERAPIST, Action.SEE_PLAN, MAYA, Relation(caseload=True))
    assert grant.covers(MAYA, FieldClass.PLAN, NOW)
    assert not grant.covers("leo", FieldClass.PLAN, NOW)
    assert not grant.covers(MAYA, FieldClass.WORDS, NOW)
    assert grant.covers(MAYA, FieldClass.PLAN, NOW + LIFE - timedelta(microseconds=1))
    assert not grant.covers(MAYA, FieldClass.PLAN, NOW + LIFE)
    assert timedelta(seconds=60) >= LIFE


def test_a_grant_about_nobody_covers_no_participant():
    """Who may see the rota may not thereby see a participant's field that was called staff."""
    grant = ask(Role.THERAPIST, Action.SEE_ON_CALL, None, UNRELATED)
    assert grant.covers(SYSTEM, FieldClass.STAFF, NOW)
    assert not grant.covers(MAYA, FieldClass.STAFF, NOW)


def test_a_grant_is_not_made_by_hand():
    """Not by calling it, not by copying one with other fields, not by changing one."""
    grant = ask(Role.THERAPIST, Action.SEE_PLAN, MAYA, Relation(caseload=True))
    values = {field.name: getattr(grant, field.name) for field in fields(grant)}
    with pytest.raises(ForgedGrant):
        Grant(**values, token=object())
    with pytest.raises((ForgedGrant, ValueError)):
        replace(grant, fields=frozenset(FieldClass))
    with pytest.raises(FrozenInstanceError):
        grant.participant_id = "leo"


def test_nothing_is_granted_without_a_reason():
    """The audit must be able to say why."""
    assert ask(Role.PROGRAM, Action.HANDLE, MAYA, UNRELATED, reason="").reason_code == "no_reason"


@pytest.mark.parametrize(
    ("role", "action", "about", "code"),
    [
        (Role.FACILITATOR, Action.SEE_CASE, MAYA, "not_this_role"),
        (Role.THERAPIST, Action.SEE_CASE, MAYA, "no_relation"),
        (Role.THERAPIST, Action.SEE_CASE, None, "about_nobody"),
        (Role.THERAPIST, Action.SEE_ON_CALL, MAYA, "about_somebody"),
        (Role.PROGRAM, Action.HANDLE, None, "about_nobody"),
    ],
)
def test_a_no_says_why_and_names_nobody(role, action, about, code):
    """The words go back to whoever asked, so they must not tell that somebody is a participant."""
    deny = ask(role, action, about, UNRELATED)
    assert deny.reason_code == code
    assert MAYA not in deny.words
    assert deny.words.endswith(".")
