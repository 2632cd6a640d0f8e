"""The daily check-in: asked once per local date, skippable everywhere, and never evidence unless it was delivered."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flows import asking, crisis, escalation, over_time, telling
from flows.answer import understand
from flows.content import Conversation, Step
from flows.event import Due, Said, Tapped
from flows.level import Level
from flows.machine import Table
from flows.message import Outbound, Urgency
from flows.phi import Phi
from flows.risk import Signal, as_shown, read_in_a_row, read_score
from flows.rota import DAYS
from flows.schedule import next_day
from flows.situation import CheckIn
from flows.turn import Draft

CHECK_INS = Table(
    "check-in",
    "asked",
    [
        ("answer", "asked", "answering", "the first answer"),
        ("answer", "answering", "answering", "more answers"),
        ("write", "asked", "answering", "something else was written: whoever writes is there, and has missed nothing"),
        ("finish", "answering", "finished", "the last question is through"),
        ("expire", "answering", "left", "begun, not finished: what was answered counts"),
        ("expire", "asked", "missed", "it was delivered, and nobody answered"),
        ("fail", "asked", "undelivered", "it never reached the phone: a fault of ours, no evidence about the person"),
        ("answer", "missed", "late", "answered after its time: better late"),
        ("answer", "undelivered", "late", "delivered late, answered late"),
        ("answer", "left", "left", "a late answer to an unfinished one"),
        ("answer", "late", "late", "more late answers"),
        ("finish", "late", "late", "all of it, late"),
        ("finish", "left", "finished", "finished after all"),
        ("answer", "finished", "finished", "an answer put right"),
        ("finish", "finished", "finished", "an answer put right"),
    ],
)
#: A check-in waits for a better moment while a crisis or a conversation with a human goes on.
POSTPONE = timedelta(minutes=30)
#: One tap says: I am there, and OK.
OK_QUESTION, OK = "everyday.missed_twice", "ok"


# -- asking --------------------------------------------------------------------------------------------------------


def due(draft: Draft, event: Due) -> None:
    """The hour of a participant's check-in. `event.key` is its local date; tomorrow's is set whatever becomes of it."""
    person = draft.situation.participant
    if person is None or person.status != "active" or person.check_in_at is None:
        return
    day = date.fromisoformat(event.key)
    planned = datetime.fromisoformat(event.data["planned"]) if "planned" in event.data else event.due_at
    if "planned" not in event.data:
        _set_next(draft, day)
    if draft.talk.stopped or _asked_already(draft, day):
        return
    if draft.now - planned > draft.library.settings.check_in.too_late_after:
        draft.note(telling.BOT, "check_in_not_asked", "check_in", event.key)
    elif _bad_moment(draft):
        draft.due_on_the_wall("check_in", draft.now + POSTPONE, event.key, {"planned": planned.isoformat()})
    else:
        _ask_first(draft, day)


def _asked_already(draft: Draft, day: date) -> bool:
    """Somebody who moved their check-in, or their time zone, is not asked twice on one date."""
    return draft.check_in is not None and draft.check_in.local_date >= day


def _set_next(draft: Draft, day: date) -> None:
    person = draft.situation.participant
    if person is None or person.check_in_at is None:
        return
    after, at = next_day(person.check_in_at, person.zone, day)
    while at <= draft.now:
        after, at = next_day(person.check_in_at, person.zone, after)
    draft.due_on_the_wall("check_in", at, after.isoformat())


def _bad_moment(draft: Draft) -> bool:
    """Reminders never interrupt a crisis, nor a human being."""
    return asking.crisis_is_fresh(draft) or (draft.case is not None and bool(draft.open_case.speaker_id))


def _ask_first(draft: Draft, day: date) -> None:
    settings = draft.library.settings.check_in
    conversation = _conversation(draft)
    draft.check_in = CheckIn(
        id=draft.situation.new_id,
        local_date=day,
        state=CHECK_INS.initial,
        asked_at=draft.now,
        conversation=conversation.conversation,
    )
    draft.change_talk(
        conversation=conversation.conversation, ref=draft.check_in.id, unclear=0, asked=0, ok_offered=False
    )
    if draft.talk.greeted != day.isoformat():
        draft.change_talk(greeted=day.isoformat())
        draft.say("everyday.hello", urgency=Urgency.BULK)
    first = _wanted(draft, conversation.first)
    if first is not None:
        _put(draft, first, urgency=Urgency.BULK)
    for number, after in enumerate(settings.reminders_after):
        draft.due("check_in_reminder", draft.now + after, str(number), {"ref": draft.check_in.id})
    draft.due("check_in_expiry", draft.now + settings.expires_after, data={"ref": draft.check_in.id})
    draft.note(telling.BOT, "check_in_asked", "check_in", draft.check_in.id)


def _conversation(draft: Draft) -> Conversation:
    person = draft.situation.participant
    name = draft.check_in.conversation if draft.check_in else draft.library.settings.check_in.conversation
    return draft.library.conversation(draft.language or (person.language if person else ""), name)


def _wanted(draft: Draft, step: Step | None) -> Step | None:
    """`step`, or the next one that is meant for this participant on this weekday."""
    conversation = _conversation(draft)
    while step is not None and not _meant(draft, step):
        step = conversation.after(step)
    return step


def _meant(draft: Draft, step: Step) -> bool:
    person, check_in = draft.situation.participant, draft.check_in
    if person is None or check_in is None:
        return True
    on_track = not step.only_if or step.only_if in person.flags.reveal()
    return on_track and (not step.days or DAYS[check_in.local_date.weekday()] in step.days)


def _put(draft: Draft, step: Step, urgency: Urgency = Urgency.REPLY, *, continues: bool = False) -> None:
    """Put one question. It expires with the check-in: a question from yesterday must not arrive tomorrow. One that
    `continues` may stand in place of the one just answered."""
    name = _conversation(draft).conversation
    asked = draft.talk.asked + 1 if draft.talk.step == step.id else 1
    draft.change_talk(conversation=name, step=step.id, asked=asked)
    line = draft.line(f"{name}.{step.id}")
    draft.send(
        Outbound(
            to=draft.participant_id,
            text=line.text,
            urgency=urgency,
            content=line.content,
            choices=line.choices,
            question=f"{name}.{step.id}",
            ref=draft.talk.ref,
            expires_after=draft.library.settings.check_in.expires_after,
            continues=continues,
        )
    )


# -- answering -----------------------------------------------------------------------------------------------------


def heard_from(draft: Draft) -> None:
    """Whoever writes or taps, whatever it is, is there: the count of missed days begins again, and a question that is
    open on their screen is not missed any more."""
    if draft.talk.missed:
        over_time.silence_ends(draft)
    check_in = draft.check_in
    if check_in is not None and check_in.state == "asked" and check_in.delivered_at is not None:
        draft.change_check_in(state=CHECK_INS.move(check_in.state, "write"))


def in_check_in(draft: Draft) -> bool:
    """Whether a question of a check-in waits for an answer."""
    check_in, talk = draft.check_in, draft.talk
    return check_in is not None and talk.ref == check_in.id and talk.conversation == check_in.conversation


def understood(draft: Draft, event: Said) -> tuple[Step | None, str]:
    """The pending question, and the answer that typed words give to it, or nothing."""
    step = _conversation(draft).by_id.get(draft.talk.step)
    return step, understand(event.text.reveal(), step) if step else ""


def not_understood(draft: Draft) -> None:
    """Put the question again, once; then leave it, without blame."""
    step = _conversation(draft).by_id.get(draft.talk.step)
    draft.change_talk(unclear=draft.talk.unclear + 1)
    if step is None or draft.talk.unclear > 2:
        draft.say("everyday.received")
        return
    draft.say("everyday.not_understood")
    _put(draft, step)


def ask_again(draft: Draft, step_id: str) -> None:
    """Put this question of the check-in once more; what follows it follows again."""
    step = _conversation(draft).by_id.get(step_id)
    if step is not None:
        _put(draft, step)


def tapped(draft: Draft, event: Tapped) -> None:
    """A button of a check-in: the pending one, an earlier one put right, or one from another day."""
    if event.question == OK_QUESTION:
        says_ok(draft)
        return
    step = _conversation(draft).by_id.get(event.question.partition(".")[2])
    if step is None or draft.check_in is None or event.ref != draft.check_in.id:
        _old_button(draft, event)
    elif draft.talk.step == step.id and in_check_in(draft):
        answer(draft, step, event.choice)
    elif not event.again:
        _put_right(draft, step, event.choice)


def _old_button(draft: Draft, event: Tapped) -> None:
    """A button of another day still counts where it says that somebody is in danger; else it is closed."""
    signals = read_score(event.question, event.choice, draft.library.scores)
    if signals and max(signal.level for signal in signals) >= Level.URGENT and not event.again:
        label = draft.label(event.question, event.choice)
        crisis.disclosed(draft, as_shown(signals, label), Phi(label))
    elif not event.again:
        draft.say("everyday.old_button")


def _put_right(draft: Draft, step: Step, choice: str) -> None:
    """An earlier question of the same check-in, answered now. A late first answer takes the check-in up again; an
    answer put right is kept and heard, and the conversation goes on where it was."""
    if draft.check_in is None:
        return
    if not draft.talk.conversation and draft.check_in.finished_at is None:
        draft.change_talk(conversation=draft.check_in.conversation, ref=draft.check_in.id, step=step.id)
        answer(draft, step, choice)
        return
    draft.change_talk(ref=draft.check_in.id)
    if not _keep(draft, step, choice):
        draft.say("everyday.put_right")


def answer(draft: Draft, step: Step, choice: str) -> None:
    """Keep one answer; if it is a signal, it fires now, not at the end of the form."""
    draft.change_talk(unclear=0)
    following = _say_at_once(draft, _conversation(draft).after(step, choice))
    if _keep(draft, step, choice):
        return
    if choice == "unsaid":
        draft.say("crisis.lines")
    _go_on(draft, _wanted(draft, following), _jump(step, choice))


def _say_at_once(draft: Draft, following: Step | None) -> Step | None:
    """What an answer calls for without a further question (the words about a red flag) comes before all else."""
    if following is None or following.asks or not following.urgent:
        return following
    draft.say(f"{_conversation(draft).conversation}.{following.id}", urgency=Urgency.CRISIS)
    return _conversation(draft).after(following)


def _jump(step: Step, choice: str) -> str:
    chosen = step.choice(choice)
    wanted = (chosen.next if chosen else "") or step.next
    return wanted if wanted.startswith("crisis.") else ""


def _keep(draft: Draft, step: Step, choice: str) -> bool:
    """Store the answer and hear it. True when it led into the crisis conversation."""
    if draft.check_in is None:
        return False
    item = f"{draft.check_in.conversation}.{step.id}"
    draft.answered(item, choice)
    first = draft.check_in.first_answer_at is None
    _count_answer(draft)
    signals, runs = read_in_a_row(item, choice, draft.library.scores, draft.talk.runs)
    draft.change_talk(runs=runs)
    label = step.label(choice)
    over_days = over_time.answered(draft, item, choice, first=first)
    shown = (*as_shown(signals, label), *over_days)
    if any(signal.level >= Level.URGENT for signal in shown):
        crisis.disclosed(draft, shown, Phi(label))
        return True
    escalation.listen(draft, shown, Phi(label))
    over_time.tell(draft, over_days)
    return False


def _count_answer(draft: Draft) -> None:
    check_in = draft.check_in
    if check_in is None:
        return
    draft.change_check_in(
        state=CHECK_INS.move(check_in.state, "answer"), first_answer_at=check_in.first_answer_at or draft.now
    )
    if check_in.first_answer_at is None:
        draft.drop("check_in_reminder")
    draft.change_talk(missed=0)


def _go_on(draft: Draft, step: Step | None, jump: str) -> None:
    if jump:
        asking.ask_safe(draft)
    elif step is None:
        _finish(draft)
    elif not step.asks:
        draft.say(f"{_conversation(draft).conversation}.{step.id}")
        _go_on(draft, _wanted(draft, _conversation(draft).after(step)), "")
    else:
        _put(draft, step, continues=True)


def _finish(draft: Draft) -> None:
    if draft.check_in is not None:
        draft.change_check_in(state=CHECK_INS.move(draft.check_in.state, "finish"), finished_at=draft.now)
    draft.drop("check_in_reminder")
    draft.drop("check_in_expiry")
    draft.change_talk(conversation="", step="", ref="", asked=0)


# -- clocks --------------------------------------------------------------------------------------------------------


def remind(draft: Draft, event: Due) -> None:
    """One gentle reminder, only for a question that reached the phone and that nobody has begun to answer."""
    check_in = draft.check_in
    if check_in is None or check_in.id != event.data.get("ref") or check_in.state != "asked":
        return
    if check_in.delivered_at is None or draft.talk.stopped or _bad_moment(draft):
        return
    draft.change_check_in(reminders=check_in.reminders + 1)
    draft.say("everyday.reminder", urgency=Urgency.BULK)
    step = _conversation(draft).by_id.get(draft.talk.step)
    if step is not None and in_check_in(draft):
        _put(draft, step, urgency=Urgency.BULK)


def expire(draft: Draft, event: Due) -> None:
    """The time for a check-in is over. Missed only if it was delivered; undelivered is our fault and says so."""
    check_in = draft.check_in
    if check_in is None or check_in.id != event.data.get("ref") or check_in.state not in {"asked", "answering"}:
        return
    delivered = check_in.delivered_at is not None or check_in.state == "answering"
    state = CHECK_INS.move(check_in.state, "expire" if delivered else "fail")
    draft.change_check_in(state=state)
    draft.note(telling.BOT, f"check_in_{state}", "check_in", check_in.id)
    if in_check_in(draft):
        draft.change_talk(conversation="", step="", asked=0)
    if state == "undelivered":
        _alarm_undelivered(draft)
    elif state == "missed" and not draft.talk.stopped:
        _count_miss(draft)


def _alarm_undelivered(draft: Draft) -> None:
    for person in telling.operators(draft):
        draft.tell(person, "care.undelivered", slots={"age": "today"}, replaces="undelivered")


def _count_miss(draft: Draft) -> None:
    """One miss is a nudge, two are a watch, three (or one in a follow-up) ask for a person: EW-MISS1 to 3."""
    draft.change_talk(missed=draft.talk.missed + 1)
    signals = over_time.missed(draft)
    silence, others = over_time.apart(draft, signals)
    if not _bad_moment(draft):
        _nudge(draft, silence)
        over_time.tell(draft, others, urgency=Urgency.BULK)
    over_time.listen(draft, signals)


def _nudge(draft: Draft, silence: tuple[Signal, ...]) -> None:
    """A word about the silence, each time that it has come to mean something else; never two, never a reproach."""
    if not silence:
        return
    words, level = over_time.sentence(draft, silence), silence[0].level
    if level >= Level.URGENT:
        draft.say("everyday.missed_for_days", urgency=Urgency.BULK, words=words)
    elif level is Level.WATCH:
        draft.change_talk(ok_offered=True)
        draft.say("everyday.missed_twice", urgency=Urgency.BULK, ask=True, words=words)
    else:
        draft.say("everyday.missed", urgency=Urgency.BULK, words=words)


def is_ok(draft: Draft, event: Said) -> bool:
    """Whether these words say what the one tap would."""
    if not draft.talk.ok_offered or draft.talk.conversation:
        return False
    person = draft.situation.participant
    step = draft.library.step(person.language if person else "", OK_QUESTION)
    return understand(event.text.reveal(), step) == OK


def says_ok(draft: Draft) -> None:
    """They are there. That is all that was to be known."""
    draft.change_talk(ok_offered=False)
    draft.say("everyday.ok_heard")
