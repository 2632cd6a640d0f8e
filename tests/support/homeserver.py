"""A real Matrix homeserver (Synapse) for the tests, on loopback, in a folder of its own."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from aiohttp import ClientError, ClientSession, ClientTimeout
from signedjson.key import generate_signing_key, write_signing_keys

UNLIMITED = {"per_second": 10_000, "burst_count": 10_000}
#: So long, in seconds, a start may take: the first one compiles everything, and the machine may be busy.
PATIENCE = 60


@dataclass
class Account:
    """Somebody who signed up, with one device."""

    user_id: str
    password: str
    token: str
    device_id: str


@dataclass
class Homeserver:
    """A Synapse that runs, stops, dies and starts again on the same data."""

    folder: Path
    port: int
    child: subprocess.Popen[bytes] | None = None
    secret: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def prepare(self, **overrides: object) -> None:
        """Write its files. `overrides` are settings of homeserver.yaml."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "signing.key").open("w") as file:
            write_signing_keys(file, [generate_signing_key("test")])
        (self.folder / "log.yaml").write_text("version: 1\nroot: {level: WARNING}\n")
        (self.folder / "homeserver.yaml").write_text(yaml.safe_dump({**self._settings(), **overrides}))

    def _settings(self) -> dict[str, object]:
        listener = {
            "port": self.port,
            "bind_addresses": ["127.0.0.1"],
            "type": "http",
            "tls": False,
            "resources": [{"names": ["client"]}],
        }
        return {
            "server_name": "localhost",
            "report_stats": False,
            "signing_key_path": str(self.folder / "signing.key"),
            "media_store_path": str(self.folder / "media"),
            "log_config": str(self.folder / "log.yaml"),
            "pid_file": str(self.folder / "hs.pid"),
            "listeners": [listener],
            "database": {"name": "sqlite3", "args": {"database": str(self.folder / "homeserver.db")}},
            "registration_shared_secret": self.secret,
            "macaroon_secret_key": self.secret,
            "form_secret": self.secret,
            "trusted_key_servers": [],
            "federation_domain_whitelist": [],
            "presence": {"enabled": False},
            "bcrypt_rounds": 4,
            # A bot that starts again with the same token must see what is, not what was answered two minutes ago.
            "caches": {"sync_response_cache_duration": "0s"},
            "rc_message": UNLIMITED,
            "rc_registration": UNLIMITED,
            "rc_login": dict.fromkeys(("address", "account", "failed_attempts"), UNLIMITED),
            "rc_joins": dict.fromkeys(("local", "remote"), UNLIMITED),
            "rc_invites": dict.fromkeys(("per_room", "per_user", "per_issuer"), UNLIMITED),
            "rc_room_creation": UNLIMITED,
            "rc_key_requests": UNLIMITED,
        }

    def spawn(self) -> None:
        """Start it; `ready` says when it answers."""
        command = [sys.executable, "-m", "synapse.app.homeserver", "-c", str(self.folder / "homeserver.yaml")]
        with (self.folder / "said.txt").open("ab") as said:
            self.child = subprocess.Popen(command, stdout=said, stderr=said, cwd=self.folder)

    async def ready(self) -> None:
        """Until it answers. Raises when it ended instead: something else may answer on its port."""
        end = time.monotonic() + PATIENCE
        async with ClientSession(timeout=ClientTimeout(total=2)) as session:
            while time.monotonic() < end:
                if self.child is None or self.child.poll() is not None:
                    raise RuntimeError((self.folder / "said.txt").read_text()[-2000:])
                try:
                    async with session.get(f"{self.url}/_matrix/client/versions") as answer:
                        if answer.status == 200:
                            return
                except (ClientError, TimeoutError, OSError):
                    await asyncio.sleep(0.1)
        raise TimeoutError("the homeserver did not answer")

    def stop(self, how: int = signal.SIGTERM) -> None:
        """Stop it, or kill it."""
        if self.child is not None:
            self.child.send_signal(how)
            self.child.wait(30)
            self.child = None

    async def sign_up(self, name: str, *, admin: bool = False) -> Account:
        """A new account, signed in on a new device."""
        password = secrets.token_hex(8)
        path = f"{self.url}/_synapse/admin/v1/register"
        async with ClientSession() as session:
            async with session.get(path) as answer:
                nonce = (await answer.json())["nonce"]
            said = "\0".join([nonce, name, password, "admin" if admin else "notadmin"])
            mac = hmac.new(self.secret.encode(), said.encode(), hashlib.sha1).hexdigest()
            wish = {"nonce": nonce, "username": name, "password": password, "admin": admin, "mac": mac}
            async with session.post(path, json=wish) as answer:
                made = await answer.json()
        return Account(made["user_id"], password, made["access_token"], made["device_id"])

    async def sign_in(self, account: Account) -> Account:
        """The same account on one more device."""
        who = {"type": "m.id.user", "user": account.user_id}
        wish = {"type": "m.login.password", "identifier": who, "password": account.password}
        async with ClientSession() as session, session.post(f"{self.url}/_matrix/client/v3/login", json=wish) as answer:
            made = await answer.json()
        return Account(account.user_id, account.password, made["access_token"], made["device_id"])


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@contextmanager
def homeserver(folder: Path, **overrides: object) -> Iterator[Homeserver]:
    """A homeserver that answers, and is gone afterwards."""
    server = Homeserver(folder, free_port())
    server.prepare(**overrides)
    server.spawn()
    try:
        asyncio.run(server.ready())
        yield server
    finally:
        server.stop(signal.SIGKILL)
