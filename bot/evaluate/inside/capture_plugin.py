"""pytest plugin that keeps a sample of one function's calls while the repository's tests run on the base."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest

from . import recorder


class Plugin:
    """Tells the recorder which test runs, stops the run when its time is over, and writes the sample at the end."""

    def __init__(self) -> None:
        self._recorder, self._spec = recorder.from_environment(os.environ)
        self._deadline = time.monotonic() + self._spec["run_seconds"]
        self._session: Any = None

    def pytest_sessionstart(self, session: Any) -> None:
        """Remember the session, which can be stopped."""
        self._session = session

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Name the test as the origin of the calls to come."""
        self._recorder.sample.origin = nodeid

    def pytest_runtest_logfinish(self) -> None:
        """End the run early where it takes too long."""
        if time.monotonic() > self._deadline and self._session is not None:
            self._session.shouldstop = "enough calls were captured"

    def pytest_sessionfinish(self, session: Any) -> None:
        """Write the sample; each process of a distributed run has a file of its own."""
        worker = getattr(session.config, "workerinput", {}).get("workerid", "")
        recorder.write(self._recorder, self._spec, "." + worker if worker else "")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: Any) -> None:
    """Install the recorder before the first conftest can import the function's file."""
    if "HOTLAP_CAPTURE" in os.environ:
        early_config.pluginmanager.register(Plugin(), "hotlap-capture")
