"""A channel that fails: refuses, refuses for good, hangs, answers too late. What then happens depends on the class.

A page is repeated until somebody has it, a human being's words go once and their sender is asked, everything else goes
once. Times are the shipped ladder's; the clock is pushed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import delivery
from flows.turn import SetTimer
from storage import people, timers
from tests.faults.hands import hands
from tests.faults.phones import Phones
from tests.faults.process import running
from tests.faults.programme import found
from tests.faults.world import START, World, world

PAGE, REPLY, QUESTION = "needs you", "I have kept this for your team", "How is your mood"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The only real time in here: how long a hanging channel is waited for."""
    monkeypatch.setattr(delivery, "DEADLINE", 0.1)


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path / "clinic") as made:
        yield made


async def in_conversation(clinic: World) -> None:
    """Tess has taken p00's case and speaks with them."""
    await clinic.says("p00", "I want to die")
    [page] = clinic.shown("tess", PAGE)
    await clinic.taps("tess", page.key, "acknowledge")
    card = clinic.shown("tess", "I want to die")[-1]
    await clinic.taps("tess", card.key, "take_over")
    assert clinic.shown("p00", "is here now")


def ask_for_a_check_in(clinic: World, who: str) -> None:
    with clinic.program.store.begin(clinic.clock.now()) as unit:
        timers.change(unit, [SetTimer(who, "check_in", "2026-03-03", clinic.clock.now(), wall=True)])


# -- class 0: pages and safety texts -------------------------------------------------------------------------------


async def test_a_page_is_repeated_until_it_is_there(clinic: World) -> None:
    """Refused for half a minute, then taken: it is shown once, and nobody else was asked for it."""
    clinic.channels["private"].at["tess"] = "refuse"
    await clinic.says("p00", "I want to die")
    await clinic.forward(seconds=30)
    assert clinic.tries("tess") >= 4
    clinic.channels["private"].at.clear()
    await clinic.forward(seconds=31)
    assert len(clinic.shown("tess", PAGE)) == 1
    assert set(clinic.paged()) == {"tess"}


async def test_a_page_that_nobody_takes_climbs_after_a_minute(clinic: World) -> None:
    """Long before its own clock of a quarter of an hour; it is tried all the same, and the operator hears why."""
    clinic.channels["private"].at["tess"] = "refuse"
    await clinic.says("p00", "I want to die")
    await clinic.forward(minutes=2)
    assert START + MINUTE <= clinic.paged()["back"] <= START + 1.6 * MINUTE
    assert clinic.shown("oper", "did not get through")
    clinic.channels["private"].at.clear()
    await clinic.forward(minutes=1)
    assert len(clinic.shown("tess", PAGE)) == 1


async def test_a_page_to_a_dead_address_climbs_at_once(clinic: World) -> None:
    """Blocked is no reason to wait for anything."""
    clinic.channels["private"].at["tess"] = "gone"
    await clinic.says("p00", "I want to die")
    assert clinic.paged() == {"back": START}
    assert clinic.tries("tess") == 1


async def test_a_page_to_a_dead_address_goes_by_the_next_channel(clinic: World) -> None:
    """Whoever has a second phone is asked there, and the ladder keeps its clock."""
    with clinic.program.store.begin(clinic.clock.now()) as unit:
        people._add_address(unit, "tess", 1, ("public", "tess-too", False))
        people.bump_roster(unit)
    clinic.channels["private"].at["tess"] = "gone"
    await clinic.says("p00", "I want to die")
    assert len(clinic.shown("tess-too", PAGE, "public")) == 1
    assert set(clinic.paged()) == {"tess-too"}
    await clinic.taps("tess", "x", "x")  # whoever presses anything is still known on the first phone
    await clinic.does("tess-too", "tap", "acknowledge", clinic.shown("tess-too", PAGE, "public")[0].key, "public")
    assert clinic.shown("p00", "has seen this")


async def test_when_no_phone_of_the_staff_works_the_whole_ladder_is_tried(clinic: World) -> None:
    """All of them dead: every tier within seconds, the participant hears the truth, and the repeats go on for ever."""
    for who in ("tess", "prim", "back", "supe", "dire", "oper"):
        clinic.channels["private"].at[who] = "gone"
    await clinic.says("p00", "I want to die")
    assert all(clinic.tries(who) == 1 for who in ("tess", "back", "supe", "dire"))
    assert clinic.shown("p00", "Nobody has answered yet")
    await clinic.forward(hours=3)
    assert clinic.tries("tess") > 5
    clinic.channels["private"].at.clear()
    await clinic.forward(minutes=16)
    assert {"tess", "back", "supe", "dire"} <= set(clinic.paged())


@pytest.mark.parametrize("fault", ["hang", "late"])
async def test_a_page_of_which_nobody_knows_is_sent_again(clinic: World, fault: str) -> None:
    """A page twice is a nuisance; a page that was perhaps lost is not to be borne."""
    clinic.channels["private"].at["tess"] = fault
    await clinic.says("p00", "I want to die")
    await clinic.forward(seconds=20)
    clinic.channels["private"].at.clear()
    await clinic.forward(seconds=20)
    shown = clinic.shown("tess", PAGE)
    assert len({one.key for one in shown}) == 1
    assert len(shown) == 1 if fault == "hang" else len(shown) > 1
    assert clinic.states("tess", "care.page@%") == ["sent"]


async def test_a_participant_who_cannot_be_reached_is_told_to_people(clinic: World) -> None:
    """At once where their phone refuses for good; after a minute where it only does not answer."""
    clinic.channels["private"].at["p00"] = "gone"
    await clinic.says("p00", "I want to die")
    assert clinic.shown("tess", "cannot reach the participant of case 1")
    clinic.channels["private"].at["p01"] = "refuse"
    await clinic.says("p01", "I want to die")
    assert not clinic.shown("theo", "cannot reach the participant of case 2")
    await clinic.forward(minutes=2)
    assert 1 <= len(clinic.shown("theo", "cannot reach the participant of case 2")) <= 2
    clinic.channels["private"].at.clear()
    await clinic.forward(seconds=31)
    assert [one.text for one in clinic.shown("p01")][-1] == "Are you safe right now?"
    assert len(clinic.shown("p01", "Are you safe right now?")) == 1


# -- class 1: between people ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["hang", "late"])
async def test_a_relay_of_which_nobody_knows_goes_once_and_its_sender_is_asked(clinic: World, fault: str) -> None:
    """What a human being wrote is not said twice behind their back; they decide."""
    await in_conversation(clinic)
    clinic.channels["private"].at["p00"] = fault
    await clinic.says("tess", "I am on my way")
    clinic.channels["private"].at.clear()
    await clinic.forward(minutes=20)
    assert len(clinic.shown("p00", "on my way")) == (0 if fault == "hang" else 1)
    [asked] = clinic.shown("tess", "I cannot tell whether your last message")
    await clinic.taps("tess", asked.key, "resend")
    assert len(clinic.shown("p00", "on my way")) == (1 if fault == "hang" else 2)


async def test_a_relay_that_was_refused_is_tried_for_a_while(clinic: World) -> None:
    """Refused means that it is not there: it goes when it can, in order, and nobody need be asked."""
    await in_conversation(clinic)
    clinic.channels["private"].at["p00"] = "refuse"
    await clinic.says("tess", "I am on my way")
    await clinic.says("tess", "ten minutes")
    await clinic.forward(minutes=5)
    clinic.channels["private"].at.clear()
    await clinic.forward(minutes=1)
    said = [one.text.partition(": ")[2] for one in clinic.shown("p00", "Quillonzarembratess: ")]
    assert said == ["I am on my way", "ten minutes"]
    assert not clinic.shown("tess", "I cannot tell")


async def test_a_relay_that_does_not_get_through_comes_back_to_its_sender(clinic: World) -> None:
    """After a quarter of an hour, or at once where the phone refuses for good."""
    await in_conversation(clinic)
    clinic.channels["private"].at["p00"] = "refuse"
    await clinic.says("tess", "I am on my way")
    await clinic.forward(minutes=17)
    assert len(clinic.shown("tess", "I cannot tell whether your last message")) == 1
    clinic.channels["private"].at["p00"] = "gone"
    await clinic.says("tess", "are you there")
    assert len(clinic.shown("tess", "I cannot tell whether your last message")) == 2


@pytest.mark.parametrize("fault", ["refuse", "gone", "hang"])
async def test_words_to_somebody_whose_phone_is_dead_do_not_vanish(clinic: World, fault: str) -> None:
    """A participant writes to the person who speaks with them, and that phone is off: within two minutes the program
    speaks again, says so, and the next one is asked."""
    await in_conversation(clinic)
    clinic.channels["private"].at["tess"] = fault
    await clinic.says("p00", "are you still there")
    await clinic.forward(minutes=2)
    assert clinic.shown("p00", "has left, and I am the program again")
    assert "back" in clinic.paged()
    await clinic.says("p00", "I took all my pills")
    assert "Are you safe right now?" in clinic.shown("p00")[-1].text


# -- classes 2 and 3: replies, check-ins ---------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "times"), [("hang", 1), ("late", 2), ("gone", 0)])
async def test_a_reply_that_may_have_arrived_comes_once_more_at_most(clinic: World, fault: str, times: int) -> None:
    """Somebody waits for it; nobody else is troubled. Where there is nothing more to be reached, it is let go."""
    clinic.channels["private"].at["p00"] = fault
    await clinic.says("p00", "the tram was late")
    clinic.channels["private"].at.clear()
    await clinic.forward(hours=13)
    shown = [one.unsure for one in clinic.shown("p00") if one.key == clinic.shown("p00")[0].key]
    assert shown == {0: [], 1: [True], 2: [False, True]}[times]
    assert clinic.paged() == {}
    assert set(clinic.states("p00")) <= {"uncertain", "failed", "sent", "waiting", "later", "expired"}
    await clinic.says("p00", "and back again")
    assert clinic.shown("p00", REPLY)


async def test_a_reply_that_was_refused_goes_when_it_can_and_in_order(clinic: World) -> None:
    """Half an hour without a network; then all of it, as it was said; nothing from the day before yesterday."""
    clinic.channels["private"].at["p00"] = "refuse"
    await clinic.says("p00", "/help")
    await clinic.says("p00", "plan")
    await clinic.forward(minutes=30)
    clinic.channels["private"].at.clear()
    await clinic.forward(minutes=6)
    promised = clinic.promised("p00")
    order = [promised.index(one.key) for one in clinic.shown("p00")]
    assert order == sorted(order)
    assert len(order) == len(set(order)) == 2
    clinic.channels["private"].at["p00"] = "refuse"
    await clinic.says("p00", "the tram was late")
    await clinic.forward(hours=13)
    clinic.channels["private"].at.clear()
    await clinic.forward(hours=1)
    assert not clinic.shown("p00", REPLY)


@pytest.mark.parametrize("fault", ["refuse", "gone", "hang"])
async def test_a_check_in_that_did_not_arrive_is_not_missed(clinic: World, fault: str) -> None:
    """A fault of ours is no evidence about anybody; whoever runs the machine hears of it, no question comes late."""
    clinic.channels["private"].at["p00"] = fault
    ask_for_a_check_in(clinic, "p00")
    await clinic.forward(hours=4)
    clinic.channels["private"].at.clear()
    await clinic.forward(hours=4)
    assert not clinic.shown("p00", QUESTION)
    with clinic.program.store.engine.begin() as connection:
        assert connection.execute(text("select state from check_in")).scalars().all() == ["undelivered"]
    assert clinic.shown("oper", "could not be delivered")
    assert clinic.paged() == {}


async def test_a_check_in_that_arrived_late_by_its_answer_goes_once(clinic: World) -> None:
    """Shown, and the channel's answer was lost: it is not asked twice at the same moment."""
    clinic.channels["private"].at["p00"] = "late"
    ask_for_a_check_in(clinic, "p00")
    await clinic.forward(minutes=40)
    assert len(clinic.shown("p00", "I am a program")) == 1


# -- nothing else is held up ---------------------------------------------------------------------------------------


async def test_one_dead_phone_holds_up_nobody_else(tmp_path: Path, phones: Phones) -> None:
    """The real process: one phone hangs, and everybody else's answers and pages come as fast as ever."""
    clinic = found(tmp_path / "clinic", phones=phones.address, participants=6)
    async with running(clinic), hands(clinic) as people:
        phones.trouble.at |= {"p00": "hang", "tess": "hang"}
        await people.says("p00", "I want to die")
        for who in ("p01", "p03", "p05"):
            started = time.monotonic()
            await people.says(who, "I want to die")
            await phones.sees(who, "Are you safe right now?")
            await phones.until(lambda: any(one.page for one in phones.screen("theo")))
            assert time.monotonic() - started < 3


async def test_many_dead_phones_do_not_hold_up_a_page(tmp_path: Path, phones: Phones) -> None:
    """Thirty participants whose phones hang in the middle of a crisis: the page for the next one goes at once."""
    clinic = found(tmp_path / "clinic", phones=phones.address, participants=40)
    hanging = clinic.participants[:30]
    async with running(clinic), hands(clinic) as people:
        phones.trouble.at |= dict.fromkeys(hanging, "hang")
        await asyncio.gather(*(people.calls_for_help(who) for who in hanging))
        await asyncio.sleep(1)
        count = len(phones.screen("prim"))
        started = time.monotonic()
        await people.calls_for_help(clinic.participants[-1])
        await phones.until(lambda: len(phones.screen("prim")) > count)
        await phones.sees(clinic.participants[-1], "Are you safe right now?")
        assert time.monotonic() - started < 3
