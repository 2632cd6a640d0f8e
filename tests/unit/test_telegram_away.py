"""What the parts of the channel do when what is beside them is away or talks nonsense: they go on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from sqlalchemy.exc import OperationalError

from bot.channels.base import DeliveryError
from bot.channels.telegram import group, listening
from bot.channels.telegram.api import BotApi, TooFast
from bot.channels.telegram.group import Group, Shelf
from bot.channels.telegram.hook import PATH, SECRET, Hook
from bot.channels.telegram.listening import Listening

ANSWERS = [
    (200, "[]"),
    (200, "null"),
    (200, '{"ok": true}'),
    (200, '{"error": "sign in to this network first"}'),
    (200, '{"ok": true, "result": null}'),
    (200, '{"ok": true, "result": {"a": 1}}'),
    (200, "[" * 100_000),
    (400, '{"parameters": 5}'),
    (403, "null"),
    (429, '{"parameters": {"retry_after": "soon"}}'),
    (429, '{"parameters": {"retry_after": 99999999999999999999}}'),
    (502, "[]"),
]


@pytest.fixture
async def between() -> AsyncIterator[tuple[BotApi, dict[str, object]]]:
    """Somebody who answers in Telegram's place, and what they say."""
    says: dict[str, object] = {}

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=says["status"], text=says["text"], content_type="application/json")  # type: ignore[arg-type]

    app = web.Application()
    app.router.add_post("/{anything:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    api = BotApi("1:test", f"http://127.0.0.1:{runner.addresses[0][1]}")
    yield api, says
    await api.close()
    await runner.cleanup()


@pytest.mark.parametrize(("status", "text"), ANSWERS)
async def test_an_answer_as_telegram_gives_none_is_a_failed_call(
    between: tuple[BotApi, dict[str, object]], status: int, text: str
) -> None:
    """A proxy in the building, a page to sign in on: anything else than a failed call would end the program."""
    api, says = between
    says.update(status=status, text=text)
    with pytest.raises(DeliveryError):
        await api.updates(0)


async def _away(*_about: object) -> frozenset[str]:
    raise OperationalError("", None, Exception("the database is away"))


async def test_the_group_is_watched_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that dies takes the program with it, in the moment in which it has enough to do."""
    monkeypatch.setattr(group, "LOOK_EVERY", 0.01)
    asked = asyncio.Event()

    async def staff() -> frozenset[str]:
        asked.set()
        return await _away()

    api = BotApi("1:test", "http://127.0.0.1:9")
    watch = asyncio.create_task(Group(api, Shelf(staff=staff), _away, "bot", bool).watch())  # type: ignore[arg-type]
    for _ in range(2):
        asked.clear()
        await asyncio.wait([watch, asyncio.create_task(asked.wait())], return_when=asyncio.FIRST_COMPLETED)
        assert not watch.done()
    watch.cancel()
    await api.close()


async def test_we_listen_on_where_nobody_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Telegram was silent, and the database is away as well: no reason to stop listening; it is told then."""
    monkeypatch.setattr(listening, "SHORTEST_PAUSE", 0.01)
    monkeypatch.setattr(listening, "TELL_AFTER", 0.0)
    tried, done = [], asyncio.Event()

    async def trouble(what: str) -> None:
        tried.append(what)
        if len(tried) == 1:
            await _away()
        done.set()

    async def store(_updates: object) -> bool:
        return True

    api = BotApi("1:test", "http://127.0.0.1:9")
    ear = asyncio.create_task(Listening(api, store, trouble).run())
    await asyncio.wait([ear, asyncio.create_task(done.wait())], return_when=asyncio.FIRST_COMPLETED)
    assert not ear.done()
    assert tried == ["care.telegram_silent"] * 2
    ear.cancel()
    await api.close()


async def test_a_day_of_patience_that_telegram_asks_for_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asleep for as long as it was told, it would be deaf, and nobody would know."""
    monkeypatch.setattr(listening, "SHORTEST_PAUSE", 0.01)
    monkeypatch.setattr(listening, "LONGEST_PAUSE", 0.02)
    monkeypatch.setattr(listening, "TELL_AFTER", 0.1)
    told = asyncio.Event()

    class Slow(BotApi):
        async def call(self, method: str, **what: object) -> object:
            raise TooFast(86_400)

    async def trouble(what: str) -> None:
        told.set()

    async def store(_updates: object) -> bool:
        return True

    api = Slow("1:test", "http://127.0.0.1:9")
    ear = asyncio.create_task(Listening(api, store, trouble).run())
    async with asyncio.timeout(10):
        await told.wait()
    ear.cancel()
    await api.close()


async def test_a_secret_that_is_no_text_is_a_wrong_one() -> None:
    """The door is on the open internet, and every failure of ours would be logged with its whole story."""
    app = web.Application()
    app.add_routes(Hook(BotApi("1:test", "http://127.0.0.1:9"), "", "secret", _away).routes())  # type: ignore[arg-type]
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    reader, writer = await asyncio.open_connection("127.0.0.1", runner.addresses[0][1])
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n{SECRET}: "
    writer.write(head.encode() + b"\xff\xfe\r\n\r\n{}")
    assert b" 403 " in await reader.readline()
    writer.close()
    await runner.cleanup()
