"""A safety plan as text, for whoever may see it."""

from __future__ import annotations

from flows.plan import SECTIONS, Plan
from flows.turn import Draft


def plan_in_words(draft: Draft, plan: Plan) -> str:
    """The whole plan as text, section by section, in the order it is used."""
    parts = []
    for section in SECTIONS:
        entries = [entry.text.reveal() for entry in plan.entries if entry.section == section]
        if entries:
            title = draft.line(f"everyday.title_{section}").text
            parts.append("\n".join([title, *(f"• {entry}" for entry in entries)]))
    return "\n\n".join(parts)
