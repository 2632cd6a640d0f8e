"""A participant whose app shares nothing with ours: the JavaScript SDK with its own encryption, as in Element."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.matrix import evenings
from tests.support.clinic import EVENING, NINE, Signup, clinic
from tests.support.javascript import javascript

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
RED, REFUSED = 2, "UNSIGNED_SENDER_DEVICE"


@pytest.mark.parametrize("careful", [False, True], ids=["ordinary", "careful"])
@pytest.mark.parametrize(
    ("evening", "starts"),
    [(evenings.a_check_in, NINE), (evenings.a_crisis, EVENING), (evenings.a_relay, EVENING)],
)
async def test_an_evening_with_the_javascript_sdk(signup: Signup, evening: Any, starts: Any, careful: bool) -> None:
    """Everything is read on both sides, encrypted on the way, and without a warning beside it; also by an app that
    excludes devices which their owners have not signed."""
    async with clinic(signup, lambda maya: javascript(signup.server, maya, careful=careful), starts=starts) as people:
        await evening(people)
        await evenings.is_encrypted_throughout(people)
        await evenings.is_trusted_throughout(people)


async def test_without_an_identity_an_ordinary_app_warns(signup: Signup) -> None:
    """A red shield beside everything that we say. That is why signing in publishes an identity."""
    async with clinic(signup, lambda maya: javascript(signup.server, maya, careful=False), identity=False) as people:
        await evenings.a_crisis(people)
        shown = await people.maya.shows()
    assert {one.shield for one in shown if one.sender == people.bot_id} == {RED}


async def test_without_an_identity_a_careful_app_reads_nothing(signup: Signup) -> None:
    """Our words arrive there, and are not shown. It is what becomes of a programme whose identity got lost."""
    app = lambda maya: javascript(signup.server, maya, careful=True)  # noqa: E731
    async with clinic(signup, app, starts=NINE, identity=False) as people:
        for _ in range(200):
            refused = {one.unreadable for one in await people.maya.shows()}
            if refused == {REFUSED}:  # before it knows our device it has another word for it
                break
            await asyncio.sleep(0.1)
    assert refused == {REFUSED}
