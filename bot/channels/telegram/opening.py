"""From how we are signed in to the channel, and from a token to being signed in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

from bot.channels.base import DeliveryError
from bot.channels.telegram.account import NETWORK, OFFICIAL
from bot.channels.telegram.api import BotApi, TokenRefused
from bot.channels.telegram.channel import House, TelegramChannel
from bot.channels.telegram.commands import Menus, menus
from bot.channels.telegram.group import Shelf
from bot.channels.telegram.traces import KeptTraces
from bot.coming import come
from bot.program import Program
from flows.errors import HandrailError
from flows.grant import Role
from flows.message import Choice
from storage import outbox, people
from storage.lookup import reached_on
from storage.staff_group import code_is_out, keep_group, staff_group, use_code
from storage.store import Unit
from storage.vault import blind_mark

#: Who is reached on it without working here.
ELSEWHERE: Final = frozenset({Role.PARTICIPANT, Role.CONTACT})
T = TypeVar("T")


class NoAnswer(HandrailError):
    """{0} does not answer ({1}). Nothing was kept. See that this machine may speak to it."""


class NoToken(HandrailError):
    """That is not the token of a bot, as {0} says. Nothing was kept. Copy it from @BotFather, all of it."""


async def sign_in_with(token: str, server: str = OFFICIAL) -> dict[str, str]:
    """How we are signed in as this bot. Raises NoToken and NoAnswer."""
    api = BotApi(token, server)
    try:
        about = await api.call("getMe")
    except TokenRefused:
        raise NoToken(server) from None
    except DeliveryError as failure:
        raise NoAnswer(server, failure.reason) from None
    finally:
        await api.close()
    return {"token": token, "server": server, "user": str(about["username"]), "id": str(about["id"])}


def telegram_channel(facts: Mapping[str, str], program: Program) -> TelegramChannel:
    """The channel of the bot that we are signed in as, for this program."""
    return TelegramChannel(NETWORK, BotApi(facts["token"], facts["server"]), house_of(program, facts))


def house_of(program: Program, facts: Mapping[str, str]) -> House:
    """What this program tells the channel, as its configuration stands at that moment."""
    index_key = program.store.master.index_key

    def asked(key: str, place: str) -> tuple[str, tuple[Choice, ...]] | None:
        with program.store.begin(program.clock.now()) as unit:
            return outbox.asked(unit, key, people.person_at(unit, NETWORK, place))

    def enrol(code: str, place: str) -> None:
        with program.store.begin(program.clock.now()) as unit:
            come(unit, program.library, NETWORK, code, place)

    async def enrolled(code: str, place: str) -> None:
        await program.line.run_in_store(lambda: enrol(code, place))
        program.line.look_everybody_up_again()
        program.line.tick()

    def trouble(content: str) -> None:
        with program.store.begin(program.clock.now()) as unit:
            program.line.cycle.decider.tell_operators(unit, content)

    async def told(content: str) -> None:
        await program.line.run_in_store(lambda: trouble(content))
        program.line.tick()

    def works_here() -> frozenset[str]:
        with program.store.begin(program.clock.now()) as unit:
            found = reached_on(unit, NETWORK)
        return frozenset(one.place for one in found if one.role not in ELSEWHERE)

    def kept(use: Callable[[Unit], T]) -> Awaitable[T]:
        def now() -> T:
            with program.store.begin(program.clock.now()) as unit:
                return use(unit)

        return program.line.run_in_store(now)

    shelf = Shelf(
        read=lambda: kept(lambda unit: staff_group(unit, NETWORK)),
        keep=lambda group: kept(lambda unit: keep_group(unit, NETWORK, group)),
        names=lambda code: kept(lambda unit: use_code(unit, NETWORK, code)),
        waits=lambda: kept(lambda unit: code_is_out(unit, NETWORK)),
        staff=lambda: program.line.run_in_store(works_here),
    )

    def commands() -> Menus:
        library = program.library
        return menus(library.languages, lambda language, name: library.line(language, name, {}).text)

    return House(
        line=lambda name, **slots: program.library.line("", name, slots).text,
        blind=lambda place: blind_mark(index_key, f"chat.{NETWORK}.{facts['id']}", place).hex(),
        settings=lambda: program.library.settings.telegram,
        asked=lambda key, place: program.line.run_in_store(lambda: asked(key, place)),
        enrol=enrolled,
        trouble=told,
        secret=blind_mark(index_key, f"webhook.{NETWORK}", facts["token"]).hex(),
        menus=commands,
        traces=KeptTraces(NETWORK, program),
        user=facts["user"],
        group=shelf,
        topics=lambda: program.library.settings.case_rooms_on(NETWORK),
    )
