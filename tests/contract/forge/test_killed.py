"""A bot that is killed for real, in the middle of a call, and started again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gitlab_server import Fault

VICTIM = Path(__file__).with_name("victim.py")


def started(shop, place):
    own = {"URL": shop.server.url, "TOKEN": shop.token.secret, "PROJECT": shop.project.path, "TIMEOUT": "10"}
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    environ = kept | {f"HOTLAP_GITLAB_{name}": value for name, value in own.items()}
    return subprocess.Popen([sys.executable, str(VICTIM), str(place)], env=environ, stderr=subprocess.PIPE)


@pytest.mark.slow
@pytest.mark.parametrize("acted", [False, True])
@pytest.mark.parametrize(
    ("kind", "method", "path"),
    [("api", "POST", "*/merge_requests"), ("api", "POST", "*/notes"), ("git", "POST", "*git-receive-pack")],
    ids=["merge request", "note", "push"],
)
def test_it_is_all_there_once_after_the_next_start(shop, kind, method, path, acted):
    victims = []

    def kill():
        victims[0].kill()

    shop.server.faults.add(Fault.kill(kill, acted=acted), kind=kind, method=method, path=path)
    victims.append(started(shop, shop.places / "first"))
    victims[0].communicate(timeout=60)
    assert victims[0].returncode == -9
    again = started(shop, shop.places / "second")
    _, errors = again.communicate(timeout=60)
    assert (again.returncode, errors) == (0, b"")
    assert set(shop.project.repository.branches()) == {"main", "hotlap/src-total-total"}
    (one,) = shop.project.merge_requests.values()
    (note,) = one.human_notes
    assert note.body.endswith("It is done.")
