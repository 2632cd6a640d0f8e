"""The values behind a step: texts, lengths of time, levels, people, what a message is to be like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.reading import Complaint, Document, did_you_mean
from bot.rehearsal.steps import Breakage
from bot.rehearsal.what import WITHIN, What, Wording
from flows.durations import duration
from flows.level import Level

CHANNELS = ("private", "public")


class Unreadable(Exception):
    """One complaint, on its way up."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint.what)
        self.complaint = complaint


class Values:
    """Reads the values of one step, with the people of the file at hand."""

    def __init__(self, item: Document, people: Mapping[str, str]) -> None:
        self.item = item
        self.people = people

    def wrong(self, place: tuple[str | int, ...], what: str, hint: str = "", at: Document | None = None) -> Unreadable:
        return Unreadable((at or self.item).complaint(place, what, hint))

    def text(self, value: Document, what: str) -> str:
        if isinstance(value.value, str) and value.value.strip():
            return value.value.strip()
        raise self.wrong((), f"{what} must be some text.", at=value)

    def nothing(self, value: Document) -> None:
        if value.value not in ("", {}):
            raise self.wrong((), "Nothing is written behind this step.", "Take it out.", at=value)

    def keys(self, value: Document, known: Sequence[str]) -> dict[str, Document]:
        """A group of keys, each of them known. Nothing written is an empty group."""
        if value.value == "":
            return {}
        if not isinstance(value.value, dict):
            listed = ", ".join(known)
            raise self.wrong((), "This must be a group of keys.", f"Write them in braces: {{{listed}}}.", at=value)
        keys = {str(key): part for key, part in value.parts.items()}
        for key in keys:
            if key not in known:
                raise self.wrong((key,), f'There is no key "{key}" here.', did_you_mean(key, known), at=value)
        return keys

    def length(self, value: Document) -> timedelta:
        try:
            return duration(value.value)
        except ValueError as error:
            raise self.wrong((), sentence(error), at=value) from None

    def word(self, value: Document, known: Sequence[str], kind: str) -> str:
        written = str(value.value)
        if written not in known:
            raise self.wrong((), f'There is no {kind} "{written}".', did_you_mean(written, known), at=value)
        return written

    def level(self, value: Document) -> Level:
        return Level.of(self.word(value, [level.word for level in Level], "level"))

    def person(self, value: Document) -> str:
        return self.word(value, list(self.people), "person")

    def wordings(self, value: Document) -> tuple[Wording, ...]:
        return tuple(self.wording(part) for part in one_or_many(value))

    def wording(self, value: Document) -> Wording:
        wording = Wording(self.text(value, "What is looked for"))
        if problem := wording.problem():
            raise self.wrong((), sentence(problem), at=value)
        return wording

    def what(self, value: Document) -> What:
        if not isinstance(value.value, dict):
            return What(self.wording(value))
        keys = self.keys(value, ("text", "within", "buttons", "not"))
        if "text" not in keys and "buttons" not in keys:
            raise self.wrong((), "What is looked for?", "Write `text:` or `buttons:`.", at=value)
        return What(
            text=self.wording(keys["text"]) if "text" in keys else None,
            buttons=tuple(self.text(part, "A button") for part in one_or_many(keys.get("buttons"))),
            absent=self.wordings(keys["not"]) if "not" in keys else (),
            within=self.length(keys["within"]) if "within" in keys else WITHIN,
            waits="within" in keys,
        )

    def breakage(self, value: Document) -> Breakage:
        keys = self.keys(value, ("delivery", "channel", "pager"))
        if not keys:
            hint = "Write {delivery: NAME}, {channel: private} or {pager: all}."
            raise self.wrong((), "What breaks, or works again?", hint, at=value)
        if "pager" in keys:
            self.word(keys["pager"], ("all",), "pager")
        return Breakage(
            people=tuple(self.person(part) for part in one_or_many(keys.get("delivery"))),
            channels=tuple(self.word(part, CHANNELS, "channel") for part in one_or_many(keys.get("channel"))),
            pager="pager" in keys,
        )


def one_or_many(value: Document | None) -> list[Document]:
    """The items of a list; a single value is a list of one, and none an empty one."""
    if value is None:
        return []
    return list(value.parts.values()) if isinstance(value.value, list) else [value]


def sentence(error: object) -> str:
    """A message of an error as a sentence."""
    words = str(error)
    return words[0].upper() + words[1:] + ("" if words.endswith(".") else ".")
