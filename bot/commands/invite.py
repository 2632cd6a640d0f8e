"""`handrail invite`: a link by which somebody's own account becomes known as theirs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from bot.channels.telegram.account import NETWORK
from bot.console import say, say_json
from bot.opening import ask_leave, opened
from bot.places import config_option, database_option
from flows.errors import HandrailError
from flows.grant import Action, Role
from storage.invites import GOOD_FOR, invite
from storage.lookup import one_named
from storage.sign_ins import sign_in

FINE = 0
EVERYBODY = frozenset(Role) - {Role.CONTACT, Role.PROGRAM}


class NoBot(HandrailError):
    """This programme speaks on no channel that has links. First: handrail telegram sign-in"""


@click.command(name="invite")
@click.argument("name")
@click.option("--days", default=GOOD_FOR.days, type=click.IntRange(1, 14), help="How long the link is good.")
@click.option("--json", "as_json", is_flag=True, help="The link as one JSON object.")
@config_option
@database_option
def command(name: str, days: int, config: Path | None, database: str | None, *, as_json: bool) -> int:
    """Make a link for NAME, participant or staff, to open on their own phone. It works once, for whoever follows it
    first: give it to them in person, or on a way that only they read. A new one makes the earlier ones void."""
    with opened(config, database) as programme, programme.unit() as unit:
        ask_leave(unit, Action.ENROL, "invite")
        facts = sign_in(unit, NETWORK)
        if facts is None:
            raise NoBot()
        person_id = one_named(unit, name, EVERYBODY)
        link = f"https://t.me/{facts['user']}?start={invite(unit, person_id, NETWORK, timedelta(days=days))}"
    if as_json:
        say_json({"link": link, "days": days})
        return FINE
    say(link)
    say(f"For {name}: good once, for {days} days, and any link that they were given before is void now.")
    say("When they open it and press Start, their account is known as theirs.")
    return FINE
