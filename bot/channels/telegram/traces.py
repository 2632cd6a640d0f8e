"""What is to be taken from screens, from the programme's own rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.channels.telegram.sweeping import TOO_OLD
from bot.program import Program
from storage import erasing
from storage.erasing import Trace

#: The hours of the night, on the clock of the programme.
NIGHT: Final = range(2, 5)
#: So long it may be until the next night: one day, and an hour where the clocks are set back.
NEXT_NIGHT: Final = timedelta(hours=25)


class KeptTraces:
    """For one channel of a program."""

    def __init__(self, channel: str, program: Program) -> None:
        self._channel = channel
        self._program = program

    def is_night(self) -> bool:
        """Whether it is, and anything is taken away at all."""
        settings = self._program.library.settings
        here = self._program.clock.now().astimezone(ZoneInfo(settings.programme.zone))
        return settings.telegram.delete_after is not None and here.hour in NIGHT

    async def due(self, table: str, after: Trace | None) -> list[Trace]:
        """What would be older than it may by the next night."""
        longest = self._program.library.settings.telegram.delete_after or TOO_OLD
        program = self._program

        def look() -> list[Trace]:
            with program.store.begin(program.clock.now()) as unit:
                return erasing.due(unit, table, self._channel, unit.now - (longest - NEXT_NIGHT), after)

        return await program.line.run_in_store(look)

    async def gone(self, traces: Sequence[Trace]) -> None:
        """Written down."""
        program = self._program

        def mark() -> None:
            with program.store.begin(program.clock.now()) as unit:
                erasing.gone(unit, traces)

        await program.line.run_in_store(mark)

    async def give_up(self) -> None:
        """Told once: what was counted is not due any more."""
        program = self._program

        def count() -> int:
            with program.store.begin(program.clock.now()) as unit:
                left = erasing.give_up(unit, unit.now - TOO_OLD)
                if left:
                    program.line.cycle.decider.tell_operators(unit, "care.telegram_stays", count=left)
                return left

        if await program.line.run_in_store(count):
            program.line.tick()
