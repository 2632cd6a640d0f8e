"""A homeserver knows a message of ours again for a day. What is tried once more after that shows twice."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from nio import AsyncClient

from bot.channels.base import DeliveryError
from bot.channels.matrix.client import HardenedClient
from bot.channels.matrix.sending import send_once
from flows.grant import Role
from flows.message import Urgency
from storage import outbox
from storage.outbox import KNOWN_AGAIN_FOR
from storage.people import NewPerson
from tests.matrix.connected import connected
from tests.support.between import between
from tests.support.homeserver import Homeserver, homeserver
from tests.support.matrix import app_hears, hardened, ours, room_of, stock
from tests.support.shelves import Shelf, say, store_at

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
#: What Synapse forgets every few minutes, in the words in which it does so, and after so long.
FORGETS = "DELETE FROM event_txn_id_device_id WHERE inserted_ts < ?"
REMEMBERS = timedelta(hours=24)


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    """A homeserver of our own: it is stopped, and made to forget."""
    with homeserver(tmp_path_factory.mktemp("forgetful") / "data") as server:
        yield server


async def begins_anew(server: Homeserver, after: timedelta) -> None:
    """It is down for so long, and forgets what it then would."""
    server.stop()
    with closing(sqlite3.connect(server.folder / "homeserver.db")) as disk:
        moment = time.time() + after.total_seconds() - REMEMBERS.total_seconds()
        disk.execute(FORGETS, (int(moment * 1000),))
        disk.commit()
    server.spawn()
    await server.ready()


@pytest.mark.parametrize(("after", "times"), [(KNOWN_AGAIN_FOR, 1), (REMEMBERS, 2)], ids=["known", "forgotten"])
async def test_a_message_that_is_repeated_shows_once_while_it_is_known(
    forgetful: Homeserver, tmp_path: Path, after: timedelta, times: int
) -> None:
    """The bound on which the outbox counts, and why there must be one."""
    account, maya = await forgetful.sign_up(f"handrail{times}"), await forgetful.sign_up(f"maya{times}")
    async with (
        ours(forgetful, account, tmp_path / "bot") as bot,
        stock(forgetful, maya, tmp_path / "app") as app,
    ):
        room = await room_of(app, bot)
        await send_once(bot, "t1", room, "m.room.message", {"msgtype": "m.text", "body": "hello"})
        await begins_anew(forgetful, after)
        await send_once(bot, "t1", room, "m.room.message", {"msgtype": "m.text", "body": "hello"})
        await send_once(bot, "t2", room, "m.room.message", {"msgtype": "m.text", "body": "the end"})
        assert await heard_until(app, "the end") == ["hello"] * times


async def heard_until(app: AsyncClient, end: str) -> list[str]:
    found: list[str] = []
    while end not in found:
        found += await app_hears(app)
    return [words for words in found if words != end]


@pytest.mark.parametrize(("urgency", "times"), [(Urgency.RELAY, 1), (Urgency.REPLY, 1), (Urgency.CRISIS, 2)])
async def test_what_may_have_been_shown_a_day_ago_is_said_again_only_in_a_crisis(
    forgetful: Homeserver, tmp_path: Path, urgency: Urgency, times: int
) -> None:
    """The homeserver showed it, its answer did not reach us, and then the machine was off for a day. Only what must not
    be missed may be read twice."""
    account, maya = await forgetful.sign_up(f"bot{urgency}"), await forgetful.sign_up(f"sam{urgency}")
    async with between(forgetful.url) as door, stock(forgetful, maya, tmp_path / "app") as app:
        async with ours(forgetful, account, tmp_path / "bot") as bot:
            room = await room_of(app, bot)

        def connect() -> HardenedClient:
            client = hardened(forgetful, account, tmp_path / "bot")
            client.homeserver = door.url
            return client

        with store_at(f"sqlite:///{tmp_path / 'handrail.db'}") as store:
            shelf = Shelf(store)
            shelf.enrol(NewPerson(Role.PARTICIPANT, "Maya", "en", "UTC", places=(("matrix", maya.user_id, True),),
                                  person_id="maya"))  # fmt: skip
            shelf.promise(say("hello", urgency=urgency, sender="ana" if urgency is Urgency.RELAY else ""))
            [message] = shelf.take()
            async with connected(connect) as channel:
                door.broken["/send/"] = "late"
                with suppress(DeliveryError):
                    await channel.send(message, message.key)
                door.mend()
            await begins_anew(forgetful, REMEMBERS)
            shelf.now += REMEMBERS
            with shelf.unit() as unit:
                outbox.recover(unit, ["matrix"])
            async with connected(connect) as channel:
                for again in shelf.wake():
                    await channel.send(again, again.key)
        async with ours(forgetful, account, tmp_path / "bot") as bot:
            await send_once(bot, "end", room, "m.room.message", {"msgtype": "m.text", "body": "the end"})
            assert await heard_until(app, "the end") == ["hello"] * times
