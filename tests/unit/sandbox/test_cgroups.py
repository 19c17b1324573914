"""Control groups as the files that they are."""

import os

from bot.adapters.sandbox.warden.cgroups import Group


def group(tmp_path, *, unified):
    places = {"memory": tmp_path / "memory", "pids": tmp_path / ("memory" if unified else "pids")}
    for place in places.values():
        place.mkdir(exist_ok=True)
    return Group(places, unified)


def test_limits_in_version_2_leave_no_swap(tmp_path):
    one = group(tmp_path, unified=True)
    one.limit(1 << 20, 40)
    read = {path.name: path.read_text() for path in (tmp_path / "memory").iterdir()}
    assert read == {"memory.max": "1048576", "memory.swap.max": "0", "pids.max": "40"}


def test_limits_in_version_1_count_swap_as_memory(tmp_path):
    one = group(tmp_path, unified=False)
    one.limit(1 << 20, 40)
    assert (tmp_path / "pids/pids.max").read_text() == "40"
    assert (tmp_path / "memory/memory.limit_in_bytes").read_text() == "1048576"
    assert (tmp_path / "memory/memory.memsw.limit_in_bytes").read_text() == "1048576"


def test_kills_for_want_of_memory_are_counted(tmp_path):
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    (new := group(tmp_path / "2", unified=True)).places["memory"].joinpath("memory.events").write_text(
        "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n"
    )
    assert new.kills() == 2
    (old := group(tmp_path / "1", unified=False)).places["memory"].joinpath("memory.oom_control").write_text(
        "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n"
    )
    assert old.kills() == 5
    assert Group({}, unified=False).kills() == 0


def test_members_of_all_groups_are_one_set(tmp_path):
    one = group(tmp_path, unified=False)
    (tmp_path / "memory/cgroup.procs").write_text("12\n7\n")
    (tmp_path / "pids/cgroup.procs").write_text("7\n40\n")
    assert one.members() == [7, 12, 40]
    one.join()
    assert (tmp_path / "pids/cgroup.procs").read_text() == "0"


def test_nothing_can_be_started_while_a_sweep_goes_on(tmp_path):
    one = group(tmp_path, unified=True)
    one.forking(0)
    assert (tmp_path / "memory/pids.max").read_text() == "1"  # who sweeps is a member
    (tmp_path / "memory/cgroup.procs").write_text(f"7\n{os.getpid()}\n")
    assert one.members() == [7]
