"""Speaking as a bot on Telegram: its token is looked at, and kept; or nothing is."""

from __future__ import annotations

import asyncio

from bot.channels.telegram.account import NETWORK
from bot.channels.telegram.opening import sign_in_with
from bot.opening import Opened, ask_leave
from flows.errors import HandrailError
from flows.grant import Action
from storage.sign_ins import keep_sign_in, sign_in


class SignedInAlready(HandrailError):
    """This programme speaks as @{0} already. For another bot, or a new token of this one: --again"""


def sign_in_to_telegram(programme: Opened, token: str, server: str, *, again: bool = False) -> str:
    """From now on the programme speaks as the bot of this token; returns the bot's name. Raises what keeps it from
    that, and then everything is as it was."""
    with programme.unit() as unit:
        ask_leave(unit, Action.CONFIGURE, NETWORK)
        before = sign_in(unit, NETWORK)
    if before is not None and not again:
        raise SignedInAlready(before["user"])
    facts = asyncio.run(sign_in_with(token.strip(), server.rstrip("/")))
    with programme.unit() as unit:
        keep_sign_in(unit, NETWORK, facts)
    return facts["user"]
