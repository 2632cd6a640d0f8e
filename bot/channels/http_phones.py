"""Simulated phones behind loopback HTTP: what `handrail run` offers while it has no other channel.

`POST /phones/{place}` takes what a person did and answers 200 only after it is stored; anything else means: send it
again. What the program says is posted to `phones` (a base address), or kept here to be fetched.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector, web

from bot.channels.base import DeliveryError, Inbound, Receipt, Receive
from bot.clock import Clock
from flows.phi import Phi
from storage.outbox import Sendable

KINDS = ("text", "tap", "panic", "location")
#: What one request may hold: a message of a million characters, each of up to four bytes, and a little more.
LARGEST = 5 * 1024 * 1024
TIMEOUT = ClientTimeout(total=10)


def message_out(message: Sendable) -> dict[str, Any]:
    """A message as it is given to a phone."""
    page = message.page
    return {
        "key": message.key,
        "place": message.place,
        "text": message.text,
        "choices": [{"id": choice.id, "label": choice.label} for choice in message.choices],
        "page": {"case": page.case_number, "level": page.level.word} if page else None,
    }


class BadRequest(Exception):
    """What was posted cannot be read."""


def known_as(place: str, posted_id: str) -> str:
    """The id under which something posted is known. Every phone counts for itself, so two may well post the same one;
    and whatever was posted as an id, what we keep of it is short and plain."""
    return sha256(f"{place}\0{posted_id}".encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(slots=True)
class HttpPhones:
    """One simulated channel over HTTP."""

    name: str
    private: bool
    clock: Clock
    phones: str = ""
    recognises_repeats: bool = True
    kept: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    session: ClientSession | None = None
    receive: Receive | None = None

    async def run(self, receive: Receive) -> None:
        """Take what is posted until cancelled."""
        self.receive = receive
        await asyncio.Event().wait()

    async def send(self, outbound: Sendable, key: str) -> Receipt:
        """Post a message to the phones, or keep it to be fetched."""
        message = message_out(outbound)
        if self.phones:
            await self._post(outbound.place, message)
        else:
            shown = self.kept.setdefault(outbound.place, [])
            if all(one["key"] != key for one in shown):
                shown.append(message)
        return Receipt(delivered_at=self.clock.now())

    async def _post(self, place: str, message: dict[str, Any]) -> None:
        if self.session is None:
            # Delivery says how much goes out at once; phones that hang must not use up the connections of the others.
            self.session = ClientSession(timeout=TIMEOUT, connector=TCPConnector(limit=0))
        try:
            where = f"{self.phones}/{self.name}/{quote(place, safe='')}"
            async with self.session.post(where, json=message) as response:
                if response.status >= 400:
                    raise DeliveryError(f"answered {response.status}", permanent=response.status == 410)
        except (ClientError, TimeoutError) as failure:
            raise DeliveryError(type(failure).__name__) from failure

    async def reachable(self, address: str) -> bool:
        return True

    async def close(self) -> None:
        if self.session is not None:
            await self.session.close()

    # -- the door --------------------------------------------------------------------------------------------------

    def routes(self) -> list[web.RouteDef]:
        """What the server of this channel answers."""
        base = f"/{self.name}/phones/{{place}}"
        return [web.post(base, self._took), web.get(base, self._fetched)]

    async def _took(self, request: web.Request) -> web.Response:
        if self.receive is None:
            return web.json_response({"error": "not ready yet; send it again"}, status=503)
        try:
            inbound = self._inbound(request.match_info["place"], await request.json())
        except (BadRequest, ValueError, LookupError, RecursionError):  # an unknown charset; a thousand brackets
            return web.json_response({"error": "send a JSON object with id, kind and body"}, status=400)
        await self.receive(inbound)
        return web.json_response({"stored": True})

    def _inbound(self, place: str, posted: Any) -> Inbound:
        if not isinstance(posted, dict) or posted.get("kind", "text") not in KINDS:
            raise BadRequest
        posted_id, body, key = (posted.get(name, "") for name in ("id", "body", "key"))
        if not (isinstance(posted_id, str) and posted_id and isinstance(body, str) and isinstance(key, str)):
            raise BadRequest
        return Inbound(self.name, known_as(place, posted_id), place, posted.get("kind", "text"), Phi(body), key)

    async def _fetched(self, request: web.Request) -> web.Response:
        asked = request.query.get("after", "0")
        after = int(asked) if asked.isdecimal() and len(asked) < 10 else 0
        return web.json_response(self.kept.get(request.match_info["place"], [])[after:])
