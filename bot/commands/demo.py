"""`handrail demo`: the real program with simulated phones, a clock of its own and a database that is thrown away."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from bot import logs
from bot.places import roots_of
from bot.reading import nearest
from bot.rehearsal import Story, library_for, play, print_transcript, read_rehearsal, stories

FINE = 0


@click.command(name="demo")
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="The port of the page; 0 takes any free one.")
@click.option("--story", metavar="NAME", help="Begin with this story instead of the list of them.")
@click.option("--text", "told", metavar="STORY", help="No page: print this story as a transcript.")
def command(port: int | None, story: str | None, told: str | None) -> int:
    """See it at work: a page on this machine, or a story as text.

    Needs no account, no token and no server; listens on this machine only, and never opens a real database.
    """
    logs.configure(quiet=True)
    roots = roots_of(None)
    known = stories(roots)
    if story is not None:
        _named(story, known)
    if told is not None:
        rehearsal = read_rehearsal(_named(told, known).path)
        print_transcript(play(rehearsal, library_for(rehearsal, roots)), sys.stdout)
        return FINE
    from bot.demo import PORT, serve  # noqa: PLC0415 - a story as text needs no page

    return serve(PORT if port is None else port, story, roots=roots)


def _named(name: str, known: Sequence[Story]) -> Story:
    found = next((story for story in known if story.name == name), None)
    if found is not None:
        return found
    guess = nearest(name, [story.name for story in known])
    meant = f' Did you mean "{guess}"?' if guess else ""
    there = [f"  {story.name:<24} {story.title}" for story in known]
    raise click.UsageError("\n".join([f'There is no story "{name}".{meant}', "There are:" if there else "", *there]))
