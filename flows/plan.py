"""A participant's own safety plan: seven sections in the order they are used (clinical protocol 1.1, own words)."""

from __future__ import annotations

from dataclasses import dataclass

from flows.phi import Phi

SECTIONS = (
    "warning_signs",
    "internal_coping",
    "social_distraction",
    "crisis_support",
    "professional_support",
    "environment_safety",
    "reason_for_living",
)
#: The sections walked in a crisis, each until something helps: alone first, then among people, then people who know.
WALK = ("internal_coping", "social_distraction", "crisis_support", "professional_support")
#: At most so many things to try alone before people are offered.
ALONE_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """One line of a plan, in the participant's own words."""

    id: str
    section: str
    text: Phi[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """A version of a plan. Version 0 is no plan yet; a three-line plan works as well as a full one."""

    version: int = 0
    entries: tuple[PlanEntry, ...] = ()

    def section(self, name: str) -> tuple[PlanEntry, ...]:
        found = tuple(entry for entry in self.entries if entry.section == name)
        return found[:ALONE_AT_MOST] if name == "internal_coping" else found

    def first(self, name: str) -> str:
        """The first entry of a section in its own words, or nothing."""
        entries = self.section(name)
        return entries[0].text.reveal() if entries else ""


def next_entry(plan: Plan, section: str, index: int) -> tuple[str, int] | None:
    """Where the walk goes after entry `index` of `section` (-1 before the first): (section, index), or None."""
    if index + 1 < len(plan.section(section)):
        return section, index + 1
    for later in WALK[WALK.index(section) + 1 :]:
        if plan.section(later):
            return later, 0
    return None
