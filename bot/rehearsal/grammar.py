"""One step of a rehearsal, read from its line. What cannot be read is a complaint with what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.reading import Complaint, Document, did_you_mean, nearest
from bot.rehearsal.steps import (
    CaseOf,
    DoesNotSee,
    Fault,
    IsNotPaged,
    IsPaged,
    Mend,
    Restart,
    Says,
    Sees,
    SendsLocation,
    Step,
    Taps,
    Wait,
)
from bot.rehearsal.times import clock_or_moment
from bot.rehearsal.values import Unreadable, Values, sentence
from bot.rehearsal.what import WITHIN
from flows.case import UNRESOLVED

STATES = (*sorted(UNRESOLVED), "resolved")


def read_step(item: Document, people: Mapping[str, str]) -> tuple[Step | None, tuple[Complaint, ...]]:
    """A step, or what is wrong with it. `people` are the roles of everybody in the file, by name."""
    try:
        words, value = _words_and_value(item)
        return _Reader(item, people).read(words, value), ()
    except Unreadable as wrong:
        return None, (wrong.complaint,)


def _words_and_value(item: Document) -> tuple[str, Document]:
    """`{"maya says": "hello"}`, or a bare `restart`."""
    if isinstance(item.value, str):
        return " ".join(item.value.split()), Document("", item.mark)
    if isinstance(item.value, dict) and len(item.parts) == 1:
        key, part = next(iter(item.parts.items()))
        return " ".join(str(key).split()), part
    if isinstance(item.value, dict) and item.parts:
        second = list(item.parts)[1]
        what = f'There are two steps here, or a line of one is not further in: "{second}" stands alone.'
        raise Unreadable(item.complaint((second,), what, "Each step begins with a dash."))
    raise Unreadable(item.complaint((), "This is not a step.", "Write it like: maya says: hello"))


class _Reader(Values):
    """Reads one step."""

    def read(self, words: str, value: Document) -> Step:
        name, _, verb = words.partition(" ")
        if name in self.people and verb in BY_PERSON:
            return BY_PERSON[verb](self, name, value)
        if words in ALONE:
            return ALONE[words](self, value)
        if words.startswith("case of "):
            return self.case_of(words.removeprefix("case of ").strip(), value)
        if verb in BY_PERSON:
            raise self.wrong((), f'There is no person "{name}" in this file.', did_you_mean(name, self.people))
        raise self._unknown(words, name)

    def _unknown(self, words: str, name: str) -> Unreadable:
        """Somebody's name and a verb that is none, or nothing that is known at all."""
        if name in self.people:
            verb = nearest(words.removeprefix(name).strip(), BY_PERSON)
            guess = f"{name} {verb}" if verb else None
        else:
            by_person = (f"{person} {verb}" for person in self.people for verb in BY_PERSON)
            guess = nearest(words, [*ALONE, *(f"case of {person}" for person in self.people), *by_person])
        shapes = [*(f"NAME {verb}" for verb in BY_PERSON), "case of NAME", *ALONE]
        hint = f'Did you mean "{guess}"?' if guess else f"The steps are: {', '.join(shapes)}."
        return self.wrong((), f'There is no step "{words}".', hint)

    # -- steps -----------------------------------------------------------------------------------------------------

    def says(self, who: str, value: Document) -> Step:
        return Says(self.item.mark, who, self.text(value, "What is said"))

    def taps(self, who: str, value: Document) -> Step:
        return Taps(self.item.mark, who, self.text(value, "The button"))

    def sends_location(self, who: str, value: Document) -> Step:
        parts = str(value.value).split(",")
        try:
            latitude, longitude = (float(part) for part in parts)
        except ValueError:
            raise self.wrong((), "A position is two numbers.", "Write it like 42.65,-73.75", at=value) from None
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise self.wrong((), "There is no such place: first north (-90 to 90), then east (-180 to 180).", at=value)
        return SendsLocation(self.item.mark, who, latitude, longitude)

    def sees(self, who: str, value: Document) -> Step:
        return Sees(self.item.mark, who, self.what(value))

    def does_not_see(self, who: str, value: Document) -> Step:
        return DoesNotSee(self.item.mark, who, self.what(value))

    def is_paged(self, who: str, value: Document) -> Step:
        keys = self.keys(value, ("level", "within"))
        level = self.level(keys["level"]) if "level" in keys else None
        return IsPaged(self.item.mark, who, level, self.length(keys["within"]) if "within" in keys else WITHIN)

    def is_not_paged(self, who: str, value: Document) -> Step:
        self.nothing(value)
        return IsNotPaged(self.item.mark, who)

    def wait(self, value: Document) -> Step:
        return Wait(self.item.mark, length=self.length(value))

    def wait_until(self, value: Document) -> Step:
        try:
            return Wait(self.item.mark, until=clock_or_moment(self.text(value, "The time")))
        except ValueError as error:
            raise self.wrong((), sentence(error), at=value) from None

    def case_of(self, who: str, value: Document) -> Step:
        participants = [name for name, role in self.people.items() if role == "participant"]
        if who not in participants:
            raise self.wrong((), f'There is no participant "{who}" in this file.', did_you_mean(who, participants))
        if value.value == "none":
            return CaseOf(self.item.mark, who, there=False)
        if not isinstance(value.value, dict) or not value.parts:
            hint = "Write `none`, or for instance {level: urgent, state: open}."
            raise self.wrong((), "How is the case to be?", hint, at=value)
        keys = self.keys(value, ("level", "state", "holder"))
        return CaseOf(
            self.item.mark,
            who,
            level=self.level(keys["level"]) if "level" in keys else None,
            state=self._state(keys["state"]) if "state" in keys else None,
            holder=self._holder(keys["holder"]) if "holder" in keys else None,
        )

    def _state(self, value: Document) -> str:
        if value.value == "closed":
            hint = "Write `none` instead: a closed case is not the open one."
            raise self.wrong((), "The open case of somebody is never closed.", hint, at=value)
        return self.word(value, STATES, "state of a case")

    def _holder(self, value: Document) -> str:
        return "" if value.value in ("none", "") and "none" not in self.people else self.person(value)

    def fault(self, value: Document) -> Step:
        return Fault(self.item.mark, self.breakage(value))

    def mend(self, value: Document) -> Step:
        return Mend(self.item.mark, self.breakage(value))

    def restart(self, value: Document) -> Step:
        self.nothing(value)
        return Restart(self.item.mark)


BY_PERSON: dict[str, Callable[[_Reader, str, Document], Step]] = {
    "says": _Reader.says,
    "taps": _Reader.taps,
    "sends location": _Reader.sends_location,
    "sees": _Reader.sees,
    "does not see": _Reader.does_not_see,
    "is paged": _Reader.is_paged,
    "is not paged": _Reader.is_not_paged,
}
ALONE: dict[str, Callable[[_Reader, Document], Step]] = {
    "wait": _Reader.wait,
    "wait until": _Reader.wait_until,
    "fault": _Reader.fault,
    "mend": _Reader.mend,
    "restart": _Reader.restart,
}
