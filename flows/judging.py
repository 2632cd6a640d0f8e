"""Was it useful to be told? One press of staff, or `/useful CASE yes`: counted for each rule that fired in the case.

It changes nothing by itself: a rule that is seldom useful is proposed for muting in `handrail risk`, and people decide.
"""

from __future__ import annotations

from flows.answer import plain
from flows.replying import reply, staff_id
from flows.request import Request
from flows.turn import Draft

VERDICTS = {"yes": True, "useful": True, "no": False, "not useful": False}


def ask(draft: Draft) -> None:
    """Asked once, when a case was closed: then it is known what it was. Nobody has to answer."""
    case = draft.open_case
    draft.tell(staff_id(draft), "care.useful", slots={"case": case.number}, question="care.useful", ref=case.id)


def pressed(draft: Draft, request: Request) -> None:
    """One of the two buttons."""
    _judge(draft, request.case_id, useful=request.name == "was_useful")


def written(draft: Draft, request: Request) -> None:
    """The command; with a name it means the case that is open."""
    case_id = request.case_id or (draft.case.id if draft.case else "")
    useful = VERDICTS.get(plain(request.words))
    if not case_id or useful is None:
        reply(draft, "care.useful_how")
        return
    _judge(draft, case_id, useful=useful)


def _judge(draft: Draft, case_id: str, *, useful: bool) -> None:
    draft.judge(case_id, useful=useful)
    draft.note(staff_id(draft), "judged", "case", case_id, useful="yes" if useful else "no")
    reply(draft, "care.judged")
