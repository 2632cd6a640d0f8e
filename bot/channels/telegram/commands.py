"""The list of commands behind the slash: help first, in the language of each person's app."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import structlog

from bot.channels.base import DeliveryError
from bot.channels.telegram.api import BotApi, TokenRefused

log = structlog.get_logger()

#: Seconds between two looks at whether the words are still the same; and until what failed is tried again.
LOOK_EVERY: Final = 30.0
#: The commands of participants, in order. Their names are the same everywhere, so that each works in every language;
#: what stands beside them is the line `everyday.menu_NAME`.
PARTICIPANTS: Final = ("help_now", "plan", "pin", "card", "stop", "start", "language", "help")
#: What Telegram calls a language: two letters (core.telegram.org/bots/api#setmycommands).
LETTERS: Final = 2

#: The words beside each command, by language. Under "" is what everybody else reads.
Menus = Mapping[str, Sequence[tuple[str, str]]]


def menus(languages: Sequence[str], words: Callable[[str, str], str]) -> Menus:
    """The menus of a programme that speaks these languages; `words` gives a line (language, name)."""
    known = {language: language for language in languages if len(language) == LETTERS}
    return {
        code: [(name, words(language, f"everyday.menu_{name}")) for name in PARTICIPANTS]
        for code, language in {"": "", **known}.items()
    }


class Commands:
    """One account's commands. Nothing depends on them: a command that is not on the list works all the same."""

    def __init__(self, api: BotApi, wanted: Callable[[], Menus]) -> None:
        self._api = api
        self._wanted = wanted
        self._said: dict[str, Sequence[tuple[str, str]]] = {}

    async def run(self) -> None:
        """Until cancelled: what the programme's files say now is what phones show."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Say what has changed, and take away the languages that are gone."""
        wanted = self._wanted()
        try:
            for language, menu in wanted.items():
                if self._said.get(language) != menu:
                    listed = [{"command": name, "description": words} for name, words in menu]
                    await self._call("setMyCommands", language, commands=listed)
                    self._said[language] = menu
            for language in self._said.keys() - wanted.keys():
                await self._call("deleteMyCommands", language)
                del self._said[language]
        except (DeliveryError, TokenRefused) as failure:  # with the next look
            log.info("the commands are not set", kind=type(failure).__name__)

    async def _call(self, method: str, language: str, **what: Any) -> None:
        code = {"language_code": language} if language else {}
        await self._api.call(method, scope={"type": "all_private_chats"}, **code, **what)
