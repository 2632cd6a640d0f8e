"""Every line that the code says by its name: the slots it fills, the answers it understands, the labels that are fixed.

A test reads the code and compares. Whoever says a new line writes it down here, and `handrail check` asks the
programme's files for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from flows.care_team import BUTTONS
from flows.check_in import MISSED_THRICE, MISSED_TWICE
from flows.crisis import WALKS
from flows.plan import SECTIONS, WALK

#: The programme's own facts, which every text may use.
FACTS = ("emergency", "line", "programme", "phone", "hours")

_CRISIS = {
    "emergency": "",
    "lines": "",
    "quiet": "",
    "still_asking": "",
    "unread": "",
    "told": "by",
    "told_therapist": "staff by",
    "seen": "staff",
    "holder_knows": "staff",
    "heard": "",
    **dict.fromkeys(WALKS.states, ""),
    **{f"offer_{section}": "entry" for section in WALK},
    "call_them": "entry",
    "safer_now": "entry",
    "safer": "entry",
    "direct_no": "",
    "direct_unsaid": "",
    "offer_general": "",
    "offer_again": "",
    "helped": "entry",
    "helped_general": "",
    "helped_again": "",
    "matters": "entry",
    "close": "by",
    "check_back": "",
    "unclear": "",
    "no_button_needed": "",
    "location_kept": "",
    "human_here": "staff",
    "human_left": "staff",
    "relay": "staff words",
}
del _CRISIS["settled"]  # the end of the walk, not a line

_EVERYDAY = {
    **dict.fromkeys(
        "hello not_human manual received not_understood put_right old_button location_not_kept".split(), ""
    ),
    **dict.fromkeys("reminder missed missed_for_days stopped started no_plan stranger".split(), ""),
    "plan": "plan",
    **{f"title_{section}": "" for section in SECTIONS},
    "languages": "languages",
    "language_changed": "language",
}
_CARE = {
    "page": "level case by others",
    "page_again": "level case by others",
    "copy": "level case",
    "taken": "case holder since",
    "case": "case level name since state holder",
    "speaking": "case name",
    "resolved": "case steps",
    "cases": "texts",
    "no_cases": "",
    "on_call": "texts",
    "plan": "name plan",
    "relay": "name words",
    "not_allowed": "reason",
    "manual": "commands",
    "undelivered": "age",
    **dict.fromkeys("has_it somebody_speaks unresolved".split(), "case holder"),
    **dict.fromkeys("follow_up follow_up_overdue".split(), "case next holder"),
    **dict.fromkeys("unread stopped no_open_case".split(), "name"),
    **dict.fromkeys(
        "watch yours_already declined lapsed new_signal nobody_on_ladder position unreached".split(), "case"
    ),
    **dict.fromkeys("case_public speaking_already needs_private_channel resolved_already handed_back".split(), "case"),
    **dict.fromkeys(
        "uncertain relay_hidden reason close_reason cannot_resolve cannot_close closed noted".split(), "case"
    ),
    **dict.fromkeys("case_gone nobody_found nobody_speaks not_sent follow_up_done".split(), ""),
    **dict.fromkeys("read_in_private note_needs_words ambiguous not_understood_by_program timer_failed".split(), ""),
}

#: Conversation, line, slots. These three conversations are spoken line by line, as the code decides; all others are
#: scripts, spoken from the first line on.
LINES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    name: {step: tuple(slots.split()) for step, slots in lines.items()}
    for name, lines in (("crisis", _CRISIS), ("everyday", _EVERYDAY), ("care", _CARE))
}

#: What a line would be useless, or dangerous, without.
MUST_SHOW: Mapping[str, tuple[str, ...]] = {
    "crisis.emergency": ("emergency", "line"),
    "crisis.lines": ("emergency", "line"),
    "crisis.told": ("by",),
    "crisis.told_therapist": ("staff", "by"),
    "crisis.seen": ("staff",),
    "crisis.relay": ("staff", "words"),
    "everyday.hello": ("emergency", "line", "hours"),
    "everyday.plan": ("plan",),
    "care.page": ("level", "case", "by"),
    "care.page_again": ("level", "case", "by"),
    "care.case": ("case", "level"),
    "care.relay": ("name", "words"),
    "care.plan": ("plan",),
}

_BY_CODE = {"run_out", "said"}  # no answers: the plan is through, somebody wrote something


def _answers() -> dict[str, frozenset[str]]:
    pairs = [(f"crisis.{state}", trigger) for trigger, state, _, _ in WALKS.rows if trigger not in _BY_CODE]
    pairs += list(BUTTONS)
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
#: Scored like answers, but counted by the code.
COUNTED = frozenset({MISSED_TWICE, MISSED_THRICE})
#: Scored already, and not yet asked: the question about red flags of the body.
NOT_YET_ASKED = frozenset({"crisis.body"})

#: English labels that rehearsals and people rely on, to the letter.
LABELS: Mapping[str, Mapping[str, str]] = {
    **dict.fromkeys(
        ("crisis.safe", "crisis.danger"), {"safe": "I'm safe", "unsure": "Not sure", "not_safe": "I'm not safe"}
    ),
    "crisis.offer": {"start": "Start", "another": "Show another", "people": "Skip to people"},
    "crisis.helped": {"a_lot": "A lot", "a_bit": "A bit", "no": "No", "worse": "Feel worse"},
    "care.page": {"acknowledge": "Acknowledge", "not_me": "Not me"},
    "care.case": {"take_over": "Take over", "hand_back": "Hand back", "resolve": "Resolve", "close": "Close"},
}
UNSAID, SKIP = "Rather not say", "Skip"
