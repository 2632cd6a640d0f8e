"""The lines of a case's timeline, in plain words."""

from __future__ import annotations

from collections.abc import Callable

from bot.demo.cast import Cast
from flows.library import Library
from storage.chronicle import Chronicle, Entered

#: The kind of a line, its title and its text.
Words = tuple[str, str, str]


class Names:
    """What people, cases and answers are called."""

    def __init__(self, chronicle: Chronicle, cast: Cast, library: Library) -> None:
        self.chronicle = chronicle
        self.cast = cast
        self.library = library
        self.case_number = {case.id: case.number for case in chronicle.cases}
        self.case_about = {case.id: case.participant_id for case in chronicle.cases}

    def case(self, case_id: str) -> str:
        return f"Case {self.case_number.get(case_id, 0)}"

    def who(self, person_id: str) -> str:
        return self.cast.name(person_id)

    def about(self, case_id: str) -> str:
        return self.first(self.case_about.get(case_id, ""))

    def was_paged(self, case_id: str) -> bool:
        """Whether anybody was paged for this case; for a watch nobody is."""
        return any(one.page is not None and one.case_id == case_id for one in self.chronicle.promised)

    def first(self, person_id: str) -> str:
        found = self.cast.by_id(person_id)
        return found.first_name if found else "Somebody"

    def answer_in_words(self, step: str, choice: str) -> str:
        """What the button said; for an answer that was no button, the answer itself."""
        try:
            answers = self.library.step("", f"crisis.{step}").answers
        except KeyError:
            answers = ()
        return next((one.label for one in answers if one.id == choice), choice)


def _opened(names: Names, one: Entered) -> Words:
    return "case", f"{names.case(one.case_id)} is opened", "Only a clinician can resolve and close it, with a reason."


def _raised(names: Names, one: Entered) -> Words:
    return "case", f"{names.case(one.case_id)} is raised", "The ladder starts again from its first tier."


def _joined(names: Names, one: Entered) -> Words:
    return "case", f"This joins {names.case(one.case_id).lower()}", "One person, one open case: nobody is paged twice."


def _acknowledged(names: Names, one: Entered) -> Words:
    told = f"The ladder stops. {names.about(one.case_id)} is told who." if names.was_paged(one.case_id) else ""
    return "person", f"{names.who(one.by)} acknowledges", told


def _engaged(names: Names, one: Entered) -> Words:
    who = names.who(one.by)
    if one.detail == "took_over":
        about = names.about(one.case_id)
        return "person", f"{who} takes over", f"From here {who} speaks with {about}, and the program is silent."
    return "person", f"{who} is dealing with it", "A note of contact counts as having acted."


def _resolved(names: Names, one: Entered) -> Words:
    reason = f"“{one.words.reveal()}”. " if one.words else ""
    tasks = [task for task in names.chronicle.tasks if task.case_id == one.case_id]
    owners = ", ".join(dict.fromkeys(names.who(task.owner_id) for task in tasks))
    kinds = ", ".join(task.kind.replace("_", " ") for task in tasks)
    follow = f"Tasks for {owners}: {kinds}." if tasks else ""
    return "person", f"{names.who(one.by)} resolves {names.case(one.case_id).lower()}", f"{reason}{follow}"


def _closed(names: Names, one: Entered) -> Words:
    reason = f"“{one.words.reveal()}”. " if one.words else ""
    return "person", f"{names.who(one.by)} closes {names.case(one.case_id).lower()}", f"{reason}Its history stays."


def _answered(names: Names, one: Entered) -> Words:
    step, _, choice = one.detail.partition(" ")
    label = names.answer_in_words(step, choice)
    text = "Kept for the clinician. It lowers nothing." if choice == "safe" else ""
    return "note", f"{names.about(one.case_id)} answers: {label}", text


def _tier_empty(_names: Names, one: Entered) -> Words:
    number = int(one.detail) + 1 if one.detail.isdecimal() else 0
    return "failed", f"Tier {number} has nobody in it", "It is passed over at once."


def _plain(kind: str, title: str, text: str = "") -> Callable[[Names, Entered], Words]:
    """Words with {who} and {about} in them, and nothing else to work out."""

    def say(names: Names, one: Entered) -> Words:
        case, about = names.case(one.case_id).lower(), names.about(one.case_id)
        filled = {"who": names.who(one.by), "about": about, "case": case}
        return kind, title.format(**filled), text.format(**filled)

    return say


FACTS: dict[str, Callable[[Names, Entered], Words]] = {
    "case_opened": _opened,
    "level_raised": _raised,
    "signal_joined": _joined,
    "acknowledged": _acknowledged,
    "engaged": _engaged,
    "resolved": _resolved,
    "closed": _closed,
    "answered": _answered,
    "tier_empty": _tier_empty,
    "nobody_to_page": _plain("failed", "There is nobody to page", "{about} is told the truth."),
    "declined": _plain("person", "{who} says: not me", "When nobody is left of a tier, the next is asked at once."),
    "unreachable": _plain(
        "failed",
        "{who}’s phone cannot be reached",
        "It is still tried; when nobody of a tier is left, the next is asked.",
    ),
    "lapsed": _plain("failed", "{who} took it, and no contact was seen", "The next tier is asked, as if it were due."),
    "released": _plain("person", "{who} gives it back", "Somebody else is asked at once."),
    "handed_back": _plain("person", "{who} hands back", "The program speaks with {about} again; {case} stays theirs."),
    "staff_said": _plain("note", "{who} writes to {about}", "Passed on as it is, under their name."),
    "noted": _plain("note", "{who} writes a note on {case}"),
    "reminded": _plain("note", "A reminder: {case} is still open", "Even a case in good hands has a next time."),
    "said": _plain("note", "{about}’s words are kept for the clinician"),
    "shared_position": _plain("note", "{about} shares a position", "Kept on the case, for whoever acts."),
    "participant_unreached": _plain(
        "failed", "{about}’s phone cannot be reached", "Whoever has the case is told to use another way."
    ),
}
