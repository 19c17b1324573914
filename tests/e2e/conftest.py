"""A small repository as a user has it, and the command as a user types it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CORE = '''\
"""Orders and their customers."""


def known(orders, customers):
    """Return the orders of known customers."""
    names = [customer["name"] for customer in customers]
    found = []
    for order in orders:
        if order["customer"] in names:
            found.append(order)
    return found
'''
TESTS = """\
import pytest

from shop.core import known

ORDERS = [{"id": n, "customer": f"c{n % 7}"} for n in range(20)]


@pytest.mark.parametrize("count", [0, 1, 3, 7])
def test_known(count):
    customers = [{"name": f"c{n}"} for n in range(count)]
    assert [order["id"] for order in known(ORDERS, customers)] == [n for n in range(20) if n % 7 < count]


def test_nothing():
    assert known([], []) == []
"""
BENCH = """\
from shop.core import known

CUSTOMERS = [{"name": f"customer-{n}"} for n in range(400)]


def setup_known(seed):
    return [{"id": n, "customer": f"customer-{(n * 7 + seed) % 800}"} for n in range(300)]


def bench_known(orders):
    return known(orders, CUSTOMERS)
"""

UNISOLATED = "isolation: process\n"
"""These tests are about the story, on any machine: what isolates is tested with the sandboxes."""


class Repository:
    """A git repository in a directory, with what a test needs to know about its state."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *words):
        identity = ("-c", "user.name=A Person", "-c", "user.email=person@example.org")
        done = subprocess.run(("git", *identity, *words), cwd=self.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, path, text):
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())

    def commit(self, message="change"):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def state(self):
        """Everything that a run must leave alone: files, index, branch, HEAD and the other branches."""
        files = {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and ".git" not in path.relative_to(self.root).parts
        }
        return (
            files,
            self.git("status", "--porcelain"),
            self.git("rev-parse", "HEAD"),
            self.git("branch", "--show-current"),
        )

    def branches(self):
        return set(self.git("for-each-ref", "--format=%(refname:short)", "refs/heads").split())


@pytest.fixture
def repository(tmp_path):
    made = Repository(tmp_path / "shop")
    made.write("shop/__init__.py", "")
    made.write("shop/core.py", CORE)
    made.write("tests/test_core.py", TESTS)
    made.write("benchmarks/bench_core.py", BENCH)
    made.write(".hotlap.yml", UNISOLATED)
    made.commit("first")
    return made


@pytest.fixture
def hotlap(tmp_path):
    """Run the command in a process of its own; returns the completed process."""

    def run(*words, cwd=None, timeout=300, **variables):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "HOTLAP_STATE_DIR": str(tmp_path / "state"),
            "CI": "true",
            **variables,
        }
        return subprocess.run(
            (sys.executable, "-m", "bot", *map(str, words)),
            cwd=cwd or tmp_path, env=environment, capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip

    return run
