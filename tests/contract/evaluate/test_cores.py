import subprocess
import sys
import threading

import pytest

from bot.evaluate.lockstep.cores import available, lease


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
