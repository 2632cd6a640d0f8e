"""Does every text ask only for values that the code can fill in, and hold those it must not do without?"""

from __future__ import annotations

from collections.abc import Iterator

from bot.inspecting.written import Written
from bot.reading import Complaint, did_you_mean
from flows.content import SLOT, Step, slots_of
from flows.lines import FACTS, MUST_SHOW


def slots(written: Written) -> Iterator[Complaint]:
    """All that is wrong with the `{slots}` of one conversation."""
    for number, step in written.numbered:
        allowed = (*FACTS, *written.lines.get(step.id, ()))
        for slot in dict.fromkeys(slots_of(step.say)):
            if slot not in allowed:
                what = f"Nothing can be filled in for {{{slot}}} here."
                yield written.complaint(number, ("say",), what, did_you_mean(slot, allowed))
        yield from _missing(written, number, step)
        yield from _stray(written, number, step)


def _missing(written: Written, number: int, step: Step) -> Iterator[Complaint]:
    there = set(slots_of(step.say))
    for slot in MUST_SHOW.get(f"{written.name}.{step.id}", ()):
        if slot not in there:
            yield written.complaint(number, ("say",), f"This text must hold {{{slot}}}.")


def _stray(written: Written, number: int, step: Step) -> Iterator[Complaint]:
    if set("{}") & set(SLOT.sub("", step.say)):
        what = "There is a { or } here that does not belong to a slot."
        yield written.complaint(number, ("say",), what, "Write slots like {by}, without spaces.")
    for place, choice in enumerate(step.choices):
        if set("{}") & set(choice.label):
            yield written.complaint(number, ("choices", place, "label"), "Nothing is filled in on a button.")
