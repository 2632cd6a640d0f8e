"""`handrail telegram`: which bot speaks for the programme."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from bot import logs
from bot.channels.telegram.api import TELEGRAM
from bot.channels.telegram.opening import NETWORK, sign_in_with
from bot.console import say
from bot.opening import ask_leave, opened
from bot.places import config_option, database_option, folder_of
from flows.errors import HandrailError
from flows.grant import Action
from storage.sign_ins import keep_sign_in, sign_in

FINE = 0
#: Where the token is taken from when nobody can be asked.
TOKEN = "HANDRAIL_TELEGRAM_TOKEN"  # noqa: S105 - the name of a variable


class SignedInAlready(HandrailError):
    """This programme speaks as @{0} already. For another bot, or a new token of this one: --again"""


@click.group(name="telegram")
def command() -> None:
    """Telegram: a bot of your own, on the phones that people have."""


@command.command(name="sign-in")
@click.option("--server", default=TELEGRAM, metavar="URL", help="Another server of the Bot API than Telegram's own.")
@click.option("--again", is_flag=True, help="Another bot, or a new token.")
@config_option
@database_option
def sign_in_command(server: str, config: Path | None, database: str | None, *, again: bool) -> int:
    """Speak as a bot from now on. Asks for its token, which @BotFather has given you (or takes it from
    $HANDRAIL_TELEGRAM_TOKEN), looks whether Telegram accepts it, and keeps it, sealed."""
    logs.configure(quiet=True)
    with opened(config, database) as programme:
        with programme.unit() as unit:
            ask_leave(unit, Action.CONFIGURE, "telegram")
            before = sign_in(unit, NETWORK)
        if before is not None and not again:
            raise SignedInAlready(before["user"])
        token = os.environ.get(TOKEN) or click.prompt("Token", hide_input=True)
        facts = asyncio.run(sign_in_with(token.strip(), server.rstrip("/")))
        with programme.unit() as unit:
            keep_sign_in(unit, NETWORK, facts)
    say(f"Signed in as @{facts['user']}. The token was kept, sealed.")
    named = "" if folder_of(config) == folder_of(None) else f" --config {config}"
    say(f"Invite people: handrail invite NAME{named}")
    say(f"Start the programme: handrail run{named}")
    return FINE
