"""`handrail matrix`: signing in to the homeserver, once, with a password that is not kept."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from bot.channels.matrix.opening import NETWORK, become_somebody, client_for, sign_in_with
from bot.console import say
from bot.opening import Opened, ask_leave, opened
from bot.places import config_option, database_option
from flows.errors import HandrailError
from flows.grant import Action
from storage.sign_ins import keep_sign_in, sign_in

FINE = 0
PASSWORD = "HANDRAIL_MATRIX_PASSWORD"  # noqa: S105 - the name of a variable


class SignedInAlready(HandrailError):
    """This programme is signed in as {0}. For a new device of that account (the letterbox was lost): --again."""


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


async def _signed_in(programme: Opened, homeserver: str, user: str, password: str, seeds: str) -> dict[str, str]:
    facts = await sign_in_with(homeserver, user, password, seeds)
    client = client_for(facts, programme.store.master, programme.places.letterboxes, programme.clock)
    try:
        await become_somebody(client, facts, password, known=bool(seeds))
    finally:
        await client.close()
        client.box.close()
    return facts
