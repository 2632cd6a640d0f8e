"""Were these crisis texts read and approved by somebody, exactly as they stand?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from bot.inspecting.written import Written
from bot.reading import Complaint
from flows.content import Conversation


def fingerprint(conversation: Conversation) -> str:
    """A short name for exactly these words and buttons; any change of a word changes it."""
    said = [
        [step.id, step.say, step.skip, step.unsaid, [[one.id, one.label, *one.words] for one in step.choices]]
        for step in conversation.steps
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:12]


def approval(written: Written) -> Iterator[Complaint]:
    """A complaint when the words are no longer those that were approved."""
    signed = written.conversation.approved
    if signed is None or signed.texts == fingerprint(written.conversation):
        return
    yield written.document.complaint(
        ("approved", "texts"),
        "These are not the texts that this approval is about.",
        "Once a clinician approved them as they stand, write who and when in your own folder's file of this name, and "
        f"`texts: {fingerprint(written.conversation)}`.",
    )
