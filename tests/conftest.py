"""A skip is honest on a laptop and a failure in CI: `.ci/run` installs what tests need."""

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
