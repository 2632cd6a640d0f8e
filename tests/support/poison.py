"""What anybody may send to a Matrix client to make it stop: eleven payloads, of which eight need no shared room.

Each is sent by an app that has spoken with the client in an encrypted room: `await POISON[what](app, bot, room)`.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import vodozemac
from nio import AsyncClient, ToDeviceMessage
from nio.crypto.sessions import OutboundSession

from bot.channels.matrix.identity import unpadded
from tests.support.matrix import app_hears, hides

Send = Callable[[AsyncClient, AsyncClient, str], Awaitable[None]]
OLM = "m.olm.v1.curve25519-aes-sha2"


def curve(client: AsyncClient) -> str:
    key: str = client.olm.account.identity_keys["curve25519"]
    return key


async def to_device(app: AsyncClient, bot: AsyncClient, kind: str, content: dict[str, Any]) -> None:
    answer = await app.to_device(ToDeviceMessage(kind, bot.user_id, bot.device_id, content))
    assert answer.transport_response.status == 200


def olm(kind: int, body: str, sender_key: str = "") -> Send:
    """An encrypted message for one device, with this as what is encrypted."""

    async def send(app: AsyncClient, bot: AsyncClient, _room: str) -> None:
        content = {
            "algorithm": OLM,
            "sender_key": sender_key or curve(app),
            "ciphertext": {curve(bot): {"type": kind, "body": body}},
        }
        await to_device(app, bot, "m.room.encrypted", content)

    return send


def for_a_key_nobody_has(sender_key: str = "") -> Send:
    """All as it should be, but the one-time key was never the client's."""

    async def send(app: AsyncClient, bot: AsyncClient, room: str) -> None:
        stranger = vodozemac.Account()
        stranger.generate_one_time_keys(1)
        key = next(iter(stranger.one_time_keys.values()))
        session = OutboundSession(app.olm.account, curve(bot), key.to_base64())
        kind, body = session.encrypt("{}").to_parts()
        await olm(kind, unpadded(body), sender_key)(app, bot, room)

    return send


def sealed(**changed: Any) -> Send:
    """A message for one device that decrypts well, with parts of it changed."""

    async def send(app: AsyncClient, bot: AsyncClient, room: str) -> None:
        device = app.device_store[bot.user_id][bot.device_id]
        session = app.olm.session_store.get(device.curve25519)
        inside = {
            "sender": app.user_id,
            "sender_device": app.device_id,
            "keys": {"ed25519": app.olm.account.identity_keys["ed25519"]},
            "recipient": bot.user_id,
            "recipient_keys": {"ed25519": device.ed25519},
            "type": "m.dummy",
            "content": {},
            **changed,
        }
        kind, body = session.encrypt(json.dumps(inside)).to_parts()
        await olm(kind, unpadded(body))(app, bot, room)

    return send


GARBAGE_KEY = {
    "algorithm": "m.megolm.v1.aes-sha2",
    "room_id": "!room",
    "session_id": "a session",
    "session_key": "%%%",
}


async def verification(app: AsyncClient, bot: AsyncClient, _room: str) -> None:
    """ "Let us compare emojis", and then a key that is none."""
    transaction = secrets.token_hex(8)
    start = {
        "from_device": app.device_id,
        "transaction_id": transaction,
        "method": "m.sas.v1",
        "key_agreement_protocols": ["curve25519-hkdf-sha256", "curve25519"],
        "hashes": ["sha256"],
        "message_authentication_codes": ["hkdf-hmac-sha256.v2", "hkdf-hmac-sha256"],
        "short_authentication_string": ["decimal", "emoji"],
    }
    await to_device(app, bot, "m.key.verification.start", start)
    await to_device(app, bot, "m.key.verification.key", {"transaction_id": transaction, "key": "%%%"})


def inside(raw: bytes) -> Send:
    """A message in the room, encrypted as it should be, with this in it."""

    async def send(app: AsyncClient, _bot: AsyncClient, room: str) -> None:
        await hides(app, room, raw)

    return send


#: The eleven at which stock matrix-nio stops.
POISON: dict[str, Send] = {
    "a first message for a one-time key that nobody has": for_a_key_nobody_has(),
    "a first message that does not decode": olm(0, "aGVsbG8"),
    "a first message that is no base64": olm(0, "%%%"),
    "a later message that does not decode": olm(1, "aGVsbG8"),
    "a sender key of no sense": for_a_key_nobody_has(sender_key="%%%"),
    "a room key that is none": sealed(type="m.room_key", content=GARBAGE_KEY),
    "a message that does not say for which device": sealed(recipient_keys={}),
    "a verification key that is none": verification,
    "a room message that is no text": inside(b"\xff\xfe"),
    "a room message that is a list": inside(b"[1, 2]"),
    "a room message that is a number": inside(b"7"),
}
#: More of the kind. Some of these matrix-nio takes.
MORE: dict[str, Send] = {
    "a later message that is no base64": olm(1, "%%%"),
    "a message of no kind": olm(7, "aGVsbG8"),
    "a first message of three bytes": olm(0, "AwAA"),
    "a sender key of five letters": for_a_key_nobody_has(sender_key="aGVsbG8"),
    "a sender key with nothing in it": for_a_key_nobody_has(sender_key=" "),
    "words that are none": inside(
        b'{"type": "m.room.message", "content": {"msgtype": "m.text", "body": 7}, "room_id": "!r"}'
    ),
    "no content": inside(b'{"type": "m.room.message", "content": [], "room_id": "!r"}'),
}


async def speak_once(app: AsyncClient, room: str) -> None:
    """What an app has said before: so there are sessions to misuse."""
    message = {"msgtype": "m.text", "body": "first"}
    await app.room_send(room, "m.room.message", message, ignore_unverified_devices=True)
    await app_hears(app)


async def puts_out_garbage_keys(app: AsyncClient) -> None:
    """One-time keys that are none, signed as they should be."""
    keys = {}
    for number in range(5):
        key: dict[str, Any] = {"key": "%%%"}
        signature = app.olm.sign_json(key)
        key["signatures"] = {app.user_id: {f"ed25519:{app.device_id}": signature}}
        keys[f"signed_curve25519:NONE{number}"] = key
    headers = {"Authorization": f"Bearer {app.access_token}", "Content-Type": "application/json"}
    answer = await app.send("POST", "/_matrix/client/v3/keys/upload", json.dumps({"one_time_keys": keys}), headers)
    assert answer.status == 200
