"""`handrail schedule`: who is on call, and changes to the rota and to check-in times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from bot.console import on_terminal, painted, say, say_json
from bot.moving import move_check_in
from bot.opening import Opened, ask_leave, opened
from bot.places import config_option, database_option
from bot.reading import did_you_mean
from bot.written import understood, zone_named
from flows.grant import Action, Role
from flows.ladder import Roster
from flows.rota import DAY_WORDS, LAYERS, clock_time, read_hours, who_is_on
from storage.lookup import one_named
from storage.people import add_shift, load_registry, remove_shifts
from storage.store import Unit

FINE, LOOK = 0, 1
DAYS, STEP = 7, timedelta(minutes=15)
NOBODY = "nobody"
Where = tuple[Path | None, str | None]
STAFF = frozenset(Role) - {Role.PARTICIPANT, Role.CONTACT, Role.PROGRAM}


@dataclass(frozen=True)
class Stretch:
    """From `start` to `end` the same people are on one layer; nobody, in a gap."""

    start: datetime
    end: datetime
    people: tuple[str, ...]


@click.group(name="schedule", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a stretch of time, one a line.")
@config_option
@database_option
@click.pass_context
def command(context: click.Context, config: Path | None, database: str | None, *, as_json: bool) -> int:
    """Show who is on call now and in the next seven days, layer by layer, with every gap.

    Exit status 1 when a layer that somebody is on has a gap, or when nobody is on call at all.
    """
    context.obj = (config, database)
    if context.invoked_subcommand is not None:
        return FINE
    with opened(config, database) as programme:
        with programme.unit() as unit:
            ask_leave(unit, Action.SEE_ON_CALL, "schedule")
            roster, now = load_registry(unit, "").roster, unit.now
        return _show(roster, now, programme.settings.programme.zone, as_json=as_json)


# -- showing -------------------------------------------------------------------------------------------------------


def _show(roster: Roster, now: datetime, zone: str, *, as_json: bool) -> int:
    in_use = [layer for layer in LAYERS if any(shift.layer == layer for shift in roster.shifts)]
    by_layer = {layer: tuple(stretches(roster, layer, now)) for layer in in_use}
    if as_json:
        for layer, found in by_layer.items():
            for one in found:
                names = [roster.name(person) for person in one.people]
                say_json({"layer": layer, "from": one.start.isoformat(), "to": one.end.isoformat(), "on": names})
    else:
        for line in _in_words(by_layer, roster, now, zone):
            say(line)
    whole = bool(by_layer) and all(one.people for found in by_layer.values() for one in found)
    return FINE if whole else LOOK


def stretches(roster: Roster, layer: str, now: datetime, days: int = DAYS) -> Iterator[Stretch]:
    """The next `days` days of one layer, from now, cut where somebody comes or goes (to the quarter hour)."""
    start, on = now, who_is_on(roster.shifts, layer, now)
    at = now.replace(minute=now.minute - now.minute % 15, second=0, microsecond=0) + STEP
    end = now + timedelta(days=days)
    while at < end:
        then = who_is_on(roster.shifts, layer, at)
        if then != on:
            yield Stretch(start, at, on)
            start, on = at, then
        at += STEP
    yield Stretch(start, end, on)


def _in_words(by_layer: dict[str, tuple[Stretch, ...]], roster: Roster, now: datetime, zone: str) -> Iterator[str]:
    if not by_layer:
        yield 'Nobody is on call. Put somebody on: handrail schedule add NAME primary "Mon-Fri 17:00-09:00"'
        return
    yield f"On call, in the time of {zone}; it is {_moment(now, zone)}."
    for layer, found in by_layer.items():
        yield ""
        yield f"{layer}: {_who(found[0], roster)} now"
        for one in found if len(found) > 1 else ():
            yield f"  {_moment(one.start, zone)} to {_moment(one.end, zone)}  {_who(one, roster)}"
    for layer in ("primary", "backup"):
        if layer not in by_layer:
            yield f"\n{layer}: {_gap()}, at any time"


def _who(stretch: Stretch, roster: Roster) -> str:
    return ", ".join(roster.name(person) for person in stretch.people) or _gap()


def _gap() -> str:
    return painted(f"{NOBODY} (gap)", "red") if on_terminal() else f"{NOBODY} (gap)"


def _moment(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{DAY_WORDS[local.weekday()]} {local:%d %b %H:%M}"


# -- changing ------------------------------------------------------------------------------------------------------


@command.command(name="add")
@click.argument("name")
@click.argument("layer")
@click.argument("hours", nargs=-1, required=True)
@click.option("--zone", help="The zone of these hours. Default: the programme's.")
@config_option
@database_option
@click.pass_obj
def add(
    outer: Where,
    config: Path | None,
    database: str | None,
    name: str,
    layer: str,
    hours: tuple[str, ...],
    zone: str | None,
) -> int:
    """Put NAME on LAYER for HOURS.

    LAYER is primary, backup, supervisor or director; HOURS are always, or like "Mon-Fri 17:00-09:00; Sat 10:00-12:00".
    """
    written = " ".join(hours)
    _refuse_unknown(layer)
    understood(read_hours, written)
    with opened(*_inner(outer, config, database)) as programme, programme.unit() as unit:
        wanted = _zone(zone, programme)
        person = _staff(unit, name)
        ask_leave(unit, Action.CHANGE_ON_CALL, "schedule.add")
        roster = load_registry(unit, "").roster
        mine = [s for s in roster.shifts if s.staff_id == person and s.layer == layer and s.zone == wanted]
        if any(shift.hours == read_hours(written) for shift in mine):
            say(f"{roster.name(person)} is on {layer} at these hours already. Nothing was changed.")
            return FINE
        add_shift(unit, person, layer, written, wanted)
    say(f"{roster.name(person)} is on {layer}: {written} ({wanted}).")
    return FINE


@command.command(name="remove")
@click.argument("name")
@click.argument("layer")
@config_option
@database_option
@click.pass_obj
def remove(outer: Where, config: Path | None, database: str | None, name: str, layer: str) -> int:
    """Take NAME off LAYER altogether."""
    _refuse_unknown(layer)
    with opened(*_inner(outer, config, database)) as programme, programme.unit() as unit:
        person = _staff(unit, name)
        roster = load_registry(unit, "").roster
        if not any(shift.staff_id == person and shift.layer == layer for shift in roster.shifts):
            say(f"{roster.name(person)} is not on {layer}. Nothing was changed.")
            return FINE
        ask_leave(unit, Action.CHANGE_ON_CALL, "schedule.remove")
        remove_shifts(unit, person, layer)
        left = Roster(roster.staff, tuple(s for s in roster.shifts if (s.staff_id, s.layer) != (person, layer)))
        alone = next((one for one in stretches(left, layer, unit.now) if not one.people), None)
    say(f"{roster.name(person)} is no longer on {layer}.")
    if alone is not None:
        say(f"Nobody is on {layer} from {_moment(alone.start, programme.settings.programme.zone)}.")
    return FINE


@command.command(name="check-in")
@click.argument("name")
@click.argument("clock", metavar="HH:MM")
@click.option("--zone", help="The participant's zone, like America/Chicago. Default: as it is.")
@config_option
@database_option
@click.pass_obj
def check_in(outer: Where, config: Path | None, database: str | None, name: str, clock: str, zone: str | None) -> int:
    """Move the daily check-in of NAME to HH:MM, from the next day on.

    Today's check-in, if it is still to come, keeps its time. No local date is asked twice.
    """
    wanted = understood(clock_time, clock)
    if zone is not None:
        zone_named(zone)
    with opened(*_inner(outer, config, database)) as programme, programme.unit() as unit:
        person = one_named(unit, name, frozenset({Role.PARTICIPANT}))
        moved = move_check_in(unit, person, wanted, zone)
        if not moved.changed:
            say(f"The check-in is at {wanted:%H:%M} ({moved.zone}) already. Nothing was changed.")
            return FINE
        ask_leave(unit, Action.ENROL, "schedule.check-in")
    say(f"The check-in is at {wanted:%H:%M} ({moved.zone}) from now on.")
    if moved.today is not None:
        say(f"Today's stays as it was: {_moment(moved.today, moved.zone)}.")
    if moved.first is not None:
        say(f"The first at the new time: {_moment(moved.first, moved.zone)}.")
    return FINE


def _inner(outer: Where, config: Path | None, database: str | None) -> Where:
    """`--config` may stand before or after the word for what is to be done."""
    return config or outer[0], database or outer[1]


# -- reading what was written --------------------------------------------------------------------------------------


def _staff(unit: Unit, name: str) -> str:
    return one_named(unit, name, STAFF)


def _refuse_unknown(layer: str) -> None:
    if layer not in LAYERS:
        raise click.UsageError(f'There is no layer "{layer}". {did_you_mean(layer, LAYERS)}')


def _zone(zone: str | None, programme: Opened) -> str:
    return zone_named(zone) if zone else programme.settings.programme.zone
