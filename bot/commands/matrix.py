"""`handrail matrix`: signing in to the homeserver, once, with a password that is not kept."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from bot import logs
from bot.channels.matrix.asking import identity_shown
from bot.channels.matrix.opening import NETWORK
from bot.console import say
from bot.opening import Opened, ask_leave, opened
from bot.places import config_option, database_option, folder_of
from bot.signing_in import PASSWORD, Account, account_before, account_of, sign_in_to_matrix, told_as
from flows.errors import HandrailError
from flows.grant import Action
from storage.sign_ins import confirm_identity, sign_in

FINE, LOOK = 0, 1


class NotSignedIn(HandrailError):
    """This programme is not signed in to Matrix. First: handrail matrix sign-in"""


class AnotherKey(HandrailError):
    """{0} shows another key than that one. Nothing was changed. Ask them again; look out for a mistake in writing."""


@click.group(name="matrix")
def command() -> None:
    """Matrix: encrypted rooms, on a homeserver of your choice."""


@command.command(name="sign-in")
@click.option("--homeserver", default="", metavar="URL", help="Its address, such as https://matrix.example.org")
@click.option("--user", default="", metavar="@NAME:SERVER", help="The account that speaks for the programme.")
@click.option("--again", is_flag=True, help="Make a new device, and trust it with the identity that there is.")
@config_option
@database_option
def sign_in_command(homeserver: str, user: str, config: Path | None, database: str | None, *, again: bool) -> int:
    """Sign the programme's own account in. Asks for its password (or takes it from $HANDRAIL_MATRIX_PASSWORD); kept are
    a token and the keys of its identity, sealed."""
    logs.configure(quiet=True)
    if not (again or (homeserver and user)):
        raise click.UsageError("Where, and as whom? Write --homeserver URL --user @NAME:SERVER.")
    with opened(config, database) as programme:
        account = _account(programme, homeserver, user)
        password = os.environ.get(PASSWORD) or click.prompt("Password", hide_input=True)
        facts = sign_in_to_matrix(programme, account, password, again=again)
    for line in told_as(facts):
        say(line)
    named = "" if folder_of(config) == folder_of(None) else f" --config {config}"
    say(f"Start the programme: handrail run{named}")
    return FINE


@command.command(name="trust")
@click.argument("user", metavar="@NAME:SERVER")
@click.option("--key", default="", metavar="KEY", help="The key as they read it to you; without it you are asked.")
@config_option
@database_option
def trust_command(user: str, config: Path | None, database: str | None, *, key: str) -> int:
    """Say that an account which shows new keys is still its owner's: after you have asked them, in person or by phone.
    Until then nothing is sent to it."""
    with opened(config, database) as programme:
        with programme.unit() as unit:
            ask_leave(unit, Action.CONFIGURE, "matrix")
            facts = sign_in(unit, NETWORK)
        if facts is None:
            raise NotSignedIn()
        shown = asyncio.run(identity_shown(facts, user))
        say(f"The identity that {user} shows now is\n\n    {in_groups(shown)}\n")
        if not key and not click.confirm(
            "Have you asked them, in person or by phone, whether they set their keys up anew?"
        ):
            say("Nothing was changed.")
            return LOOK
        if key and "".join(key.split()) != shown:
            raise AnotherKey(user)
        with programme.unit() as unit:
            confirm_identity(unit, NETWORK, user, shown)
            unit.ledger.note(unit.now, "handrail", "identity_confirmed", None, "account", None, {})
    say("Confirmed. What waits for them goes out with the next try.")
    return FINE


def in_groups(key: str) -> str:
    """A key as people read it to each other: in groups of four."""
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))


def _account(programme: Opened, homeserver: str, user: str) -> Account:
    """What was not written is as before."""
    if homeserver and user:
        return account_of(homeserver, user)
    before = account_before(programme)
    return account_of(homeserver or before.homeserver, user or before.user)
