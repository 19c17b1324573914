"""Cases 7-11, 26, 27 and 38: what is written, where, how much, and what is read back."""

import pytest

from bot.domain.code import File, Snapshot
from bot.domain.errors import SandboxError
from bot.ports import End
from tests.contract.sandbox.conftest import SMALL

FILL = """
import os, sys
place, count, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
os.mkdir(place)
made = 0
try:
    for _ in range(count):
        with open(os.path.join(place, str(made)), "wb") as file:
            file.write(bytes(size))
        made += 1
except OSError:
    pass
for name in os.listdir(place):
    os.unlink(os.path.join(place, name))
os.rmdir(place)
print(made)
"""


@pytest.mark.case(7)
def test_temporary_files_have_a_size(run, name):
    assert int(run(FILL, f"/tmp/{name}", "48", str(1 << 20)).stdout) <= 32


@pytest.mark.case(8)
def test_shared_memory_has_a_size(run, name):
    assert int(run(FILL, f"/dev/shm/{name}", "48", str(1 << 20)).stdout) <= 32


@pytest.mark.case(9)
def test_the_number_of_files_is_bounded(run, name):
    assert int(run(FILL, f"/tmp/{name}", "6000", "0").stdout) < 6000


@pytest.mark.case(10)
def test_a_file_cannot_grow_without_end(run, session):
    code = "import sys\nwith open(sys.argv[1], 'wb') as file:\n    file.truncate(1 << 40)\nprint(1)"
    found = run(code, f"{session.scratch}/huge")
    assert found.stdout == b""
    assert session.take("huge", 1 << 20) is None or session.take("huge", 1 << 20) == b""


PLACES = """
import os, sys
for place in ("/usr/lib", "/etc", "/dev", "/", "/usr/bin"):
    try:
        name = os.path.join(place, sys.argv[1])
        with open(name, "w"):
            pass
        os.unlink(name)
        print(place)
    except OSError:
        pass
for name in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/sys/fs/cgroup/cgroup.procs"):
    if os.access(name, os.W_OK):
        print(name)
"""


@pytest.mark.case(11)
def test_nothing_can_be_written_outside_of_the_box(run, name):
    found = run(PLACES, name)
    assert (found.end, found.stdout) == (End.EXITED, b"")


def test_tree_tools_and_scratch_are_where_the_session_says(sandbox):
    tree = Snapshot("", {
        "a/run.sh": File(b"#!/bin/sh\ncat ../data\n", executable=True), "data": File(b"7\n"),
        "a/link": File(link="../data"),
    })  # fmt: skip
    with sandbox.open(tree, SMALL) as session:
        from bot.ports import Place

        env = {"PATH": "/usr/bin:/bin"}
        assert session.run(["./run.sh"], env=env, timeout=10, place=Place("a")).stdout == b"7\n"
        assert session.run(["cat", "a/link"], env=env, timeout=10).stdout == b"7\n"
        assert session.run(["cat", f"{session.tools}/hotlap_inside/tool.py"], env=env, timeout=10).stdout
        assert session.run(["sh", "-c", "pwd"], env=env, timeout=10).stdout.decode().strip() == session.tree
        assert session.take("../tree/data", 10) == b"7\n"


LINKS = """
import os, socket, sys
os.chdir(sys.argv[1])
os.symlink("/etc/hostname", "link")
os.symlink("/etc", "folder-link")
os.mkfifo("fifo")
os.mkdir("folder")
socket.socket(socket.AF_UNIX).bind("socket")
open("large", "wb").write(bytes(2000))
open("fine", "wb").write(b"fine")
os.link("fine", "hard")
os.symlink("fine", "to-fine")
"""
NAMES = (
    "link",
    "folder-link/hostname",
    "fifo",
    "folder",
    "socket",
    "large",
    "to-fine",
    "missing",
    "../../../etc/passwd",
)


@pytest.mark.case(26)
def test_only_small_regular_files_are_read_back(run, session):
    assert run(LINKS, session.scratch).code == 0
    assert {name: session.take(name, 1000) for name in NAMES} == dict.fromkeys(NAMES)
    assert session.take("fine", 1000) == session.take("hard", 1000) == b"fine"


BAD = {
    "leads up": {"../out": File(b"x")},
    "leads up from below": {"a/../../out": File(b"x")},
    "is absolute": {"/tmp/hotlap-out": File(b"x")},
    "goes through a link": {"a": File(link="/tmp"), "a/hotlap-out": File(b"x")},
    "is a file and a directory": {"a": File(b"x"), "a/b": File(b"x")},
}


@pytest.mark.case(27)
@pytest.mark.parametrize("bad", BAD)
def test_a_tree_with_a_path_that_leads_elsewhere_is_not_laid(sandbox, bad):
    from pathlib import Path

    with pytest.raises(SandboxError, match="could not be laid"), sandbox.open(Snapshot("", BAD[bad]), SMALL):
        pass
    assert not Path("/tmp/hotlap-out").exists()


def test_a_tree_that_does_not_fit_is_the_sandboxs_fault(backend):
    name, sandbox, _ = backend
    if name.startswith("process"):  # the host's disk is larger
        with sandbox.open(Snapshot("", {"big": File(bytes(40 << 20))}), SMALL):
            return
    with (
        pytest.raises(SandboxError, match="No space left"),
        sandbox.open(Snapshot("", {"big": File(bytes(40 << 20))}), SMALL),
    ):
        pass


@pytest.mark.case(38)
def test_nothing_that_one_candidate_writes_is_seen_by_the_next(sandbox, name):
    env = {"PATH": "/usr/bin:/bin"}
    try:
        with sandbox.open(Snapshot("", {}), SMALL) as first:
            assert first.run(["touch", f"/tmp/{name}"], env=env, timeout=10).code == 0
        with sandbox.open(Snapshot("", {}), SMALL) as second:
            assert second.run(["test", "-e", f"/tmp/{name}"], env=env, timeout=10).code == 1
    finally:
        from pathlib import Path

        Path(f"/tmp/{name}").unlink(missing_ok=True)


DEEP = """
import os, sys
os.chdir(sys.argv[1])
for _ in range(1500):
    os.mkdir("d")
    os.chdir("d")
open("file", "w").close()
os.chmod(".", 0)
"""


def test_a_directory_of_any_depth_is_removed(run, session):
    assert run(DEEP, session.scratch, timeout=20).code == 0
