"""The filter of system calls, run by an interpreter of its few instructions."""

import errno
import struct

import pytest

from bot.adapters.sandbox.warden import seccomp

ALLOW, REFUSE = 0x7FFF0000, 0x00050000
X86, ARM = seccomp.machine("x86_64"), seccomp.machine("aarch64")


def verdict(machine, number, *arguments, audit=None):
    """Return 0 where a call is allowed, else the error with which it is refused."""
    values = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=IIQ6Q", number, machine.audit if audit is None else audit, 0, *values)
    program = seccomp.program(machine)
    place, loaded = 0, 0
    while True:
        code, yes, no, value = struct.unpack_from("=HBBI", program, place * 8)
        place += 1
        if code == 0x06:
            return 0 if value == ALLOW else value - REFUSE
        if code == 0x20:
            loaded = struct.unpack_from("=I", data, value)[0]
        else:
            taken = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}[code]
            place += yes if taken else no


@pytest.mark.parametrize(("machine", "read", "execve"), [(X86, 0, 59), (ARM, 63, 221)])
def test_ordinary_calls_are_allowed(machine, read, execve):
    assert {verdict(machine, number) for number in (read, execve, machine.ioctl, machine.personality)} == {0}
    assert verdict(machine, machine.clone, 0x01200011) == 0  # fork
    assert verdict(machine, machine.clone, 0x003D0F00) == 0  # a thread
    assert {verdict(machine, machine.socket, family) for family in (1, 2, 10, 16)} == {0}
    assert {verdict(machine, machine.personality, value) for value in (0, 0x0040000, 0xFFFFFFFF)} == {0}


@pytest.mark.parametrize(
    ("machine", "numbers"),
    [
        (X86, (165, 101, 272, 308, 250, 321, 298, 425, 161, 176, 428, 172)),
        (ARM, (40, 117, 97, 268, 219, 280, 241, 425)),
    ],
)
def test_dangerous_calls_are_refused(machine, numbers):
    assert {verdict(machine, number) for number in numbers} == {errno.EPERM}


@pytest.mark.parametrize("machine", [X86, ARM])
@pytest.mark.parametrize("flag", [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000])
def test_no_kind_of_namespace_can_be_made(machine, flag):
    assert verdict(machine, machine.clone, flag | 17) == errno.EPERM


@pytest.mark.parametrize("machine", [X86, ARM])
def test_arguments_decide_where_a_call_has_a_good_use(machine):
    assert verdict(machine, machine.clone3) == errno.ENOSYS
    assert verdict(machine, machine.socket, 40) == errno.EAFNOSUPPORT
    assert verdict(machine, machine.ioctl, 0, 0x5412) == errno.EPERM
    assert verdict(machine, machine.personality, 0x0400000) == errno.EPERM


def test_calls_by_another_numbering_are_unknown():
    assert verdict(X86, 0, audit=0x40000003) == errno.ENOSYS
    assert verdict(X86, 0x40000000) == errno.ENOSYS


def test_nothing_is_claimed_of_a_processor_whose_numbers_are_not_known():
    assert seccomp.machine("riscv64") is None
