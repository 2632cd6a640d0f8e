"""`handrail telegram`: which bot speaks for the programme."""

from __future__ import annotations

import os
from pathlib import Path

import click

from bot import logs
from bot.channels.telegram.api import TELEGRAM
from bot.console import say
from bot.opening import opened
from bot.places import config_option, database_option, folder_of
from bot.telegram_sign_in import TOKEN, sign_in_to_telegram

FINE = 0


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
        token = os.environ.get(TOKEN) or click.prompt("Token", hide_input=True)
        name = sign_in_to_telegram(programme, token, server, again=again)
    say(f"Signed in as @{name}. The token was kept, sealed.")
    named = "" if folder_of(config) == folder_of(None) else f" --config {config}"
    say(f"Invite people: handrail invite NAME{named}")
    say(f"Start the programme: handrail run{named}")
    return FINE
