"""Plays a rehearsal, step by step, and writes down what happened and what held."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.channels.simulated import Phone, Shown
from bot.reading import Mark
from bot.rehearsal import steps
from bot.rehearsal.explaining import cannot_tap, how_it_differs, length, not_seen, short
from bot.rehearsal.file import Rehearsal
from bot.rehearsal.quiet import quiet
from bot.rehearsal.screen import Screen
from bot.rehearsal.stage import Stage, throwaway_database
from bot.rehearsal.times import in_zone, next_time
from bot.rehearsal.transcript import Entry, Failure, Played
from flows.library import Library

#: So many of the last messages are shown with an expectation that did not hold.
LAST_SHOWN = 5


MakeStage = Callable[[Rehearsal, Library, str, datetime], Stage]


def play(
    rehearsal: Rehearsal, library: Library, database_url: str | None = None, make_stage: MakeStage = Stage
) -> Played:
    """Play it on a throw-away database, or on the empty one at `database_url`; `make_stage` says with what phones."""
    with ExitStack() as stack:
        url = database_url or stack.enter_context(throwaway_database())
        return asyncio.run(_play(rehearsal, _in_its_zone(rehearsal, library), url, make_stage))


def _in_its_zone(rehearsal: Rehearsal, library: Library) -> Library:
    if not rehearsal.zone:
        return library
    settings = library.settings
    programme = settings.programme.model_copy(update={"zone": rehearsal.zone})
    return replace(library, settings=settings.model_copy(update={"programme": programme}))


async def _play(rehearsal: Rehearsal, library: Library, url: str, make_stage: MakeStage) -> Played:
    zone = library.settings.programme.zone
    stage = make_stage(rehearsal, library, url, in_zone(rehearsal.starts, zone))
    player = Player(stage, Played(rehearsal, zone))
    with quiet(player.trouble):
        await stage.open(player.shown)
        try:
            await player.play()
        finally:
            stage.close()
    return player.played


class Stopped(Exception):
    """What follows makes no sense any more."""


class Player:
    """One run of one rehearsal."""

    def __init__(self, stage: Stage, played: Played) -> None:
        self.stage = stage
        self.played = played
        people = played.rehearsal.people
        self.screens = {
            name: Screen(stage.screen(name), person.role == "participant") for name, person in people.items()
        }

    async def play(self) -> None:
        """All steps, and what can be said only at the end."""
        try:
            for step in self.played.rehearsal.steps:
                await ACTS[type(step)](self, step)
        except Stopped:
            return
        self._look_for_unseen()

    # -- writing down ----------------------------------------------------------------------------------------------

    def write(self, who: str, kind: str, text: str = "", **more: Any) -> None:
        """One line of the transcript."""
        self.played.entries.append(Entry(self.stage.clock.now(), who, kind, text, **more))

    def shown(self, phone: Phone, shown: Shown) -> None:
        """Something appeared on a phone."""
        page = shown.message.page
        level = page.level.word if page else None
        kind = "page" if page else "message"
        self.write(phone.place, kind, shown.message.text, buttons=shown.buttons, level=level)

    def trouble(self, what: str) -> None:
        """The program could not do something, and would have logged it."""
        self.write("", "trouble", what)

    def expect(self, mark: Mark, who: str, kind: str, wrong: str, level: str | None = None) -> None:
        """An expectation, which holds when nothing is wrong; `who` is empty where it is about nobody."""
        self.played.expected += 1
        near = _step(mark)
        told = f"{near} — {wrong} ({mark.file}, line {mark.line})" if wrong else near
        self.write(who, kind, told, level=level, held=not wrong)
        if wrong:
            screen = tuple(self.screens[who].shown[-LAST_SHOWN:]) if who else ()
            self.played.failures.append(Failure(mark.file, mark.line, near, wrong, who, screen))

    # -- people do something ---------------------------------------------------------------------------------------

    async def says(self, step: steps.Says) -> None:
        self.screens[step.who].acted()
        self.write(step.who, "says", step.text)
        await self.stage.does(step.who, "text", step.text)

    async def taps(self, step: steps.Taps) -> None:
        screen = self.screens[step.who]
        found = screen.button(step.label)
        if len(found) != 1:
            self.expect(step.mark, step.who, "taps", cannot_tap(step, screen, tuple(button.label for button in found)))
            raise Stopped
        screen.acted()
        button = found[0]
        self.write(step.who, "taps", button.label)
        if button.message is None:
            await self.stage.does(step.who, "panic")
            return
        screen.seen.add(button.message)
        await self.stage.does(step.who, "tap", button.choice, screen.shown[button.message].message.key)

    async def sends_location(self, step: steps.SendsLocation) -> None:
        self.screens[step.who].acted()
        place = f"{step.latitude},{step.longitude}"
        self.write(step.who, "sends location", place)
        await self.stage.does(step.who, "location", place)

    # -- and see something -----------------------------------------------------------------------------------------

    async def sees(self, step: steps.Sees) -> None:
        what = step.what
        found = await self._comes(step.who, lambda shown: what.fits(shown.message.text, shown.buttons), what.within)
        self.expect(step.mark, step.who, "sees", "" if found else not_seen(step, self.screens[step.who]))

    async def does_not_see(self, step: steps.DoesNotSee) -> None:
        if step.what.waits:
            await self.stage.pass_time(self.stage.clock.now() + step.what.within)
        screen = self.screens[step.who].shown
        found = next((one for one in screen if step.what.fits(one.message.text, one.buttons)), None)
        wrong = f"{step.who} saw it at {self._at(found)}: “{short(found.message.text)}”" if found else ""
        self.expect(step.mark, step.who, "does not see", wrong)

    async def is_paged(self, step: steps.IsPaged) -> None:
        def fits(shown: Shown) -> bool:
            page = shown.message.page
            return page is not None and step.level in (None, page.level)

        found = await self._comes(step.who, fits, step.within)
        level = step.level.word if step.level is not None else None
        wrong = "" if found else f"{step.who} was not paged{_at_level(level)} within {length(step.within)}."
        self.expect(step.mark, step.who, "is paged", wrong, level)

    async def is_not_paged(self, step: steps.IsNotPaged) -> None:
        page = self.screens[step.who].page_since()
        self.expect(step.mark, step.who, "is not paged", f"{step.who} was paged at {self._at(page)}." if page else "")

    async def _comes(self, who: str, fits: Callable[[Shown], bool], within: timedelta) -> bool:
        """Look; and while there is none, let time pass only as far as the next thing that happens."""
        until = self.stage.clock.now() + within
        while not self.screens[who].find(fits):
            if self.stage.clock.now() >= until:
                return False
            moment = self.stage.next_moment()
            await self.stage.pass_time(until if moment is None else min(moment, until))
        return True

    def _look_for_unseen(self) -> None:
        rehearsal = self.played.rehearsal
        for who in rehearsal.strict:
            unseen = self.screens[who].unseen()
            first = f" The first, at {self._at(unseen[0])}: “{short(unseen[0].message.text)}”" if unseen else ""
            wrong = f"No step looked for {len(unseen)} of {who}'s messages.{first}" if unseen else ""
            self.expect(rehearsal.strict_mark, who, "strict", wrong)

    def _at(self, shown: Shown) -> str:
        """The time on the wall at which something was shown."""
        return f"{shown.at.astimezone(ZoneInfo(self.played.zone)):%H:%M:%S}"

    # -- the rest of the world -------------------------------------------------------------------------------------

    async def wait(self, step: steps.Wait) -> None:
        until = self._end_of(step)
        if until < self.stage.clock.now():
            self.expect(step.mark, "", "wait", "That moment has passed already.")
            raise Stopped
        self.write("", "wait", _step(step.mark))
        await self.stage.pass_time(until)

    def _end_of(self, step: steps.Wait) -> datetime:
        now = self.stage.clock.now()
        if step.length is not None:
            return now + step.length
        if isinstance(step.until, time):
            return next_time(step.until, self.played.zone, now)
        return in_zone(step.until, self.played.zone) if step.until else now

    async def case_of(self, step: steps.CaseOf) -> None:
        case = self.stage.case_of(step.who)
        holder = self.stage.name_of(case.holder_id) if case is not None and case.holder_id else ""
        level = step.level.word if step.level is not None else None
        self.expect(step.mark, step.who, "case", how_it_differs(step, case, holder), level)

    async def fault(self, step: steps.Fault) -> None:
        faults, what = self.stage.faults, step.what
        faults.places |= set(what.people)
        faults.channels |= set(what.channels)
        faults.pages = faults.pages or what.pager
        self.write("", "fault", _step(step.mark))

    async def mend(self, step: steps.Mend) -> None:
        faults, what = self.stage.faults, step.what
        faults.places -= set(what.people)
        faults.channels -= set(what.channels)
        faults.pages = faults.pages and not what.pager
        self.write("", "mend", _step(step.mark))

    async def restart(self, step: steps.Restart) -> None:
        self.write("", "restart", "The program is killed and started again.")
        await self.stage.restart()


ACTS: dict[type, Callable[[Player, Any], Awaitable[None]]] = {
    steps.Says: Player.says,
    steps.Taps: Player.taps,
    steps.SendsLocation: Player.sends_location,
    steps.Sees: Player.sees,
    steps.DoesNotSee: Player.does_not_see,
    steps.IsPaged: Player.is_paged,
    steps.IsNotPaged: Player.is_not_paged,
    steps.Wait: Player.wait,
    steps.CaseOf: Player.case_of,
    steps.Fault: Player.fault,
    steps.Mend: Player.mend,
    steps.Restart: Player.restart,
}


def _step(mark: Mark) -> str:
    """A step as it was written."""
    return mark.near.removeprefix("-").strip()


def _at_level(level: str | None) -> str:
    return f" at level {level}" if level else ""
