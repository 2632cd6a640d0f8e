"""What a staff member wants, read from a command, a button or plain words, before anybody asks whether they may."""

from __future__ import annotations

from dataclasses import dataclass

from flows.policy import Action


@dataclass(frozen=True, slots=True)
class Request:
    """One wish: the action that the one door decides on, about whom, and with which words.

    `about` is a name or a case number as typed; `case_id` is set when a button or the lease says which case.
    """

    action: Action
    name: str
    about: str = ""
    case_id: str = ""
    words: str = ""
