"""Which store a repository is remembered in, and what reads and writes it; opened when it is first needed."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot import settings
from bot.adapters.git import GitCheckout
from bot.domain.errors import Refused
from bot.domain.redact import Redactor, secret_values
from bot.ports.store import History, Journal, LessonBook, Memory, Metrics

if TYPE_CHECKING:
    from bot.adapters.store.database import Database
    from bot.adapters.store.state_branch import Credentials
    from bot.adapters.store.sync import StateSync

FILE = "store.sqlite"


@dataclass(frozen=True, slots=True)
class Remembered:
    """The ports of what is remembered of one project, over one database."""

    database: "Database"
    project: str
    history: History
    lessons: LessonBook
    memory: Memory
    journal: Journal
    metrics: Metrics


def remembering(checkout: GitCheckout, environ: Mapping[str, str]) -> Callable[[], Remembered]:
    """Return what opens the store of a repository, once; ConfigError or StoreError where that cannot be done."""

    @cache
    def remembered() -> Remembered:
        return remembered_at(lambda: checkout.state, project_name(checkout, environ), environ)

    return remembered


def remembered_at(state: Callable[[], Path], project: str, environ: Mapping[str, str]) -> Remembered:
    """Open the store that `HOTLAP_STORE` names, or the file in the directory `state`; errors are those of opening."""
    from bot.adapters.store.history import SqlHistory
    from bot.adapters.store.journal import SqlJournal
    from bot.adapters.store.lessons import SqlLessonBook
    from bot.adapters.store.memory import SqlMemory
    from bot.adapters.store.metrics import SqlMetrics
    from bot.adapters.store.migrate import opened

    database = opened(database_of(state, environ))
    return Remembered(
        database,
        project,
        SqlHistory(database),
        SqlLessonBook(database, project),
        SqlMemory(database, project),
        SqlJournal(database),
        SqlMetrics(database),
    )


def database_of(state: Callable[[], Path], environ: Mapping[str, str]) -> "Database":
    """Return the database that `HOTLAP_STORE` names, or the file in the directory `state`; it is not opened yet."""
    from bot.adapters.store.database import connect

    address = settings.load().store
    where = str(state() / FILE) if address is None else address.get_secret_value()
    return connect(where, lambda: dt.datetime.now(dt.UTC).isoformat(), Redactor(secret_values(environ)).redact)


def synchronised(
    checkout: GitCheckout,
    remembered: Remembered,
    environ: Mapping[str, str],
    credentials: "Credentials | None" = None,
) -> "StateSync":
    """Return what keeps the store and the state branch of `origin` together; Refused where there is no `origin`."""
    from bot.adapters.store.state_branch import StateBranch
    from bot.adapters.store.sync import StateSync

    if checkout.origin is None:
        raise Refused(f"{checkout.root} has no remote called origin, which would hold the branch hotlap/state")
    branch = StateBranch(checkout.origin, environ, credentials)
    return StateSync(remembered.database, branch, checkout.state / "outbox", remembered.project)


def project_name(checkout: GitCheckout, environ: Mapping[str, str]) -> str:
    """Return the name under which a repository is remembered: the same in every clone of one GitLab project."""
    if path := environ.get("CI_PROJECT_PATH"):
        return path
    address = checkout.origin
    if address is None:
        return str(checkout.root)
    _, scheme, rest = address.rpartition("://")
    # "https://user@host/group/name.git" and "git@host:group/name.git"; a path on this machine stays as it is.
    path = rest.partition("/")[2] if scheme else rest.partition(":")[2] or rest
    return path.removesuffix("/").removesuffix(".git") or str(checkout.root)
