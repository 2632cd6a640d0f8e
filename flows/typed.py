"""An answer that was typed: it is said back, and can be put right: by the word back, by changing the message itself, or
by quoting the question.

Whoever has no buttons types a number, and a number is easily the wrong one.
"""

from __future__ import annotations

from collections.abc import Callable

from flows import asking, check_in, crisis, escalation, everyday
from flows.answer import plain, understand
from flows.event import Said, Tapped
from flows.level import Level
from flows.turn import Draft

BACK = frozenset({"back", "go back", "undo", "wrong", "that was wrong"})
#: So many typed answers can still be put right; no check-in asks more.
REMEMBERED = 12
Put = Callable[[Draft, Tapped], None]


def as_answer(draft: Draft, event: Said, question: str, choice: str) -> None:
    """Remember which message gave this answer, and say back what was understood, with the next question."""
    label = draft.label(question, choice)
    typed = {**draft.talk.typed, event.mark: f"{question} {draft.talk.ref}"} if event.mark else draft.talk.typed
    draft.change_talk(typed=dict(list(typed.items())[-REMEMBERED:]))
    if question.startswith("check_in") or plain(event.text.reveal()) != plain(label):
        draft.echo = draft.line("everyday.noted", answer=label).text


def put_right(draft: Draft, event: Said) -> bool:
    """The word back, a message that was changed, or one that quotes an earlier question. False when this was none of
    them; danger in it goes the usual way."""
    if event.level >= Level.URGENT:
        return False
    if event.edits:
        return _changed(draft, event)
    return _quoting(draft, event) or _go_back(draft, event)


def _quoting(draft: Draft, event: Said) -> bool:
    """An answer to the question that is quoted, which need not be the one that waits."""
    question, ref = event.replies_to
    pending = f"{draft.talk.conversation}.{draft.talk.step}"
    return bool(question) and question != pending and _pressed(draft, event, question, ref)


def _go_back(draft: Draft, event: Said) -> bool:
    """Ask the question of the last typed answer again; in a crisis, the one that everything else waits for."""
    if plain(event.text.reveal()) not in BACK:
        return False
    if asking.in_crisis(draft):
        asking.ask_safe(draft)
        return True
    mine = [mark for mark, asked in draft.talk.typed.items() if draft.talk.ref and asked.endswith(f" {draft.talk.ref}")]
    if not mine or not check_in.in_check_in(draft):
        return False
    question = draft.talk.typed[mine[-1]].partition(" ")[0]
    draft.change_talk(typed={mark: asked for mark, asked in draft.talk.typed.items() if mark != mine[-1]})
    check_in.ask_again(draft, question.partition(".")[2])
    return True


def _changed(draft: Draft, event: Said) -> bool:
    """A changed answer counts as its button would. Any other changed message is kept and heard, and answers nothing:
    what it once answered is long past."""
    asked, _, ref = draft.talk.typed.get(event.edits, "").partition(" ")
    if not asked:
        if draft.talk.unclear and event.edits == draft.talk.slip:  # the slip of a moment ago, mended
            return False
        _keep(draft, event)
        return True
    if not _pressed(draft, event, asked, ref):
        _keep(draft, event)
    return True


def as_button(draft: Draft, event: Said) -> Tapped | None:
    """What words that quote a question would be as one of its buttons; None where they quote none, or name none."""
    question, ref = event.replies_to
    return _button(draft, event, question, ref) if question else None


def _button(draft: Draft, event: Said, question: str, ref: str) -> Tapped | None:
    person = draft.situation.participant
    name, _, step = question.partition(".")
    if not draft.library.holds(name, step):
        return None
    choice = understand(event.text.reveal(), draft.library.step(person.language if person else "", question))
    return Tapped(event.id, event.person_id, event.at, question, choice, ref) if choice else None


def _pressed(draft: Draft, event: Said, question: str, ref: str) -> bool:
    """Take the words for the button of that question which they name. False where they name none."""
    button = _button(draft, event, question, ref)
    if button is None:
        return False
    escalation.listen(draft, event.assessment.signals, event.text)
    put: Put = crisis.tapped if question.startswith("crisis.") else check_in.tapped
    put(draft, button)
    return True


def _keep(draft: Draft, event: Said) -> None:
    if event.level is Level.WATCH and not asking.in_crisis(draft):
        crisis.worried(draft, event.assessment.signals, event.text)
        return
    escalation.listen(draft, event.assessment.signals, event.text)
    draft.say("everyday.changed")
    everyday.put_on_desk(draft)
