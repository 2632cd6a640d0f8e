"""Pagers: whose is not proved yet, whose cannot be rung as it is written, and can a page by one be answered?

Rings nobody: whether a pager works is seen by the code that its owner writes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.channels.pager.ringing import is_open, plugin_for
from bot.console import counted
from bot.doctor.finding import Finding, broken, look, ok
from flows.errors import HandrailError
from flows.ladder import Roster
from flows.settings import Settings
from storage.pagers import Kept


def pagers(found: Sequence[Kept], roster: Roster, settings: Settings, named: str) -> Iterator[Finding]:
    """A line for everything that keeps somebody from being rung, or from answering."""
    theirs = [one for one in found if roster.member(one.person_id)]
    if not theirs:
        yield ok("pagers", "nobody has one: a page goes to people's usual channel alone", "handrail pager set NAME")
        return
    yield from _unusable(theirs, roster, named)
    if unsure := [roster.name(one.person_id) for one in theirs if not one.confirmed]:
        says = f"Not confirmed, so never rung: the pager of {', '.join(unsure)}."
        yield look("pagers", says, f"They write /pager to the program, or: handrail pager code NAME{named}")
    else:
        yield ok("pagers", f"{counted(len(theirs), 'person has one', 'people have one')}, confirmed")
    yield _links(settings.server.public_url, settings.pager.port)


def _unusable(theirs: Sequence[Kept], roster: Roster, named: str) -> Iterator[Finding]:
    for one in theirs:
        name = roster.name(one.person_id)
        try:
            readable = is_open(plugin_for(one.url))
        except HandrailError as wrong:
            yield broken("pagers", f"The pager of {name} cannot be rung. {wrong}", f"handrail pager set NAME{named}")
            continue
        if readable:
            says = f"What goes to the pager of {name} is not encrypted on the way, so it carries no link."
            yield look("pagers", says, "Use the kind that ends in s (mailtos, jsons), or a server on this machine.")


def _links(public_url: str, port: int) -> Finding:
    if not public_url:
        says = "A page by pager carries no link: it sends people to their usual channel."
        return look("links", says, "Write where a web server of yours can be reached: server.public_url.")
    if not public_url.startswith("https://"):
        return look("links", f"{public_url} is for trying out, on this machine alone.", "Write an https address there.")
    return ok("links", f"{public_url}/a/…, if your web server passes that on to port {port} of this machine")
