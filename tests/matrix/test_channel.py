"""The whole program with its people on Matrix: a real homeserver, encrypted rooms, and apps that know nothing of us."""

from __future__ import annotations

from typing import Any

import pytest

from tests.matrix import evenings
from tests.support.apps import stock_app
from tests.support.clinic import EVENING, NINE, Signup, clinic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.mark.parametrize(
    ("evening", "starts"),
    [(evenings.a_check_in, NINE), (evenings.a_crisis, EVENING), (evenings.a_relay, EVENING)],
)
async def test_an_evening_with_stock_matrix_nio(signup: Signup, evening: Any, starts: Any) -> None:
    """A check-in to its end; a crisis until the therapist has it; a conversation between two people. All encrypted."""
    app = lambda maya: stock_app(signup.server, maya, signup.folder / "maya")  # noqa: E731
    async with clinic(signup, app, starts=starts) as people:
        await evening(people)
        await evenings.is_encrypted_throughout(people)
