"""The stand-in as a process of its own, steered over HTTP: for tests that kill the program, or have no event loop."""

from __future__ import annotations

import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from telegram import Bot
from telegram.error import NetworkError

TOKEN = "77:other"


class Steering:
    def __init__(self, session: aiohttp.ClientSession, root: str) -> None:
        self.session, self.root = session, root

    async def post(self, what: str, **about: Any) -> Any:
        async with self.session.post(f"{self.root}/control/{what}", json=about) as answer:
            return await answer.json()

    async def get(self, what: str) -> Any:
        async with self.session.get(f"{self.root}/control/{what}") as answer:
            return await answer.json()


@pytest.fixture
async def steering() -> AsyncIterator[Steering]:
    process = await create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.telegram", "--token", TOKEN, stdout=PIPE
    )  # fmt: skip
    assert process.stdout is not None
    root = (await process.stdout.readline()).decode().strip()
    async with aiohttp.ClientSession() as session:
        yield Steering(session, root)
    process.terminate()
    await process.wait()


async def test_another_process_can_be_steered(steering: Steering) -> None:
    """One evening over the wire: a person, a group, a tap, a fault, the clock, and all forgotten."""
    maya = (await steering.post("user", name="Maya"))["id"]
    staff = (await steering.post("group", title="Staff", forum=True, members=["Maya"]))["id"]
    await steering.post("act", who="Maya", does="start", **{"with": {"payload": "x"}})
    async with Bot(TOKEN, base_url=f"{steering.root}/bot", base_file_url=f"{steering.root}/file/bot") as bot:
        assert (await bot.get_updates())[0].message.text == "/start x"
        await bot.send_message(
            maya, "Well?", reply_markup={"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
        )
        await steering.post("act", who="Maya", does="taps", **{"with": {"button": "Yes"}})
        assert (await bot.get_updates())[-1].callback_query.data == "y"
        await bot.create_forum_topic(staff, "Case")
        await steering.post("fault", method="sendMessage", fault="reset_after", chat=maya)
        with pytest.raises(NetworkError):
            await bot.send_message(maya, "Lost?")
    phone = await steering.get("phone/Maya")
    assert [one["text"] for one in phone["shown"]] == ["/start x", "Well?", "Lost?"]
    assert [one["name"] for one in (await steering.get("groups/Staff"))["topics"]] == ["Case"]
    assert [one["status"] for one in await steering.get("calls")][-1] == 0
    before = (await steering.post("clock"))["now"]
    assert (await steering.post("clock", forward={"hours": 25}))["now"] - before > 24 * 3600
    assert (await steering.post("act", who="Maya", does="taps", **{"with": {"button": "No"}}))["error"]
    await steering.post("reset")
    assert await steering.get("calls") == []
