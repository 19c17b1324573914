"""Cases 23-25: the network, the secrets of the harness, and the kernel's more dangerous doors."""

import contextlib
import secrets
import socket
import subprocess

import pytest

from bot.ports import End, Place

CONNECTS = """
import socket, sys
port, abstract = int(sys.argv[1]), sys.argv[2]
for family, place in (
    (socket.AF_INET, ("127.0.0.1", port)), (socket.AF_INET, ("169.254.169.254", 80)),
    (socket.AF_INET, ("192.0.2.1", 9)), (socket.AF_INET6, ("::1", port)), (socket.AF_INET6, ("2001:db8::1", 9)),
    (socket.AF_UNIX, "\\0" + abstract),
):
    try:
        with socket.socket(family, socket.SOCK_STREAM) as one:
            one.settimeout(0.3)
            one.connect(place)
        print("reached", place)
    except TimeoutError:
        print("a route to", place)
    except OSError:
        pass
try:
    print("resolved", socket.getaddrinfo("example.com", 80)[0])
except OSError:
    pass
"""


@pytest.mark.case(23)
def test_there_is_no_network_and_no_way_to_the_host(run, name):
    with contextlib.ExitStack() as stack:
        local = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        hidden = stack.enter_context(socket.socket(socket.AF_UNIX))
        hidden.bind(f"\0{name}")
        hidden.listen()
        found = run(CONNECTS, str(local.getsockname()[1]), name)
    assert (found.end, found.stdout) == (End.EXITED, b"")


def test_a_program_can_talk_to_itself(run):
    code = (
        "import socket\none = socket.create_server(('127.0.0.1', 0))\n"
        "two = socket.create_connection(('localhost', one.getsockname()[1]))\nprint(7)"
    )
    assert run(code).stdout == b"7\n"


LOOKS = """
import os, sys
token, place = sys.argv[1][::-1], sys.argv[2]
for entry in os.listdir("/proc"):
    for name in ("environ", "cmdline"):
        try:
            with open(f"/proc/{entry}/{name}", "rb") as file:
                if token.encode() in file.read():
                    print(entry, name)
        except OSError:
            pass
try:
    print(open(place).read())
except OSError:
    pass
"""


@pytest.mark.case(24)
def test_secrets_of_the_host_are_out_of_sight(run, tmp_path):
    token = secrets.token_hex(16)
    place = tmp_path / "secret"
    place.write_text(token)
    place.chmod(0o600)
    with subprocess.Popen(["sleep", "30"], env={"SECRET": token, "PATH": "/usr/bin:/bin"}) as holder:
        try:
            found = run(LOOKS, token[::-1], str(place))
        finally:
            holder.kill()
    assert (found.end, found.stdout) == (End.EXITED, b"")


def test_no_descriptor_and_no_variable_comes_along(run):
    code = "import os; print(sorted(map(int, os.listdir('/proc/self/fd')))[:3], sorted(os.environ))"
    listed = run(code).stdout.decode()
    assert listed.startswith("[0, 1, 2]")
    assert set(eval(listed[9:])) <= {"PATH", "LC_CTYPE"}  # noqa: S307 - our own test program's output
    assert (
        run("import os; print(len(os.listdir('/proc/self/fd')))").stdout == b"4\n"
    )  # the fourth is the listing itself


DOORS = """
import ctypes, os, platform
libc = ctypes.CDLL(None, use_errno=True)
arm = platform.machine() == "aarch64"
calls = {
    "unshare user": ((272, 97)[arm], 0x10000000), "unshare mount": ((272, 97)[arm], 0x20000),
    "clone user": ((56, 220)[arm], 0x10000011, 0, 0, 0, 0), "mount": ((165, 40)[arm], b"x", b"/tmp", b"tmpfs", 0, 0),
    "ptrace": ((101, 117)[arm], 0, 0, 0, 0), "keyctl": ((250, 219)[arm], 0, -3, 1), "bpf": ((321, 280)[arm], 0, 0, 0),
    "perf": ((298, 241)[arm], 0, 0, -1, -1, 0), "uring": (425, 8, 0), "userfault": ((323, 282)[arm], 0),
    "vsock": ((41, 198)[arm], 40, 1, 0), "handle": ((304, 265)[arm], -100, 0, 0), "chroot": ((161, 51)[arm], b"/"),
}
for name, (number, *arguments) in calls.items():
    ctypes.set_errno(0)
    made = [ctypes.c_char_p(one) if isinstance(one, bytes) else ctypes.c_long(one) for one in arguments]
    done = libc.syscall(ctypes.c_long(number), *made)
    if done == 0 and name == "clone user":
        os._exit(0)
    if done >= 0 or ctypes.get_errno() not in (1, 38, 97):
        print(name, done, ctypes.get_errno())
status = open("/proc/self/status").read()
print(*[line.split()[1] for line in status.splitlines() if line.startswith(("NoNewPrivs", "Seccomp:"))])
"""


@pytest.mark.case(25)
def test_the_kernels_dangerous_doors_are_closed(run):
    found = run(DOORS)
    assert (found.end, found.stdout) == (End.EXITED, b"1 2\n")


def test_the_layout_of_memory_can_be_fixed_and_is_not_otherwise(run, sandbox):
    if not sandbox.fixes_layout:
        pytest.skip("missing: personality(ADDR_NO_RANDOMIZE)")
    code = "print(*[line.split('-')[0] for line in open('/proc/self/maps') if '[stack]' in line])"
    fixed = {run(code, place=Place(fixed_layout=True)).stdout for _ in range(3)}
    free = {run(code).stdout for _ in range(3)}
    assert len(fixed) == 1
    assert len(free) > 1


def test_ordinary_work_goes_on_as_everywhere(run):
    code = (
        "import multiprocessing.synchronize, subprocess, tempfile, threading\n"
        "lock = multiprocessing.Lock()\nsubprocess.run(['true'], check=True)\n"
        "with tempfile.TemporaryFile() as file: file.write(b'x')\n"
        "thread = threading.Thread(target=print, args=('thread',)); thread.start(); thread.join()\n"
    )
    found = run(code)
    assert (found.code, found.stdout) == (0, b"thread\n"), found.stderr


FINE = """
import time
until, seen = time.perf_counter() + 0.05, set()
while time.perf_counter() < until:
    seen.add(time.process_time_ns() // 100_000)
print(len(seen))
"""


def test_the_cpu_clock_of_a_process_is_finer_than_a_tick(run):
    """A limit on CPU time would make it as coarse as the kernel's ticks: shares and CPU ratios rest on it."""
    assert max(int(run(FINE).stdout) for _ in range(3)) > 50
