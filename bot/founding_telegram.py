"""Telegram while a programme is founded: which bot is to speak for it, asked before anything is made."""

from __future__ import annotations

import os
from collections.abc import Iterator

import click

from bot.channels.telegram.account import TOKEN
from bot.founding_matrix import NotSignedIn, asked, somebody_there
from bot.opening import Opened
from flows.errors import HandrailError

TELEGRAM = "--telegram"


class TelegramWish:
    """A bot that is to speak for the programme; kept for as long as the command runs."""

    def __init__(self, token: str, server: str) -> None:
        self._token = token
        self._server = server

    def signed_in(self, programme: Opened, named: str) -> Iterator[str]:
        """Sign in, and say how it went, a line each. Raises NotSignedIn."""
        from bot.telegram_sign_in import SignedInAlready, sign_in_to_telegram  # noqa: PLC0415 - only who wants it waits

        try:
            name = sign_in_to_telegram(programme, self._token, self._server)
        except SignedInAlready as told:
            yield str(told)
            return
        except HandrailError as told:
            raise NotSignedIn("Telegram", told, f"handrail telegram sign-in --server {self._server}{named}") from None
        yield f"Signed in as @{name} on Telegram. The token was kept, sealed. What comes next there:"
        yield f"  handrail invite NAME{named}       a link for everybody, staff too; it is theirs once they opened it"
        yield f"  handrail run{named}               they open their links"
        yield f"  handrail telegram group{named}    if your staff want a group there: how, step by step"
        yield f"  handrail doctor{named}            tests all of it"


def telegram_wished(server: str, official: str, *, ask: bool) -> TelegramWish | None:
    """A bot on this server, where one was named; its token comes from the environment, or is asked for at a terminal.
    Where none was named, a new programme asks about the `official` one. None where Telegram is not wanted."""
    token = os.environ.get(TOKEN, "") if server else ""
    if server and not token and not somebody_there():
        raise click.UsageError(f"For Telegram ${TOKEN} is missing, and nobody is there to be asked.")
    if not token and (server or (ask and somebody_there())):
        question = "Token of your Telegram bot, from @BotFather (empty: not now)"
        token = asked(question, f"${TOKEN}", default="", hide=True).strip()
    return TelegramWish(token, server or official) if token else None
