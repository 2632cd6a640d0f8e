"""State machines as tables: a `transitions` machine that is read, never run.

A state lives in a database row, so nothing here keeps one: `move` looks up where a trigger leads. The picture of a
machine is drawn from the same table.
"""

from __future__ import annotations

from collections.abc import Sequence

from transitions import Machine

from flows.errors import IllegalTransition


class Table:
    """One kind of thing (a case, a check-in), its states, and what may lead where."""

    def __init__(self, kind: str, initial: str, transitions: Sequence[tuple[str, str, str, str]]) -> None:
        """Each row is (trigger, from, to, why); the reason is for people and appears in the picture's table."""
        self.kind = kind
        self.initial = initial
        self.rows = tuple(transitions)
        self.states = tuple(dict.fromkeys(state for _, start, end, _ in self.rows for state in (start, end)))
        self._ends: dict[tuple[str, str], str | None] = {}
        self.machine = Machine(
            model=None,
            states=list(self.states),
            transitions=[[trigger, start, end] for trigger, start, end, _ in self.rows],
            initial=initial,
            auto_transitions=False,
        )

    def can(self, state: str, trigger: str) -> bool:
        """Whether `trigger` leads anywhere from `state`."""
        return self._end(state, trigger) is not None

    def move(self, state: str, trigger: str) -> str:
        """The state that `trigger` leads to. Raises IllegalTransition where there is no such row."""
        end = self._end(state, trigger)
        if end is None:
            raise IllegalTransition(self.kind, state, trigger)
        return end

    def _end(self, state: str, trigger: str) -> str | None:
        """Where the machine says that it leads to, or nowhere. It does not change, so it is asked once."""
        if (state, trigger) not in self._ends:
            ways = self.machine.get_transitions(trigger, state)
            self._ends[state, trigger] = str(ways[0].dest) if ways else None
        return self._ends[state, trigger]

    def picture(self) -> str:
        """A Mermaid state diagram of the table."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        lines += [f"    {start} --> {end}: {trigger}" for trigger, start, end, _ in self.rows]
        return "\n".join(lines)
