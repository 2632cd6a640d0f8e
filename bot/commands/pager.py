"""`handrail pager`: how a member of staff is rung besides, and the proof that it is theirs.

An address holds a password more often than not, so it is never taken from the command line, where everybody on this
machine could read it, and never shown again.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot.channels.pager.ringing import plugin_for
from bot.console import say, say_json
from bot.loading import load_library
from bot.opening import Opened, ask_leave, opened
from bot.places import config_option, database_option, roots_of
from flows.errors import HandrailError
from flows.grant import Action, Role
from flows.message import Outbound, Urgency
from flows.pager import PagerChange, Tried, shown
from storage import outbox, pagers
from storage.ids import new_code
from storage.lookup import one_named
from storage.people import load_registry
from storage.store import Unit

FINE, LOOK = 0, 1
STAFF = frozenset({Role.THERAPIST, Role.FACILITATOR, Role.SUPERVISOR, Role.DIRECTOR, Role.OPERATOR})


class HasNone(HandrailError):
    """{0} has no pager. First: handrail pager set NAME"""


class TooSoon(HandrailError):
    """A code is on its way already. Wait a minute before you send another one."""


@click.group(name="pager")
def command() -> None:
    """Pagers: SMS, mail, phone services, webhooks. Pages only, without names or health content."""


@command.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead.")
@config_option
@database_option
def list_command(config: Path | None, database: str | None, *, as_json: bool) -> int:
    """Who has one, and whether it is confirmed."""
    with opened(config, database) as programme, programme.unit() as unit:
        ask_leave(unit, Action.SEE_STATUS, "pager.list")
        roster = load_registry(unit, "").roster
        found = [(roster.name(one.person_id), one) for one in pagers.all_pagers(unit) if roster.member(one.person_id)]
    for name, one in found:
        if as_json:
            say_json({"name": name, "pager": shown(one.url), "confirmed": one.confirmed})
        else:
            say(f"{name}: {shown(one.url)}, {'confirmed' if one.confirmed else 'NOT CONFIRMED: never rung'}")
    if not found and not as_json:
        say("Nobody has a pager.")
    return LOOK if any(not one.confirmed for _, one in found) else FINE


@command.command(name="set")
@click.argument("who", metavar="NAME")
@config_option
@database_option
def set_command(who: str, config: Path | None, database: str | None) -> int:
    """Give somebody a pager. Its address is asked for, or read from the first line of standard input.

    Addresses are those of Apprise (https://appriseit.com/services/), such as mailtos://user:password@example.org?to=jo@example.org
    """
    url = click.prompt("Address", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline()
    url = url.strip()
    plugin_for(url)
    with opened(config, database) as programme, programme.unit() as unit:
        person = _person(unit, who, "pager.set")
        pagers.set_pager(unit, person, url)
    say(f"Kept: {shown(url)}. It is never rung until it is confirmed.")
    say("They write /pager to the program, and then /pager and the code. Or: handrail pager code NAME")
    return FINE


@command.command(name="remove")
@click.argument("who", metavar="NAME")
@config_option
@database_option
def remove_command(who: str, config: Path | None, database: str | None) -> int:
    """Take somebody's pager away: it was lost, or is not theirs any more. Links that went to it answer nothing."""
    with opened(config, database) as programme, programme.unit() as unit:
        person = _person(unit, who, "pager.remove")
        if not pagers.remove_pager(unit, person):
            raise HasNone(who)
    say("Removed.")
    return FINE


@command.command(name="code")
@click.argument("who", metavar="NAME")
@config_option
@database_option
def code_command(who: str, config: Path | None, database: str | None) -> int:
    """Let the running program send a code to somebody's pager: for whoever has no other channel."""
    library = load_library(roots_of(config))
    with opened(config, database) as programme, programme.unit() as unit:
        person = _person(unit, who, "pager.code")
        theirs = pagers.look(unit, person, "")
        kept = pagers.pager_of(unit, person)
        if theirs is None or kept is None:
            raise HasNone(who)
        if theirs.resting:
            raise TooSoon()
        code = new_code()
        line = library.line("", "care.pager_code", {"code": code})
        pagers.change(unit, person, PagerChange(code=code))
        message = Outbound(person, line.text, Urgency.REPLY, line.content, replaces="code", via="pager")
        outbox.promise(unit, [(message, kept.address_id, person)])
    say(f"A code is sent to {theirs.shown} as soon as handrail run works. It counts for 15 minutes.")
    say("Let them read it to you: handrail pager confirm NAME CODE")
    return FINE


@command.command(name="confirm")
@click.argument("who", metavar="NAME")
@click.argument("code", metavar="CODE")
@config_option
@database_option
def confirm_command(who: str, code: str, config: Path | None, database: str | None) -> int:
    """The code that came to their pager, as they read it to you. From then on they are rung."""
    with opened(config, database) as programme:
        tried = _try(programme, who, code)
    if tried is Tried.RIGHT:
        say("Confirmed.")
        return FINE
    say("That is not the code." if tried is Tried.WRONG else "No code counts now. First: handrail pager code NAME")
    return LOOK


def _try(programme: Opened, who: str, code: str) -> Tried:
    with programme.unit() as unit:
        person = _person(unit, who, "pager.confirm")
        theirs = pagers.look(unit, person, code)
        if theirs is None:
            raise HasNone(who)
        pagers.change(unit, person, PagerChange(tried=theirs.tried))
        return theirs.tried


def _person(unit: Unit, who: str, what: str) -> str:
    ask_leave(unit, Action.CONFIGURE, what)
    return one_named(unit, who, STAFF)
