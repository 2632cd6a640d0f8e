"""Questions to the homeserver from beside the running program: with our token, and without touching the letterbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import ClientError, ClientSession, ClientTimeout

from flows.errors import HandrailError

PATIENCE: Final = 10
OK: Final = 200


class NoAnswer(HandrailError):
    """The homeserver {0} did not answer as it should ({1}). Whether it runs, and we are signed in: handrail doctor"""


class NoIdentity(HandrailError):
    """{0} shows no identity of its own. They must first set up verification in their app."""


async def ask(
    facts: Mapping[str, str], method: str, path: str, content: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """One question to the client-server API. Raises NoAnswer."""
    headers = {"Authorization": f"Bearer {facts['token']}"}
    url = f"{facts['homeserver']}/_matrix/client/v3/{path}"
    try:
        async with (
            ClientSession(timeout=ClientTimeout(total=PATIENCE)) as session,
            session.request(method, url, json=content, headers=headers) as answer,
        ):
            if answer.status != OK:
                raise NoAnswer(facts["homeserver"], answer.status)
            said: dict[str, Any] = await answer.json()
            return said
    except (ClientError, TimeoutError, ValueError) as failure:
        raise NoAnswer(facts["homeserver"], type(failure).__name__) from None


async def identity_shown(facts: Mapping[str, str], user: str) -> str:
    """The master key that this account shows now. Raises NoAnswer, NoIdentity."""
    said = await ask(facts, "POST", "keys/query", {"device_keys": {user: []}})
    shown = said.get("master_keys", {}).get(user, {}).get("keys", {})
    if not shown:
        raise NoIdentity(user)
    return str(next(iter(shown.values())))
