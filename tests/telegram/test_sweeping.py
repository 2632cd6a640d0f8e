"""What is on people's screens two days later."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import BigInteger, func, select, type_coerce, update

from storage import people
from storage import tables as t
from tests.fakes.telegram.faults import error, reset_after
from tests.support.clinic import ZONE
from tests.support.telegram import TelegramClinic, telegram_clinic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
NIGHT = datetime(2026, 3, 11, 3, 0, tzinfo=ZONE)


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[TelegramClinic]:
    async with telegram_clinic(tmp_path, starts=NIGHT) as clinic:
        yield clinic


def pass_time(clinic: TelegramClinic, **length: float) -> None:
    """What was said so far was said so much earlier, for us and for Telegram."""
    micros = timedelta(**length) // timedelta(microseconds=1)
    with clinic.store.begin(clinic.program.clock.now()) as unit:
        for table, column in ((t.outbox, t.outbox.c.sent_at), (t.inbox, t.inbox.c.arrived_at)):
            earlier = type_coerce(column, BigInteger) - micros
            unit.connection.execute(update(table).values({column.name: earlier}))
    clinic.telegram.clock.forward(**length)


async def an_exchange(clinic: TelegramClinic) -> None:
    """Maya says something, is answered, and the answer is written down."""
    said = await clinic.maya.says("it was a long day")
    while not any(one.by_bot and one.id > said.id for one in clinic.maya.shown):
        await clinic.telegram.api.change.wait()
    await clinic.maya.sees("kept this for your team")
    await written_down(clinic)


async def written_down(clinic: TelegramClinic) -> None:
    """Everything that is under way has been marked."""
    while True:
        with clinic.store.begin(clinic.program.clock.now()) as unit:
            open_rows = unit.connection.execute(
                select(func.count()).select_from(t.outbox).where(t.outbox.c.state.in_(["waiting", "sending"]))
            ).scalar()
        if not open_rows:
            return
        await clinic.program.line.run_in_store(lambda: None)


def left(clinic: TelegramClinic) -> list[str]:
    """What is on Maya's screen, whoever said it."""
    return [one.text for one in clinic.maya.shown]


async def test_in_the_night_what_both_have_said_is_gone(clinic: TelegramClinic) -> None:
    """A phone is lent, lost, looked through. What was said stays with the team, and nowhere else."""
    await an_exchange(clinic)
    pass_time(clinic, hours=12)
    await clinic.channel.sweep.look()
    assert not any("long day" in words or "kept this" in words for words in left(clinic))
    with clinic.store.begin(clinic.program.clock.now()) as unit:
        assert unit.connection.execute(select(func.count()).select_from(t.inbox)).scalar()


async def test_what_was_said_last_evening_is_there_in_the_morning(clinic: TelegramClinic) -> None:
    """Nobody should wake up to an empty chat in which they were just being helped."""
    await an_exchange(clinic)
    pass_time(clinic, hours=10)
    await clinic.channel.sweep.look()
    assert any("long day" in words for words in left(clinic))
    assert any("kept this" in words for words in left(clinic))


async def test_the_numbers_of_a_crisis_and_the_card_stay(clinic: TelegramClinic) -> None:
    """Whoever was told whom to call looks for it again where it was."""
    with clinic.store.begin(clinic.program.clock.now()) as unit:
        people.keep_plan(unit, "maya", {"internal_coping": ["play the guitar"]}, "ana")
    await clinic.maya.says("card")
    await clinic.maya.sees("as a file to keep")
    await clinic.maya.says("I need help now")
    await clinic.maya.sees("Are you safe")
    await written_down(clinic)
    pass_time(clinic, hours=30)
    await clinic.channel.sweep.look()
    assert any("Call 911 now" in words for words in left(clinic))
    assert any("as a file to keep" in words for words in left(clinic))
    assert "I need help now" not in left(clinic)


async def test_staff_keep_what_they_need_for_an_open_case(clinic: TelegramClinic) -> None:
    """The page that was taken is the way back into the case."""
    await clinic.maya.says("I need help now")
    page = await clinic.ana.sees("EMERGENCY")
    await written_down(clinic)
    pass_time(clinic, hours=30)
    await clinic.channel.sweep.look()
    assert page.id in [one.id for one in clinic.ana.shown]
    with clinic.store.begin(clinic.program.clock.now()) as unit:
        unit.connection.execute(update(t.care_case).values(state="closed"))
    await clinic.channel.sweep.look()
    assert page.id not in [one.id for one in clinic.ana.shown]


async def test_what_failed_is_tried_again_and_an_unsure_try_does_no_harm(clinic: TelegramClinic) -> None:
    """A bad minute at three in the morning must not leave a whole day on somebody's screen."""
    await an_exchange(clinic)
    pass_time(clinic, hours=30)
    clinic.telegram.faults.add("deleteMessages", reset_after())
    clinic.telegram.faults.add("deleteMessages", error(500, "Internal Server Error"), times=2)
    await clinic.channel.sweep.look()
    await clinic.channel.sweep.look()
    assert not any("long day" in words or "kept this" in words for words in left(clinic))
    before = len(clinic.telegram.calls_of("deleteMessages"))
    await clinic.channel.sweep.look()
    assert len(clinic.telegram.calls_of("deleteMessages")) == before


async def test_one_that_cannot_be_taken_away_keeps_no_other(clinic: TelegramClinic) -> None:
    """Telegram takes all of a batch or none: one that is too old would have kept a hundred on the screen."""
    oldest = await clinic.maya.says("the tram was late")
    await an_exchange(clinic)
    pass_time(clinic, hours=30)
    clinic.maya.chat.messages[oldest.id].date -= 48 * 3600
    await clinic.channel.sweep.look()
    assert "the tram was late" in left(clinic)
    assert "it was a long day" not in left(clinic)


async def test_what_stays_after_all_is_told_to_people_once(clinic: TelegramClinic) -> None:
    """A promise that could not be kept is known to somebody, without a word of what was said."""
    await an_exchange(clinic)
    pass_time(clinic, hours=49)
    await clinic.channel.sweep.look()
    told = await clinic.ana.sees("could not be taken from screens")
    assert "long day" not in told.text
    await clinic.channel.sweep.look()
    await written_down(clinic)
    assert sum("could not be taken" in words for words in clinic.ana.heard) == 1


async def test_more_than_a_batch_goes_in_one_night(clinic: TelegramClinic) -> None:
    """Telegram takes a hundred at once. Somebody who writes a lot is owed the same night."""
    for number in range(120):
        await clinic.maya.says(f"thought {number}")
    while clinic.telegram.api.queue.events:
        await clinic.telegram.api.change.wait()
    with clinic.store.begin(
        clinic.program.clock.now()
    ) as unit:  # the answers, for which Telegram gives us no time here
        unit.connection.execute(update(t.outbox).where(t.outbox.c.state == "waiting").values(state="expired"))
    await clinic.program.delivery.settle()
    pass_time(clinic, hours=30)
    await clinic.channel.sweep.look()
    assert not any("thought" in words for words in left(clinic))


async def test_by_day_and_where_it_is_not_wanted_nothing_is_taken(clinic: TelegramClinic) -> None:
    """Messages that vanish under somebody's eyes frighten; and a programme may decide that everything stays."""
    traces = clinic.channel.house.traces
    assert traces.is_night()
    settings = clinic.program.library.settings
    telegram = settings.telegram.model_copy(update={"delete_after": None})
    object.__setattr__(clinic.program.library, "settings", settings.model_copy(update={"telegram": telegram}))
    assert not traces.is_night()
    await an_exchange(clinic)
    pass_time(clinic, hours=30)
    await clinic.channel.sweep.look()
    assert any("long day" in words for words in left(clinic))


async def test_what_stands_on_another_phone_is_not_taken_for_gone(clinic: TelegramClinic) -> None:
    """Who came with another account has not our words there: under the same numbers stand other things, or nothing.
    What the old phone still shows is counted, not forgotten."""
    await an_exchange(clinic)
    another = clinic.telegram.user("Maya's new phone")
    await another.start(clinic.invite("maya"))
    await another.sees("You are connected")
    await written_down(clinic)
    pass_time(clinic, hours=30)
    await clinic.channel.sweep.look()
    assert not any("You are connected" in one.text for one in another.shown)
    with clinic.store.begin(clinic.program.clock.now()) as unit:
        wanted = select(func.count()).where(t.outbox.c.person_id == "maya", t.outbox.c.erase == "due")
        assert unit.connection.execute(wanted).scalar() == sum(one.by_bot for one in clinic.maya.shown)
