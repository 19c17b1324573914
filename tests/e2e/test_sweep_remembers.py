"""`hotlap sweep` in one process: what was said on the last merge request is heeded before anything is tried."""

import shutil
import subprocess

import pytest

from bot.cli import boundary
from tests.e2e.conftest import BENCH, CORE, TESTS
from tests.fakes import last_job
from tests.gitlab_server.fixtures import gitlab_server  # noqa: F401

FILES = {
    "shop/__init__.py": "", "shop/core.py": CORE, "tests/test_core.py": TESTS, "benchmarks/bench_core.py": BENCH,
    ".hotlap.yml": "budget: {targets: 1, candidates: 1}\n",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bwrap") is None, reason="missing: bubblewrap")
def test_a_file_that_shall_be_left_alone_is_no_target_any_more(gitlab_server, tmp_path, monkeypatch, capsys):  # noqa: F811
    shop = last_job.opened(gitlab_server, tmp_path, monkeypatch)
    maria, bot = shop.people["maria"], shop.bot
    shop.server.push(shop.project, maria, "main", FILES)
    shop.server.push(shop.project, bot, "hotlap/shop-core-known", {"shop/core.py": f"{CORE}\n"})
    request = shop.server.open_merge_request(shop.project, bot, "hotlap/shop-core-known", title="Faster")
    shop.server.say(request, maria, "Please do not touch shop/core.py, ever.")
    shop.server.close(request, maria)
    place = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(shop.project.repository.path), str(place)], check=True)
    assert boundary.run(["sweep", "--repo", str(place), "--budget", "60"]) == 1
    said = capsys.readouterr()
    assert "nothing to publish" in said.err + said.out
    assert "Please do not touch shop/core.py, ever." in (place / "hotlap-ci" / "report" / "report.md").read_text()
    assert "hotlap/state" in shop.project.repository.branches()
    assert len(shop.requests) == 1
