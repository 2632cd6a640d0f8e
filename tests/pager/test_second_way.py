"""When somebody is rung besides: the whole program on the shipped ladder, with a clock that is pushed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from storage import pagers, people
from tests.faults.world import START, Fickle, World, world
from tests.pager.having import give

MINUTE = timedelta(minutes=1)
URGENT, EMERGENCY = "I want to die", "I have taken all my pills"


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path / "clinic") as made:
        made.channels["pager"] = Fickle("pager", False, made.clock)
        made.program.channels["pager"] = made.channels["pager"]
        yield made


def rung(clinic: World, who: str) -> list[timedelta]:
    """When somebody's pager rang, counted from the beginning."""
    return [at - START for at, place, one in clinic.channels["pager"].shown if place == f"json://{who}" and one.page]


def tried(clinic: World, who: str) -> int:
    return clinic.tries(f"json://{who}", "pager")


async def test_whoever_does_not_answer_is_rung_after_a_while(clinic: World) -> None:
    """Five minutes for an urgent case, two for an emergency: time for a hand to reach the phone it is used to."""
    give(clinic, "tess")
    await clinic.says("p00", URGENT)
    await clinic.forward(minutes=4.9)
    assert rung(clinic, "tess") == []
    await clinic.forward(minutes=0.2)
    assert rung(clinic, "tess") == [5 * MINUTE]
    assert len(clinic.shown("tess", "needs you")) == 1


async def test_in_an_emergency_it_is_two_minutes(clinic: World) -> None:
    """For everybody who was asked, each from when they were."""
    for who in ("tess", "prim", "back"):
        give(clinic, who)
    await clinic.says("p00", EMERGENCY)
    await clinic.forward(minutes=7.1)
    assert (rung(clinic, "tess"), rung(clinic, "prim")) == ([2 * MINUTE], [2 * MINUTE])
    assert rung(clinic, "back") == [7 * MINUTE]


async def test_whoever_answers_in_time_is_never_rung(clinic: World) -> None:
    """Nor is anybody else who was asked with them."""
    for who in ("tess", "prim"):
        give(clinic, who)
    await clinic.says("p00", EMERGENCY)
    await clinic.forward(minutes=1)
    await clinic.taps("prim", clinic.shown("prim", "needs you")[0].key, "acknowledge")
    await clinic.forward(minutes=10)
    assert (rung(clinic, "tess"), rung(clinic, "prim")) == ([], [])


async def test_whoever_said_not_me_is_not_rung(clinic: World) -> None:
    """They were heard."""
    for who in ("tess", "prim"):
        give(clinic, who)
    await clinic.says("p00", EMERGENCY)
    await clinic.taps("tess", clinic.shown("tess", "needs you")[0].key, "not_me")
    await clinic.forward(minutes=4)
    assert (rung(clinic, "tess"), rung(clinic, "prim")) == ([], [2 * MINUTE])


async def test_at_each_repeat_everybody_is_rung_at_once(clinic: World) -> None:
    """By then the usual channel has been silent for long enough."""
    give(clinic, "dire")
    await clinic.says("p00", EMERGENCY)
    await clinic.forward(minutes=25.1)
    repeats = [at for at, place, one in clinic.channels["private"].shown if place == "dire" and one.page]
    assert rung(clinic, "dire") == [17 * MINUTE, *(at - START for at in repeats[1:])]
    assert len(repeats) >= 2


async def test_where_the_usual_channel_refuses_for_good_the_pager_rings_at_once(clinic: World) -> None:
    """The same page, on the next way to the same person; the ladder keeps its clock."""
    give(clinic, "tess")
    clinic.channels["private"].at["tess"] = "gone"
    await clinic.says("p00", URGENT)
    assert rung(clinic, "tess") == [timedelta()]
    assert not clinic.shown("back", "needs you")


async def test_where_the_usual_channel_is_down_the_pager_and_the_next_one_are_asked_after_a_minute(
    clinic: World,
) -> None:
    """Nobody waits for a server to come back."""
    give(clinic, "tess")
    clinic.channels["private"].at["tess"] = "refuse"
    await clinic.says("p00", URGENT)
    await clinic.forward(minutes=1.6)
    [first] = rung(clinic, "tess")
    assert MINUTE <= first <= 1.6 * MINUTE
    assert clinic.shown("back", "needs you")


async def test_a_pager_that_is_down_climbs_like_any_other_channel(clinic: World) -> None:
    """Whoever has nothing but a pager, and it cannot be rung: the next one is asked within a minute, the operator is
    told, and it is still tried."""
    only_a_pager(clinic, "tess")
    clinic.channels["pager"].at["json://tess"] = "refuse"
    await clinic.says("p00", URGENT)
    await clinic.forward(minutes=1.6)
    assert clinic.shown("back", "needs you")
    assert clinic.shown("oper", "did not get through")
    before = tried(clinic, "tess")
    await clinic.forward(minutes=2)
    assert tried(clinic, "tess") > before


async def test_a_pager_that_refuses_for_good_climbs_at_once(clinic: World) -> None:
    """A wrong password, a number that is no more."""
    only_a_pager(clinic, "tess")
    clinic.channels["pager"].at["json://tess"] = "gone"
    await clinic.says("p00", URGENT)
    assert clinic.paged() == {"back": START}
    assert tried(clinic, "tess") <= 2


async def test_whoever_has_nothing_but_a_pager_is_rung_at_once(clinic: World) -> None:
    """It is how they are met."""
    only_a_pager(clinic, "tess")
    await clinic.says("p00", URGENT)
    assert rung(clinic, "tess") == [timedelta()]
    await clinic.does("json://tess", "tap", "acknowledge", clinic.shown("json://tess", channel="pager")[0].key, "pager")
    assert clinic.shown("p00", "has seen this")


def only_a_pager(clinic: World, who: str, *, confirmed: bool = True) -> None:
    clinic.change("delete from address where person_id = :who", who=who)
    clinic.change("update person set address_id = null where id = :who", who=who)
    give(clinic, who, confirmed=confirmed)


# -- unconfirmed ---------------------------------------------------------------------------------------------------


async def test_a_pager_that_nobody_has_confirmed_is_never_rung(clinic: World) -> None:
    """Not after a while, not at a repeat, not where everything else fails: it may be a stranger's."""
    give(clinic, "tess", confirmed=False)
    clinic.channels["private"].at["tess"] = "gone"
    await clinic.says("p00", URGENT)
    assert clinic.paged() == {"back": START}
    await clinic.forward(hours=3)
    assert tried(clinic, "tess") == 0


async def test_whoever_has_only_an_unconfirmed_one_is_passed_over_at_once(clinic: World) -> None:
    """They cannot be reached, and everybody knows it before the first minute is over."""
    only_a_pager(clinic, "tess", confirmed=False)
    await clinic.says("p00", URGENT)
    assert clinic.paged() == {"back": START}
    await clinic.forward(hours=1)
    assert tried(clinic, "tess") == 0


async def test_a_pager_that_was_changed_has_to_be_confirmed_again(clinic: World) -> None:
    """What waited for the old one does not ring the new one."""
    give(clinic, "tess")
    clinic.channels["pager"].at["json://tess"] = "refuse"
    await clinic.says("p00", URGENT)
    await clinic.forward(minutes=5.2)
    assert tried(clinic, "tess") > 0
    with clinic.program.store.begin(clinic.clock.now()) as unit:
        pagers.set_pager(unit, "tess", "json://new")
    await clinic.forward(hours=1)
    assert tried(clinic, "new") == 0


# -- afterwards ----------------------------------------------------------------------------------------------------


async def test_a_pager_that_comes_back_does_not_ring_for_a_case_that_was_taken(clinic: World) -> None:
    """An hour of outage, and then a telephone at three in the morning, for nothing."""
    give(clinic, "tess")
    clinic.channels["pager"].at["json://tess"] = "refuse"
    await clinic.says("p00", URGENT)
    await clinic.forward(minutes=6)
    assert tried(clinic, "tess") > 0
    await clinic.taps("tess", clinic.shown("tess", "needs you")[0].key, "acknowledge")
    clinic.channels["pager"].at.clear()
    await clinic.forward(minutes=10)
    assert rung(clinic, "tess") == []
    assert "replaced" in clinic.states("tess", "care.page%")


async def test_whoever_took_it_and_fell_silent_is_rung_again(clinic: World) -> None:
    """It is open once more, and the clocks begin anew."""
    for who in ("tess", "back"):
        give(clinic, who)
    await clinic.says("p00", URGENT)
    await clinic.taps("tess", clinic.shown("tess", "needs you")[0].key, "acknowledge")
    await clinic.forward(minutes=66)
    assert rung(clinic, "back") == [65 * MINUTE]


async def test_a_page_that_waits_for_the_usual_channel_stays_when_the_pager_rings(clinic: World) -> None:
    """The one does not take the place of the other: whichever comes back first."""
    give(clinic, "tess")
    clinic.channels["private"].at["tess"] = "refuse"
    clinic.channels["pager"].at["json://tess"] = "refuse"
    await clinic.says("p00", URGENT)
    await clinic.forward(minutes=6)
    clinic.channels["private"].at.clear()
    await clinic.forward(minutes=1)
    assert len(clinic.shown("tess", "needs you")) >= 1
    clinic.channels["pager"].at.clear()
    await clinic.forward(minutes=1)
    assert rung(clinic, "tess")


async def test_nothing_but_pages_moves_to_a_pager(clinic: World) -> None:
    """Where the usual channel is gone, what was said of a participant does not look for another way."""
    await clinic.says("p00", URGENT)
    await clinic.taps("tess", clinic.shown("tess", "needs you")[0].key, "acknowledge")
    give(clinic, "tess")
    clinic.channels["private"].at["tess"] = "gone"
    for words in ("/case 1", "/oncall", "/nonsense"):
        await clinic.says("tess", words)
    await clinic.says("p00", EMERGENCY)
    assert clinic.channels["pager"].tries
    assert all(one.page for _, _, one in clinic.channels["pager"].shown)


async def test_two_people_cannot_have_the_same_pager(clinic: World) -> None:
    """It says who answered."""
    give(clinic, "tess")
    with pytest.raises(pagers.SharedPager), clinic.program.store.begin(clinic.clock.now()) as unit:
        pagers.set_pager(unit, "back", "json://tess")
    with clinic.program.store.begin(clinic.clock.now()) as unit:
        registry = people.load_registry(unit, "")
    assert set(registry.pager_of) == {"tess"}
