"""matrix-nio's client, hardened: what arrives is kept together with the keys to read it, nothing that anybody sends can
stop it, and nothing is said that nobody can read.

It reaches into private parts of matrix-nio, so the version is pinned, and each mend has a test that fails without it.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import structlog
from nio import (
    AsyncClient,
    AsyncClientConfig,
    KeysClaimError,
    KeysClaimResponse,
    KeysQueryResponse,
    KeysUploadError,
    MegolmEvent,
    ShareGroupSessionError,
    SyncResponse,
    ToDeviceError,
)

from bot.channels.matrix import trust
from bot.channels.matrix.arriving import POSITION, keep
from bot.clock import Clock
from storage.letterbox import Letterbox

log = structlog.get_logger()

REQUEST_TIMEOUT: Final = 60
OK: Final = 200


class OutOfStep(Exception):
    """What is in memory is not what is on disk. The client must be made anew from the disk."""


def config_for(store: Any, passphrase: str) -> AsyncClientConfig:
    """The settings of matrix-nio that it must have here: its own keeping of the position loses messages."""
    return AsyncClientConfig(
        store=store,
        store_sync_tokens=False,
        pickle_key=passphrase,
        max_timeouts=0,
        max_limit_exceeded=0,
        request_timeout=REQUEST_TIMEOUT,
        encryption_enabled=True,
    )


class HardenedClient(AsyncClient):
    """One account on one device. Nobody may register callbacks: the handling of what arrives must never wait."""

    clock: Clock
    policy: str = trust.ALL  # which devices of the people we know may read us
    answers: int = 0  # how many answers of the server we have kept
    shared_late: dict[str, float]  # rooms in which somebody lacked our key, and when we tried again to give it
    tried: Counter[str]  # how often we tried to come where we are asked
    peopling: int = 0  # rooms into which people are being asked just now
    made_at: dict[str, int]  # rooms that we made, and the server has yet to show us; after how many answers
    open_since: dict[str, datetime]  # rooms that are not encrypted, and when we first saw that
    news: asyncio.Event  # set whenever there may be something to hand on
    _answered: asyncio.Event | None = None

    def __init__(self, *about: Any) -> None:
        super().__init__(*about)
        self.open_since = {}
        self.made_at = {}
        self.shared_late = {}
        self.tried = Counter()
        self.news = asyncio.Event()

    @property
    def box(self) -> Letterbox:
        box: Letterbox = self.store
        return box

    # -- what arrives ------------------------------------------------------------------------------------------------

    async def _handle_sync(self, response: SyncResponse) -> None:
        """Events, keys, ratchets, devices and the position become true together. The server forgets keys it has handed
        out as soon as we ask for what comes after this position, so nothing may be asked before all of it is kept."""
        try:
            with self.box.together():
                await super()._handle_sync(response)
                keep(self, response)
                self.box.know(POSITION, response.next_batch)
        except Exception as failure:
            raise OutOfStep(type(failure).__name__) from failure
        self.answers += 1
        if self._answered is not None:
            self._answered.set()
            self._answered = None
        if response.device_key_count.signed_curve25519 == 0:
            self.olm.uploaded_key_count = 0  # matrix-nio takes 0 for "not said", and never uploads again

    async def next_answer(self) -> None:
        """Until the server has told us something new."""
        self._answered = self._answered or asyncio.Event()
        await self._answered.wait()

    def _handle_decrypt_to_device(self, to_device_event: Any) -> Any:
        """Anybody on any server may send us one of these. What breaks is put aside, with the sender's next message in a
        session of its own."""
        try:
            return super()._handle_decrypt_to_device(to_device_event)
        except Exception as failure:  # noqa: BLE001 - whatever it is, the rest must be heard
            self.put_aside("to_device", failure, to_device_event.source)
            self._start_anew_with(to_device_event)
            return None

    def _start_anew_with(self, event: Any) -> None:
        try:
            self.olm._mark_device_for_unwedging(event.sender, event.sender_key)
        except Exception as failure:  # noqa: BLE001 - a device that nobody knows
            log.info("no new session", kind=type(failure).__name__)

    def _handle_timeline_event(self, event: Any, room_id: str, room: Any, encrypted_rooms: set[str]) -> Any:
        """What was encrypted is never the state of a room, whatever type it says it has."""
        try:
            if isinstance(event, MegolmEvent):
                event.room_id = room_id
                return self.decrypted(event)
            return super()._handle_timeline_event(event, room_id, room, encrypted_rooms)
        except Exception as failure:  # noqa: BLE001 - one event must not stall the others
            self.put_aside("timeline", failure, event.source)
            return None

    def decrypted(self, event: MegolmEvent) -> Any:
        """The event in plain words; None while there is no key, or when what is inside makes no sense."""
        try:
            found = self.olm._decrypt_megolm_no_error(event)
        except Exception as failure:  # noqa: BLE001 - not UTF-8, a list, a number
            self.put_aside("megolm", failure, event.source)
            return None
        # One that fits no schema of matrix-nio is read all the same: whoever wrote it meant something. But one without
        # content never gets the homeserver's word for who sent it: what stands there instead, anybody may have written.
        return found if found is not None and found.source.get("event_id") == event.event_id else None

    def in_words(self, event: Any) -> Any:
        """The same event, decrypted if it can be."""
        found = self.decrypted(event) if isinstance(event, MegolmEvent) else None
        return event if found is None else found

    def put_aside(self, kind: str, failure: Exception, source: object) -> None:
        """Keep what nobody can make sense of, for a person to look at."""
        log.warning("something that nobody can read was put aside", kind=kind, reason=type(failure).__name__)
        self.box.poisoned(kind, type(failure).__name__, source)

    async def create_matrix_response(
        self, response_class: type, transport_response: Any, data: Any = None, save_to: Any = None
    ) -> Any:
        """An error while a key is shared once made matrix-nio throw its own access token away; of one while one-time
        keys are claimed it makes no answer at all, but breaks."""
        if response_class is KeysClaimResponse and transport_response.status != OK:
            said = await self.parse_body(transport_response)
            return KeysClaimError(
                str(said.get("error", "")), said.get("errcode"), said.get("retry_after_ms"), False, ""
            )
        response = await super().create_matrix_response(response_class, transport_response, data, save_to)
        if isinstance(response, ShareGroupSessionError | ToDeviceError):
            said = await self.parse_body(transport_response)
            response.retry_after_ms, response.soft_logout = said.get("retry_after_ms"), False
        elif isinstance(response, SyncResponse | KeysQueryResponse):
            response.said = await self.parse_body(transport_response)
        return response

    async def receive_response(self, response: Any) -> None:
        """One-time keys are taken one by one: one that is none kept the others from their owners. Devices are looked at
        before matrix-nio sees them: one with a key that is none stopped us all."""
        if isinstance(response, KeysQueryResponse):
            response.device_keys = {
                user: {name: device for name, device in devices.items() if self._makes_sense(user, name, device)}
                for user, devices in response.device_keys.items()
            }
        if not isinstance(response, KeysClaimResponse):
            await super().receive_response(response)
            return
        for user, devices in response.one_time_keys.items():
            for device, key in devices.items():
                try:
                    await super().receive_response(KeysClaimResponse({user: {device: key}}, {}, response.room_id))
                except Exception as failure:  # noqa: BLE001 - whatever it is, the others need theirs
                    self.put_aside("one-time key", failure, [user, device, key])

    def _makes_sense(self, user: str, name: str, device: Any) -> bool:
        """Whether matrix-nio can look at this device at all. What it then thinks of it is its own affair."""
        try:
            signing_key = device["keys"].get(f"ed25519:{name}")
            if signing_key is not None and device["user_id"] and device["device_id"]:
                self.olm.verify_json(dict(device), signing_key, user, name)
        except Exception as failure:  # noqa: BLE001 - whatever it is, other people's devices are needed
            self.put_aside("device", failure, [user, name, device])
            return False
        return True

    async def keys_query(self) -> Any:
        """matrix-nio asks for devices and never looks who signed them."""
        response = await super().keys_query()
        if isinstance(response, KeysQueryResponse):
            trust.apply(self, response.said, self.policy)
        return response

    # -- our own keys ------------------------------------------------------------------------------------------------

    async def keys_upload(self) -> Any:
        """The private halves are on disk before the server has the public ones: a crash in between left keys that
        nobody could use, and a server that refused every upload from then on."""
        share_keys = self.olm.share_keys

        def saved_first() -> Any:
            shared = share_keys()
            self.olm.save_account()
            return shared

        self.olm.share_keys = saved_first
        try:
            response = await super().keys_upload()
        finally:
            del self.olm.share_keys
        if isinstance(response, KeysUploadError) and "already exists" in (response.message or ""):
            log.warning("the server has one-time keys of ours already; new ones are made")
            self.olm.mark_keys_as_published()
            self.olm.save_account()
        return response

    async def keep_fallback_key(self, said: Mapping[str, Any]) -> None:
        """While all one-time keys are taken, first words still reach us: by a key that may be used more than once."""
        unused = said.get("device_unused_fallback_key_types")
        if unused is None or "signed_curve25519" in unused:
            return
        account = self.olm.account._account
        account.generate_fallback_key()
        self.olm.save_account()
        key_id, key = next(iter(account.fallback_key.items()))
        signed: dict[str, Any] = {"key": key.to_base64(), "fallback": True}
        signed["signatures"] = {self.user_id: {f"ed25519:{self.device_id}": self.olm.sign_json(signed)}}
        status, _ = await self.ask("POST", "keys/upload", {"fallback_keys": {f"signed_curve25519:{key_id}": signed}})
        if status == 200:
            self.olm.mark_keys_as_published()
            self.olm.save_account()

    async def ask(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """A request of our own to the client-server API: the status, and what was answered."""
        headers = {"Authorization": f"Bearer {self.access_token}", "Content-Type": "application/json"}
        body = None if content is None else json.dumps(content)
        response = await self.send(method, f"/_matrix/client/v3/{path}", body, headers)
        return response.status, await self.parse_body(response)
