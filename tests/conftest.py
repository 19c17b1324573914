"""A skip is honest on a laptop and a failure in CI: `.ci/run` installs what tests need."""

import contextlib
import os

import pytest

MISSING = "missing: "


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if os.environ.get("HOTLAP_REQUIRE_ALL") == "1" and report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if reason.startswith(MISSING):
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} was skipped although CI must have what it needs ({reason})"
    return report


@pytest.fixture(scope="session")
def postgres():
    """A running PostgreSQL of this session's own."""
    postgres_server = pytest.importorskip("tests.fakes.postgres_server", reason=f"{MISSING}psycopg")
    with contextlib.ExitStack() as stack:
        try:
            made = stack.enter_context(postgres_server.server())
        except postgres_server.MissingError as error:
            pytest.skip(f"{MISSING}{error}")
        yield made


@pytest.fixture(scope="session")
def postgres_template(postgres):
    """The name of a database of the store in its newest form, to copy."""
    from bot.adapters.store.database import connect
    from bot.adapters.store.migrate import upgrade

    database = connect(postgres.create("newest"), lambda: "2026-11-01T00:00:00+00:00", str)
    upgrade(database)
    database.close()
    return "newest"
