"""Directories of one process: gone afterwards, and gone with the next one where a process was killed."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from bot.adapters import scratch

HOLDS = """
import sys, time
from bot.adapters import scratch
with scratch.directory() as place:
    (place / "data").write_text("secret")
    print(place, flush=True)
    time.sleep(60)
"""


def test_it_is_private_and_gone_afterwards(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with scratch.directory() as place:
        assert place.parent == tmp_path
        assert place.stat().st_mode & 0o077 == 0
        (place / "deep" / "er").mkdir(parents=True)
        (place / "link").symlink_to("/etc")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_goes_with_the_next_and_nothing_else_does(tmp_path, monkeypatch):
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    others = [tmp_path / "hotlap-scratch-", tmp_path / "hotlap-scratch-1-2-3"]
    for one in others:
        one.mkdir()
    with (
        subprocess.Popen([sys.executable, "-c", HOLDS], env=environment, stdout=subprocess.PIPE, text=True) as killed,
        subprocess.Popen([sys.executable, "-c", HOLDS], env=environment, stdout=subprocess.PIPE, text=True) as living,
    ):
        assert killed.stdout is not None
        assert living.stdout is not None
        left, stays = (Path(one.stdout.readline().strip()) for one in (killed, living))
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert left.is_dir()
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        with scratch.directory():
            assert not left.exists()
            assert (stays / "data").exists()
        assert all(one.is_dir() for one in others)
        living.kill()
