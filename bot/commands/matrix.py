"""`handrail matrix`: signing in to the homeserver, once, with a password that is not kept."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from bot.channels.matrix.asking import identity_shown
from bot.channels.matrix.opening import NETWORK, become_somebody, client_for, sign_in_with
from bot.console import say
from bot.opening import Opened, ask_leave, opened
from bot.places import config_option, database_option
from flows.errors import HandrailError
from flows.grant import Action
from storage.sign_ins import confirm_identity, keep_sign_in, sign_in

FINE, LOOK = 0, 1
PASSWORD = "HANDRAIL_MATRIX_PASSWORD"  # noqa: S105 - the name of a variable


class SignedInAlready(HandrailError):
    """This programme is signed in as {0}. For a new device of that account (the letterbox was lost): --again."""


class NotSignedIn(HandrailError):
    """This programme is not signed in to Matrix. First: handrail matrix sign-in"""


class AnotherKey(HandrailError):
    """{0} shows another key than that one. Nothing was changed. Ask them again; look out for a mistake in writing."""


@click.group(name="matrix")
def command() -> None:
    """Matrix: encrypted rooms, on a homeserver of your choice."""


@command.command(name="sign-in")
@click.option("--homeserver", required=True, metavar="URL", help="Its address, such as https://matrix.example.org")
@click.option("--user", required=True, metavar="@NAME:SERVER", help="The account that speaks for the programme.")
@click.option("--again", is_flag=True, help="Make a new device, with the identity that the account has.")
@config_option
@database_option
def sign_in_command(homeserver: str, user: str, config: Path | None, database: str | None, *, again: bool) -> int:
    """Sign the programme's own account in. Asks for its password (or takes it from $HANDRAIL_MATRIX_PASSWORD); kept are
    a token and the keys of its identity, sealed."""
    password = os.environ.get(PASSWORD) or click.prompt("Password", hide_input=True)
    with opened(config, database) as programme:
        with programme.unit() as unit:
            ask_leave(unit, Action.CONFIGURE, "matrix")
            before = sign_in(unit, NETWORK)
        if before is not None and not again:
            raise SignedInAlready(before["user"])
        seeds = before["seeds"] if before is not None else ""
        facts = asyncio.run(_signed_in(programme, homeserver.rstrip("/"), user, password, seeds))
        with programme.unit() as unit:
            keep_sign_in(unit, NETWORK, facts)
    say(f"Signed in as {facts['user']}, device {facts['device']}, signed by its own identity.")
    say("Start the programme: handrail run")
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


async def _signed_in(programme: Opened, homeserver: str, user: str, password: str, seeds: str) -> dict[str, str]:
    facts = await sign_in_with(homeserver, user, password, seeds)
    client = client_for(facts, programme.store.master, programme.places.letterboxes, programme.clock)
    try:
        await become_somebody(client, facts, password, known=bool(seeds))
    finally:
        await client.close()
        client.box.close()
    return facts
