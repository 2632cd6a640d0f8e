"""What happened, in plain words and in order, for somebody who has never seen the program.

Everything here comes from the chronicle: what is not in the tables did not happen, and is not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from bot.demo.case_words import FACTS, Names
from bot.demo.cast import Cast
from flows.library import Library
from storage.chronicle import Arrived, CheckedIn, Chronicle, Entered, Fired, Looked, Promised

#: Facts of a case that the outbox or the ledger tells better, or that the phones show already.
TOLD_ELSEWHERE = frozenset({"paged", "tapped"})
#: Kinds of lines whose text is an explanation.
EXPLAINING = frozenset({"case", "look", "note", "person"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One person in a line, and how it stands with them: `mark` is ok, waits, failed or told."""

    name: str
    words: str
    mark: str


@dataclass(frozen=True, slots=True)
class Told:
    """One line of "What happened". `kind` chooses its sign; `level` is a word, or nothing."""

    id: str
    at: datetime
    rank: int
    kind: str
    title: str
    text: str = ""
    level: str = ""
    people: tuple[Asked, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """As the page gets it."""
        told = asdict(self)
        del told["rank"]
        return told | {"at": round(self.at.timestamp() * 1000)}


def tell(chronicle: Chronicle, cast: Cast, library: Library, remarks: Sequence[Told] = ()) -> list[Told]:
    """All lines so far, and a story's own `remarks` among them. In one decision: stored, heard, case, who was asked."""
    lines = [*Teller(chronicle, cast, library).lines(), *remarks]
    return list(_explained_once(sorted(lines, key=lambda line: (line.at, line.rank))))


def _explained_once(lines: Sequence[Told]) -> Iterator[Told]:
    """What explains how things work is said the first time, and not again."""
    said: set[str] = set()
    for line in lines:
        yield replace(line, text="") if line.kind in EXPLAINING and line.text in said else line
        said.add(line.text)


class Teller:
    """Puts one chronicle into words."""

    def __init__(self, chronicle: Chronicle, cast: Cast, library: Library) -> None:
        self.chronicle = chronicle
        self.cast = cast
        self.library = library
        self.names = Names(chronicle, cast, library)
        self.heard_at = {one.at for one in chronicle.fired}

    def lines(self) -> Iterator[Told]:
        yield from (self._arrived(one, number) for number, one in enumerate(self.chronicle.arrived))
        yield from (self._fired(one) for one in self.chronicle.fired)
        yield from (line for one in self.chronicle.entered if (line := self._entered(one)) is not None)
        yield from (line for group in _groups(self.chronicle.promised) if (line := self._asked(group)) is not None)
        yield from (line for one in self.chronicle.looked if (line := self._looked(one)) is not None)
        yield from (line for one in self.chronicle.check_ins for line in self._check_in(one))

    # -- arrival and rules -----------------------------------------------------------------------------------------

    def _arrived(self, one: Arrived, number: int) -> Told:
        name = self.names.first(one.person_id)
        title = {
            "text": f"{name}’s message is stored",
            "tap": f"{name}’s answer is stored",
            "panic": f"{name}’s call for help is stored",
            "location": f"{name}’s position is stored",
            "edit": f"{name}’s changed message is stored",
        }.get(one.kind, f"Something from {name} is stored")
        text = "Kept first, before anything else is done with it." if number == 0 else ""
        if one.kind in {"text", "edit"} and one.at not in self.heard_at:
            text = f"{text} Every rule has read it, and none fired.".strip()
        if one.state == "failed":
            text = "It could not be read by the program. It is kept, and a person is told."
        return Told(one.id, one.at, 0, "stored", title, text)

    def _fired(self, one: Fired) -> Told:
        heard = f"Heard: “{one.words.reveal()}”. " if one.in_words else ""
        text = f"{heard}Rule {one.rule}, version {one.version}."
        return Told(one.id, one.at, 1, "rule", one.explain.rstrip("."), text, one.level.word)

    # -- the case --------------------------------------------------------------------------------------------------

    def _entered(self, one: Entered) -> Told | None:
        say = FACTS.get(one.kind)
        if one.kind in TOLD_ELSEWHERE or say is None:
            return None
        kind, title, text = say(self.names, one)
        level = one.detail.split()[0] if one.kind in {"case_opened", "level_raised"} else ""
        return Told(one.id, one.at, 2 + one.seq, kind, title, text, level)

    # -- who was asked ---------------------------------------------------------------------------------------------

    def _asked(self, group: Sequence[Promised]) -> Told | None:
        pages = [one for one in group if one.page is not None]
        if not pages:
            return None
        first = pages[0]
        page = first.page
        if page is None:
            return None
        tiers = len(self.library.escalation.of(page.level).tiers)
        names = " and ".join(self.names.who(one.person_id) for one in pages)
        title = f"Tier {page.tier + 1} of {tiers} is asked: {names}"
        if page.round:
            title = f"Everybody on the ladder is asked again: {names}" if len(pages) < 3 else "Everybody is asked again"
        people = tuple(self._delivery(one) for one in group)
        text = "A page holds no name and nothing about health." if first is self._first_page() else ""
        return Told(first.id, first.at, 40, "page", title, text, page.level.word, people)

    def _first_page(self) -> Promised | None:
        return next((one for one in self.chronicle.promised if one.page is not None), None)

    def _delivery(self, one: Promised) -> Asked:
        name = self.names.who(one.person_id)
        if one.page is None:
            return Asked(name, "informed, need not do anything", "told")
        if one.answer == "acknowledge":
            return Asked(name, "acknowledged", "ok")
        if one.answer == "not_me":
            return Asked(name, "said: not me", "failed")
        words, mark = _STATES.get(one.state, (one.state, "waits"))
        if one.state == "later":
            words = f"not delivered, try {one.attempts + 1} follows"
            mark = "failed"
        return Asked(name, words, mark)

    # -- looks and check-ins ---------------------------------------------------------------------------------------

    def _looked(self, one: Looked) -> Told | None:
        found = _LOOKS.get(one.action)
        if found is None or self.cast.by_id(one.by) is None:
            return None
        kind, title, text = found
        title = title.format(who=self.names.who(one.by), about=self.names.first(one.about_id))
        return Told(f"ledger-{one.id}", one.at, 60, kind, title, text)

    def _check_in(self, one: CheckedIn) -> Iterator[Told]:
        name = self.names.first(one.person_id)
        yield Told(f"{one.id}-asked", one.asked_at, 5, "note", f"{name}’s daily check-in is asked")
        if one.finished_at is not None and one.state in _CHECK_INS:
            yield Told(f"{one.id}-done", one.finished_at, 5, "note", _CHECK_INS[one.state].format(name=name))


def _groups(promised: Sequence[Promised]) -> Iterator[list[Promised]]:
    """Pages and copies of one decision together; pages first."""
    ordered = sorted(promised, key=lambda one: (one.at, one.about_id, one.page is None, one.seq))
    for _, group in groupby(ordered, key=lambda one: (one.at, one.about_id)):
        yield list(group)


_STATES = {
    "waiting": ("page on its way", "waits"),
    "sending": ("page on its way", "waits"),
    "sent": ("page delivered", "ok"),
    "replaced": ("replaced by a newer page", "waits"),
    "failed": ("cannot be reached", "failed"),
    "expired": ("not delivered in time", "failed"),
    "uncertain": ("perhaps delivered", "failed"),
}
_CHECK_INS = {
    "finished": "{name}’s check-in is finished",
    "late": "{name}’s check-in is answered, late",
    "missed": "{name}’s check-in was not answered",
    "left": "{name}’s check-in was begun and left",
    "undelivered": "{name}’s check-in could not be delivered: a fault of ours, and no sign of anything",
}
_LOOKS = {
    "record_seen": ("look", "{who} opens {about}’s record", "Every look is written into the ledger."),
    "plan_seen": ("look", "{who} looks at {about}’s safety plan", "Every look is written into the ledger."),
    "refused": ("look", "{who} was not let in", "Refused, and written into the ledger."),
    "follow_up_done": ("task", "{who} records the outcome of a task", ""),
}
