"""A decision that was kept is the decision that is loaded again, on both databases."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from flows.case import Case, Fact, FollowUp
from flows.grant import Action, Actor, Deny, FieldClass, Grant, Role
from flows.level import Level
from flows.people import Location, Participant
from flows.phi import Phi
from flows.policy import Relation, authorize
from flows.risk import Signal
from flows.situation import CheckIn, Desk, Talk
from flows.turn import Answer, DropTimer, Turn
from storage import cases, people, situations
from storage import tables as t
from storage.outbox import Sent
from storage.schema import audit
from storage.situations import talk_in, talk_out
from storage.turns import case_row
from storage.vault import Unreadable
from tests.support.shelves import NOW, Shelf, say

LATER = NOW + timedelta(minutes=7, microseconds=1)
FRESH = {field.name: getattr(Talk(), field.name) for field in fields(Talk)}
OTHERWISE = {bool: True, int: 7, str: "somewhere", dict: {"en.rule": 2}}
TALK = Talk(**{name: OTHERWISE[type(value)] for name, value in FRESH.items()})
KINDS = {bool: st.booleans(), int: st.integers(), str: st.text(), dict: st.dictionaries(st.text(), st.integers())}
CASE = Case(
    id="case-1",
    number=41,
    participant_id="maya",
    level=Level.EMERGENCY,
    opened_at=NOW,
    ladder_at=LATER,
    heard_at=LATER,
    state="engaged",
    tier=3,
    round=2,
    holder_id="okafor",
    acknowledged_at=LATER,
    engaged_at=LATER,
    resolved_at=LATER,
    speaker_id="okafor",
    paged=frozenset({"okafor", "park"}),
    out=frozenset({"park"}),
)
CHECK_IN = CheckIn(id="check-1", local_date=date(2025, 3, 3), state="asked", asked_at=NOW, conversation="evening")
SIGNAL = Signal("SU-1", 3, Level.URGENT, "suicide", 4, 11, Phi("end it"), "Spoke of ending it.")


def leave(action: Action = Action.SEE_CASE) -> Grant:
    made = authorize(
        Actor("okafor", Role.THERAPIST), action, "maya", Relation(caseload=True, holder=True), "tried", NOW
    )
    assert not isinstance(made, Deny)
    return made


def assert_tells_everything(value: object) -> None:
    """A field left at its default would pass although it was never kept."""
    assert is_dataclass(value)
    for field in fields(value):
        assert field.default is MISSING or getattr(value, field.name) != field.default, field.name


# -- people and plans ----------------------------------------------------------------------------------------------


def test_a_participant_is_found_as_they_were_enrolled(shelf: Shelf) -> None:
    """Name, flags and location were sealed in between."""
    assert shelf.situation("maya").participant == Participant(
        id="maya",
        name=Phi("Maya Lindqvist"),
        language="en",
        zone="America/New_York",
        status="active",
        therapist_id="okafor",
        check_in_at=time(9, 30),
        private=True,
        flags=Phi(("substance_use", "warfarin")),
        location=Phi(Location("home", "4 Elm Row, Albany", "518 555 0100", "2025-02-01")),
        rooms=True,
        files=True,
    )


def test_the_roster_is_read_again_only_when_it_changed(shelf: Shelf) -> None:
    """A shift handed over at noon counts at noon; on all other days nobody unseals a dozen names for each message."""
    with shelf.unit() as unit:
        known = shelf.registry(unit)
        assert people.fresh_registry(unit, known).roster is known.roster
        people.add_shift(unit, "okafor", "primary", "always", "UTC")
        fresh = people.fresh_registry(unit, known).roster
    assert [(shift.staff_id, shift.layer) for shift in fresh.shifts] == [("okafor", "primary")]
    assert {person.id: (person.name, person.role, person.private) for person in fresh.staff} == {
        "okafor": ("Ada Okafor", Role.THERAPIST, True),
        "park": ("Jo Park", Role.SUPERVISOR, False),
    }


def test_the_newest_plan_counts_and_the_old_ones_stay(shelf: Shelf) -> None:
    """In its own order and words: a line that moved helps nobody at night."""
    with shelf.unit() as unit:
        people.keep_plan(unit, "maya", {"internal_coping": ["Walk the dog"]}, "okafor")
        people.keep_plan(
            unit,
            "maya",
            {"internal_coping": ["Cold water", "Übung 4-7-8 🌬"], "crisis_support": ["Lena, 555-0101"]},
            "okafor",
        )
        assert len(unit.connection.execute(select(t.plan.c.id)).all()) == 2
    plan = shelf.situation("maya").plan
    assert plan.version == 2
    assert [(entry.section, entry.text.reveal()) for entry in plan.entries] == [
        ("internal_coping", "Cold water"),
        ("internal_coping", "Übung 4-7-8 🌬"),
        ("crisis_support", "Lena, 555-0101"),
    ]


def test_one_address_belongs_to_one_person(shelf: Shelf) -> None:
    """Else a participant's words would go to whoever was enrolled last."""
    twin = people.NewPerson(Role.PARTICIPANT, "Twin", "en", "UTC", places=(("matrix", "@maya:example.org", True),))
    with pytest.raises(people.AlreadyThere):
        shelf.enrol(twin)
    with shelf.unit() as unit:
        assert people.person_at(unit, "matrix", "@maya:example.org") == "maya"
        assert people.person_at(unit, "telegram", "@maya:example.org") not in {"maya", "sam"}


def test_people_are_found_by_any_word_of_their_name(shelf: Shelf) -> None:
    """`/case lindqvist` at night, though no name lies in the database."""
    with shelf.unit() as unit:
        assert people.people_named(unit, "LINDQVIST") == ["maya"]
        assert people.people_named(unit, "maya lindqvist") == ["maya"]
        assert people.people_named(unit, "maya ode") == []


# -- conversations and check-ins -----------------------------------------------------------------------------------


def test_a_conversation_goes_on_where_it_was(shelf: Shelf) -> None:
    """To the step and the entry of the plan, after any restart."""
    assert_tells_everything(TALK)
    assert shelf.decide("maya", Turn(talk=TALK)).talk == TALK
    assert shelf.decide("maya", Turn(talk=Talk())).talk == Talk()
    assert shelf.situation("sam").talk == Talk()


@given(st.builds(Talk, **{name: KINDS[type(value)] for name, value in FRESH.items()}))
def test_only_what_differs_from_a_fresh_conversation_is_written(talk: Talk) -> None:
    """And that is enough, whatever it is."""
    assert talk_in(talk_out(talk)) == talk
    assert talk_out(Talk()) == "{}"


def test_a_conversation_that_an_older_program_left_goes_on() -> None:
    """It may have written down what this one does not know any more; nobody's phone falls silent for that."""
    assert talk_in('{"step": "safe", "once_upon_a_time": 3}') == Talk(step="safe")


def test_a_check_in_is_kept_from_asked_to_finished(shelf: Shelf) -> None:
    """Delivered is written by delivery and answered by the decision, and neither overwrites the other."""
    question = say("How is your mood?", ref="check-1", question="check_in.mood")
    assert shelf.decide("maya", Turn(check_in=CHECK_IN, says=(question,))).check_in == CHECK_IN
    [sent] = shelf.take()
    shelf.mark(Sent(sent.key, LATER, LATER, sent.ref))
    assert shelf.situation("maya").check_in == replace(CHECK_IN, delivered_at=LATER)
    answered = replace(CHECK_IN, state="finished", reminders=2, first_answer_at=LATER, finished_at=LATER)
    assert shelf.decide("maya", Turn(check_in=answered)).check_in == replace(answered, delivered_at=LATER)


def test_a_repeat_does_not_deliver_a_check_in_anew(shelf: Shelf) -> None:
    """When it reached the phone first is what counts for being late."""
    shelf.decide(
        "maya", Turn(check_in=CHECK_IN, says=(say("Mood?", ref="check-1"), say("Still there?", ref="check-1")))
    )
    first, second = shelf.take()
    shelf.mark(Sent(first.key, NOW, None, first.ref))
    shelf.mark(Sent(second.key, LATER, LATER, second.ref))
    found = shelf.situation("maya").check_in
    assert found is not None
    assert found.delivered_at == NOW


def test_the_latest_check_in_is_the_one_that_counts(shelf: Shelf) -> None:
    """By its local date, not by when it was written."""
    tomorrow = replace(CHECK_IN, id="check-2", local_date=date(2025, 3, 4))
    shelf.decide("maya", Turn(check_in=tomorrow))
    shelf.decide("maya", Turn(check_in=CHECK_IN))
    assert shelf.situation("maya").check_in == tomorrow


def test_there_is_one_check_in_a_day(shelf: Shelf) -> None:
    """Whatever the clocks do."""
    shelf.decide("maya", Turn(check_in=CHECK_IN))
    with pytest.raises(IntegrityError):
        shelf.decide("maya", Turn(check_in=replace(CHECK_IN, id="check-2")))


def test_a_changed_language_is_kept(shelf: Shelf) -> None:
    """The next text is in it."""
    found = shelf.decide("maya", Turn(language="es")).participant
    assert found is not None
    assert found.language == "es"


# -- cases ---------------------------------------------------------------------------------------------------------


def test_a_case_is_loaded_as_it_was_decided(shelf: Shelf) -> None:
    """Ladder, lease and all, when it is opened and when it changes."""
    assert_tells_everything(CASE)
    assert shelf.decide("maya", Turn(case=CASE)).case == CASE
    calmer = replace(
        CASE, state="open", tier=0, round=0, holder_id="", speaker_id="", paged=frozenset(), out=frozenset()
    )
    calmer = replace(calmer, acknowledged_at=None, engaged_at=None, resolved_at=None, level=Level.URGENT)
    assert shelf.decide("maya", Turn(case=calmer)).case == calmer
    assert shelf.situation("sam").case is None


def test_a_second_open_case_is_refused_by_the_database_itself(shelf: Shelf) -> None:
    """Two cases would mean two ladders, two people, and each thinking the other has it."""
    shelf.decide("maya", Turn(case=CASE))
    other = replace(CASE, id="case-2", number=42)
    with pytest.raises(IntegrityError), shelf.unit() as unit:
        unit.connection.execute(insert(t.care_case), case_row(other))
    assert shelf.situation("maya").case == CASE


def test_after_a_closed_case_comes_a_new_one_with_the_next_number(shelf: Shelf) -> None:
    """The old one keeps its number, its state and its timeline."""
    shelf.decide("maya", Turn(case=CASE))
    assert shelf.decide("maya", Turn(case=replace(CASE, state="closed"))).case is None
    assert shelf.situation("sam").next_case_number == 42
    second = replace(CASE, id="case-2", number=42)
    assert shelf.decide("maya", Turn(case=second)).case == second
    with shelf.unit() as unit:
        assert cases.participant_of_number(unit, 41) == "maya"
        assert cases.participant_of_case(unit, "case-1") == "maya"
        assert cases.participant_of_case(unit, "case-0") == ""


def test_the_record_shows_what_happened_in_order_and_in_the_words_used(shelf: Shelf) -> None:
    """The ten seconds before a call depend on it: facts, signals and moods come back as they went in."""
    facts = (
        Fact("case_opened", NOW, detail="urgent SU-1", words=Phi("I want to end it")),
        Fact("paged", NOW, detail="okafor"),
        Fact("noted", NOW, by="okafor", words=Phi("")),
    )
    nudge = replace(SIGNAL, rule="EW-MISS1", level=Level.NONE)
    shelf.decide("maya", Turn(case=CASE, check_in=CHECK_IN, facts=facts, signals=(SIGNAL, nudge)))
    moods = (Answer("check_in.mood", Phi("2"), "check-1"), Answer("check_in.mood", Phi("skip"), "check-1"))
    shelf.decide("maya", Turn(answers=moods))
    with shelf.unit() as unit:
        record = cases.record(unit, leave(), "maya", "case-1", "Maya")
    assert record.facts == facts
    [heard] = record.heard
    assert (heard.rule, heard.version, heard.level, heard.explain) == ("SU-1", 3, Level.URGENT, SIGNAL.explain)
    assert heard.words.reveal() == "end it"
    assert record.moods == (("2025-03-03", 2),)


def test_looking_at_a_record_is_written_down(shelf: Shelf) -> None:
    """Who saw what of whom, even when nothing was there to be seen."""
    with shelf.unit() as unit:
        cases.record(unit, leave(), "maya", "", "Maya")
    with shelf.unit() as unit:
        row = unit.connection.execute(select(audit).order_by(audit.c.seq.desc())).first()
    assert row is not None
    assert (row.actor, row.action, row.subject) == ("okafor", "record_seen", "maya")


def test_the_worklist_names_only_whom_the_reader_may_know(shelf: Shelf) -> None:
    """Okafor has Maya on her caseload; Sam is none of her business."""
    shelf.decide("maya", Turn(case=replace(CASE, paged=frozenset())))
    hers = replace(CASE, id="case-2", number=42, participant_id="sam", paged=frozenset(), holder_id="", speaker_id="")
    shelf.decide("sam", Turn(case=hers))
    with shelf.unit() as unit:
        registry = shelf.registry(unit)
        okafor = registry.roster.member("okafor")
        assert okafor is not None
        assert [line.name.reveal() for line in cases.worklist(unit, okafor, registry)] == ["Maya Lindqvist"]


def test_a_task_has_a_clock_until_it_is_done(shelf: Shelf) -> None:
    """Follow-ups are what is forgotten first."""
    tasks = select(t.timer).where(t.timer.c.kind == "follow_up")
    task = FollowUp("contact_24h", NOW + timedelta(days=1), "okafor", "case-1", 41, "maya")
    shelf.decide("maya", Turn(case=CASE, follow_ups=(task,)))
    with shelf.unit() as unit:
        [key] = unit.connection.execute(select(t.follow_up.c.id)).scalars()
        [clock] = unit.connection.execute(tasks).all()
        assert (clock.person_id, clock.key, clock.due_at) == ("maya", key, task.due_at)
        assert cases.owner_of_task(unit, key) == "okafor"
    shelf.decide("maya", Turn(done_follow_up=(key, "reached")), staff_id="okafor")
    with shelf.unit() as unit:
        row = unit.connection.execute(select(t.follow_up)).one()
        assert (row.state, row.outcome, row.done_by, row.done_at) == ("done", "reached", "okafor", NOW)
        assert unit.connection.execute(tasks).all() == []


# -- staff, and everything at once ---------------------------------------------------------------------------------


def test_a_desk_remembers_what_was_asked(shelf: Shelf) -> None:
    """A reason typed after a restart is still a reason."""
    desk = Desk(asks="resolve", case_id="case-1", speaking_case_id="case-2")
    assert_tells_everything(desk)
    shelf.decide("maya", Turn(desk=desk), staff_id="okafor")
    with shelf.unit() as unit:
        assert situations.load_desk(unit, "okafor") == desk
        assert situations.load_desk(unit, "park") == Desk()


def test_a_decision_is_kept_whole_or_not_at_all(shelf: Shelf) -> None:
    """A case without its page is worse than neither: the message is then decided again."""
    shelf.decide("maya", Turn(case=CASE))
    second_case = replace(CASE, id="case-2")  # the same number: refused in the middle of the turn
    turn = Turn(talk=TALK, case=second_case, says=(say("hello"),), timers=(DropTimer("sam", "climb"),))
    with pytest.raises(IntegrityError):
        shelf.decide("sam", turn)
    assert shelf.situation("sam").talk == Talk()
    assert shelf.take() == []


def test_words_of_nobody_else_open_with_a_grant(shelf: Shelf) -> None:
    """Sam's words, moved into Maya's row by somebody with access to the database, do not open as Maya's."""
    for person in ("maya", "sam"):
        shelf.decide(person, Turn(answers=(Answer("check_in.mood", Phi("2"), "check-1"),)))
    with shelf.unit() as unit:
        stolen = select(t.answer.c.value).where(t.answer.c.person_id == "sam").scalar_subquery()
        unit.connection.execute(update(t.answer).where(t.answer.c.person_id == "maya").values(value=stolen))
        row = unit.connection.execute(select(t.answer).where(t.answer.c.person_id == "maya")).one()
        with pytest.raises(Unreadable):
            unit.open("maya", ("answer", "value", row.id), row.value, FieldClass.ANSWERS)
