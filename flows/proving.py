"""`/pager`: a staff member proves that a pager is theirs, by writing back the six digits that were sent to it.

Until then nobody is rung by it: a page to a wrong number is worse than none, for everybody believes that it went out.
"""

from __future__ import annotations

from flows.pager import Pager, PagerChange, Tried
from flows.replying import reply, staff_id
from flows.request import Request
from flows.turn import Draft


def asked(draft: Draft, request: Request) -> None:
    """What they have, and a code sent through it; or the code that they write back."""
    pager = draft.situation.pager
    if pager is None:
        reply(draft, "care.pager_none")
    elif request.words:
        _tried(draft, pager)
    elif pager.resting:
        reply(draft, "care.pager_resting", pager=pager.shown)
    else:
        send_code(draft, pager)


def send_code(draft: Draft, pager: Pager) -> None:
    code = draft.situation.new_code
    draft.pager = PagerChange(code=code)
    line = "care.pager_sent_again" if pager.confirmed else "care.pager_sent"
    reply(draft, line, pager=pager.shown)
    draft.tell(staff_id(draft), "care.pager_code", slots={"code": code}, via="pager", replaces="code")
    draft.note(staff_id(draft), "pager_code_sent", "person", staff_id(draft))


def _tried(draft: Draft, pager: Pager) -> None:
    draft.pager = PagerChange(tried=pager.tried)
    draft.note(staff_id(draft), "pager_code_tried", "person", staff_id(draft), result=pager.tried.value)
    if pager.tried is Tried.RIGHT:
        reply(draft, "care.pager_confirmed", pager=pager.shown)
    elif pager.tried is Tried.WRONG:
        reply(draft, "care.pager_wrong")
    else:
        reply(draft, "care.pager_over")
