"""What is logged: ids, kinds and counts. Never what anybody wrote."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot import logs
from flows.phi import Phi

WORDS = "I cannot go on"


@pytest.fixture(autouse=True)
def undone() -> Iterator[None]:
    handlers, level = logging.root.handlers, logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers, logging.root.level = handlers, level


@pytest.mark.parametrize("as_json", [True, False])
def test_only_what_is_on_the_list_is_told(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    """A field that somebody adds in a hurry is left out, and its name says so."""
    logs.configure(as_json=as_json)
    structlog.get_logger().info("a message came", arrival="01a2", text=WORDS, name=Phi("Maya"), count=2, kind=WORDS * 9)
    told = capsys.readouterr()
    assert told.out == ""
    assert WORDS not in told.err
    assert "01a2" in told.err
    assert "kind,name,text" in told.err
    if as_json:
        assert json.loads(told.err)["count"] == 2


def test_an_exception_tells_its_type_and_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    """`invalid literal for int(): 'I cannot go on'`."""
    logs.configure(as_json=True)
    try:
        int(WORDS)
    except ValueError:
        structlog.get_logger().exception("a number could not be read")
    told = capsys.readouterr().err
    assert WORDS not in told
    entry = json.loads(told)
    assert entry["kind"] == "ValueError"
    assert entry["place_in_code"].startswith("tests/unit/cli/test_cli_logs.py:")


def test_libraries_say_nothing_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    """asyncio prints the value of an exception that nobody fetched."""
    logs.configure(as_json=True)

    async def lost() -> None:
        asyncio.get_running_loop().call_exception_handler({"message": WORDS, "exception": ValueError(WORDS)})

    asyncio.run(lost())
    logging.getLogger("somebody").warning("about %s", WORDS)
    told = capsys.readouterr().err
    assert WORDS not in told
    assert [json.loads(line)["logger"] for line in told.splitlines()] == ["asyncio", "somebody"]


def test_quiet_leaves_only_faults(capsys: pytest.CaptureFixture[str]) -> None:
    """A rehearsal breaks things on purpose."""
    logs.configure(quiet=True)
    structlog.get_logger().warning("a message was not sent")
    assert capsys.readouterr().err == ""
    structlog.get_logger().error("a channel failed")
    assert "a channel failed" in capsys.readouterr().err
