"""Everything that must be right for a programme to be relied on, each thing looked at by itself. Changes nothing."""

from bot.doctor.examining import examine
from bot.doctor.finding import Finding, State

__all__ = ["Finding", "State", "examine"]
