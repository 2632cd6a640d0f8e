"""What the tests of the pager have in common."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.gateway import Gateway, MailServer, gateway, mail_server


@pytest.fixture
async def hook() -> AsyncIterator[Gateway]:
    """A webhook that rings somebody."""
    async with gateway() as made:
        yield made


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    """A mail server."""
    async with mail_server() as made:
        yield made
