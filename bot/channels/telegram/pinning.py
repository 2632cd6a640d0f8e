"""What stands at the head of a chat: one message of ours at most, and only because its owner asked for it."""

from __future__ import annotations

import structlog

from bot.channels.base import DeliveryError
from bot.channels.telegram.api import TokenRefused
from bot.channels.telegram.sending import Chat, Speaker
from flows.message import Urgency

log = structlog.get_logger()


async def change_pin(speaker: Speaker, chat: Chat, number: int | None) -> None:
    """This message takes the place of ours that stands there; without one, ours goes. It makes no sound. What they
    pinned themselves stays. The message was said in any case: what fails here is left, and can be asked for again."""
    try:
        before = await _ours(speaker, chat)
        if number is not None:
            await speaker.do("pinChatMessage", chat, Urgency.REPLY, message_id=number, disable_notification=True)
        if before not in {None, number}:
            await speaker.do("unpinChatMessage", chat, Urgency.REPLY, message_id=before)
    except (DeliveryError, TokenRefused) as failure:
        log.info("a pin is not changed", kind=type(failure).__name__)


async def _ours(speaker: Speaker, chat: Chat) -> int | None:
    """The newest pinned message of this chat, if it is ours."""
    about = await speaker.api.call("getChat", **chat.address)
    pinned = about.get("pinned_message") or {}
    return int(pinned["message_id"]) if str(pinned.get("from", {}).get("id")) == speaker.api.id else None
