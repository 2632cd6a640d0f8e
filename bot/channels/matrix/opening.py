"""From how we are signed in to a channel, and from a password to being signed in."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from nio import AsyncClient, LoginResponse

from bot.channels.matrix.channel import House, MatrixChannel
from bot.channels.matrix.client import HardenedClient, config_for
from bot.channels.matrix.identity import Identity
from bot.channels.matrix.listening import hear_once
from bot.clock import Clock
from bot.program import Program
from flows.errors import HandrailError
from storage.keyfile import MasterKey
from storage.letterbox import letterbox_for
from storage.sign_ins import confirmed_identity

NETWORK: Final = "matrix"
SEEDS: Final = 96


class SignInRefused(HandrailError):
    """{0} did not let {1} in ({2}). Nothing was kept. Check the address, the account and the password."""


def client_for(facts: Mapping[str, str], master: MasterKey, folder: Path, clock: Clock) -> HardenedClient:
    """Our client, made from what is on disk. Raises LetterboxInUse."""
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
    client = AsyncClient(homeserver, user)
    try:
        answer = await client.login(password, device_name="Handrail")
    except OSError as failure:
        raise SignInRefused(homeserver, user, type(failure).__name__) from None
    finally:
        await client.close()
    if not isinstance(answer, LoginResponse):
        raise SignInRefused(homeserver, user, str(answer.status_code))
    return {
        "homeserver": homeserver,
        "user": answer.user_id,
        "device": answer.device_id,
        "token": answer.access_token,
        "seeds": seeds or base64.b64encode(os.urandom(SEEDS)).decode(),
    }


async def become_somebody(client: HardenedClient, facts: Mapping[str, str], password: str, *, known: bool) -> bool:
    """Upload our keys, and sign them with our identity: published now, or `known` to the homeserver already. Returns
    whether others see our device as signed. Raises NotSigned."""
    await hear_once(client, first=True)
    identity = Identity.from_seeds(base64.b64decode(facts["seeds"]))
    if known:
        await identity.sign_device(client)
    else:
        await identity.publish(client, password)
    return await identity.is_signed(client)
