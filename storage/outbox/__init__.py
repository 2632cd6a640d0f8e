"""What was promised to be sent. It stays promised until a channel took it, it was replaced, or its time is over."""

from storage.outbox.answers import Pressed, asked, newest_question, press, question_under, seen, words_of
from storage.outbox.letters import Returned, Sendable, Sent, Shared, Unsent
from storage.outbox.marking import LONGEST_PAUSE, PAGE_PATIENCE, mark, pause
from storage.outbox.promising import promise
from storage.outbox.rows import RELAY_PATIENCE, page_in
from storage.outbox.taking import NO_ROOM, TRAIN, Room, take
from storage.outbox.waking import KNOWN_AGAIN_FOR, next_later, recover, take_back, wake

__all__ = [
    "KNOWN_AGAIN_FOR", "LONGEST_PAUSE", "NO_ROOM", "PAGE_PATIENCE", "RELAY_PATIENCE", "TRAIN", "Pressed", "Returned",
    "Room", "Sendable", "Sent", "Shared", "Unsent", "asked", "mark", "newest_question", "next_later", "page_in",
    "pause", "press", "promise", "question_under", "recover", "seen", "take", "take_back", "wake", "words_of",
]  # fmt: skip
