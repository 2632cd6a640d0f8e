"""A played rehearsal for people to read, and for machines."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from datetime import datetime
from typing import TextIO
from zoneinfo import ZoneInfo

from bot.rehearsal.transcript import Entry, Failure, Played

WIDTH = 110
RED, GREEN, DIM, PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[2m", "\x1b[0m"


def print_transcript(played: Played, out: TextIO) -> None:
    """What happened, in order, as one would tell it."""
    title = played.rehearsal.title
    print(f"{title}\n{'=' * len(title)}", file=out)
    day = ""
    names = [person.name or name.capitalize() for name, person in played.rehearsal.people.items()]
    column = max(map(len, names))
    for entry in played.entries:
        at = entry.at.astimezone(ZoneInfo(played.zone))
        if f"{at:%a %d %b %Y}" != day:
            day = f"{at:%a %d %b %Y}"
            print(f"\n{day}", file=out)
        for line in _lines(played, entry, at, column):
            print(line, file=out)
    print(file=out)


def _lines(played: Played, entry: Entry, at: datetime, column: int) -> Iterator[str]:
    if entry.held is not None:  # told apart, after the transcript
        return
    margin = " " * (column + 14)
    head = f"{at:%H:%M:%S}  {_name(played, entry.who):<{column}}  "
    paragraphs = _words(entry).splitlines() or [""]
    for number, paragraph in enumerate(paragraphs):
        first = head + _sign(entry) if number == 0 else margin
        yield from textwrap.wrap(
            paragraph, WIDTH, initial_indent=first, subsequent_indent=margin, break_on_hyphens=False
        ) or [first.rstrip()]
    if entry.buttons:
        buttons = "".join(f"[{button}] " for button in entry.buttons).strip()
        yield from textwrap.wrap(buttons, WIDTH, initial_indent=margin, subsequent_indent=margin)


def _name(played: Played, who: str) -> str:
    person = played.rehearsal.people.get(who)
    return (person.name or who.capitalize()) if person else ""


def _sign(entry: Entry) -> str:
    """Who speaks: the person to the program, or the program to the person."""
    return "> " if entry.kind in {"says", "taps", "sends location"} else "  "


def _words(entry: Entry) -> str:
    if entry.kind == "page":
        return f"[paged {(entry.level or '').upper()}] {entry.text}"
    if entry.kind == "taps":
        return f"[{entry.text}]"
    if entry.kind == "sends location":
        return f"(shares where they are: {entry.text})"
    if entry.kind in {"message", "says"}:
        return entry.text
    return f"--- {entry.kind}: {entry.text}" if entry.kind == "trouble" else f"--- {entry.text}"


def print_result(played: Played, out: TextIO) -> None:
    """What held, and of what did not: where it stands, what was expected, what the screen showed."""
    red, green, dim, plain = (RED, GREEN, DIM, PLAIN) if out.isatty() else ("", "", "", "")
    failed = len(played.failures)
    if not failed:
        print(f"{green}Held: {_count(played.expected)}.{plain}  {dim}{played.rehearsal.file}{plain}\n", file=out)
        return
    for failure in played.failures:
        print(f"{red}{failure.file}, line {failure.line}{plain}\n    {failure.near}", file=out)
        print(textwrap.indent(textwrap.fill(failure.what, WIDTH - 2), "  "), file=out)
        for line in _screen(played, failure):
            print(line, file=out)
        print(file=out)
    print(f"{red}Did not hold: {failed} of {_count(played.expected)}.{plain}  {played.rehearsal.file}\n", file=out)


def _count(number: int) -> str:
    return f"{number} expectation{'' if number == 1 else 's'}"


def _screen(played: Played, failure: Failure) -> Iterator[str]:
    if not failure.who:
        return
    if not failure.screen:
        yield f"  {failure.who}'s screen is empty."
        return
    yield f"  Last on {failure.who}'s screen:"
    for shown in failure.screen:
        at = shown.at.astimezone(ZoneInfo(played.zone))
        page = f"[paged {shown.message.page.level.word.upper()}] " if shown.message.page else ""
        buttons = "".join(f" [{button}]" for button in shown.buttons)
        text = " ".join(shown.message.text.split())
        yield textwrap.fill(
            f"{page}{text}{buttons}", WIDTH, initial_indent=f"    {at:%H:%M:%S}  ", subsequent_indent=" " * 14
        )


def print_json(played: Played, out: TextIO) -> None:
    """One object a line; the last one says whether everything held."""
    zone = ZoneInfo(played.zone)
    for entry in played.entries:
        print(_json(entry, entry.at.astimezone(zone)), file=out)
    end = played.entries[-1].at if played.entries else played.rehearsal.starts
    result = Entry(end, "", "result", f"{played.rehearsal.file}: {played.rehearsal.title}", held=played.held)
    print(_json(result, end.astimezone(zone)), file=out)


def _json(entry: Entry, at: datetime) -> str:
    written = {
        "at": at.isoformat(),
        "who": entry.who,
        "kind": entry.kind,
        "text": entry.text,
        "buttons": list(entry.buttons),
        "level": entry.level,
        "held": entry.held,
    }
    return json.dumps(written, ensure_ascii=False)
