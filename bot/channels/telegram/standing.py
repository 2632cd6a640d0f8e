"""Whether the staff's group is as it must be, in the words of whoever can put it right. Looked at, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from telegram.constants import ChatMemberStatus

from bot.channels.base import DeliveryError
from bot.channels.telegram.api import BotApi, Moved, Refused

#: What the bot must be allowed there, as Telegram's apps call it.
RIGHTS: Final = {
    "can_manage_topics": "Manage Topics",
    "can_delete_messages": "Delete Messages",
    "can_restrict_members": "Ban Users",
    "can_invite_users": "Add Users",
}
#: The same, as it stands in a link that adds the bot (core.telegram.org/bots/features#deep-linking).
AS_LINK: Final = "+".join(right.removeprefix("can_") for right in RIGHTS)
PRESENT: Final = frozenset({ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.MEMBER})


@dataclass(frozen=True, slots=True)
class Amiss:
    """One thing that is not as it must be, and what to do."""

    says: str
    mend: str


def is_present(member: dict[str, Any]) -> bool:
    """Whether this is somebody who can read what is said there."""
    return member.get("status") in PRESENT or bool(member.get("is_member"))


async def amiss(api: BotApi, chat: int) -> tuple[Amiss, ...]:
    """Everything that is not as it must be. Raises DeliveryError where Telegram does not say."""
    try:
        about = await api.call("getChat", chat_id=chat)
        bot = await api.call("getChatMember", chat_id=chat, user_id=int(api.id))
    except (Refused, Moved) as refusal:
        moved = "It has become another one: start the program, which follows it."
        gone = "Put the bot back into it, or name another one: handrail telegram group"
        is_moved = isinstance(refusal, Moved)
        return (Amiss("The program is not in the staff's group.", moved if is_moved else gone),)
    return tuple(_found(about, bot))


def _found(about: dict[str, Any], bot: dict[str, Any]) -> list[Amiss]:
    found = []
    if not about.get("is_forum"):
        found.append(Amiss("The staff's group has no topics.", "In the group's settings, switch Topics on."))
    if about.get("username") or any(about.get("active_usernames") or ()):
        found.append(
            Amiss("The staff's group is public: anybody may read it.", "In the group's settings, make it private.")
        )
    if bot.get("status") != ChatMemberStatus.ADMINISTRATOR:
        # Who is none is shown commands only (privacy mode), and cannot be told who comes and goes.
        says = "The program is no administrator of the staff's group: it does not hear what is written there."
        return [*found, Amiss(says, "In the group's settings, make the bot an administrator.")]
    missing = [name for right, name in RIGHTS.items() if not bot.get(right)]
    if missing:
        says = f"In the staff's group the program may not: {', '.join(missing)}."
        found.append(Amiss(says, "In the group's list of administrators, allow the bot these."))
    return found


async def members_besides(api: BotApi, chat: int, known: frozenset[str]) -> tuple[frozenset[str], int]:
    """Who of these accounts is in the group; and how many are besides them and us, whom nobody can name. Raises
    DeliveryError where Telegram does not say."""
    here = frozenset([account for account in sorted(known) if await is_there(api, chat, account)])
    count = int(await api.call("getChatMemberCount", chat_id=chat))
    return here, max(0, count - 1 - len(here))


async def is_there(api: BotApi, chat: int, account: str) -> bool:
    """Whether this account is in the group."""
    try:
        member = await api.call("getChatMember", chat_id=chat, user_id=int(account))
    except Refused:  # never been there
        return False
    return is_present(member)


async def administrators(api: BotApi, chat: int) -> frozenset[str]:
    """The accounts of people who may do more than others there."""
    found = await api.call("getChatAdministrators", chat_id=chat)
    return frozenset(str(one["user"]["id"]) for one in found if not one["user"].get("is_bot"))


async def put_out(api: BotApi, chat: int, account: str) -> bool:
    """Whether this account is out now. It may be invited again: who is to stay out is nobody's secret."""
    try:
        await api.call("banChatMember", chat_id=chat, user_id=int(account))
        await api.call("unbanChatMember", chat_id=chat, user_id=int(account), only_if_banned=True)
    except DeliveryError:
        return False
    return True
