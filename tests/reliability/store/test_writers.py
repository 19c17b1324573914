"""Eight processes that write at once, and processes that are killed while they write.

`make soak-store` lets them write for a minute; CI for two seconds.
"""

import multiprocessing
import os
import signal
import time
import uuid

import pytest

from bot.adapters.store.database import connect
from bot.adapters.store.journal import SqlJournal
from bot.adapters.store.migrate import opened
from bot.domain.job import TriggerKind
from bot.domain.lesson import Lesson
from bot.domain.record import Entry, Point, Run
from tests.contract.store.conftest import Stores, Ticking, keep
from tests.fakes.tried import attempt

SECONDS = float(os.environ.get("HOTLAP_STORE_SECONDS", "2"))
WRITERS = 8
KILLED = 3
AT = "2026-11-21T10:00:00+00:00"


def _write(address, number, seconds, acknowledged):
    """Write until the time is over; each thing is said to be written only after the store said so."""
    stores = Stores(opened(connect(address, Ticking(), keep)))
    count, until = 0, time.monotonic() + seconds
    said = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    while time.monotonic() < until:
        name = f"w{number}-{count}"
        stores.history.begin(Run(name, "group/name", TriggerKind.SWEEP, "a", "f" * 40, AT, "0.1.0"))
        stores.history.tried(name, [attempt(count)])
        # All writers meet on these two: one lesson gains evidence from each, one month is made by whoever is first.
        stores.book().learn([Lesson("kind:shared", "All of us.", (name,)), Lesson("kind:own", name)])
        month = f"20{10 + count % 15}-03-01T00:00:00+00:00"
        stores.metrics.write([Point(name, month, "writer", "tick", value=1.0)])
        stores.journal.note(Entry(AT, "a", "write", name, "group/name"))
        os.write(said, f"{name}\n".encode())
        count += 1


def started(address, acknowledged, seconds, writers):
    spawn = multiprocessing.get_context("spawn")
    processes = [
        spawn.Process(target=_write, args=(address, number, seconds, str(acknowledged))) for number in range(writers)
    ]
    for one in processes:
        one.start()
    return processes


def check(address, names):
    database = opened(connect(address, Ticking(), keep))
    stores = Stores(database)
    runs = {one.run.id: one.candidates for one in stores.history.runs("group/name", most=10**6)}
    assert {name: runs.get(name) for name in names} == dict.fromkeys(names, 2)
    lessons = {one.sentence: one for one in stores.book().lessons()}
    assert set(names) <= set(lessons["All of us."].evidence)
    assert set(names) <= lessons.keys()
    (total,) = stores.metrics.totals("2000-01-01T00:00:00+00:00")
    assert total.count >= len(names)
    assert set(names) <= {one.subject for one in SqlJournal(database).entries("group/name", most=10**6)}
    database.close()


@pytest.mark.slow
def test_eight_writers_lose_nothing(address, tmp_path):
    acknowledged = tmp_path / "acknowledged"
    for one in (processes := started(address, acknowledged, SECONDS, WRITERS)):
        one.join(SECONDS + 120)
    assert [one.exitcode for one in processes] == [0] * WRITERS
    names = acknowledged.read_text().split()
    assert len({name.split("-")[0] for name in names}) == WRITERS, "nobody starved"
    check(address, names)


@pytest.mark.slow
def test_what_was_acknowledged_survives_writers_that_are_killed(address, tmp_path):
    acknowledged = tmp_path / "acknowledged"
    processes = started(address, acknowledged, 600, KILLED)
    deadline = time.monotonic() + 120
    while not (acknowledged.exists() and acknowledged.read_text().count("\n") >= KILLED * 4):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    for one in processes:
        os.kill(one.pid, signal.SIGKILL)
        time.sleep(0.1)
    for one in processes:
        one.join(30)
    assert [one.exitcode for one in processes] == [-signal.SIGKILL] * KILLED
    names = acknowledged.read_text().split()
    check(address, names)
    # The store works on: no lock was left behind.
    stores = Stores(opened(connect(address, Ticking(), keep)))
    stores.history.begin(Run(uuid.uuid4().hex, "group/name", TriggerKind.SWEEP, "a", "f" * 40, AT, "0.1.0"))
    stores.database.close()
