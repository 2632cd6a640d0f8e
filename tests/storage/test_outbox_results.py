"""What becomes of a message that a channel did not take, for every class and every way of failing."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import delete, select

from flows.level import Level
from flows.message import Page, Urgency
from storage import outbox
from storage import tables as t
from storage.outbox import (
    KNOWN_AGAIN_FOR,
    LONGEST_PAUSE,
    PAGE_PATIENCE,
    RELAY_PATIENCE,
    Returned,
    Sendable,
    Sent,
    Unsent,
)
from tests.support.shelves import NOW, Shelf, say

CRISIS, RELAY, REPLY, BULK = Urgency
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _nothing_waits(shelf: Shelf) -> None:
    with shelf.unit() as unit:
        unit.connection.execute(delete(t.timer))


def unsent(message: Sendable, how: str) -> Unsent:
    return Unsent(message.key, NOW, permanent=how == "permanent", ambiguous=how == "ambiguous", reason="tried")


def send_in_vain(shelf: Shelf, urgency: Urgency, how: str, **what: object) -> Sendable:
    """Promise a message, take it out, and let it fail."""
    about = str(what.pop("about", ""))
    shelf.promise(say("words", urgency=urgency, **what), about=about)
    [message] = shelf.take()
    shelf.mark(unsent(message, how))
    return message


def row(shelf: Shelf):
    with shelf.unit() as unit:
        return unit.connection.execute(
            select(t.outbox, t.address.c.channel).join(t.address, t.address.c.id == t.outbox.c.address_id)
        ).one()


def timers(shelf: Shelf) -> list[tuple[str, str]]:
    with shelf.unit() as unit:
        return [(timer.kind, timer.person_id) for timer in unit.connection.execute(select(t.timer))]


# -- every class × every way of failing ----------------------------------------------------------------------------

FATE = {
    (CRISIS, "transient"): "later",
    (CRISIS, "ambiguous"): "later",  # at least once: twice is better than not at all
    (RELAY, "transient"): "later",
    (RELAY, "ambiguous"): "uncertain",  # once, and its sender decides
    (REPLY, "transient"): "later",
    (REPLY, "ambiguous"): "later",  # somebody waits for an answer; an answer that comes twice says so
    (BULK, "transient"): "later",
    (BULK, "ambiguous"): "uncertain",
}


@pytest.mark.parametrize(("urgency", "how"), FATE, ids=str)
def test_what_did_not_go_is_tried_again_where_twice_does_no_harm(shelf: Shelf, urgency: Urgency, how: str) -> None:
    """Never sent twice by the program where nobody knows whether it arrived, except when somebody waits for it; then it
    says that it may be a repeat."""
    sender = "okafor" if urgency is RELAY else ""
    send_in_vain(shelf, urgency, how, sender=sender, expires_after=HOUR if urgency > RELAY else None)
    found = row(shelf)
    assert (found.state, found.attempts, found.channel) == (FATE[urgency, how], 1, "matrix")
    if found.state == "later":
        assert found.due_at == NOW + timedelta(seconds=1)
        shelf.wait(seconds=1)
        assert [(message.attempts, message.unsure) for message in shelf.wake()] == [(1, how == "ambiguous")]


@pytest.mark.parametrize("urgency", Urgency)
def test_a_dead_address_hands_over_to_the_next_one_at_once(shelf: Shelf, urgency: Urgency) -> None:
    """Blocked on one channel, still there on another."""
    message = send_in_vain(shelf, urgency, "permanent")
    assert (row(shelf).state, row(shelf).channel) == ("waiting", "telegram")
    [again] = shelf.take()
    assert (again.key, again.channel, again.place) == (message.key, "telegram", "4711")


@pytest.mark.parametrize("urgency", Urgency)
def test_after_the_last_address_somebody_is_told(shelf: Shelf, urgency: Urgency) -> None:
    """Of a safety text, people; of a relayed message, its sender; of anything else, nobody."""
    send_in_vain(shelf, urgency, "permanent", sender="okafor" if urgency is RELAY else "", ref="case-1")
    [again] = shelf.take()
    shelf.mark(unsent(again, "permanent"))
    assert row(shelf).state == "failed"
    assert timers(shelf) == {CRISIS: [("unreached", "maya")], RELAY: [("uncertain", "maya")]}.get(urgency, [])


def test_a_message_that_went_is_never_touched_again(shelf: Shelf) -> None:
    """A late and contradicting result changes nothing, nor does one about a message that never was."""
    shelf.promise(say("words"))
    [message] = shelf.take()
    shelf.mark(Sent(message.key, NOW, None, ""))
    shelf.mark(unsent(message, "transient"), Unsent("nobody", NOW, permanent=True, ambiguous=False, reason=""))
    assert row(shelf).state == "sent"
    assert shelf.wake() == []


def test_what_was_behind_a_failure_waits_again(shelf: Shelf) -> None:
    """It was not tried, so no try is counted."""
    shelf.promise(say("one"), say("two"))
    one, two = shelf.take()
    shelf.mark(Sent(one.key, NOW, NOW, ""), Returned(two.key))
    assert [(message.text, message.attempts) for message in shelf.take()] == [("two", 0)]


# -- how long, how often -------------------------------------------------------------------------------------------


def fail_for(shelf: Shelf, message: Sendable, how_long: timedelta) -> list[timedelta]:
    """Let a message fail at every try for so long; returns when it was tried."""
    tries, until = [shelf.now - NOW], shelf.now + how_long
    shelf.mark(unsent(message, "transient"))
    while row(shelf).state == "later" and row(shelf).due_at <= until:
        shelf.now = row(shelf).due_at
        [again] = shelf.wake()
        tries.append(shelf.now - NOW)
        shelf.mark(unsent(again, "transient"))
    return tries


def test_a_safety_text_is_never_given_up(shelf: Shelf) -> None:
    """Soon at first, then every half minute, for as long as it takes: nobody waits longer than that for a channel
    that has come back."""
    shelf.promise(say("safety", urgency=CRISIS))
    tries = fail_for(shelf, shelf.take()[0], timedelta(minutes=20))
    assert [moment.total_seconds() for moment in tries[:8]] == [0, 1, 3, 7, 15, 31, 61, 91]
    assert max(late - early for early, late in pairwise(tries)) == LONGEST_PAUSE
    assert row(shelf).state == "later"
    assert len(tries) > 40


def test_a_page_that_no_channel_takes_climbs_after_a_minute(shelf: Shelf) -> None:
    """While it is still tried: the next tier need not wait for a broken channel."""
    page = Page(41, Level.EMERGENCY, 0, 0)
    shelf.promise(say("page", to="okafor", urgency=CRISIS, page=page, ref="case-1"), about="maya")
    [message] = shelf.take()
    fail_for(shelf, message, PAGE_PATIENCE - timedelta(seconds=1))
    assert timers(shelf) == []
    shelf.now = row(shelf).due_at
    shelf.mark(unsent(shelf.wake()[0], "transient"))
    assert timers(shelf) == [("page_failed", "maya")]
    assert row(shelf).state == "later"


@pytest.mark.parametrize("slow", [0, 20])
def test_an_alarm_about_one_message_is_raised_once(shelf: Shelf, slow: float) -> None:
    """Not at every try: an hour without a phone is not a hundred and twenty alarms. Also when each try takes long."""
    shelf.promise(say("safety", urgency=CRISIS))
    [message] = shelf.take()
    alarms = 0
    for _ in range(12):
        shelf.wait(seconds=slow)
        shelf.mark(unsent(message, "transient"))
        with shelf.unit() as unit:
            alarms += unit.connection.execute(delete(t.timer).where(t.timer.c.kind == "unreached")).rowcount
        shelf.now = row(shelf).due_at
        [message] = shelf.wake()
    assert alarms == 1


def test_what_staff_are_told_besides_pages_raises_no_alarm_about_itself(shelf: Shelf) -> None:
    """The alarm would go to the same person, fail in the same way, and raise the next one, at once and for ever."""
    send_in_vain(shelf, CRISIS, "permanent", to="park", about="maya")
    assert row(shelf).state == "failed"
    assert timers(shelf) == []


def test_staff_who_cannot_be_told_about_their_case_are_out_of_reach(shelf: Shelf) -> None:
    """So its ladder goes on without them."""
    send_in_vain(shelf, CRISIS, "permanent", to="park", about="maya", ref="case-1")
    assert timers(shelf) == [("page_failed", "maya")]


@pytest.mark.parametrize("urgency", [RELAY, REPLY, BULK])
def test_a_message_is_not_tried_beyond_its_time(shelf: Shelf, urgency: Urgency) -> None:
    """An answer of this morning, at night, would be about nothing."""
    lasts = None if urgency is RELAY else HOUR
    shelf.promise(say("words", urgency=urgency, expires_after=lasts, sender="okafor", ref="case-1"))
    [message] = shelf.take()
    shelf.wait(seconds=(lasts or RELAY_PATIENCE).total_seconds())
    shelf.mark(unsent(message, "transient"))
    assert row(shelf).state == "expired"
    assert timers(shelf) == ([("uncertain", "maya")] if urgency is RELAY else [])


def test_the_sender_of_a_lost_message_is_asked_by_name(shelf: Shelf) -> None:
    """The timer says whose message, about which case, and which one."""
    message = send_in_vain(shelf, RELAY, "ambiguous", sender="okafor", ref="case-1")
    with shelf.unit() as unit:
        [timer] = unit.connection.execute(select(t.timer)).all()
    assert (timer.kind, timer.key, timer.data) == ("uncertain", message.key, '{"sender": "okafor", "case": "case-1"}')


# -- privacy -------------------------------------------------------------------------------------------------------


def test_words_about_a_participant_do_not_move_to_a_public_channel(shelf: Shelf) -> None:
    """They were written for Okafor's private address. A page holds none, and takes any way there is."""
    send_in_vain(shelf, REPLY, "permanent", to="okafor", about="maya")
    assert (row(shelf).state, row(shelf).channel) == ("failed", "matrix")


def test_a_page_takes_any_way_there_is(shelf: Shelf) -> None:
    """It tells nothing about anybody."""
    page = Page(41, Level.EMERGENCY, 0, 0)
    send_in_vain(shelf, CRISIS, "permanent", to="okafor", about="maya", page=page, ref="case-1")
    assert (row(shelf).state, row(shelf).channel) == ("waiting", "telegram")


# -- after a crash -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("urgency", Urgency)
def test_after_a_crash_nothing_goes_twice_that_may_only_go_once(shelf: Shelf, urgency: Urgency) -> None:
    """On a channel that cannot recognise a repeat, only what somebody waits for is sent again, marked as a repeat."""
    shelf.promise(say("words", urgency=urgency, sender="okafor" if urgency is RELAY else "", ref="case-1"))
    shelf.take()
    with shelf.unit() as unit:
        outbox.recover(unit, recognising=["telegram"])
    repeated = urgency in {CRISIS, REPLY}
    assert (row(shelf).state, row(shelf).unsure) == (("waiting", True) if repeated else ("uncertain", False))
    assert timers(shelf) == ([("uncertain", "maya")] if urgency is RELAY else [])


@pytest.mark.parametrize("urgency", Urgency)
def test_a_channel_that_recognises_a_repeat_gets_it_under_the_same_key(shelf: Shelf, urgency: Urgency) -> None:
    """So that it shows up once."""
    shelf.promise(say("words", urgency=urgency))
    [before] = shelf.take()
    with shelf.unit() as unit:
        outbox.recover(unit, recognising=["matrix"])
    assert [message.key for message in shelf.take()] == [before.key]


def test_a_crash_before_the_commit_promises_nothing(shelf: Shelf) -> None:
    """What was taken out in a transaction that never ended was not sent, and waits as before."""
    shelf.promise(say("words"))
    with shelf.power_cut() as unit:
        assert outbox.take(unit, outbox.Room())[0]
    with shelf.unit() as unit:
        outbox.recover(unit, recognising=[])
    assert row(shelf).state == "waiting"


def test_what_was_sent_before_the_crash_is_left_alone(shelf: Shelf) -> None:
    """Recovery is about what was in the middle."""
    shelf.promise(say("words"), say("more"))
    one, _ = shelf.take()
    shelf.mark(Sent(one.key, NOW, NOW, ""))
    with shelf.unit() as unit:
        outbox.recover(unit, recognising=["matrix"])
    assert [message.text for message in shelf.take()] == ["more"]


@pytest.mark.parametrize("urgency", Urgency)
def test_a_day_after_a_crash_only_a_crisis_is_said_again(shelf: Shelf, urgency: Urgency) -> None:
    """A homeserver forgets after a day what it has shown already. A reminder that came twice would be a nuisance, a
    therapist's words a riddle; a safety text may come twice rather than not at all."""
    shelf.promise(say("words", urgency=urgency, sender="okafor" if urgency is RELAY else "", ref="case-1"))
    shelf.take()
    shelf.now += KNOWN_AGAIN_FOR
    with shelf.unit() as unit:
        outbox.recover(unit, recognising=["matrix"])
    assert row(shelf).state == ("waiting" if urgency is CRISIS else "uncertain")
    assert timers(shelf) == ([("uncertain", "maya")] if urgency is RELAY else [])


def test_a_day_after_a_crash_a_participants_words_still_reach_who_speaks_with_them(shelf: Shelf) -> None:
    """They may be read twice, and must not be missed."""
    shelf.promise(say("words", to="okafor", urgency=RELAY), about="maya")
    shelf.take()
    shelf.now += KNOWN_AGAIN_FOR
    with shelf.unit() as unit:
        outbox.recover(unit, recognising=["matrix"])
    assert row(shelf).state == "waiting"


@pytest.mark.parametrize("state", ["later", "waiting"])
@pytest.mark.parametrize("urgency", Urgency)
def test_what_was_tried_a_day_ago_is_not_tried_again(shelf: Shelf, urgency: Urgency, state: str) -> None:
    """No answer came to the first try, and then the program was down for a day: it may have arrived."""
    send_in_vain(shelf, urgency, "transient", sender="okafor" if urgency is RELAY else "", ref="case-1")
    shelf.now += KNOWN_AGAIN_FOR + timedelta(seconds=1)
    with shelf.unit() as unit:
        unit.connection.execute(t.outbox.update().values(state=state))
        outbox.recover(unit, recognising=["matrix"])
    assert [message.text for message in shelf.wake()] == (["words"] if urgency is CRISIS else [])


def test_what_was_planned_long_ahead_is_sent_again_after_a_crash(shelf: Shelf) -> None:
    """It was promised days ago, and tried only now."""
    shelf.promise(say("words", not_before=NOW + 48 * HOUR))
    shelf.now += 48 * HOUR
    [before] = shelf.wake()
    with shelf.unit() as unit:
        outbox.recover(unit, recognising=["matrix"])
    assert [message.key for message in shelf.take()] == [before.key]


@pytest.mark.parametrize("urgency", [RELAY, REPLY, BULK])
def test_what_was_put_off_till_morning_is_tried_more_than_once(shelf: Shelf, urgency: Urgency) -> None:
    """It was made in the evening: counted from then its time was over before the first try."""
    shelf.promise(say("words", urgency=urgency, not_before=NOW + 10 * HOUR))
    shelf.wait(seconds=10 * 3600)
    [message] = shelf.wake()
    shelf.mark(unsent(message, "transient"))
    assert row(shelf).state == "later"
    shelf.wait(seconds=5)
    assert len(shelf.wake()) == 1
