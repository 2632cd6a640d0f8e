"""Plays a story in front of whoever watches: its people write and tap, its time passes, its expectations are ticked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from bot.channels.simulated import Faults, Shown
from bot.demo.stage import Stage
from bot.demo.telling import Told
from bot.reading import Mark
from bot.rehearsal import stage as rehearsed
from bot.rehearsal import steps
from bot.rehearsal.file import Rehearsal
from bot.rehearsal.player import ACTS, Player, Stopped
from bot.rehearsal.transcript import Played
from flows.case import Case

#: Time to read: before somebody does something, and between two things that fall due (in seconds).
BEFORE_ACTING, BETWEEN = 2.2, 1.4
ACTING = (steps.Says, steps.Taps, steps.SendsLocation)


class Front:
    """The stage of the demo as the player of rehearsals knows one, with pauses that people can follow."""

    def __init__(self, stage: Stage, pace: float) -> None:
        self.stage = stage
        self.pace = pace
        self.clock = stage.clock

    @property
    def faults(self) -> Faults:
        return self.stage.faults

    async def rest(self, seconds: float) -> None:
        """Time for people to read."""
        await asyncio.sleep(seconds * self.pace)

    async def does(self, who: str, kind: str, body: str = "", key: str = "") -> None:
        """Somebody does something; returns once all that follows at once has happened."""
        await self.stage.does(who, kind, body, key)

    async def pass_time(self, until: datetime) -> None:
        """Everything due on the way happens, one thing after the other, slowly enough to be seen."""
        while (moment := await self.stage.next_moment()) is not None and moment <= until:
            await self.stage.move_to(moment)
            await self.rest(BETWEEN)
        await self.stage.move_to(until)

    def next_moment(self) -> datetime | None:
        return self.stage.program.next_moment()

    def screen(self, who: str) -> list[Shown]:
        return self.stage.screen(who)

    def case_of(self, who: str) -> Case | None:
        return self.stage.open_case(who)

    def name_of(self, person_id: str) -> str:
        found = self.stage.cast.by_id(person_id)
        return found.key if found else person_id

    async def restart(self) -> None:
        await self.stage.restart()


class StoryPlayer(Player):
    """The player of rehearsals, at a pace for people. `acting` is told who does the next thing."""

    def __init__(self, stage: Stage, rehearsal: Rehearsal, acting: Callable[[str], None], pace: float = 1.0) -> None:
        self.front = Front(stage, pace)
        self.acting = acting
        self.step: steps.Step | None = None
        zone = stage.library.settings.programme.zone
        # Front offers everything of a rehearsal's stage that its player uses; the two share no code.
        super().__init__(cast("rehearsed.Stage", self.front), Played(rehearsal, zone))

    async def play(self) -> None:
        """All steps, with a pause before each that somebody does."""
        for step in self.played.rehearsal.steps:
            self.step = step
            if isinstance(step, ACTING):
                self.acting(step.who)
                await self.front.rest(BEFORE_ACTING)
            try:
                await ACTS[type(step)](self, step)
            except Stopped:
                return

    def expect(self, mark: Mark, who: str, kind: str, wrong: str, level: str | None = None) -> None:
        """An expectation is ticked, or said to have failed, among what happened."""
        super().expect(mark, who, kind, wrong, level)
        if isinstance(self.step, steps.Sees | steps.IsPaged):
            self.acting(self.step.who)
        title = self._in_words(self.step) or mark.near.removeprefix("-").strip()
        self._remark("cross" if wrong else "tick", title, wrong)

    def write(self, who: str, kind: str, text: str = "", **more: Any) -> None:
        """What breaks, is mended or restarted, and time that passes, is remarked on; the rest is in the records."""
        super().write(who, kind, text, **more)
        if kind in {"fault", "mend", "restart", "trouble"}:
            title = {"fault": f"Broken on purpose: {text}", "mend": f"Mended: {text}"}.get(kind, text)
            self._remark("note" if kind in {"mend", "restart"} else "failed", title)

    def broke_off(self) -> None:
        """Something of ours failed. Whoever watches is told, and can go on by hand."""
        self._remark("cross", "The story could not go on", "That is a fault in the program. You can go on by hand.")

    def _remark(self, kind: str, title: str, text: str = "") -> None:
        stage = self.front.stage
        number = len(stage.remarks)
        stage.remarks.append(Told(f"remark-{number}", stage.clock.now(), 90, kind, title, text))
        stage.changed()

    def _name(self, who: str) -> str:
        return self.front.stage.cast.by_key(who).first_name

    def _in_words(self, step: Any) -> str:
        """An expectation as one would say it."""
        say = _SENTENCES.get(type(step))
        return say(self, step) if say else ""

    def _sees(self, step: steps.Sees | steps.DoesNotSee) -> str:
        verb = "sees" if isinstance(step, steps.Sees) else "does not see"
        what = step.what
        words = f"“{what.text.written}”" if what.text else " and ".join(f"“{label}”" for label in what.buttons)
        return f"{self._name(step.who)} {verb} {words}" if words else ""

    def _paged(self, step: steps.IsPaged | steps.IsNotPaged) -> str:
        if isinstance(step, steps.IsNotPaged):
            return f"{self._name(step.who)} is not paged"
        level = f" ({step.level.word})" if step.level else ""
        return f"{self._name(step.who)} is paged{level}"

    def _case(self, step: steps.CaseOf) -> str:
        if not step.there:
            return f"{self._name(step.who)} has no open case"
        holder = "" if step.holder is None else f"with {self._name(step.holder)}" if step.holder else "with nobody yet"
        facts = [step.level.word if step.level else "", step.state or "", holder]
        return f"{self._name(step.who)}’s case is {', '.join(fact for fact in facts if fact)}"


_SENTENCES: dict[type, Callable[[StoryPlayer, Any], str]] = {
    steps.Sees: StoryPlayer._sees,
    steps.DoesNotSee: StoryPlayer._sees,
    steps.IsPaged: StoryPlayer._paged,
    steps.IsNotPaged: StoryPlayer._paged,
    steps.CaseOf: StoryPlayer._case,
}
