"""maubot, to be measured against: in an environment of its own, which is kept for the next run; never in ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

from tests.support.homeserver import Account

#: Its encryption needs a library that is not built any more, and has wheels for few versions of Python.
PACKAGES = ("maubot==0.6.0", "mautrix[encryption]==0.21.1", "python-olm==3.2.16")
META = {
    "maubot": "0.6.0",
    "id": "org.example.echo",
    "version": "1.0.0",
    "license": "MIT",
    "modules": ["echoing"],
    "main_class": "Echo",
}
PLUGIN = """
from maubot import MessageEvent, Plugin
from maubot.handlers import event
from mautrix.types import EventType, MessageType


class Echo(Plugin):
    @event.on(EventType.ROOM_MESSAGE)
    async def answer(self, said: MessageEvent) -> None:
        if said.sender != self.client.mxid and said.content.msgtype == MessageType.TEXT:
            await self.client.send_text(said.room_id, f"heard {said.content.body}")
"""


class NotToBeHad(Exception):
    """maubot cannot be installed here."""


def installed(folder: Path) -> Path:
    """The Python that has it. Raises NotToBeHad."""
    python, ready = folder / "bin" / "python", folder / "ready"
    if not ready.exists():
        made = [sys.executable, "-m", "venv", "--clear", str(folder)]
        filled = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "-qq", "--only-binary", ":all:"]
        for command in (made, [*filled, *PACKAGES]):
            if subprocess.run(command, check=False, capture_output=True).returncode:
                raise NotToBeHad
        ready.write_text("\n".join(PACKAGES))
    return python


def command(python: Path, folder: Path, url: str, account: Account) -> list[str]:
    """How it is started: one plugin that answers everything, and nothing written about it."""
    folder.mkdir()
    (folder / "maubot.yaml").write_text(yaml.safe_dump(META))
    (folder / "echoing.py").write_text(PLUGIN)
    (folder / "config.yaml").write_text(yaml.safe_dump(_settings(folder, url, account)))
    where = ["-c", str(folder / "config.yaml"), "-m", str(folder / "maubot.yaml")]
    return [str(python), "-m", "maubot.standalone", *where]


def _settings(folder: Path, url: str, account: Account) -> dict[str, object]:
    who = {"id": account.user_id, "homeserver": url, "access_token": account.token, "device_id": account.device_id}
    user = {"credentials": who, "displayname": "disable", "avatar_url": "disable"}
    logging = {"version": 1, "root": {"level": "ERROR"}}
    return {"user": user, "database": f"sqlite:{folder / 'maubot.db'}", "logging": logging}
