"""The cross-signing identity of our account: without it, clients that refuse unverified devices neither read us nor let
us read them (MSC4153). matrix-nio has none.

Three Ed25519 keys. The seeds are secrets of the programme, kept apart from the letterbox: with them a new device is
trusted at once, should the letterbox ever be lost.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from flows.errors import HandrailError

if TYPE_CHECKING:
    from bot.channels.matrix.client import HardenedClient

OK, UNAUTHORISED = 200, 401


class NotSigned(HandrailError):
    """The homeserver did not take our identity ({0}, {1}). Participants' apps may refuse us. Run handrail doctor."""


@dataclass(frozen=True)
class SigningKey:
    """One key of the identity."""

    private: Ed25519PrivateKey

    @classmethod
    def from_seed(cls, seed: bytes) -> SigningKey:
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> str:
        """The public key, as Matrix writes it."""
        return unpadded(self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign_into(self, thing: dict[str, Any], user_id: str) -> None:
        """Add our signature to an object."""
        signature = unpadded(self.private.sign(canonical(thing).encode()))
        thing.setdefault("signatures", {}).setdefault(user_id, {})[f"ed25519:{self.public}"] = signature

    def has_signed(self, thing: Mapping[str, Any], user_id: str) -> bool:
        """Whether this key signed exactly this object."""
        written = thing.get("signatures", {}).get(user_id, {}).get(f"ed25519:{self.public}", "")
        try:
            self.private.public_key().verify(base64.b64decode(f"{written}=="), canonical(thing).encode())
        except (InvalidSignature, ValueError):
            return False
        return True

    def described(self, user_id: str, usage: str) -> dict[str, Any]:
        """The public half, as it is uploaded."""
        return {"user_id": user_id, "usage": [usage], "keys": {f"ed25519:{self.public}": self.public}}


@dataclass(frozen=True)
class Identity:
    """The three keys: the master key signs the others, the second our devices, the third other people."""

    master: SigningKey
    devices: SigningKey
    people: SigningKey

    @classmethod
    def from_seeds(cls, seeds: bytes) -> Identity:
        """From 96 bytes, which are to be kept as the secrets that they are."""
        master, devices, people = (SigningKey.from_seed(seeds[at : at + 32]) for at in (0, 32, 64))
        return cls(master, devices, people)

    async def publish(self, client: HardenedClient, password: str) -> None:
        """Once for an account. The server may ask for the password, and does where there is another identity already:
        this decides whom everybody trusts. Raises NotSigned.
        """
        user = client.user_id
        master = self.master.described(user, "master")
        client_signature = client.olm.account.sign(canonical(master))
        master["signatures"] = {user: {f"ed25519:{client.device_id}": client_signature}}
        keys: dict[str, Any] = {"master_key": master}
        for name, usage, key in (
            ("self_signing_key", "self_signing", self.devices),
            ("user_signing_key", "user_signing", self.people),
        ):
            keys[name] = key.described(user, usage)
            self.master.sign_into(keys[name], user)
        status, said = await client.ask("POST", "keys/device_signing/upload", keys)
        if status == UNAUTHORISED:
            who = {"type": "m.id.user", "user": user}
            keys["auth"] = {"type": "m.login.password", "identifier": who, "password": password}
            keys["auth"]["session"] = said.get("session")
            status, said = await client.ask("POST", "keys/device_signing/upload", keys)
        _refuse_unless_ok(status, said)
        await self.sign_device(client)

    async def sign_device(self, client: HardenedClient) -> None:
        """Sign the device that we are now: at first, and after the letterbox was lost. Raises NotSigned."""
        user, device = client.user_id, client.device_id
        status, said = await client.ask("POST", "keys/query", {"device_keys": {user: []}})
        _refuse_unless_ok(status, said)
        known = said.get("device_keys", {}).get(user, {}).get(device)
        if known is None:
            raise NotSigned(status, "our device is not known there yet")
        known.pop("unsigned", None)
        self.devices.sign_into(known, user)
        status, said = await client.ask("POST", "keys/signatures/upload", {user: {device: known}})
        _refuse_unless_ok(status, said)

    async def is_published(self, client: HardenedClient) -> bool | None:
        """Whether the account has this identity, and no other; None where it has none at all. Raises NotSigned."""
        status, said = await client.ask("POST", "keys/query", {"device_keys": {client.user_id: []}})
        _refuse_unless_ok(status, said)
        return self.is_shown(said, client.user_id) if client.user_id in said.get("master_keys", {}) else None

    async def is_signed(self, client: HardenedClient) -> bool:
        """Whether the server shows our device as signed by this identity."""
        user, device = client.user_id, client.device_id
        status, said = await client.ask("POST", "keys/query", {"device_keys": {user: []}})
        known = said.get("device_keys", {}).get(user, {}).get(device, {}) if status == OK else {}
        return self.devices.has_signed(known, user)

    def is_shown(self, said: Mapping[str, Any], user: str) -> bool:
        """Whether an answer to keys/query shows this identity as the account's own, one key signing the next."""
        master = said.get("master_keys", {}).get(user, {})
        devices = said.get("self_signing_keys", {}).get(user, {})
        return (
            self.master.public in master.get("keys", {}).values()
            and self.devices.public in devices.get("keys", {}).values()
            and self.master.has_signed(devices, user)
        )


def canonical(thing: Mapping[str, Any]) -> str:
    """Canonical JSON, without what is never signed."""
    signed = {name: value for name, value in thing.items() if name not in {"signatures", "unsigned"}}
    return json.dumps(signed, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def unpadded(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")


def from_unpadded(written: str) -> bytes:
    """Raises ValueError."""
    return base64.b64decode(written + "=" * (-len(written) % 4), validate=True)


def _refuse_unless_ok(status: int, said: Mapping[str, Any]) -> None:
    if status != OK or said.get("failures"):
        raise NotSigned(status, said.get("errcode", "refused"))
