"""`handrail matrix sign-in`, as an operator uses it. What comes after it, `handrail run`, is in the two tests of
endurance: killed again and again, and cut off for long."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.faults.programme import found
from tests.matrix.clinic import signed_in
from tests.support.homeserver import Account, Homeserver

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


async def test_signing_in_keeps_a_token_and_never_the_password(
    server: Homeserver, newcomer: Any, tmp_path: Path
) -> None:
    """Once; a second time only when it is meant; and a wrong password keeps nothing."""
    account, programme = await newcomer("handrail"), found(tmp_path / "clinic")
    wrong = Account(account.user_id, "another password", "", "")
    status, said = await signed_in(server.url, wrong, programme)
    assert status == 1
    assert "Nothing was kept" in said
    status, said = await signed_in(server.url, account, programme)
    assert (status, "own identity: yes" in said) == (0, True), said
    status, said = await signed_in(server.url, account, programme)
    assert status == 1
    assert "--again" in said
    status, said = await signed_in(server.url, account, programme, "--again")
    assert status == 0, said
    stored = b"".join(path.read_bytes() for path in (tmp_path / "clinic").rglob("*") if path.is_file())
    for secret in (account.password, "syt_"):
        assert secret.encode() not in stored
