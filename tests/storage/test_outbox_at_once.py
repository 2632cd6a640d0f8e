"""What is promised while nothing waits goes out with the commit of the promise. It must go as it would have anyway."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from flows.level import Level
from flows.message import Choice, File, Outbound, Page, Urgency
from flows.message import Room as SharedRoom
from storage import outbox, people, situations
from storage import tables as t
from storage.outbox import Room, Sendable, Unsent
from storage.store import Unit
from tests.support.ears import listen
from tests.support.shelves import NOW, PLENTY, Shelf, say

CRISIS, RELAY, REPLY, BULK = Urgency


class Turn:
    """One unit of work about Maya and Sam: it loads them, promises, and takes out, as a cycle does."""

    def __init__(self, shelf: Shelf, unit: Unit) -> None:
        self.unit = unit
        situations.load_participants(unit, ["maya"], shelf.registry(unit))
        situations.load_participants(unit, ["sam"], shelf.registry(unit))

    def promise(self, *messages: Outbound) -> None:
        outbox.promise(self.unit, [(one, people.address_id_of(self.unit, one.to), one.to) for one in messages])

    def take(self, room: Room = PLENTY) -> list[list[Sendable]]:
        return outbox.take(self.unit, room, nothing_waited=True)[0]


@contextmanager
def turn(shelf: Shelf) -> Iterator[Turn]:
    with shelf.unit() as unit:
        yield Turn(shelf, unit)


def at_once(shelf: Shelf, *messages: Outbound, room: Room = PLENTY) -> list[str]:
    """The texts of what goes out in the turn in which these are promised."""
    with turn(shelf) as begun:
        begun.promise(*messages)
        return [message.text for train in begun.take(room) for message in train]


def states(shelf: Shelf) -> list[str]:
    with shelf.unit() as unit:
        return list(unit.connection.execute(select(t.outbox.c.state).order_by(t.outbox.c.seq)).scalars())


def read_back(shelf: Shelf, *messages: Outbound) -> list[list[Sendable]]:
    """The same, but promised in one unit of work and taken out in the next."""
    with turn(shelf) as begun:
        begun.promise(*messages)
    return shelf.trains()


EVERY_KIND = (
    say("bulk", urgency=BULK, expires_after=timedelta(hours=12)),
    say("Are you safe, Zoë? 🌒\0", urgency=CRISIS, choices=(Choice("yes", "Yes"),), question="crisis.safe", ref="c-1"),
    say("page", urgency=CRISIS, page=Page(41, Level.EMERGENCY, 2, 3)),
    say("Sam's", to="sam"),
    say("your plan", file=File("plan.pdf", "application/pdf", b"\0\1")),
    say("where are you?", to="sam", asks_place=True),
    say("as a poll", poll=True, choices=(Choice("a", "A"), Choice("b", "B"))),
)


def test_it_goes_as_it_would_after_being_read_back(shelf: Shelf) -> None:
    """Word for word, to the same place, in the same trains and the same order."""
    then = read_back(shelf, *EVERY_KIND)
    with turn(shelf) as begun:
        begun.promise(*EVERY_KIND)
        now = begun.take()
    keys = {message.key for train in now for message in train}
    assert len(keys) == len(EVERY_KIND)
    assert [[replace(one, key="") for one in train] for train in now] == [
        [replace(one, key="") for one in train] for train in then
    ]


def test_it_is_marked_as_being_sent_in_the_same_commit(shelf: Shelf) -> None:
    """A crash between the commit and the channel finds it there, like any other that was on its way."""
    assert at_once(shelf, say("reply"), say("safety", urgency=CRISIS)) == ["safety", "reply"]
    assert states(shelf) == ["sending", "sending"]
    with shelf.unit() as unit:
        outbox.recover(unit, ["matrix"])
    assert [message.text for message in shelf.take()] == ["safety", "reply"]


def test_nothing_is_read_back_for_it(shelf: Shelf) -> None:
    """Reading it again cost more than deciding what to say."""
    heard: list[str] = []
    listen(shelf.store.engine, lambda statement, _: heard.append(statement))
    shelf.store.close()  # it opens a connection that is listened to
    with turn(shelf) as begun:
        begun.promise(say("reply"))
        heard.clear()
        assert len(begun.take()) == 1
    assert [statement for statement in heard if statement.startswith("UPDATE outbox")]
    assert not [statement for statement in heard if "FROM outbox" in statement]


def test_a_cut_before_the_commit_sends_nothing(shelf: Shelf) -> None:
    """What was taken out in a unit of work that never came true was not promised either."""
    with shelf.power_cut() as unit:
        begun = Turn(shelf, unit)
        begun.promise(say("reply"))
        begun.take()
    assert states(shelf) == []


@pytest.mark.parametrize(
    "room",
    [
        Room(crisis=9, ordinary=9, busy=("maya",)),
        Room(crisis=9, ordinary=9, busy_crisis=("sam",)),
        Room(crisis=9, ordinary=0),
        Room(crisis=9, ordinary=9, bulk=0),
        outbox.NO_ROOM,
    ],
)
def test_it_waits_wherever_it_would_have_waited(shelf: Shelf, room: Room) -> None:
    """Somebody's train is still under way, or no other fits: the same go and the same wait as ever."""
    messages = (say("bulk", urgency=BULK), say("Sam's", to="sam"))
    with turn(shelf) as begun:
        begun.promise(*messages)
    ever = [message.text for message in shelf.take(room)]
    shelf.take()
    assert at_once(shelf, *messages, room=room) == ever


def test_more_than_a_train_holds_waits_for_the_next(shelf: Shelf) -> None:
    """And none is lost or overtaken."""
    words = [str(number) for number in range(outbox.TRAIN + 2)]
    assert at_once(shelf, *(say(one) for one in words)) == words[: outbox.TRAIN]
    assert [message.text for message in shelf.take()] == words[outbox.TRAIN :]


def test_the_newest_of_one_turn_takes_the_place_of_those_before_it(shelf: Shelf) -> None:
    """One decision may correct what another one of the same cycle promised; the older words never go."""
    with turn(shelf) as begun:
        begun.promise(say("old", replaces="x"), say("other"))
        begun.promise(say("new", replaces="x"))
        assert [message.text for train in begun.take() for message in train] == ["other", "new"]
    assert at_once(shelf, say("older", replaces="y"), say("newer", replaces="y")) == ["newer"]


def test_what_is_tried_again_goes_before_it(shelf: Shelf) -> None:
    """They read in order what was said to them, however late the first of it comes."""
    assert at_once(shelf, say("first")) == ["first"]
    with shelf.unit() as unit:
        [key] = unit.connection.execute(select(t.outbox.c.id)).scalars()
    shelf.mark(Unsent(key, NOW, permanent=False, ambiguous=False, reason="away"))
    assert at_once(shelf, say("second")) == ["first", "second"]


def test_what_is_for_later_stays(shelf: Shelf) -> None:
    """Tomorrow's good morning does not go tonight."""
    assert at_once(shelf, say("good morning", not_before=NOW + timedelta(hours=9)), say("good night")) == ["good night"]
    assert states(shelf) == ["later", "sending"]


def test_whoever_was_not_loaded_is_looked_up(shelf: Shelf) -> None:
    """A page goes to staff, in the same moment; a message to a shared room finds who else belongs in it."""
    page = say("page", to="okafor", urgency=CRISIS)
    assert at_once(shelf, page, say("safety", urgency=CRISIS)) == ["page", "safety"]
    with turn(shelf) as begun:
        begun.promise(say("both of you", room=SharedRoom("case 7", ("okafor",))))
        [[message]] = begun.take()
    assert message.room is not None
    assert message.room.others == ("@ada:example.org",)


def test_a_place_that_does_not_open_costs_nobody_the_message(shelf: Shelf) -> None:
    """The address is spoiled: it is as if it took nothing, and the next one is tried."""
    with shelf.unit() as unit:
        spoiled = unit.vault.seal("maya", "address", "place", "another row", "@maya:example.org")
        unit.connection.execute(
            t.address.update().where(t.address.c.person_id == "maya", t.address.c.rank == 0).values(place=spoiled)
        )
    assert at_once(shelf, say("reply")) == []
    [message] = shelf.take()
    assert (message.channel, message.place) == ("telegram", "4711")
