"""Calls to the Bot API, through python-telegram-bot. What an error means for a message is said here, nowhere else."""

from __future__ import annotations

import os
import warnings
from datetime import timedelta
from typing import Any, Final

import httpx

# The wait that Telegram asks for is a length of time from the next version on; this one may choose.
os.environ.setdefault("PTB_TIMEDELTA", "1")

from telegram import Bot
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from bot.channels.base import DeliveryError
from bot.channels.telegram.account import OFFICIAL
from bot.logs import hush
from flows.errors import HandrailError

#: So many calls at once; delivery keeps fewer than that on their way.
CONNECTIONS: Final = 128
#: Seconds until an answer is there. A slow success is a success: given up too early, it would be said twice.
ANSWER_WITHIN: Final = 15.0
#: Seconds that the server may keep a request for updates open, and how much later its answer may come.
LONG_POLL: Final = 25
LATE: Final = 10
#: Errors after which nothing can have happened on the other side.
_NOT_BEGUN: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
#: What is asked for. Some of it is never sent unless it is named.
KINDS: Final = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "chat_member",
    "message_reaction",
)


class TokenRefused(HandrailError):
    """Telegram does not accept our token. Get one from @BotFather, and: handrail telegram sign-in --again"""


class TooFast(DeliveryError):
    """This chat takes nothing from us for so many `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__("Telegram limits how much we may say")
        self.seconds = seconds


class Refused(DeliveryError):
    """Telegram will not do this; `description` says why, in its words. Nothing happened."""

    def __init__(self, description: str, *, permanent: bool) -> None:
        super().__init__("Telegram refuses", permanent=permanent)
        self.description = description.casefold()


class Moved(DeliveryError):
    """The group has become another chat, of this id."""

    def __init__(self, chat: int) -> None:
        super().__init__("the group has moved")
        self.chat = chat


class AnotherReads(DeliveryError):
    """Somebody else asks for the same updates, or has them sent elsewhere."""


class BotApi:
    """One bot's account. `reader` may be renewed by itself: its one connection may hang for ever."""

    def __init__(self, token: str, server: str = OFFICIAL) -> None:
        hush("httpx", "httpcore", "telegram")  # addresses hold the token; answers that make no sense hold words
        self.id = token.partition(":")[0]
        self._token = token
        self._server = server
        self._bot = self._made()

    def _made(self) -> Bot:
        speaking = HTTPXRequest(CONNECTIONS, read_timeout=ANSWER_WITHIN, connect_timeout=5, pool_timeout=ANSWER_WITHIN)
        reading = HTTPXRequest(2, read_timeout=LONG_POLL + LATE, connect_timeout=5)
        return Bot(
            self._token,
            base_url=f"{self._server}/bot",
            base_file_url=f"{self._server}/file/bot",
            request=speaking,
            get_updates_request=reading,
        )

    async def renew(self) -> None:
        """New connections for everything: the old ones may be dead without knowing it."""
        old, self._bot = self._bot, self._made()
        await _closed(old)

    async def call(self, method: str, **what: Any) -> Any:
        """The result as Telegram gave it. Raises DeliveryError as it is for a message, and TokenRefused."""
        try:
            return await self._called(method, what)
        except (DeliveryError, TokenRefused):
            raise
        except Exception as failure:  # noqa: BLE001 - an answer as Telegram gives none: somebody stands between us
            raise DeliveryError(type(failure).__name__, ambiguous=True) from None

    async def _called(self, method: str, what: dict[str, Any]) -> Any:
        try:
            with warnings.catch_warnings():  # it would rather have its own methods called; they hide what came
                warnings.simplefilter("ignore")
                return await self._bot.do_api_request(method, api_kwargs=what)
        except TelegramError as failure:
            raise meaning(failure) from None  # its own words hold what was sent

    async def updates(self, offset: int, wait: int = LONG_POLL) -> list[dict[str, Any]]:
        """What waits from this number on; what is below it, Telegram forgets."""
        found = await self.call("getUpdates", offset=offset, timeout=wait, allowed_updates=list(KINDS))
        if not isinstance(found, list):
            raise DeliveryError("no updates, but something else", ambiguous=True)
        return [one for one in found if isinstance(one, dict) and isinstance(one.get("update_id"), int)]

    async def close(self) -> None:
        """Let go of all connections."""
        await _closed(self._bot)


async def _closed(bot: Bot) -> None:
    for request in bot._request:  # Bot.shutdown does nothing for one that was not initialised, which asks the server
        await request.shutdown()


def meaning(failure: TelegramError) -> Exception:
    """What an error means for the message that was being sent. Some kinds are special cases of others, so the order
    counts."""
    match failure:
        case RetryAfter():
            wait = failure.retry_after
            return TooFast(wait.total_seconds() if isinstance(wait, timedelta) else float(wait))
        case ChatMigrated():
            return Moved(failure.new_chat_id)
        case InvalidToken() | EndPointNotFound():
            return TokenRefused()
        case Conflict():
            return AnotherReads("somebody else reads what is sent to this account")
        case Forbidden() | BadRequest():
            return Refused(failure.message, permanent=True)
    # A 5xx, a torn connection, an answer that never came or made no sense: it may have happened.
    begun = not isinstance(failure.__cause__, _NOT_BEGUN)
    return DeliveryError(type(failure).__name__, ambiguous=begun)
