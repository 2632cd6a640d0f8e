"""Taps on buttons, and their one answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fakes.telegram.methods import method
from tests.fakes.telegram.parameters import Parameters
from tests.fakes.telegram.refusal import bad_request
from tests.fakes.telegram.words import units
from tests.fakes.telegram.world import Person

if TYPE_CHECKING:
    from tests.fakes.telegram.api import BotApi

#: After this many seconds the phone has stopped waiting (PTB#2254; the server itself gives no figure).
WAITS = 15
#: Documentation, "answerCallbackQuery": text, 0-200 characters.
LONGEST_ANSWER = 200
#: Client.cpp `fail_query_with_error`: QUERY_ID_INVALID.
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


@dataclass
class Tap:
    """Somebody touched a button; `answer` is what their phone showed for it."""

    id: str
    by: Person
    at: float
    answered: bool = False
    answer: str = ""
    alert: bool = False


@dataclass
class Taps:
    by_id: dict[str, Tap] = field(default_factory=dict)

    def new(self, by: Person, at: float) -> Tap:
        tap = Tap(str(4_000_000_000_000 + len(self.by_id)), by, at)
        self.by_id[tap.id] = tap
        return tap


@method("answerCallbackQuery")
def answer_callback_query(api: BotApi, given: Parameters) -> bool:
    tap = api.taps.by_id.get(given.string("callback_query_id"))
    if tap is None or tap.answered or api.clock.pace() - tap.at > WAITS:
        raise bad_request(TOO_OLD)
    text = given.string("text")
    if units(text) > LONGEST_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    tap.answered, tap.answer, tap.alert = True, text, given.boolean("show_alert")
    api.changed()
    return True
