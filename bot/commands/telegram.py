"""`handrail telegram`: which bot speaks for the programme."""

from __future__ import annotations

import os
from pathlib import Path

import click

from bot import logs
from bot.channels.telegram.account import NETWORK, OFFICIAL, TOKEN
from bot.channels.telegram.standing import AS_LINK
from bot.console import say
from bot.opening import ask_leave, opened
from bot.places import config_option, database_option, folder_of
from bot.telegram_sign_in import sign_in_to_telegram
from flows.errors import HandrailError
from flows.grant import Action
from storage.sign_ins import sign_in
from storage.staff_group import code_for_group

FINE = 0


class NotSignedIn(HandrailError):
    """This programme is not signed in to Telegram. First: handrail telegram sign-in"""


@click.group(name="telegram")
def command() -> None:
    """Telegram: a bot of your own, on the phones that people have."""


@command.command(name="sign-in")
@click.option("--server", default=OFFICIAL, metavar="URL", help="Another server of the Bot API than Telegram's own.")
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


@command.command(name="group")
@config_option
@database_option
def group_command(config: Path | None, database: str | None) -> int:
    """Name the staff's group: a private one with topics, in which nobody is who does not work here. Prints a link that
    adds the bot with what it needs, and a code; both are good once, within the hour."""
    with opened(config, database) as programme, programme.unit() as unit:
        ask_leave(unit, Action.CONFIGURE, "telegram")
        facts = sign_in(unit, NETWORK)
        if facts is None:
            raise NotSignedIn()
        code = code_for_group(unit, NETWORK)
    say(f"""1. In Telegram, make a private group, and add nobody yet. Its name and picture stand on lock screens: choose
   ones that tell nobody what it is for. In its settings, switch Topics on.
2. Open this link, choose the group, and let the bot have what it asks for:

   https://t.me/{facts["user"]}?startgroup={code}&admin={AS_LINK}

   If the bot is in it already, write there instead:  /staff {code}

Do it from an account that the program knows as one of your staff's (handrail invite NAME), within the hour, while the
program runs. Then: handrail doctor. Add your staff after that.""")
    return FINE
