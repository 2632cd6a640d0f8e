"""Telegram: the library, the token, how what people write comes to us, who has an account, and the staff's group."""

from __future__ import annotations

import asyncio
import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any, Final

from bot.channels.base import DeliveryError
from bot.channels.telegram.account import NETWORK
from bot.console import counted
from bot.doctor.finding import Finding, broken, look, ok
from bot.doctor.installation import OURS
from flows.grant import Role
from flows.settings import Settings
from storage.invites import not_followed
from storage.lookup import Reached, reached_on
from storage.sign_ins import sign_in
from storage.staff_group import StaffGroup, staff_group
from storage.store import Unit

PTB: Final = "python-telegram-bot"


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows of us there."""

    facts: Mapping[str, str] | None
    reached: tuple[Reached, ...]
    waiting: int
    too_late: int
    group: StaffGroup

    @property
    def staff(self) -> frozenset[str]:
        """The accounts of those who work here."""
        return frozenset(one.place for one in self.reached if one.role not in {Role.PARTICIPANT, Role.CONTACT})


def known(unit: Unit) -> Known:
    """As it stands in the database."""
    waiting, too_late = not_followed(unit, NETWORK)
    facts = sign_in(unit, NETWORK)
    return Known(facts, reached_on(unit, NETWORK), waiting, too_late, staff_group(unit, NETWORK))


def telegram(found: Known, settings: Settings, named: str) -> Iterator[Finding]:
    """Everything about Telegram. Whoever does not want it is not in the wrong."""
    if found.facts is None:
        yield _not_signed_in(len(found.reached), named)
        return
    library = _library()
    yield library
    if library.mend:
        return
    seen = asyncio.run(ask(found.facts, found))
    yield from _answers(found, found.facts, seen, settings, named)


def _not_signed_in(people: int, named: str) -> Finding:
    mend = f"handrail telegram sign-in{named}"
    if people:
        says = f"Not signed in, and {counted(people, 'person has', 'people have')} an account there: nobody is reached."
        return look("Telegram", says, mend)
    return ok("Telegram", "not signed in: nobody is met there", mend)


def _library() -> Finding:
    """Its types follow one version of what Telegram offers."""
    try:
        wanted = next(one for one in requires(OURS) or () if one.startswith(PTB))
        found = version(PTB)
    except (PackageNotFoundError, StopIteration):
        wanted, found = PTB, ""
    if found and found == (wanted.partition("==")[2] or found):
        return ok("Telegram's library", f"{PTB} {found}")
    says = f"{PTB} {found} is installed; Handrail was made for {wanted}." if found else f"There is no {PTB}."
    return broken("Telegram's library", says, f"{shlex.quote(sys.executable)} -m pip install {shlex.quote(wanted)}")


# -- what Telegram says --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Seen:
    """What Telegram answered; nothing where it did not. `failure` says why it did not answer at all."""

    who: Mapping[str, Any] = field(default_factory=dict)
    hook: Mapping[str, Any] = field(default_factory=dict)
    amiss: tuple[Any, ...] = ()
    members: int = 0
    strangers: int = 0
    refused: bool = False
    failure: str = ""


async def ask(facts: Mapping[str, str], found: Known) -> Seen:
    """Everything that can be asked without changing anything."""
    from bot.channels.telegram.api import BotApi, TokenRefused  # noqa: PLC0415 - only who uses it waits for it

    seen, api = Seen(), BotApi(facts["token"], facts["server"])
    try:
        seen.who = await api.call("getMe")
        seen.hook = await api.call("getWebhookInfo")
        if found.group.chat is not None:
            await _ask_of_group(api, found.group.chat, found, seen)
    except TokenRefused:
        seen.refused = True
    except DeliveryError as failure:
        seen.failure = failure.reason
    finally:
        await api.close()
    return seen


async def _ask_of_group(api: Any, chat: int, found: Known, seen: Seen) -> None:
    from bot.channels.telegram.standing import administrators, amiss, members_besides  # noqa: PLC0415 - the same

    seen.amiss = await amiss(api, chat)
    if not seen.amiss:
        others = found.group.met | await administrators(api, chat)
        here, unknown = await members_besides(api, chat, found.staff | others)
        seen.members, seen.strangers = len(here & found.staff), len(here - found.staff) + unknown


def _answers(found: Known, facts: Mapping[str, str], seen: Seen, settings: Settings, named: str) -> Iterator[Finding]:
    again = f"handrail telegram sign-in --again{named}"
    if seen.refused:
        yield broken("Telegram", f"Our token for @{facts['user']} is refused: nobody is heard or reached.", again)
        return
    if not seen.who or not seen.hook:
        says = f"{facts['server']} does not answer ({seen.failure})."
        yield broken("Telegram", says, "See that this machine reaches it; then: handrail doctor")
        return
    if str(seen.who.get("id")) != facts["id"]:
        yield broken("Telegram", f"The token is that of @{seen.who.get('username')}, which we are not.", again)
        return
    yield ok("Telegram", f"signed in as @{facts['user']}, and the token is accepted")
    yield _hook(seen.hook, settings.telegram.webhook, named)
    yield _people(found, named)
    yield from _group(found.group, seen, settings, named)


def _hook(hook: Mapping[str, Any], wanted: str, named: str) -> Finding:
    url, waiting = str(hook.get("url") or ""), int(hook.get("pending_update_count") or 0)
    waits = f"; {counted(waiting, 'update')} waiting for us" if waiting else ""
    if url != wanted:
        where = "is to bring us what people write, and does not" if wanted else "brings what people write elsewhere"
        return look("Telegram's way here", f"Telegram {where}.", f"handrail run{named} puts it right")
    if wanted and waiting and hook.get("last_error_date"):
        says = f"Telegram could not bring us {counted(waiting, 'update')}: {hook.get('last_error_message', '')}."
        return look("Telegram's way here", says, "See that your web server passes it on (bot/README.md).")
    return ok("Telegram's way here", f"{'it comes to us' if wanted else 'we ask for it'}{waits}")


def _people(found: Known, named: str) -> Finding:
    says = f"{counted(len(found.reached), 'person is', 'people are')} reached there"
    if found.waiting:
        says += f"; {counted(found.waiting, 'link waits', 'links wait')} to be followed"
    if found.too_late:
        late = f"{counted(found.too_late, 'person has', 'people have')} let their link run out"
        return look("Telegram's people", f"{says}; {late}.", f"handrail invite NAME{named}")
    return ok("Telegram's people", says)


def _group(group: StaffGroup, seen: Seen, settings: Settings, named: str) -> Iterator[Finding]:
    name, how = "Telegram's group", f"handrail telegram group{named}"
    if settings.telegram.case_topics and not settings.privacy.words_on_public_channels:
        says = "Cases are to have topics there, but no words may be read there: they have none."
        yield look(name, says, "privacy.words_on_public_channels = true, or telegram.case_topics = false")
    elif settings.telegram.case_topics and group.chat is None:
        yield look(name, "Cases are to have topics, and there is no group.", how)
    if group.chat is None:
        return
    if seen.failure:
        yield look(name, f"Telegram could not say ({seen.failure}).", "Wait a minute, then: handrail doctor")
    for one in seen.amiss:
        yield look(name, one.says, one.mend)
    if seen.strangers:
        says = f"{counted(seen.strangers, 'member')} of it nobody knows as staff: they read all topics."
        yield look(name, says, "Look at its list of members; take out who does not belong there.")
    elif not seen.amiss and not seen.failure:
        yield ok(name, f"as it must be, with {seen.members} of your staff in it")
