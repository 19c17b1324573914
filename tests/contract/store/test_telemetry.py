"""The bot's own figures: steps and counters into a store and to a collector, and nothing where it is switched off."""

import contextlib
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bot.adapters.telemetry.instruments import CountedCache, CountedHistory
from bot.adapters.telemetry.telemetry import Telemetry, TelemetrySettings
from bot.domain.errors import StoreError
from tests.fakes.ports import FakeCache, FakeProgress
from tests.fakes.stores import FakeHistory, FakeMetrics
from tests.fakes.tried import attempt

LONG_AGO = "2020-01-01T00:00:00+00:00"


def totals(metrics):
    return {(one.component, one.operation): one for one in metrics.totals(LONG_AGO)}


def test_steps_become_spans_and_are_passed_on():
    metrics, progress = FakeMetrics(), FakeProgress()
    with Telemetry(metrics, TelemetrySettings(), "optimize") as telemetry:
        steps = telemetry.traced(progress)
        steps.step("run", "profile")
        steps.step("a::b", "propose", "detail")
        steps.step("a::b", "propose", "still at it")
        steps.step("run", "canary")
    assert progress.steps == [
        ("run", "profile", ""),
        ("a::b", "propose", "detail"),
        ("a::b", "propose", "still at it"),
        ("run", "canary", ""),
    ]
    found = totals(metrics)
    assert set(found) == {("command", "optimize"), ("run", "profile"), ("run", "canary"), ("target", "propose")}
    assert all(one.count == 1 and one.success == 1 and one.mean_ms >= 0 for one in found.values())
    (point,) = [one for one in metrics.points.values() if one.operation == "propose"]
    assert point.context == {"subject": "a::b"}
    assert point.memory_mb > 1


def test_what_was_open_when_it_failed_counts_as_failed():
    metrics = FakeMetrics()
    with contextlib.suppress(ValueError), Telemetry(metrics, TelemetrySettings(), "optimize") as telemetry:
        steps = telemetry.traced(FakeProgress())
        steps.step("run", "profile")
        steps.step("run", "canary")
        raise ValueError
    found = totals(metrics)
    assert {name: one.success for name, one in found.items()} == {
        ("command", "optimize"): 0,
        ("run", "profile"): 1,
        ("run", "canary"): 0,
    }
    assert {one.error for one in metrics.points.values()} == {None, "ValueError"}


def test_counters_are_exact_whatever_is_sampled():
    metrics = FakeMetrics()
    with Telemetry(metrics, TelemetrySettings(sample=1e-9), "optimize") as telemetry:
        steps = telemetry.traced(FakeProgress())
        history = CountedHistory(FakeHistory(), telemetry.meter)
        cache = CountedCache(FakeCache({"a": b"1"}), "functions", telemetry.meter)
        for count in range(1, 4):
            steps.step("run", "bench")
            history.tried("run-1", [attempt(number) for number in range(count)])
            cache.get(["a", "b", "c"])
    found = {name: one.value for name, one in totals(metrics).items()}
    assert found == {
        ("search", "candidates"): 6.0,
        ("search", "tokens"): 360.0,
        ("search", "cost"): pytest.approx(0.03),
        ("cache", "hits"): 3.0,
        ("cache", "misses"): 6.0,
    }
    outcomes = {one.context["outcome"]: one.value for one in metrics.points.values() if one.operation == "candidates"}
    assert outcomes == {"accepted": 3.0, "rejected": 3.0}


def test_a_store_that_fails_costs_figures_and_not_the_run(caplog):
    class Failing(FakeMetrics):
        def write(self, points):
            raise StoreError("the disk is full")

    with Telemetry(Failing(), TelemetrySettings(), "optimize") as telemetry:
        telemetry.traced(FakeProgress()).step("run", "profile")
    assert "2 figure(s) about the bot were not kept: the disk is full" in caplog.text


@contextlib.contextmanager
def collector():
    got = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            got.setdefault(self.path, b"")
            got[self.path] += self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", got
        finally:
            server.shutdown()
            thread.join()


def test_a_collector_gets_spans_and_counters():
    with collector() as (address, got):
        settings = TelemetrySettings(collector=address)
        with Telemetry(FakeMetrics(), settings, "optimize") as telemetry:
            telemetry.traced(FakeProgress()).step("run", "profile")
            CountedCache(FakeCache(), "functions", telemetry.meter).get(["a"])
    assert set(got) == {"/v1/traces", "/v1/metrics"}


def test_nothing_of_it_is_imported_where_it_is_switched_off():
    program = (
        "import sys; import bot.wiring, bot.cli.optimize\n"
        "bad = [one for one in sys.modules if one.split('.')[0] in {'opentelemetry', 'sqlalchemy', 'alembic'}]\n"
        "sys.exit(repr(bad) if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
