"""Whose devices may read us, and whose words count as theirs.

The first identity that an account shows is remembered. A device that it signed is that person's; one that it did not
sign may read too, unless the programme says otherwise; and an account that shows another identity is given nothing
until a person has asked its owner.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

import structlog
from aiohttp import ClientError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bot.channels.matrix.identity import canonical, from_unpadded
from bot.channels.matrix.noticing import noticed

if TYPE_CHECKING:
    from bot.channels.matrix.client import HardenedClient

log = structlog.get_logger()

ALL: Final = "all"
SIGNED: Final = "signed"


@dataclass(frozen=True, slots=True)
class Known:
    """What we remember of an account: its identity, its devices, and another identity that it has shown since."""

    master: str = ""
    devices: list[str] = field(default_factory=list)
    refused: str = ""


def known(client: HardenedClient, user: str) -> Known | None:
    """What we remember of this account; None for one that we never asked about."""
    kept = client.box.known(_name(user))
    return None if kept is None else Known(**kept)


def is_refused(client: HardenedClient, user: str) -> bool:
    """Whether this account shows an identity that nobody has confirmed."""
    found = known(client, user)
    return found is not None and bool(found.refused)


async def is_still_refused(client: HardenedClient, user: str) -> bool:
    """The same, asked anew: a homeserver that showed no identity for a moment tells nobody when it shows it again."""
    client.olm.users_for_key_query.add(user)
    with suppress(ClientError, TimeoutError):
        await client.keys_query()
    return is_refused(client, user)


def confirm(client: HardenedClient, user: str, master: str) -> bool:
    """A person says that `master` is this account's identity now. False where it shows another one."""
    found = known(client, user)
    if found is None or found.refused != master:
        return False
    client.box.know(_name(user), asdict(Known(master, found.devices)))
    client.olm.users_for_key_query.add(user)  # its devices are looked at anew before anything is sent
    return True


def apply(client: HardenedClient, said: Mapping[str, Any], policy: str) -> None:
    """The answer to a question for keys: remember what is new, say so, and let each device read or not."""
    with client.box.together():
        for user, devices in said.get("device_keys", {}).items():
            if user != client.user_id and isinstance(devices, dict):
                _apply_to(client, said, user, devices, policy)


def _apply_to(
    client: HardenedClient, said: Mapping[str, Any], user: str, devices: Mapping[str, Any], policy: str
) -> None:
    master = _master(said, user)
    before = known(client, user)
    now = _remembered(before, master, devices)
    if now != before:
        client.box.know(_name(user), asdict(now))
    if before is not None:
        _notice(client, user, before, now)
    signed = set() if now.refused else set(_signed(said, user, master, devices))
    for device in client.device_store.active_user_devices(user):
        if device.id in signed:
            client.verify_device(device)
        elif now.refused or policy == SIGNED:
            client.blacklist_device(device)
        elif client.olm.is_device_blacklisted(device):
            client.unblacklist_device(device)
        elif client.olm.is_device_verified(device):
            client.unverify_device(device)


def _remembered(before: Known | None, master: str, devices: Iterable[str]) -> Known:
    """An identity that appears where there was none is taken; one that takes another's place is not, nor is none."""
    pinned = before.master if before is not None and before.master else master
    seen = {*(before.devices if before is not None else ()), *devices}
    return Known(pinned, sorted(seen), master or "none" if master != pinned else "")


def _notice(client: HardenedClient, user: str, before: Known, now: Known) -> None:
    if now.refused and now.refused != before.refused:
        log.warning("an account shows another identity; nothing is sent to it")
        noticed(client, user, "new_identity", now.refused)
    elif fresh := set(now.devices) - set(before.devices):
        noticed(client, user, "new_device", " ".join(sorted(fresh)))


def _master(said: Mapping[str, Any], user: str) -> str:
    return _only_key(said.get("master_keys", {}).get(user))


def _only_key(thing: object) -> str:
    keys = thing.get("keys") if isinstance(thing, dict) else None
    return str(next(iter(keys.values()), "")) if isinstance(keys, dict) else ""


def _signed(said: Mapping[str, Any], user: str, master: str, devices: Mapping[str, Any]) -> Iterable[str]:
    """The devices that the identity vouches for: the master key signed the second one, and that one the device."""
    vouching = said.get("self_signing_keys", {}).get(user)
    if not master or not is_signed_by(vouching, user, master):
        return
    second = _only_key(vouching)
    for device_id, device in devices.items():
        if is_signed_by(device, user, second):
            yield device_id


def is_signed_by(thing: object, user: str, key: str) -> bool:
    """Whether this object carries a good signature of `user` by the Ed25519 key `key`."""
    if not isinstance(thing, dict) or not key:
        return False
    try:
        signature = thing["signatures"][user][f"ed25519:{key}"]
        public = Ed25519PublicKey.from_public_bytes(from_unpadded(key))
        public.verify(from_unpadded(signature), canonical(thing).encode())
    except (KeyError, TypeError, ValueError, InvalidSignature):
        return False
    return True


def is_theirs(client: HardenedClient, user: str, device_key: str) -> bool:
    """Whether words came encrypted from a device of this account that may speak for it."""
    if not device_key or is_refused(client, user):
        return False
    for device in client.device_store.active_user_devices(user):
        if device.curve25519 == device_key:
            return not client.olm.is_device_blacklisted(device)
    return False


def _name(user: str) -> str:
    return f"keys of {user}"
