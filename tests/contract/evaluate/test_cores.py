import subprocess
import sys
import threading

import pytest

from bot.evaluate.lockstep.cores import available, lease, rest


def silent():
    pass


def test_a_lease_names_usable_cores(tmp_path):
    with lease(silent, tmp_path) as cores:
        assert {cores.bench, cores.spare} <= set(available())
        assert cores.overlap == (len(available()) > 1)


def test_a_second_lease_waits_until_the_first_ends(tmp_path):
    waited, done = threading.Event(), threading.Event()

    def second():
        with lease(waited.set, tmp_path):
            done.set()

    held = [lease(silent, tmp_path) for _ in range((len(available()) + 1) // 2)]
    for one in held:
        one.__enter__()
    thread = threading.Thread(target=second)
    thread.start()
    assert waited.wait(5)
    assert not done.is_set()
    for one in held:
        one.__exit__(None, None, None)
    assert done.wait(5)
    thread.join()


def test_a_lease_is_free_again_when_its_process_was_killed(tmp_path):
    script = (
        "import sys, pathlib, time\n"
        "from bot.evaluate.lockstep.cores import lease\n"
        "with lease(lambda: None, pathlib.Path(sys.argv[1])):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    process.kill()
    process.wait()
    process.stdout.close()
    with lease(lambda: pytest.fail("still held"), tmp_path):
        assert list(tmp_path.iterdir())


def test_what_is_not_timed_shares_cores_and_keeps_off_those_that_are_timed_on(tmp_path):
    with rest(silent, tmp_path) as one, rest(silent, tmp_path) as two:
        assert one == two
        assert set(one) <= set(available())
        if len(available()) == 1:
            return
        with lease(silent, tmp_path) as cores:
            assert cores.bench not in one
    with lease(silent, tmp_path) as cores, rest(silent, tmp_path) as after:
        assert cores.bench not in after


def test_where_there_is_one_core_tests_and_measurements_take_turns(tmp_path, monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {5})
    waited = threading.Event()

    def measure():
        with lease(waited.set, tmp_path) as cores:
            seen.append(cores)

    seen = []
    with rest(silent, tmp_path) as cores:
        assert cores == (5,)
        thread = threading.Thread(target=measure)
        thread.start()
        assert waited.wait(5)
        assert not seen
    thread.join(5)
    assert [(one.bench, one.overlap) for one in seen] == [(5, False)]
