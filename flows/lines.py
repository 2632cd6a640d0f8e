"""Every line that the code says by its name: the slots it fills, the answers it understands, the labels that are fixed.

A test reads the code and compares. Whoever says a new line writes it down here, and `handrail check` asks the
programme's files for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from flows.check_in import OK, OK_QUESTION
from flows.plan import SECTIONS, WALK
from flows.request import BUTTONS
from flows.walk import WALKS

#: The programme's own facts, which every text may use.
FACTS = ("emergency", "line", "programme", "phone", "hours")


def _lines(by_slots: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Lines by name, each with its slots, from a table of the slots that several lines have in common."""
    return {line: tuple(slots.split()) for slots, lines in by_slots.items() for line in lines.split()}


_CRISIS = {
    "": "emergency lines quiet still_asking nobody_to_ask unread heard direct_no direct_unsaid offer_general"
    " offer_again helped_general helped_again check_back unclear no_button_needed location_kept place"
    " safe danger direct offer again next_hour",
    "by": "told close",
    "staff by": "told_therapist",
    "staff": "seen holder_knows human_here human_left",
    "staff words": "relay relay_changed",
    "entry": "call_them safer_now safer helped matters " + " ".join(f"offer_{section}" for section in WALK),
}
_EVERYDAY = {
    "": "hello not_human manual received not_understood put_right old_button location_not_kept reminder"
    " stopped ok_heard started changed new_device voice picture file sticker call reaction verification other"
    " no_plan stranger contact not_encrypted polls no_polls card help_now change connected link_over share_place"
    " earlier covered open unpinned "
    + " ".join(f"title_{section}" for section in SECTIONS)
    + " menu_help_now menu_plan menu_pin menu_card menu_stop menu_start menu_language menu_help",
    "words": "missed missed_twice missed_for_days pattern",
    "answer": "noted",
    "asked answer": "chosen",
    "text": "again",
    "staff": "room room_ends",
    "plan": "plan card_text",
    "languages": "languages",
    "language": "language_changed",
}
_CARE = {
    "": "no_cases case_gone nobody_found nobody_speaks not_sent follow_up_done read_in_private note_needs_words"
    " useful_how judged ambiguous not_understood_by_program timer_failed page_failed no_commands not_kept"
    " unreadable only_words"
    " changed not_theirs no_rooms connected telegram_silent telegram_refuses telegram_taken"
    " telegram_group telegram_put_out telegram_stranger"
    " pager_none pager_wrong pager_over pager_elsewhere door_unknown door_expired door_used door_busy",
    "code": "pager_code",
    "pager": "pager_sent pager_sent_again pager_confirmed pager_resting",
    "level case at": "pager",
    "link until": "pager_link",
    "level case by others": "page page_again",
    "level case": "copy",
    "case": "pager_title door door_yours door_somebody door_received"
    " watch watch_overdue declined lapsed new_signal nobody_on_ladder position unreached"
    " case_public speaking_already needs_private_channel resolved_already handed_back uncertain relay_hidden"
    " reason reason_speaking close_reason news_since neither_sent_nor_reason speaking_again cannot_resolve"
    " cannot_close closed useful noted conversation_ended",
    "case holder": "has_it somebody_speaks unresolved",
    "case holder since": "taken",
    "case level name since state holder": "case",
    "case level state holder": "team",
    "case name": "speaking",
    "case steps": "resolved",
    "case next holder": "follow_up follow_up_overdue",
    "name": "unread stopped no_open_case room room_ends left returned new_device new_identity",
    "case what": "wordless",
    "name words": "relay relay_changed",
    "name plan": "plan",
    "texts": "cases on_call",
    "reason": "not_allowed",
    "commands": "manual",
    "age": "undelivered",
    "name count": "bad_files",
    "count": "unopened telegram_stays",
}

#: Conversation, line, slots. These three conversations are spoken line by line, as the code decides; all others are
#: scripts, spoken from the first line on.
LINES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "crisis": _lines(_CRISIS),
    "everyday": _lines(_EVERYDAY),
    "care": _lines(_CARE),
}

#: What a line would be useless, or dangerous, without.
MUST_SHOW: Mapping[str, tuple[str, ...]] = {
    "crisis.emergency": ("emergency", "line"),
    "crisis.lines": ("emergency", "line"),
    "crisis.told": ("by",),
    "crisis.told_therapist": ("staff", "by"),
    "crisis.seen": ("staff",),
    "crisis.relay": ("staff", "words"),
    "crisis.relay_changed": ("staff", "words"),
    "everyday.noted": ("answer",),
    **{f"everyday.{line}": ("words",) for line in ("missed", "missed_twice", "missed_for_days", "pattern")},
    "everyday.connected": ("emergency",),
    "everyday.link_over": ("emergency", "line"),
    "everyday.room": ("staff", "emergency"),
    "care.team": ("case", "level", "state", "holder"),
    "everyday.call": ("emergency", "line"),
    **{f"everyday.{what}": ("emergency",) for what in ("voice", "picture", "file", "sticker", "other")},
    "everyday.not_encrypted": ("emergency", "line"),
    "everyday.hello": ("emergency", "line", "hours"),
    "everyday.plan": ("plan",),
    "everyday.card_text": ("plan", "emergency", "line"),
    "care.page": ("level", "case", "by"),
    "care.page_again": ("level", "case", "by"),
    "care.case": ("case", "level"),
    "care.relay": ("name", "words"),
    "care.relay_changed": ("name", "words"),
    "care.plan": ("plan",),
    "care.pager": ("case",),
    "care.pager_link": ("link",),
    "care.pager_code": ("code",),
}

_BY_CODE = {"run_out", "said"}  # no answers: the plan is through, somebody wrote something


def _answers() -> dict[str, frozenset[str]]:
    pairs = [(f"crisis.{state}", trigger) for trigger, state, _, _ in WALKS.rows if trigger not in _BY_CODE]
    pairs += [*BUTTONS, ("care.door", "acknowledge"), (OK_QUESTION, OK)]
    return {line: frozenset(answer for other, answer in pairs if other == line) for line, _ in pairs}


#: The answers that the code understands to a question, all of which must be offered.
ANSWERS: Mapping[str, frozenset[str]] = _answers()

#: Lines that ask the question of another one: their answers, if they have any, are among its answers.
ASKS_LIKE: Mapping[str, str] = {
    **{f"crisis.offer_{section}": "crisis.offer" for section in (*WALK, "general", "again")},
    **{f"crisis.helped_{way}": "crisis.helped" for way in ("general", "again")},
    **{f"care.{line}": "care.case" for line in ("case_public", "speaking", "handed_back", "resolved", "unresolved")},
    "care.page_again": "care.page",
    "care.follow_up_overdue": "care.follow_up",
}
#: Of these, the ones that nobody could answer without buttons of their own.
OWN_BUTTONS = frozenset(line for line in ASKS_LIKE if line.startswith("care.") and line != "care.follow_up_overdue")
#: Questions whose answers are the programme's own choice.
OWN_ANSWERS = frozenset({"care.reason", "care.close_reason"})
#: Where a script may jump out of itself.
JUMPS = frozenset({"crisis.safe"})
#: Scored already, and not yet asked: the question about red flags of the body.
NOT_YET_ASKED = frozenset({"crisis.body"})

#: English labels that rehearsals and people rely on, to the letter.
LABELS: Mapping[str, Mapping[str, str]] = {
    "everyday.missed_twice": {"ok": "I'm OK"},
    "crisis.safe": {"safe": "I'm safe", "unsure": "Not sure", "not_safe": "I'm not safe"},
    "crisis.danger": {"safe": "I'm safe", "unsure": "Not sure", "not_safe": "I'm not safe"},
    "crisis.offer": {"start": "Start", "another": "Show another", "people": "Skip to people"},
    "crisis.helped": {"a_lot": "A lot", "a_bit": "A bit", "no": "No", "worse": "Feel worse"},
    "care.page": {"acknowledge": "Acknowledge", "not_me": "Not me"},
    "care.door": {"acknowledge": "Acknowledge"},
    "care.case": {"take_over": "Take over", "hand_back": "Hand back", "resolve": "Resolve", "close": "Close"},
}
UNSAID, SKIP = "Rather not say", "Skip"
