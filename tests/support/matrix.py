"""People on Matrix for the tests: our hardened client, and stock matrix-nio as somebody's app."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

from aiohttp import ClientSession
from nio import AsyncClient, AsyncClientConfig, RoomMessageText
from nio.store import SqliteStore

from bot.channels.matrix.client import HardenedClient, config_for
from bot.channels.matrix.listening import hear_once
from bot.clock import SystemClock
from storage.letterbox import letterbox_for
from tests.support.homeserver import Account, Homeserver

SEAL = bytes(range(32))
ENCRYPTED = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}


def hardened(server: Homeserver, account: Account, folder: Path) -> HardenedClient:
    """Our client on what `folder` holds, signed in."""
    folder.mkdir(exist_ok=True)
    config = config_for(letterbox_for(SEAL), "a passphrase")
    client = HardenedClient(server.url, account.user_id, account.device_id, str(folder), config)
    client.clock = SystemClock()
    client.restore_login(account.user_id, account.device_id, account.token)
    return client


@asynccontextmanager
async def ours(server: Homeserver, account: Account, folder: Path) -> AsyncIterator[HardenedClient]:
    """The same, listening once to begin with, and closed afterwards."""
    client = hardened(server, account, folder)
    try:
        await hear_once(client, first=True)
        yield client
    finally:
        await client.close()
        client.box.close()


async def joins(server: Homeserver, account: Account, room_id: str) -> None:
    """Somebody comes into a room, on whichever device."""
    url = f"{server.url}/_matrix/client/v3/join/{quote(room_id, safe='')}"
    headers = {"Authorization": f"Bearer {account.token}"}
    async with ClientSession() as session, session.post(url, json={}, headers=headers) as answer:
        assert answer.status == 200


def stock_client(server: Homeserver, account: Account, folder: Path, **how: object) -> AsyncClient:
    """matrix-nio as it is, signed in, on what `folder` holds."""
    folder.mkdir(exist_ok=True)
    settings = {"store": SqliteStore, "encryption_enabled": True, "pickle_key": "app", "max_timeouts": 0, **how}
    client = AsyncClient(server.url, account.user_id, account.device_id, str(folder), AsyncClientConfig(**settings))
    client.restore_login(account.user_id, account.device_id, account.token)
    return client


@asynccontextmanager
async def stock(server: Homeserver, account: Account, folder: Path, **how: object) -> AsyncIterator[AsyncClient]:
    """Somebody's app: matrix-nio as it is. It has listened once."""
    client = stock_client(server, account, folder, **how)
    try:
        await app_hears(client, first=True)
        yield client
    finally:
        await client.close()


async def app_hears(client: AsyncClient, *, first: bool = False) -> list[str]:
    """One sync with the chores that apps do; the texts that could be read in it."""
    answer = await client.sync(0, full_state=first)
    if client.should_upload_keys:
        await client.keys_upload()
    if client.should_query_keys:
        await client.keys_query()
    if client.should_claim_keys:
        await client.keys_claim(client.get_users_for_key_claiming())
    await client.send_to_device_messages()
    return [
        event.body
        for room in answer.rooms.join.values()
        for event in room.timeline.events
        if isinstance(event, RoomMessageText) and event.sender != client.user_id
    ]


async def all_claimed(by: AsyncClient, whose: AsyncClient) -> None:
    """Somebody takes every one-time key that the server has of a device, and uses none."""
    wanted = json.dumps({"one_time_keys": {whose.user_id: {whose.device_id: "signed_curve25519"}}})
    headers = {"Authorization": f"Bearer {by.access_token}", "Content-Type": "application/json"}
    for _ in range(60):
        await by.send("POST", "/_matrix/client/v3/keys/claim", wanted, headers)


async def room_of(app: AsyncClient, bot: HardenedClient) -> str:
    """An encrypted room of somebody with our account; both have joined, and know of each other."""
    made = await app.room_create(is_direct=True, invite=[bot.user_id], initial_state=[ENCRYPTED])
    await hear_once(bot, first=False)
    await bot.join(made.room_id)
    for _ in range(2):
        await hear_once(bot, first=False)
        await app_hears(app)
    return made.room_id


async def meet(bot: AsyncClient, app: AsyncClient) -> str:
    """The same with another stock client."""
    made = await app.room_create(is_direct=True, invite=[bot.user_id], initial_state=[ENCRYPTED])
    await bot.join(made.room_id)
    for _ in range(3):
        await app_hears(bot)
        await app_hears(app)
    return made.room_id


async def writes(app: AsyncClient, room_id: str, words: str) -> str:
    sent = await app.room_send(
        room_id, "m.room.message", {"msgtype": "m.text", "body": words}, ignore_unverified_devices=True
    )
    return sent.event_id


async def hides(app: AsyncClient, room_id: str, inside: bytes) -> None:
    """Send something encrypted as it should be, with any content at all. Something was said in the room before."""
    session = app.olm.outbound_group_sessions[room_id]
    content = {
        "algorithm": "m.megolm.v1.aes-sha2",
        "sender_key": app.olm.account.identity_keys["curve25519"],
        "ciphertext": session._session.encrypt(inside).to_base64(),
        "session_id": session.id,
        "device_id": app.device_id,
    }
    await puts(app, room_id, "m.room.encrypted", content)


async def puts(app: AsyncClient, room_id: str, kind: str, content: object) -> None:
    """Send anything at all, as it is."""
    headers = {"Authorization": f"Bearer {app.access_token}", "Content-Type": "application/json"}
    path = f"/_matrix/client/v3/rooms/{room_id}/send/{kind}/{secrets.token_hex(8)}"
    answer = await app.send("PUT", path, json.dumps(content), headers)
    assert answer.status == 200


async def pretends(app: AsyncClient, room_id: str, name: str) -> None:
    """An encrypted "I am called this now"."""
    fake = {"membership": "join", "displayname": name}
    event = {"type": "m.room.member", "state_key": app.user_id, "room_id": room_id, "content": fake}
    await hides(app, room_id, json.dumps(event).encode())


async def reads(app: AsyncClient, words: str, patience: int = 20) -> bool:
    """Whether these words come to be read in the app."""
    for _ in range(patience):
        if words in await app_hears(app):
            return True
        await asyncio.sleep(0.05)
    return False


@asynccontextmanager
async def in_a_room(
    server: Homeserver, accounts: tuple[Account, Account], folder: Path
) -> AsyncIterator[tuple[HardenedClient, AsyncClient, str]]:
    """Us, and somebody's app, which has asked us into an encrypted room; both have come."""
    async with ours(server, accounts[0], folder / "bot") as bot, stock(server, accounts[1], folder / "app") as app:
        yield bot, app, await room_of(app, bot)


@asynccontextmanager
async def in_a_stock_room(
    server: Homeserver, accounts: tuple[Account, Account], folder: Path
) -> AsyncIterator[tuple[AsyncClient, AsyncClient, str]]:
    """The same with matrix-nio as it is in our place."""
    async with stock(server, accounts[0], folder / "bot") as bot, stock(server, accounts[1], folder / "app") as app:
        yield bot, app, await meet(bot, app)
