"""How often each rule fired, and what staff said of it. Rules and numbers: nobody's name, nobody's word, no case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, bindparam, cast, func, select

from flows.level import Level
from storage import tables as t
from storage.store import Unit

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
#: A rule is proposed for muting when it has fired so often, so many of these were judged, and so few found useful.
ENOUGH_FIRED, ENOUGH_JUDGED, LEAST_USEFUL = 30, 10, 0.2


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one stretch of time. What nobody has judged is in `fired` alone."""

    fired: int = 0
    useful: int = 0
    not_useful: int = 0


@dataclass(frozen=True, slots=True)
class Fired:
    """One rule. `level` is the highest at which it ever fired."""

    rule: str
    level: Level
    week: Counts
    month: Counts
    ever: Counts

    def muting_is_proposed(self, by_its_file: Level = Level.NONE) -> bool:
        """Whether people should look at it: under a fifth useful. Never for an emergency, and nothing mutes itself."""
        judged = self.ever.useful + self.ever.not_useful
        seldom = judged >= ENOUGH_JUDGED and self.ever.useful < LEAST_USEFUL * judged
        return seldom and self.ever.fired >= ENOUGH_FIRED and max(self.level, by_its_file) < Level.EMERGENCY


#: The same rule may find several places in one message: that is one firing.
_ONCE = (
    select(
        t.signal.c.rule,
        t.signal.c.at,
        func.max(t.signal.c.level).label("level"),
        func.max(cast(t.signal.c.useful, Integer)).label("useful"),
    )
    .where(t.signal.c.at >= bindparam("since", type_=t.signal.c.at.type))
    .group_by(t.signal.c.rule, t.signal.c.person_id, t.signal.c.at)
    .subquery()
)
_BY_RULE = (
    select(
        _ONCE.c.rule,
        func.max(_ONCE.c.level).label("level"),
        func.count().label("fired"),
        func.coalesce(func.sum(_ONCE.c.useful), 0).label("useful"),
        func.count(_ONCE.c.useful).label("judged"),
    )
    .group_by(_ONCE.c.rule)
    .order_by(_ONCE.c.rule)
)
_ALWAYS = datetime(1970, 1, 1).astimezone()


def sheet(unit: Unit) -> list[Fired]:
    """Every rule that ever fired, those that fire most in a month first."""
    levels: dict[str, Level] = {}
    spans: list[dict[str, Counts]] = []
    for since in (unit.now - WEEK, unit.now - MONTH, _ALWAYS):
        rows = unit.connection.execute(_BY_RULE, {"since": since}).all()
        levels |= {row.rule: Level(row.level) for row in rows}
        spans.append({row.rule: Counts(row.fired, int(row.useful), row.judged - int(row.useful)) for row in rows})
    week, month, ever = spans
    found = [
        Fired(rule, levels[rule], week.get(rule, Counts()), month.get(rule, Counts()), counts)
        for rule, counts in ever.items()
    ]
    return sorted(found, key=lambda one: (-one.month.fired, one.rule))
