"""What was promised: who is served first, what takes whose place, and when a promise ends."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from flows.level import Level
from flows.message import Choice, Page, Urgency
from storage import outbox, people
from storage import tables as t
from storage.outbox import Returned, Room, Sent, Unsent
from storage.people import NewPerson, Role
from tests.support.shelves import NOW, Shelf, say

CRISIS, RELAY, REPLY, BULK = Urgency
YES_NO = (Choice("yes", "Yes"), Choice("no", "No"))
PAGE = Page(41, Level.EMERGENCY, 2, 3)


def texts(shelf: Shelf, room: Room | None = None) -> list[str]:
    return [message.text for message in (shelf.take(room) if room else shelf.take())]


def states(shelf: Shelf) -> list[str]:
    with shelf.unit() as unit:
        return list(unit.connection.execute(select(t.outbox.c.state).order_by(t.outbox.c.seq)).scalars())


def crowd(shelf: Shelf, size: int) -> list[str]:
    """So many more participants; returns their ids."""
    ids = [f"p{number:03}" for number in range(size)]
    places = {key: (("matrix", f"@{key}:example.org", True),) for key in ids}
    shelf.enrol(*(NewPerson(Role.PARTICIPANT, key, "en", "UTC", places=places[key], person_id=key) for key in ids))
    return ids


# -- what goes out -------------------------------------------------------------------------------------------------


def test_a_message_goes_out_as_it_was_promised(shelf: Shelf) -> None:
    """Words, choices and the mark of a page, to the person's first address."""
    shelf.promise(
        say("Are you safe, Zoë? 🌒\0", urgency=CRISIS, choices=YES_NO, question="crisis.safe", ref="c-1", page=PAGE)
    )
    [message] = shelf.take()
    assert (message.text, message.choices, message.page) == ("Are you safe, Zoë? 🌒\0", YES_NO, PAGE)
    assert (message.channel, message.place) == ("matrix", "@maya:example.org")
    assert (message.urgency, message.ref, message.attempts, message.made_at) == (CRISIS, "c-1", 0, NOW)
    assert shelf.take() == []


def test_the_most_urgent_go_first(shelf: Shelf) -> None:
    """Whatever was promised before them. The crisis class has trains of its own, so a page waits for no reply."""
    shelf.promise(say("bulk", urgency=BULK), say("reply", urgency=REPLY), say("relay", urgency=RELAY))
    shelf.promise(say("safety", urgency=CRISIS), say("page", to="okafor", urgency=CRISIS))
    assert texts(shelf) == ["safety", "page", "relay", "reply", "bulk"]


def test_one_persons_messages_stay_in_order(shelf: Shelf) -> None:
    """Within a class, as they were said; one train a person."""
    shelf.promise(*(say(str(number)) for number in range(4)), say("other", to="sam"))
    assert [[message.text for message in train] for train in shelf.trains()] == [["0", "1", "2", "3"], ["other"]]


def test_nobody_takes_the_whole_road(shelf: Shelf) -> None:
    """Three hundred messages for Maya, and Sam's one goes out with the first of them."""
    shelf.promise(*(say(str(number)) for number in range(300)), say("Sam's", to="sam"))
    trains = shelf.trains()
    assert [len(train) for train in trains] == [outbox.TRAIN, 1]
    assert trains[1][0].text == "Sam's"


def test_a_herd_goes_out_within_the_room_there_is(shelf: Shelf) -> None:
    """A check-in for everybody at nine, and a page in the middle of it that finds room of its own."""
    ids = crowd(shelf, 60)
    shelf.promise(*(say("check-in", to=key, urgency=BULK) for key in ids), say("page", to="okafor", urgency=CRISIS))
    taken = shelf.trains(Room(crisis=1, ordinary=10))
    assert [train[0].text for train in taken] == ["page", *["check-in"] * 10]
    assert texts(shelf, Room(ordinary=10, bulk=0)) == []  # bulk has no room now
    assert texts(shelf, Room(ordinary=10, bulk=8)) == ["check-in"] * 8  # the rest of the room is for replies
    assert len(shelf.trains(Room(bulk=48))) == 42


def test_what_found_no_room_is_not_forgotten(shelf: Shelf) -> None:
    """Whoever takes out must learn that more waits, or the rest would stand still until something else happens."""
    ids = crowd(shelf, 60)
    shelf.promise(*(say("reply", to=key) for key in ids))
    with shelf.unit() as unit:
        assert outbox.take(unit, Room(ordinary=48))[1] is False
    with shelf.unit() as unit:
        assert outbox.take(unit, Room(ordinary=48))[1] is True


def test_whoever_is_busy_is_left_for_later(shelf: Shelf) -> None:
    """Two trains to one person at once would overtake each other; a crisis text does not wait for an ordinary one."""
    shelf.promise(say("reply"), say("safety", urgency=CRISIS), say("hello", to="sam"))
    assert texts(shelf, Room(busy=("maya",))) == ["safety", "hello"]
    shelf.promise(say("again", urgency=CRISIS))
    assert texts(shelf, Room(busy_crisis=("maya",), busy=("maya",))) == []
    assert texts(shelf) == ["again", "reply"]


def test_a_message_for_later_waits_for_its_moment(shelf: Shelf) -> None:
    """A watch at night is told in the morning."""
    morning = NOW + timedelta(hours=8)
    shelf.promise(say("good morning", not_before=morning), say("now", not_before=NOW))
    with shelf.unit() as unit:
        assert outbox.next_later(unit) == morning
    assert [message.text for message in shelf.wake()] == ["now"]
    shelf.wait(hours=7, minutes=59)
    assert shelf.wake() == []
    shelf.wait(minutes=1)
    assert [message.text for message in shelf.wake()] == ["good morning"]


def test_a_question_from_yesterday_does_not_arrive_tomorrow(shelf: Shelf) -> None:
    """Its time counts from when it was to be sent; what has no end does not end."""
    hour = timedelta(hours=1)
    shelf.promise(say("an hour", expires_after=hour), say("put off", expires_after=hour, not_before=NOW + hour))
    shelf.promise(say("safety", urgency=CRISIS))
    shelf.wait(hours=1, seconds=1)
    assert [message.text for message in shelf.wake()] == ["safety", "put off"]
    assert states(shelf) == ["expired", "sending", "sending"]


# -- taking somebody's place ---------------------------------------------------------------------------------------


def test_a_newer_message_takes_the_place_of_one_that_waits(shelf: Shelf) -> None:
    """The repeat of a page instead of both; other people's and other cases' pages stay."""
    shelf.promise(say("page 41", to="okafor", replaces="page:41"), say("page 41", to="park", replaces="page:41"))
    shelf.promise(say("page 42", to="okafor", replaces="page:42"), say("note", to="okafor"))
    shelf.promise(say("page 41 again", to="okafor", replaces="page:41"))
    assert sorted(texts(shelf)) == ["note", "page 41", "page 41 again", "page 42"]
    assert states(shelf)[0] == "replaced"


def test_of_several_in_one_decision_the_last_one_stays(shelf: Shelf) -> None:
    """Two hundred check-ins that could not be delivered are one message to the operator."""
    shelf.promise(*(say(f"{number} undelivered", to="okafor", replaces="undelivered") for number in range(1, 4)))
    assert texts(shelf) == ["3 undelivered"]
    assert states(shelf) == ["replaced", "replaced", "sending"]


def test_what_is_on_its_way_is_not_replaced(shelf: Shelf) -> None:
    """It may have arrived already."""
    shelf.promise(say("old", replaces="x"))
    [old] = shelf.take()
    shelf.promise(say("new", replaces="x"))
    shelf.mark(Sent(old.key, NOW, NOW, ""))
    assert texts(shelf) == ["new"]
    assert states(shelf) == ["sent", "sending"]


def test_what_failed_on_its_way_does_not_come_after_its_successor(shelf: Shelf) -> None:
    """ "Jo has it", and then the page that Jo has answered: somebody would set out for nothing."""
    shelf.promise(say("first", to="okafor"), say("page", to="okafor", urgency=CRISIS, replaces="page:41"))
    page, first = shelf.take()
    shelf.promise(say("Jo has it", to="okafor", replaces="page:41"))
    shelf.mark(Unsent(page.key, NOW, permanent=False, ambiguous=False, reason="busy"), Returned(first.key))
    assert states(shelf) == ["waiting", "replaced", "waiting"]


def test_a_page_that_a_crash_caught_does_not_come_after_its_successor(shelf: Shelf) -> None:
    """The same, when it is found in the middle of being sent at the next start."""
    shelf.promise(say("page", to="okafor", urgency=CRISIS, replaces="page:41"))
    shelf.take()
    shelf.promise(say("Jo has it", to="okafor", replaces="page:41"))
    with shelf.unit() as unit:
        outbox.recover(unit, ["matrix"])
    assert states(shelf) == ["replaced", "waiting"]


# -- answers -------------------------------------------------------------------------------------------------------


def ask(shelf: Shelf, to: str = "maya", **how: object) -> str:
    """A question on somebody's screen; returns its key."""
    shelf.promise(say("Safe?", to=to, choices=YES_NO, question="crisis.safe", ref="check-1", **how))
    [message] = shelf.take()
    shelf.mark(Sent(message.key, NOW, NOW, ""))
    return message.key


def press(shelf: Shelf, key: str, choice: str = "yes", person_id: str = "maya") -> outbox.Pressed | None:
    with shelf.unit() as unit:
        return outbox.press(unit, person_id, key, choice)


def test_a_button_says_what_it_answers(shelf: Shelf) -> None:
    """Also next month. Pressed again it says so; another one instead is a new answer."""
    key = ask(shelf)
    assert press(shelf, key) == outbox.Pressed("crisis.safe", "check-1", "yes", again=False)
    assert press(shelf, key) == outbox.Pressed("crisis.safe", "check-1", "yes", again=True)
    assert press(shelf, key, "no") == outbox.Pressed("crisis.safe", "check-1", "no", again=False)
    shelf.wait(days=40)
    assert press(shelf, key, "yes") == outbox.Pressed("crisis.safe", "check-1", "yes", again=False)


def test_nobody_presses_somebody_elses_button(shelf: Shelf) -> None:
    """Forged, forwarded or guessed: it answers nothing and leaves no mark."""
    key = ask(shelf)
    assert press(shelf, key, person_id="sam") is None
    assert press(shelf, key, person_id="") is None
    assert press(shelf, key, "maybe") is None
    with shelf.unit() as unit:
        row = unit.connection.execute(select(t.outbox)).one()
    assert (row.answer, row.answered_at, row.shown_at) == (None, None, None)


def test_a_key_that_nobody_gave_out_opens_nothing(shelf: Shelf) -> None:
    """Whatever a client sends instead: none of it may reach the database as a fault."""
    ask(shelf)
    for key in ("", "0" * 32, "a\0b", "\ud83d", "' or 1=1 --", "ключ", "x" * 100_000):
        assert press(shelf, key) is None
        with shelf.unit() as unit:
            assert outbox.words_of(unit, key, "okafor") is None


def test_a_message_without_a_question_has_no_buttons(shelf: Shelf) -> None:
    """Even if it has choices."""
    shelf.promise(say("Choose", choices=YES_NO))
    [message] = shelf.take()
    assert press(shelf, message.key) is None


def test_an_answer_shows_that_the_question_was_seen(shelf: Shelf) -> None:
    """Sent, delivered, shown and answered are four different things."""
    key = ask(shelf)
    shelf.wait(minutes=3)
    press(shelf, key)
    with shelf.unit() as unit:
        row = unit.connection.execute(select(t.outbox)).one()
    assert (row.sent_at, row.delivered_at, row.shown_at, row.answered_at) == (NOW, NOW, shelf.now, shelf.now)


def test_the_newest_question_can_be_answered_in_words(shelf: Shelf) -> None:
    """The newest of this person's, whatever came after it that asked nothing."""
    with shelf.unit() as unit:
        assert outbox.newest_question(unit, "okafor") is None
    ask(shelf, to="okafor")
    shelf.promise(say("just so you know", to="okafor"), say("Not yours?", question="x.y", choices=YES_NO))
    with shelf.unit() as unit:
        assert outbox.newest_question(unit, "okafor") == ("crisis.safe", "check-1", YES_NO)


def test_only_its_sender_reads_a_relayed_message_again(shelf: Shelf) -> None:
    """Before saying "send it once more"."""
    shelf.promise(say("Ada: I am with you", urgency=RELAY, sender="okafor"))
    [message] = shelf.take()
    with shelf.unit() as unit:
        assert outbox.words_of(unit, message.key, "okafor") == "Ada: I am with you"
        assert outbox.words_of(unit, message.key, "park") is None
        assert outbox.words_of(unit, message.key, "maya") is None


# -- nowhere to go -------------------------------------------------------------------------------------------------


def test_a_page_to_somebody_without_an_address_is_found_out_at_once(shelf: Shelf) -> None:
    """Not after a silence: the next tier need not wait for somebody who cannot answer."""
    shelf.enrol(NewPerson(Role.DIRECTOR, "Noor Adel", "en", "UTC", person_id="noor"))
    with shelf.unit() as unit:
        page = say("page", to="noor", urgency=CRISIS, page=PAGE, ref="case-1")
        [timer] = outbox.promise(unit, [(page, people.address_id_of(unit, "noor"), "maya")])
    assert (timer.person_id, timer.kind, timer.key, timer.at) == ("maya", "page_failed", "case-1/noor", NOW)
    assert states(shelf) == ["failed"]


def test_a_safety_text_to_somebody_without_an_address_is_told_to_people(shelf: Shelf) -> None:
    """They must use another way; an ordinary reply may stay unsaid."""
    with shelf.unit() as unit:
        [timer] = outbox.promise(unit, [(say("safety", urgency=CRISIS), "", "maya"), (say("reply"), "", "maya")])
    assert (timer.person_id, timer.kind) == ("maya", "unreached")
    assert states(shelf) == ["failed", "failed"]
