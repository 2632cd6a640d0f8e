"""What a homeserver says when the doctor asks: everything at once, nobody waits for long, and nothing is changed."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from aiohttp import (
    ClientConnectorDNSError,
    ClientError,
    ClientOSError,
    ClientResponse,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
)

from bot.clock import Clock

PATIENCE: Final = 4
#: So many questions at a time: a homeserver may have other work.
AT_ONCE: Final = 10
#: No rooms, nobody's presence: only how our own keys stand. Without a position nothing that waits for us is taken away.
ONLY_KEYS: Final = {
    "filter": json.dumps(
        {
            "room": {"rooms": []},
            "presence": {"not_types": ["*"]},
            "account_data": {"not_types": ["*"]},
        }
    ),
    "timeout": 0,
    "set_presence": "offline",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `status` 0 where nothing did, and then `failure` says why."""

    status: int = 0
    said: Mapping[str, Any] = field(default_factory=dict)
    failure: str = ""
    took: timedelta = timedelta()
    ahead: timedelta | None = None  # how far our clock is ahead of the server's

    @property
    def ok(self) -> bool:
        return self.status == 200


@dataclass(frozen=True, slots=True)
class Seen:
    """All answers."""

    versions: Answer
    who: Answer
    devices: Answer
    keys: Answer
    profiles: Mapping[str, Answer]


async def ask(facts: Mapping[str, str], people: Iterable[str], clock: Clock) -> Seen:
    """Ask the homeserver that `facts` name about itself, about us, and whether these people are there."""
    places, gate = sorted(set(people)), asyncio.Semaphore(AT_ONCE)
    async with ClientSession(timeout=ClientTimeout(total=PATIENCE)) as session:

        async def one(path: str, content: object = None, token: str = facts["token"]) -> Answer:
            method, url = "GET" if content is None else "POST", f"{facts['homeserver']}/_matrix/client/{path}"
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            return await _answer(session.request(method, url, json=content, headers=headers), clock)

        async def profile(place: str) -> Answer:
            async with gate:
                return await one(f"v3/profile/{quote(place)}")

        versions, who, devices, keys, *profiles = await asyncio.gather(
            one("versions", token=""),  # with a token that is refused, even this would be
            one("v3/account/whoami"),
            one("v3/keys/query", {"device_keys": {facts["user"]: []}}),
            one(f"v3/sync?{urlencode(ONLY_KEYS)}"),
            *(_at_most(profile(place)) for place in places),
        )
    return Seen(versions, who, devices, keys, dict(zip(places, profiles, strict=True)))


async def _at_most(asked: Any) -> Answer:
    """Many people may be asked about; all of them together have no longer than one question."""
    try:
        answer: Answer = await asyncio.wait_for(asked, PATIENCE)
    except TimeoutError:
        return Answer(failure=TOO_LATE)
    return answer


TOO_LATE: Final = f"no answer within {PATIENCE} seconds"


async def _answer(asked: AbstractAsyncContextManager[ClientResponse], clock: Clock) -> Answer:
    began = clock.now()
    try:
        async with asked as response:
            now = clock.now()
            said = await response.read()
            return Answer(response.status, _read(said), "", now - began, _ahead(response.headers.get("Date"), now))
    except (ClientError, OSError, ValueError) as failure:
        return Answer(failure=_in_words(failure))


def _read(said: bytes) -> dict[str, Any]:
    try:
        document = json.loads(said)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _ahead(written: str | None, now: datetime) -> timedelta | None:
    try:
        return now - parsedate_to_datetime(written or "").astimezone(UTC)
    except ValueError:
        return None


def _in_words(failure: Exception) -> str:
    if isinstance(failure, TimeoutError):
        return TOO_LATE
    if isinstance(failure, ClientConnectorDNSError):
        return "nobody knows this name"
    if isinstance(failure, ClientSSLError):
        return "its certificate is not trusted here"
    if isinstance(failure, ClientOSError) and failure.errno:
        return os.strerror(failure.errno).lower()
    return type(failure).__name__
