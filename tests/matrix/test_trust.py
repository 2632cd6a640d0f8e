"""Whose devices may read, and whose words count: new devices are told, a changed identity is given nothing."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nio import MegolmEvent, RoomMessageText

from bot.channels.base import DeliveryError
from bot.channels.matrix import trust
from bot.channels.matrix.client import HardenedClient
from bot.channels.matrix.identity import Identity
from bot.channels.matrix.listening import hear_once
from bot.channels.matrix.rooms import first_state
from bot.channels.matrix.sending import send_once
from tests.matrix.connected import connected, message_for
from tests.support.homeserver import Account, Homeserver
from tests.support.matrix import app_hears, hardened, joins, ours, stock

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


async def identity_of(server: Homeserver, account: Account, folder: Path) -> Identity:
    """Somebody's app sets verification up, as every app does: an identity, and this device signed by it."""
    identity = Identity.from_seeds(os.urandom(96))
    client = hardened(server, account, folder)
    try:
        await hear_once(client, first=True)
        await identity.publish(client, account.password)
    finally:
        await client.close()
        client.box.close()
    return identity


def noticed(bot: HardenedClient) -> list[str]:
    return [one.event["what"] for one in bot.box.waiting() if one.event["type"] == "handrail.noticed"]


async def invited(bot: HardenedClient, somebody: Account) -> str:
    """A room to which they are invited, and their keys asked for."""
    room = await bot.room_create(is_direct=True, invite=[somebody.user_id], initial_state=first_state(None))
    for _ in range(20):
        await hear_once(bot, first=False, poll_ms=200)
        if trust.known(bot, somebody.user_id) is not None:
            return str(room.room_id)
    raise AssertionError("their keys were never asked for")


async def tracked(bot: HardenedClient, server: Homeserver, somebody: Account) -> str:
    """The same, with them in it."""
    room_id = await invited(bot, somebody)
    await joins(server, somebody, room_id)
    await hear_once(bot, first=False, poll_ms=500)
    return room_id


async def until(bot: HardenedClient, what: str) -> None:
    for _ in range(40):
        await hear_once(bot, first=False, poll_ms=200)
        if what in noticed(bot):
            return
    raise AssertionError(f"never noticed: {what}")


async def test_a_new_device_is_noticed_once_and_reads_what_comes_after(
    server: Homeserver, newcomer: Callable[[str], Any], tmp_path: Path
) -> None:
    """Somebody got a new phone, or somebody else got in: either way people must know, and the person must go on."""
    account, maya = await newcomer("handrail"), await newcomer("maya")
    async with ours(server, account, tmp_path / "bot") as bot, stock(server, maya, tmp_path / "phone") as phone:
        room = await tracked(bot, server, maya)
        await app_hears(phone)
        await send_once(bot, "first", room, "m.room.message", {"msgtype": "m.text", "body": "before"})
        assert noticed(bot) == []
        async with stock(server, await server.sign_in(maya), tmp_path / "tablet") as tablet:
            await until(bot, "new_device")
            await send_once(bot, "second", room, "m.room.message", {"msgtype": "m.text", "body": "after"})
            seen: list[str] = []
            for _ in range(20):
                seen += await app_hears(tablet)
                if "after" in seen:
                    break
            assert "after" in seen
        await hear_once(bot, first=False)
        assert noticed(bot) == ["new_device"]


async def test_with_signed_only_an_unsigned_device_reads_nothing(
    server: Homeserver, newcomer: Callable[[str], Any], tmp_path: Path
) -> None:
    """The programme chose it: only what its owner has verified themselves."""
    account, maya = await newcomer("handrail"), await newcomer("maya")
    await identity_of(server, maya, tmp_path / "phone")
    async with ours(server, account, tmp_path / "bot") as bot:
        bot.policy = trust.SIGNED
        room = await tracked(bot, server, maya)
        other = await server.sign_in(maya)
        async with stock(server, other, tmp_path / "other") as unsigned:
            await until(bot, "new_device")
            await app_hears(unsigned)
            await send_once(bot, "once", room, "m.room.message", {"msgtype": "m.text", "body": "for you"})
            answer = await unsigned.sync(500, full_state=True)
            events = [event for one in answer.rooms.join.values() for event in one.timeline.events]
            assert not [event for event in events if isinstance(event, RoomMessageText)]
            assert [event for event in events if isinstance(event, MegolmEvent)]
        phone = hardened(server, maya, tmp_path / "phone")
        await hear_once(phone, first=True)
        read = [one.event["content"]["body"] for one in phone.box.waiting() if one.event["type"] == "m.room.message"]
        await phone.close()
        phone.box.close()
        assert read == ["for you"]


async def test_somebody_who_has_yet_to_join_is_asked_for_new_devices_every_time(
    server: Homeserver, newcomer: Callable[[str], Any], tmp_path: Path
) -> None:
    """The server says nothing about the devices of who is only invited: a page would go to the old phone alone."""
    account, ana = await newcomer("handrail"), await newcomer("ana")
    async with ours(server, account, tmp_path / "bot") as bot, stock(server, ana, tmp_path / "phone"):
        room = await invited(bot, ana)
        await send_once(bot, "first", room, "m.room.message", {"msgtype": "m.text", "body": "before"})
        async with stock(server, await server.sign_in(ana), tmp_path / "tablet") as tablet:
            await send_once(bot, "second", room, "m.room.message", {"msgtype": "m.text", "body": "after"})
            await joins(server, ana, room)
            seen: list[str] = []
            for _ in range(20):
                seen += await app_hears(tablet)
                if "after" in seen:
                    break
            assert "after" in seen


async def test_with_signed_only_nobody_without_an_identity_is_spoken_to(
    server: Homeserver, newcomer: Callable[[str], Any], tmp_path: Path
) -> None:
    """It is refused and told, instead of being sent to nobody."""
    account, maya = await newcomer("handrail"), await newcomer("maya")
    async with ours(server, account, tmp_path / "bot") as bot, stock(server, maya, tmp_path / "phone"):
        bot.policy = trust.SIGNED
        room = await tracked(bot, server, maya)
        with pytest.raises(DeliveryError, match="nobody could be given the key"):
            await send_once(bot, "once", room, "m.room.message", {"msgtype": "m.text", "body": "for you"})


async def test_another_identity_is_given_nothing_until_a_person_confirms_it(
    server: Homeserver, newcomer: Callable[[str], Any], tmp_path: Path
) -> None:
    """Whoever took an account over, or its homeserver, must not read what was meant for its owner."""
    account, maya = await newcomer("handrail"), await newcomer("maya")
    await identity_of(server, maya, tmp_path / "phone")
    async with ours(server, account, tmp_path / "bot") as bot:
        room = await tracked(bot, server, maya)
        await send_once(bot, "first", room, "m.room.message", {"msgtype": "m.text", "body": "before"})
        second = await identity_of(server, maya, tmp_path / "phone")
        await until(bot, "new_identity")
        assert trust.is_refused(bot, maya.user_id)
        with pytest.raises(DeliveryError, match="nobody could be given the key"):
            await send_once(bot, "second", room, "m.room.message", {"msgtype": "m.text", "body": "after"})
        assert not trust.confirm(bot, maya.user_id, base64.b64encode(b"another").decode())
        assert trust.confirm(bot, maya.user_id, second.master.public)
        await send_once(bot, "second", room, "m.room.message", {"msgtype": "m.text", "body": "after"})
        assert not trust.is_refused(bot, maya.user_id)
        assert noticed(bot) == ["new_identity"]


async def test_an_identity_that_was_not_shown_for_a_moment_is_asked_for_again(
    server: Homeserver, newcomer: Callable[[str], Any], tmp_path: Path
) -> None:
    """A homeserver that answers by halves is no new identity. Nothing told us when it was shown again: no page went to
    this person any more, and no command could confirm what is none."""
    account, ana = await newcomer("handrail"), await newcomer("ana")
    await identity_of(server, ana, tmp_path / "phone")
    made: list[HardenedClient] = []

    def connect() -> HardenedClient:
        made.append(hardened(server, account, tmp_path / "bot"))
        return made[-1]

    async with connected(connect) as channel:
        await channel.send(message_for(ana.user_id, "before"), "first")
        trust.apply(made[-1], {"device_keys": {ana.user_id: {}}}, trust.ALL)
        assert trust.is_refused(made[-1], ana.user_id)
        await channel.send(message_for(ana.user_id, "after"), "second")
        assert not trust.is_refused(made[-1], ana.user_id)


async def test_words_count_as_somebodys_only_from_their_own_device(
    server: Homeserver, newcomer: Callable[[str], Any], tmp_path: Path
) -> None:
    """What comes in the clear, a homeserver can make up."""
    account, maya = await newcomer("handrail"), await newcomer("maya")
    async with ours(server, account, tmp_path / "bot") as bot, stock(server, maya, tmp_path / "phone") as phone:
        await tracked(bot, server, maya)
        key = phone.olm.account.identity_keys["curve25519"]
        assert trust.is_theirs(bot, maya.user_id, key)
        assert not trust.is_theirs(bot, maya.user_id, "")
        assert not trust.is_theirs(bot, account.user_id, key)
        assert not trust.is_theirs(bot, maya.user_id, bot.olm.account.identity_keys["curve25519"])


def test_a_signature_counts_only_for_what_was_signed() -> None:
    """Anything changed afterwards, or signed by somebody else, is not signed."""
    identity = Identity.from_seeds(bytes(range(96)))
    thing: dict[str, Any] = {"user_id": "@maya:localhost", "keys": {"a": "b"}, "unsigned": {"name": "not signed"}}
    identity.master.sign_into(thing, "@maya:localhost")
    assert trust.is_signed_by(thing, "@maya:localhost", identity.master.public)
    assert trust.is_signed_by({**thing, "unsigned": {}}, "@maya:localhost", identity.master.public)
    assert not trust.is_signed_by({**thing, "keys": {"a": "c"}}, "@maya:localhost", identity.master.public)
    assert not trust.is_signed_by(thing, "@ana:localhost", identity.master.public)
    assert not trust.is_signed_by(thing, "@maya:localhost", identity.devices.public)
    assert not trust.is_signed_by({**thing, "signatures": {"@maya:localhost": 3}}, "@maya:localhost", "x")
    assert not trust.is_signed_by(None, "@maya:localhost", identity.master.public)


async def test_we_come_back_with_what_we_remembered(
    server: Homeserver, newcomer: Callable[[str], Any], tmp_path: Path
) -> None:
    """After a start, yesterday's phones are not told as new ones."""
    account, maya = await newcomer("handrail"), await newcomer("maya")
    async with stock(server, maya, tmp_path / "phone"):
        async with ours(server, account, tmp_path / "bot") as bot:
            await tracked(bot, server, maya)
        async with ours(server, account, tmp_path / "bot") as bot:
            bot.olm.users_for_key_query.add(maya.user_id)
            await bot.keys_query()
            assert noticed(bot) == []
