"""What the program says by itself comes covered: a lock screen shows a line that says nothing, and a tap opens it."""

from __future__ import annotations

from typing import Any, Final

from bot.channels.telegram.reading import KEY_LENGTH, OPEN
from bot.channels.telegram.writing import Keyboard, fits_on_buttons, is_for_participant
from flows.message import Urgency
from storage.outbox import Sendable

#: So many that wait to be opened are remembered in a chat; each opens by itself all the same.
REMEMBERED: Final = 8


def comes_covered(message: Sendable) -> bool:
    """Whether nobody waits for it just now: whoever has written looks at their screen, and whoever has not may have put
    it down in sight of others. Help in a crisis is never covered."""
    bulk = message.urgency is Urgency.BULK and is_for_participant(message)
    return bulk and message.file is None and len(message.key) == KEY_LENGTH and fits_on_buttons(message)


def cover(key: str, label: str) -> Keyboard:
    """The one button of a covered message."""
    return {"inline_keyboard": [[{"text": label, "callback_data": f"{OPEN}{key}"}]]}


class Covers:
    """What was said covered in each chat and not opened yet, so that one tap opens all of it. After a restart each is
    opened by itself."""

    def __init__(self) -> None:
        self._closed: dict[str, dict[str, int]] = {}

    def forget(self) -> None:
        """All of it."""
        self._closed.clear()

    def put(self, chat: str, key: str, number: int) -> None:
        """This message stands there covered, under this number."""
        closed = self._closed.setdefault(chat, {})
        closed[key] = number
        if len(closed) > REMEMBERED:
            closed.pop(next(iter(closed)))

    def lift(self, chat: str, key: str, message: dict[str, Any]) -> dict[str, int]:
        """Everything that opens with this one, the oldest first: key and number."""
        return {**self._closed.pop(chat, {}), key: int(message["message_id"])}
