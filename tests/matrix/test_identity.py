"""The bot is somebody: its device is signed by its own identity, which outlives the device."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from bot.channels.matrix.identity import Identity, NotSigned
from bot.channels.matrix.listening import hear_once
from tests.support.homeserver import Homeserver
from tests.support.matrix import ours

pytestmark = pytest.mark.slow


async def test_our_device_is_signed_and_nobody_else_takes_our_place(
    server: Homeserver, newcomer: Any, tmp_path: Path
) -> None:
    """The first identity of an account is taken as it is; for another one the homeserver asks for the password."""
    account = await newcomer("handrail")
    identity = Identity.from_seeds(os.urandom(96))
    async with ours(server, account, tmp_path / "bot") as bot:
        assert not await identity.is_signed(bot)
        await identity.publish(bot, account.password)
        assert await identity.is_signed(bot)
        another = Identity.from_seeds(os.urandom(96))
        with pytest.raises(NotSigned, match="M_FORBIDDEN"):
            await another.publish(bot, "another password")
        assert await identity.is_signed(bot)
        await another.publish(bot, account.password)
        assert await another.is_signed(bot)


async def test_a_lost_letterbox_is_followed_by_a_device_that_is_trusted_at_once(
    server: Homeserver, newcomer: Any, tmp_path: Path
) -> None:
    """A new device, signed with the seeds that were kept elsewhere; no password is needed for that."""
    account = await newcomer("handrail")
    seeds = os.urandom(96)
    async with ours(server, account, tmp_path / "bot") as bot:
        await Identity.from_seeds(seeds).publish(bot, account.password)
    again = await server.sign_in(account)
    async with ours(server, again, tmp_path / "new") as bot:
        identity = Identity.from_seeds(seeds)
        assert not await identity.is_signed(bot)
        await identity.sign_device(bot)
        await hear_once(bot, first=False)
        assert await identity.is_signed(bot)
        assert not await Identity.from_seeds(os.urandom(96)).is_signed(bot)
