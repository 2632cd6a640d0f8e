"""From how we are signed in to a channel, and from a password to being signed in."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import structlog
from aiohttp import ClientError
from nio import AsyncClient, AsyncClientConfig, LoginResponse

from bot.channels.matrix.channel import House, MatrixChannel
from bot.channels.matrix.client import HardenedClient, config_for
from bot.channels.matrix.identity import Identity, NotSigned
from bot.channels.matrix.listening import hear_once
from bot.clock import Clock
from bot.program import Program
from flows.errors import HandrailError
from storage.keyfile import MasterKey
from storage.letterbox import letterbox_file, letterbox_for
from storage.sign_ins import confirmed_identity

log = structlog.get_logger()

NETWORK: Final = "matrix"
SEEDS: Final = 96
#: Somebody sits there and waits: a server that is away is told of soon, and not asked again and again.
ONE_TRY: Final[dict[str, Any]] = {"max_timeouts": 0, "max_limit_exceeded": 0, "request_timeout": 15}


class SignInRefused(HandrailError):
    """{0} did not let {1} in ({2}). Nothing was kept. Check the address, the account and the password."""


class NoAnswer(HandrailError):
    """{0} does not answer ({1}). Nothing was kept. See that this is its address and that it runs."""


class LetterboxLost(HandrailError):
    """The letterbox {0} is gone, and the keys in it. Sign in again: handrail matrix sign-in --again"""


def client_for(
    facts: Mapping[str, str], master: MasterKey, folder: Path, clock: Clock, *, new: bool = False
) -> HardenedClient:
    """Our client, made from what is on disk; a `new` device has nothing there yet. Raises LetterboxInUse, and
    LetterboxLost: an empty one would give a device that people know other keys, and they would trust it no more."""
    file = letterbox_file(folder, facts["user"], facts["device"])
    if not new and not file.exists():
        raise LetterboxLost(file)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    config = config_for(letterbox_for(master.letterbox_key), master.letterbox_key.hex())
    client = HardenedClient(facts["homeserver"], facts["user"], facts["device"], str(folder), config)
    client.clock = clock
    client.restore_login(facts["user"], facts["device"], facts["token"])
    return client


def matrix_channel(facts: Mapping[str, str], folder: Path, program: Program) -> MatrixChannel:
    """The channel of the account that we are signed in to, for this program."""
    clock, master = program.clock, program.store.master
    return MatrixChannel(NETWORK, clock, lambda: client_for(facts, master, folder, clock), house_of(program))


def house_of(program: Program) -> House:
    """What this program tells the channel, as its configuration stands at that moment."""

    def confirmed(user: str) -> str:
        with program.store.begin(program.clock.now()) as unit:
            return confirmed_identity(unit, NETWORK, user)

    return House(
        line=lambda name: program.library.line("", name, {}).text,
        confirmed=lambda user: program.line.run_in_store(lambda: confirmed(user)),
        settings=lambda: program.library.settings.matrix,
    )


async def sign_in_with(homeserver: str, user: str, password: str, seeds: str = "") -> dict[str, str]:
    """A new device of this account, by password, which is not kept. `seeds` are those of an identity it has already.
    Raises SignInRefused."""
    client = AsyncClient(homeserver, user, config=AsyncClientConfig(**ONE_TRY))
    try:
        answer = await client.login(password, device_name="Handrail")
    except (ClientError, TimeoutError, OSError) as failure:
        raise NoAnswer(homeserver, type(failure).__name__) from None
    finally:
        await client.close()
    if not isinstance(answer, LoginResponse):
        raise SignInRefused(homeserver, user, answer.status_code or "it does not answer as a homeserver does")
    return {
        "homeserver": homeserver,
        "user": answer.user_id,
        "device": answer.device_id,
        "token": answer.access_token,
        "seeds": seeds or _new_seeds(),
    }


async def become_somebody(client: HardenedClient, facts: Mapping[str, str], password: str) -> dict[str, str]:
    """Upload our keys, and sign them with our identity, which is published where the account has none. Where somebody
    gave it another one, ours is gone for good, and it gets a third. Returns how we are signed in. Raises NotSigned."""
    await hear_once(client, first=True)
    identity = _identity(facts)
    published = await identity.is_published(client)
    if published:
        await identity.sign_device(client)
    else:
        facts = dict(facts) if published is None else {**facts, "seeds": _new_seeds()}
        identity = _identity(facts)
        await identity.publish(client, password)
    if not await identity.is_signed(client):
        raise NotSigned("keys/query", "not shown as signed")
    return dict(facts)


def _identity(facts: Mapping[str, str]) -> Identity:
    return Identity.from_seeds(base64.b64decode(facts["seeds"]))


def _new_seeds() -> str:
    return base64.b64encode(os.urandom(SEEDS)).decode()


async def sign_out(facts: Mapping[str, str]) -> None:
    """The token and the device are no more. Raises nothing: whoever leaves has other worries."""
    client = AsyncClient(facts["homeserver"], facts["user"], facts["device"], config=AsyncClientConfig(**ONE_TRY))
    client.access_token = facts["token"]
    try:
        await client.logout()
    except (ClientError, TimeoutError, OSError) as failure:
        log.info("the homeserver was not told of our leaving", kind=type(failure).__name__)
    finally:
        await client.close()
