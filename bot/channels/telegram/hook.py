"""The other way to hear: Telegram comes to us. What it brings is answered 200 only after it is stored."""

from __future__ import annotations

import asyncio
import hmac
import json
from typing import Final

import structlog
from aiohttp import web

from bot.channels.base import DeliveryError
from bot.channels.telegram.api import KINDS, BotApi, TokenRefused
from bot.channels.telegram.listening import LONGEST_PAUSE, SHORTEST_PAUSE, Store
from bot.channels.telegram.telling import Telling, Trouble

log = structlog.get_logger()

PATH: Final = "/telegram/updates"
#: Where Telegram writes the secret that we gave it (core.telegram.org/bots/api#setwebhook).
SECRET: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
#: Seconds between two looks at whether Telegram reaches us.
LOOK_EVERY: Final = 60.0
#: So many looks in a row may find that it does not before people are told.
PATIENCE: Final = 5


class Hook:
    """One account's door. `url` is where Telegram finds it; `secret` shows that it is Telegram who knocks."""

    def __init__(self, api: BotApi, url: str, secret: str, trouble: Trouble) -> None:
        self._api = api
        self._url = url
        self._secret = secret
        self._operators = Telling(trouble)
        self._store: Store | None = None

    def routes(self) -> list[web.RouteDef]:
        """What the server of this programme answers."""
        return [web.post(PATH, self._knocked)]

    async def run(self, store: Store) -> None:
        """Until cancelled: have everything brought to us, and see that it is."""
        self._store = store
        await self._hang_out()
        missed = 0
        while True:
            await asyncio.sleep(LOOK_EVERY)
            missed = 0 if await self._is_reached() else missed + 1
            if not missed:
                self._operators.over()
            if missed >= PATIENCE:
                await self._operators.tell("care.telegram_silent")
            if missed:
                await self._hang_out()

    async def _hang_out(self) -> None:
        """Say where we are, until it is heard."""
        pause = SHORTEST_PAUSE
        while not await self._said():
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _said(self) -> bool:
        try:
            await self._api.call(
                "setWebhook",
                url=self._url,
                secret_token=self._secret,
                allowed_updates=list(KINDS),
                drop_pending_updates=False,
            )
        except TokenRefused:
            await self._operators.tell("care.telegram_refuses")
            await asyncio.sleep(LONGEST_PAUSE)
        except DeliveryError as failure:
            log.warning("Telegram does not take our address", reason=failure.reason)
        else:
            return True
        return False

    async def _is_reached(self) -> bool:
        """Whether Telegram has nothing that it could not bring."""
        try:
            about = await self._api.call("getWebhookInfo")
        except (DeliveryError, TokenRefused):
            return False
        return about.get("url") == self._url and not (
            about.get("pending_update_count") and about.get("last_error_date")
        )

    async def _knocked(self, request: web.Request) -> web.Response:
        given = request.headers.get(SECRET, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._secret.encode()):
            return web.Response(status=403)
        try:
            update = json.loads(await request.read())
        except (ValueError, RecursionError):
            return web.Response(status=400)
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return web.Response(status=400)
        stored = self._store is not None and await self._store([update])
        return web.Response(status=200 if stored else 503)
