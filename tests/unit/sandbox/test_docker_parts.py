"""The parts of the docker backend that need no daemon."""

import io
import json
import os
import socket
import struct
import tarfile
import time
from concurrent.futures import Future

import pytest

from bot.adapters.sandbox.docker import archive, flags, host, owner, seccomp, shell
from bot.adapters.sandbox.docker.settings import DockerSettings
from bot.adapters.sandbox.docker.spares import Spares
from bot.adapters.sandbox.docker.wire import STDERR, STDOUT, Wire
from bot.domain.code import File, Snapshot
from bot.domain.errors import SandboxError
from bot.ports import Limits

IMAGE = "sha256:" + "a" * 64


@pytest.fixture
def wired():
    near, far = socket.socketpair()
    wire = Wire(near)
    yield wire, far
    wire.close()
    far.close()


def framed(kind, data):
    return struct.pack(">BxxxI", kind, len(data)) + data


def kept(wire, seconds=1.0):
    found = []
    while True:
        try:
            if not wire.read(time.perf_counter() + seconds, lambda kind, data: found.append((kind, data))):
                return found
        except TimeoutError:
            return found


def test_a_wire_puts_frames_together_however_they_are_cut(wired):
    wire, far = wired
    stream = framed(STDOUT, b"abc") + framed(STDERR, b"") + framed(STDERR, b"oops") + framed(STDOUT, b"d" * 70_000)
    for start in range(0, len(stream), 7_001):
        far.sendall(stream[start : start + 7_001])
    far.sendall(framed(STDOUT, b"tail")[:5])
    far.close()
    found = kept(wire)
    assert b"".join(data for kind, data in found if kind == STDOUT) == b"abc" + b"d" * 70_000
    assert b"".join(data for kind, data in found if kind == STDERR) == b"oops"


def test_a_wire_gives_up_at_its_deadline_and_reads_while_it_writes(wired):
    wire, far = wired
    with pytest.raises(TimeoutError):
        wire.read(time.perf_counter() + 0.01, lambda _kind, _data: None)
    far.sendall(framed(STDOUT, b"meanwhile"))
    found = []
    with pytest.raises(TimeoutError):
        wire.send(bytes(8 << 20), time.perf_counter() + 0.1, lambda _kind, data: found.append(data))
    assert found == [b"meanwhile"]
    far.close()
    with pytest.raises(OSError):  # noqa: PT011 - reset or broken, as the kernel likes
        wire.send(bytes(8 << 20), time.perf_counter() + 1, lambda _kind, _data: None)
    assert not wire.alive


def test_a_wire_wants_a_plain_socket():
    with pytest.raises(SandboxError, match="not behind TLS"):
        Wire(io.BytesIO())


def test_a_command_is_one_line_whatever_its_words_hold():
    made = shell.command(["a\nb", "it's"], {"X": "1\n2"}, "/d ir\n")
    assert made.line.count(b"\n") == 1
    assert made.line.endswith(b"\n")
    assert len(set(made.refusals)) == 2
    assert shell.command(["a"], {}, "/").refusals != shell.command(["a"], {}, "/").refusals


def test_what_is_packed_is_the_tree_the_tools_and_nothing_else():
    tree = Snapshot("", {"a/b.sh": File(b"x", executable=True), "l": File(link="a/b.sh")})
    with tarfile.open(fileobj=io.BytesIO(archive.packed(tree, {"t.py": b"1"}))) as found:
        shown = {one.name: (one.type, one.mode, one.linkname) for one in found}
    assert shown["tree/a/b.sh"] == (tarfile.REGTYPE, 0o755, "")
    assert shown["tree/l"][0::2] == (tarfile.SYMTYPE, "a/b.sh")
    assert set(shown) == {
        "tree", "tools", "scratch", "tools/hotlap_inside", "tools/hotlap_inside/t.py", "tree/a/b.sh", "tree/l",
    }  # fmt: skip


@pytest.mark.parametrize("path", ["../x", "/x", "a/../x", "./x", "a//x", "file/x", "link/x", ""])
def test_a_path_that_leads_elsewhere_is_not_packed(path):
    files = {"file": File(b""), "link": File(link="/tmp"), path: File(b"x")}
    with pytest.raises(SandboxError, match="is no path below it"):
        archive.packed(Snapshot("", files), {})


def packed(*entries):
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as made:
        for name, kind, data in entries:
            one = tarfile.TarInfo(name)
            one.type, one.size, one.linkname = kind, len(data), "/etc/passwd" if kind != tarfile.REGTYPE else ""
            made.addfile(one, io.BytesIO(data))
    return target.getvalue()


def test_only_the_regular_file_that_was_asked_for_is_read():
    good = packed(("scratch/out", tarfile.REGTYPE, b"data"))
    assert archive.member(good, "out", 4) == b"data"
    assert archive.member(good, "other", 4) is None
    assert archive.member(good, "out", 3) is None
    assert archive.member(good[:600], "out", 4) is None or archive.member(good[:514], "out", 4) is None
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
        assert archive.member(packed(("out", kind, b""), ("out", tarfile.REGTYPE, b"x")), "out", 9) is None
    assert archive.member(b"", "out", 9) is None
    assert archive.member(os.urandom(2000), "out", 9) is None


def test_an_owner_is_dead_when_its_process_is_another_one():
    now = time.time()
    mine = owner.labels("run", 100, now)
    place = mine["hotlap.owner"].rpartition("/")[0]
    assert not owner.abandoned(mine, now)
    assert owner.abandoned(mine, now + 101)
    assert owner.abandoned({**mine, "hotlap.owner": f"{place}/{os.getpid()}@1"}, now)
    assert not owner.abandoned({**mine, "hotlap.owner": "another-boot/pid:[1]/1@1"}, now)
    assert owner.abandoned({**mine, "hotlap.owner": "another-boot/pid:[1]/1@1"}, now + 101)
    assert owner.abandoned({**mine, "hotlap.expires": "soon"}, now)


def test_every_container_is_locked_in():
    users = flags.drawn()
    limits = Limits(memory_bytes=1 << 30, pids=100, tmp_bytes=1 << 20)
    config = flags.host_config(DockerSettings(IMAGE), limits, users, {"/data": {}}, None)
    assert users.candidate != users.keeper
    assert config["network_mode"] == "none"
    assert config["cap_drop"] == ["ALL"]
    assert config["mem_limit"] == config["memswap_limit"] == 1 << 30
    assert config["read_only"]
    assert not config["privileged"]
    assert set(config["tmpfs"]) == {"/tmp", "/work", "/data"}
    assert all("size=1048576,nr_inodes=128" in options for options in config["tmpfs"].values())
    assert {one["name"]: one["hard"] for one in config["ulimits"]}["nproc"] == 100


def test_only_containers_under_a_clock_may_fix_their_layout():
    def personalities(*, fixed):
        rules = json.loads(seccomp.profile(fixed_layout=fixed))["syscalls"]
        return {rule["args"][0]["value"] for rule in rules if rule["names"] == ["personality"]}

    assert personalities(fixed=True) - personalities(fixed=False) == {0x40000}
    plain = json.loads(seccomp.profile(fixed_layout=True))
    allowed = {name for rule in plain["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]}
    assert plain["defaultAction"] == "SCMP_ACT_ERRNO"
    assert not allowed & {
        "ptrace",
        "mount",
        "unshare",
        "setns",
        "bpf",
        "keyctl",
        "io_uring_setup",
        "clone3",
        "perf_event_open",
    }


class FakeBox:
    """A box as the pool sees it."""

    def __init__(self, *, alive=True, age=0.0) -> None:
        self.alive = alive
        self.since = time.monotonic() - age
        self.removed = False

    def remove(self):
        self.removed = True


class Now:
    """An executor that has done everything at once."""

    def submit(self, function, *arguments):
        future = Future()
        try:
            future.set_result(function(*arguments))
        except SandboxError as error:
            future.set_exception(error)
        return future


def pool(boxes, count=2):
    left = list(boxes)

    def make(_limits):
        box = left.pop(0)
        if isinstance(box, Exception):
            raise box
        return box

    return Spares(make, count, 100.0, Now())


def test_a_spare_is_handed_out_once_and_replaced():
    boxes = [FakeBox() for _ in range(6)]
    spares = pool(boxes)
    spares.fill(Limits())
    assert [spares.take(Limits()) for _ in range(3)] == boxes[:3]
    spares.close()
    assert [box.removed for box in boxes] == [False, False, False, True, True, False]


def test_spares_that_are_dead_old_or_of_other_limits_are_not_handed_out():
    dead, old, other, good = FakeBox(alive=False), FakeBox(age=200), FakeBox(), FakeBox()
    spares = pool([dead, old, good, FakeBox(), FakeBox(), FakeBox()])
    spares.fill(Limits())
    assert spares.take(Limits()) is good
    assert dead.removed
    assert old.removed
    spares = pool([other, good, FakeBox()], count=1)
    spares.fill(Limits(pids=1))
    assert spares.take(Limits()) is good
    assert other.removed


def test_where_no_box_can_be_made_the_daemons_sentence_is_raised():
    spares = pool([SandboxError("then"), SandboxError("now")], count=1)
    spares.fill(Limits())
    with pytest.raises(SandboxError, match="now"):
        spares.take(Limits())


def test_memory_kills_and_processor_time_are_read_in_both_versions_of_control_groups(tmp_path):
    files = {
        "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", "cpuacct.usage": "2500000000\n",
        "memory.events": "low 0\nhigh 0\nmax 7\noom 4\noom_kill 3\noom_group_kill 0\n",
        "cpu.stat": "usage_usec 2500000\nuser_usec 1\nsystem_usec 2\n",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    for kills, cpu in (("memory.oom_control", "cpuacct.usage"), ("memory.events", "cpu.stat")):
        group = host.Group(tmp_path / kills, tmp_path / cpu)
        assert (group.oom_kills(), group.cpu_seconds()) == (3, 2.5)
    gone = host.Group(tmp_path / "gone", None)
    assert (gone.oom_kills(), gone.cpu_seconds()) == (None, None)


def test_a_process_of_another_container_is_none_of_ours():
    assert not host.holds(os.getpid(), "a" * 64)
    assert not host.holds(0, "")
    assert host.group(os.getpid(), "a" * 64) == host.Group(None, None)
