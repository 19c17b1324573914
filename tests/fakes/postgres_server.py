"""A real PostgreSQL for one test session: its own directory, a unix socket, never root, gone afterwards."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

_SERVERS = "/usr/lib/postgresql"
_QUICK = ("fsync=off", "full_page_writes=off", "shared_buffers=64MB", "max_connections=60", "autovacuum=off")
_USER = "hotlap"


class MissingError(Exception):
    """What of a PostgreSQL is not installed here."""


@dataclass(frozen=True)
class Server:
    """A running server."""

    sockets: Path
    pid: int

    def address(self, name: str) -> str:
        return f"postgresql://{_USER}@/{name}?host={self.sockets}"

    def create(self, name: str, template: str = "template0") -> str:
        """Make a database and return its address."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.address(name)


@contextmanager
def server(*options: str):
    """Start a server with further settings such as "fsync=on", and end it."""
    programs = _programs()
    user = _user()
    with tempfile.TemporaryDirectory(prefix="hotlap-pg-", ignore_cleanup_errors=True) as name:
        place = Path(name)
        if user is not None:
            os.chown(place, user.pw_uid, user.pw_gid)
        data = place / "data"
        said = {"capture_output": True, "cwd": place, **_identity(user)}
        flags = ("--auth=trust", f"--username={_USER}", "--encoding=UTF8", "--locale=C", "--no-sync")
        subprocess.run([programs / "initdb", "-D", data, *flags], check=True, **said)
        settings = [*_QUICK, *options, "listen_addresses=", f"unix_socket_directories={place}"]
        command = [programs / "postgres", "-D", data, *(word for one in settings for word in ("-c", one))]
        log = (place / "log").open("wb")
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=place, **_identity(user))
        try:
            yield _ready(Server(place, process.pid), process, place / "log")
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=30)
            log.close()


def _programs() -> Path:
    found = sorted(Path(_SERVERS).glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        raise MissingError("PostgreSQL (the Debian package postgresql)")
    return found[-1].parent if found else Path(on_path).parent


def _user():
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise MissingError("a user other than root to run PostgreSQL as")


def _identity(user) -> dict:
    return {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": ()}


def _ready(made: Server, process: subprocess.Popen, log: Path) -> Server:
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(made.address("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(log.read_text(errors="replace")[-2000:]) from None
            time.sleep(0.05)
        else:
            return made
