"""The server's memory and its one door: `call` a method, `tell` the bot of an update."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from tests.fakes.telegram.clock import Clock
from tests.fakes.telegram.faults import Faults
from tests.fakes.telegram.files import Files
from tests.fakes.telegram.limits import Limits
from tests.fakes.telegram.methods import METHODS
from tests.fakes.telegram.methods.callbacks import Taps
from tests.fakes.telegram.parameters import Parameters
from tests.fakes.telegram.polls import Polls
from tests.fakes.telegram.queue import Event, UpdateQueue
from tests.fakes.telegram.refusal import Refusal
from tests.fakes.telegram.webhook import Webhook
from tests.fakes.telegram.world import Chat, Link, Member, Message, Person, World

for family in ("bot", "editing", "groups", "sending", "topics", "updates"):
    import_module(f"tests.fakes.telegram.methods.{family}")

A_DAY = 86_400
#: Client.cpp `add_new_callback_query`: a tap is kept this many seconds.
TAP_IS_KEPT = 150
#: Documentation, "getUpdates": allowed_updates; these come only when asked for.
ON_REQUEST = {"chat_member", "message_reaction", "message_reaction_count"}
#: Client.cpp, the calls of `add_update`: what waits for what when updates are brought.
LANES = {"callback_query": 3, "my_chat_member": 5, "chat_member": 6, "chat_join_request": 6, "message_reaction": 8}


@dataclass
class Call:
    """One call of the bot, and what became of it: `status` is 0 where the connection broke."""

    method: str
    given: dict[str, Any]
    at: float
    status: int = 0
    answer: Any = None
    fault: str = ""

    @property
    def chat(self) -> int | None:
        try:
            return int(self.given.get("chat_id", ""))
        except (TypeError, ValueError):
            return None


@dataclass
class BotApi:
    """One bot's server. Rules are in `methods/`; this only keeps and counts."""

    token: str
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.limits = Limits()
        self.queue = UpdateQueue()
        self.webhook = Webhook(self.queue, self.clock)
        self.polls = Polls(self.queue, self.clock)
        self.faults = Faults(self.queue)
        self.change = asyncio.Event()
        self._empty()

    def _empty(self) -> None:
        self.world = World(int(self.token.partition(":")[0]))
        self.files = Files()
        self.taps = Taps()
        self.calls: list[Call] = []
        self.commands: dict[tuple[str, int, int, str], list[dict[str, str]]] = {}
        self.menu_buttons: dict[int, dict[str, Any]] = {}
        self.described: dict[tuple[str, str], str] = {}
        self.allowed: set[str] | None = None
        self.dropped_pending = 0

    async def reset(self) -> None:
        """As new: nobody, nothing said, no faults, no webhook. Numbers of updates go on."""
        await self.webhook.close()
        self.faults.clear()
        self.queue.events = []
        self._empty()
        self.changed()

    def changed(self) -> None:
        """Something a phone shows is different now; whoever waits looks again."""
        self.change.set()
        self.change = asyncio.Event()

    # --- the bot's side -----------------------------------------------------------------------------------------------

    async def call(self, method: str, given: Parameters) -> Any:
        """Do it, or refuse. An unknown method is a 404 (Client.cpp `on_cmd`)."""
        function = METHODS.get(method.lower())
        if function is None:
            raise Refusal(404, "Not Found: method not found")
        if given.has("chat_id"):
            self.limits.spend(method, given.integer("chat_id") if self.limits.on else 0, self.clock.pace())
        result = function(self, given)
        return await result if inspect.isawaitable(result) else result

    # --- updates ------------------------------------------------------------------------------------------------------

    def tell(self, kind: str, payload: dict[str, Any], about: int) -> None:
        """Queue an update, if the bot asked for its kind; `about` is the chat or person whose order is kept."""
        wanted = kind in self.allowed if self.allowed is not None else kind not in ON_REQUEST
        if wanted:
            keep = TAP_IS_KEPT if kind == "callback_query" else A_DAY
            self.queue.push({kind: payload}, (LANES.get(kind, 0), about), self.clock.now() + keep)

    def push(self, raw: dict[str, Any], update_id: int | None = None) -> Event:
        """Queue anything at all: what the server would never send too. A number in it is kept."""
        content = {key: value for key, value in raw.items() if key != "update_id"}
        number = raw.get("update_id", update_id)
        return self.queue.push(content, ("raw", self.queue.tail), self.clock.now() + A_DAY, number)

    def hear(self, message: Message, kind: str = "message") -> None:
        """A message reached the server. In a group a bot that is no administrator hears little (privacy mode)."""
        if self._hears(message):
            self.tell(kind, message.as_json(), message.chat.id)
        self.changed()

    def _hears(self, message: Message) -> bool:
        chat = message.chat
        if chat.person is not None:
            return True
        bot = chat.members.get(self.world.bot.id)
        if bot is None or not bot.present:
            return False
        service = "text" not in message.content and "caption" not in message.content
        to_bot = message.reply_to is not None and message.reply_to.author is self.world.bot
        return bot.status != "member" or service or to_bot or message.text.startswith("/")

    def note(
        self, chat: Chat, by: Person, content: dict[str, Any], thread: int | None = None, *, opens_topic: bool = False
    ) -> Message:
        """The server's own line; the bot is told also of those it caused (Client.cpp `need_skip_update_message`)."""
        message = self.world.post(chat, by, self.clock.now(), content, thread=thread)
        if opens_topic:
            message.thread = message.id
        self.hear(message)
        return message

    # --- who is in a group --------------------------------------------------------------------------------------------

    def turn_into(
        self,
        chat: Chat,
        person: Person,
        status: str,
        *,
        by: Person,
        rights: frozenset[str] = frozenset(),
        link: Link | None = None,
    ) -> None:
        """Somebody joins, rises, leaves or is put out. Documentation, "ChatMemberUpdated"."""
        old = chat.members.get(person.id, Member(person, "left"))
        new = Member(person, status, rights)
        update = {
            "chat": chat.as_json(),
            "from": by.as_user(),
            "date": int(self.clock.now()),
            "old_chat_member": old.as_json(),
            "new_chat_member": new.as_json(),
        }
        if link is not None:
            update |= {"invite_link": link.as_json(), "via_join_request": link.asks}
        chat.members[person.id] = new
        its_own = person is self.world.bot
        bot = chat.members.get(self.world.bot.id)
        if its_own or (bot is not None and bot.status in {"administrator", "creator"}):
            self.tell("my_chat_member" if its_own else "chat_member", update, chat.id if its_own else person.id)
        if old.present != new.present:
            line = {"new_chat_members": [person.as_user()]} if new.present else {"left_chat_member": person.as_user()}
            self.note(chat, by, line)
        self.changed()
