"""Who is in a chat, who may come in, and who must go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.access import chat_to_read, chat_to_write, needs, person_in
from tests.fakes.telegram.methods import method
from tests.fakes.telegram.parameters import Parameters
from tests.fakes.telegram.refusal import bad_request
from tests.fakes.telegram.world import Chat, Link, Member

if TYPE_CHECKING:
    from tests.fakes.telegram.api import BotApi

INVITE = "not enough rights to manage chat invite link"


@method("getChat")
def get_chat(api: BotApi, given: Parameters) -> dict[str, Any]:
    """Documentation, "ChatFullInfo"."""
    chat = chat_to_read(api, given)
    gifts = dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
    )
    # Of several pinned messages, the one that was sent last.
    pinned = {"pinned_message": chat.messages[max(chat.pinned)].as_json(quoting=False)} if chat.pinned else {}
    return chat.as_json() | pinned | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}


@method("getChatMember")
def get_chat_member(api: BotApi, given: Parameters) -> dict[str, Any]:
    chat = _group(api, given)
    person = person_in(api, given)
    return chat.members.get(person.id, Member(person, "left")).as_json()


@method("getChatAdministrators")
def get_chat_administrators(api: BotApi, given: Parameters) -> list[dict[str, Any]]:
    """Documentation: those that are not other bots; itself the bot does see."""
    chat = chat_to_read(api, given)
    if chat.person is not None:
        raise bad_request("there are no administrators in the private chat")
    return [one.as_json() for one in chat.members.values() if one.status in {"creator", "administrator"}]


@method("getChatMemberCount")
def get_chat_member_count(api: BotApi, given: Parameters) -> int:
    chat = chat_to_read(api, given)
    return 2 if chat.person is not None else len(chat.present())


@method("banChatMember")
def ban_chat_member(api: BotApi, given: Parameters) -> bool:
    chat = _group(api, given)
    person = person_in(api, given)
    needs(api, chat, "can_restrict_members", "not enough rights to restrict/unrestrict chat member")
    member = chat.members.get(person.id)
    if member is not None and member.status == "creator":
        raise bad_request("can't remove chat owner")
    if member is not None and member.status == "administrator":
        raise bad_request("user is an administrator of the chat")
    api.turn_into(chat, person, "kicked", by=api.world.bot)
    return True


@method("unbanChatMember")
def unban_chat_member(api: BotApi, given: Parameters) -> bool:
    """Documentation: also removes a member who was not banned, unless only_if_banned is given."""
    chat = _group(api, given)
    person = person_in(api, given)
    needs(api, chat, "can_restrict_members", "not enough rights to restrict/unrestrict chat member")
    member = chat.members.get(person.id)
    if member is not None and (member.status == "kicked" or not given.boolean("only_if_banned")):
        api.turn_into(chat, person, "left", by=api.world.bot)
    return True


@method("leaveChat")
def leave_chat(api: BotApi, given: Parameters) -> bool:
    api.turn_into(_group(api, given), api.world.bot, "left", by=api.world.bot)
    return True


@method("createChatInviteLink")
def create_chat_invite_link(api: BotApi, given: Parameters) -> dict[str, Any]:
    """Documentation: a limit on members and the asking for approval exclude each other."""
    chat = _group(api, given)
    needs(api, chat, "can_invite_users", INVITE)
    asks, limit = given.boolean("creates_join_request"), given.integer("member_limit")
    if asks and limit:
        raise bad_request("member limit can't be specified for links requiring administrator approval")
    address = f"https://t.me/+invitation{abs(chat.id)}x{len(chat.links)}"
    link = Link(address, api.world.bot, asks, given.string("name"), given.integer("expire_date") or None, limit or None)
    chat.links[address] = link
    return link.as_json()


@method("revokeChatInviteLink")
def revoke_chat_invite_link(api: BotApi, given: Parameters) -> dict[str, Any]:
    chat = _group(api, given)
    needs(api, chat, "can_invite_users", INVITE)
    link = chat.links.get(given.string("invite_link"))
    if link is None:
        raise bad_request("INVITE_HASH_EXPIRED")
    link.revoked = True
    return link.as_json()


@method("approveChatJoinRequest")
def approve_chat_join_request(api: BotApi, given: Parameters) -> bool:
    return _decide(api, given, let_in=True)


@method("declineChatJoinRequest")
def decline_chat_join_request(api: BotApi, given: Parameters) -> bool:
    return _decide(api, given, let_in=False)


def _decide(api: BotApi, given: Parameters, *, let_in: bool) -> bool:
    chat = _group(api, given)
    person = person_in(api, given)
    needs(api, chat, "can_invite_users", INVITE)
    if person.id not in chat.asking:
        raise bad_request("HIDE_REQUESTER_MISSING")
    link = chat.asking.pop(person.id)
    if let_in:
        api.turn_into(chat, person, "member", by=api.world.bot, link=link)
    api.changed()
    return True


def _group(api: BotApi, given: Parameters) -> Chat:
    chat = chat_to_write(api, given) if given.integer("chat_id") < 0 else chat_to_read(api, given)
    if chat.person is not None:
        raise bad_request("method is available only for groups, supergroups and channels")
    return chat
