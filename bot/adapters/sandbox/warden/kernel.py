"""System calls that Python 3.11 does not offer, with their numbers from the kernel's headers; Linux only."""

import ctypes
import fcntl
import functools
import os
from collections.abc import Sequence

_PDEATHSIG, _CAPBSET_DROP, _SUBREAPER, _NO_NEW_PRIVS, _AMBIENT = 1, 24, 36, 38, 47
_AMBIENT_CLEAR_ALL = 4
_CAPABILITIES_VERSION_3 = 0x20080522
_MOST_CAPABILITIES = 64
_NO_RANDOMIZE, _ASK = 0x0040000, 0xFFFFFFFF
_FILTER_MODE, _FILTER_SPEC_ALLOW = 1, 4
_OWNING_USER_NAMESPACE = 0xB701
_REMOUNT, _NOSUID, _NODEV = 0x20, 0x2, 0x4


class _Program(ctypes.Structure):
    """`struct sock_fprog`: the number of instructions and where they are."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def prctl(option: int, first: int = 0, second: int = 0) -> None:
    """Change one property of this process; OSError where the kernel refuses."""
    _checked(_libc().prctl(option, *map(ctypes.c_ulong, (first, second, 0, 0))))


def become_subreaper() -> None:
    """Make orphans among this process's descendants its children."""
    prctl(_SUBREAPER, 1)


def die_with_parent(signal: int) -> None:
    """Have `signal` sent to this process when its parent ends."""
    prctl(_PDEATHSIG, signal)


def no_new_privileges() -> None:
    """Make setuid bits and file capabilities meaningless for this process and what it starts."""
    prctl(_NO_NEW_PRIVS, 1)


def bound_capabilities() -> None:
    """Make sure that no program gets a capability by being started; needs CAP_SETPCAP where there are any."""
    for capability in range(_MOST_CAPABILITIES):
        try:
            prctl(_CAPBSET_DROP, capability)
        except OSError:
            break  # past the last one that this kernel knows


def clear_capabilities() -> None:
    """Give up every capability that this process has."""
    prctl(_AMBIENT, _AMBIENT_CLEAR_ALL)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION_3, 0)
    _checked(_libc().capset(ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)())))


def fix_layout() -> None:
    """Turn address space randomisation off for this process and what it starts."""
    _checked(_libc().personality(ctypes.c_ulong(_NO_RANDOMIZE)))


def can_fix_layout() -> bool:
    """Say whether the system lets a process turn randomisation off; this one's is as before."""
    before = _libc().personality(ctypes.c_ulong(_ASK))
    allowed = before >= 0 and _libc().personality(ctypes.c_ulong(before | _NO_RANDOMIZE)) >= 0
    return bool(allowed and _libc().personality(ctypes.c_ulong(before)) >= 0)


def enter(descriptors: Sequence[int]) -> None:
    """Join the namespaces behind these descriptors, in their order."""
    for descriptor in descriptors:
        _checked(_libc().setns(descriptor, 0))


def owner(namespace: int) -> int:
    """Return a descriptor of the user namespace that owns a namespace."""
    found: int = fcntl.ioctl(namespace, _OWNING_USER_NAMESPACE)
    os.set_inheritable(found, False)
    return found


def remount(place: str, options: str) -> None:
    """Change the limits of the tmpfs at `place`, such as "size=1048576,nr_inodes=1000"."""
    flags = ctypes.c_ulong(_REMOUNT | _NOSUID | _NODEV)
    _checked(_libc().mount(None, place.encode(), None, flags, options.encode()))


def filter_calls(number: int, program: bytes) -> None:
    """Load a seccomp program of 8-byte instructions; `number` is that of seccomp(2) on this machine.

    Without the flag, kernels before 5.16 would slow down everything that is filtered (speculative store bypass).
    """
    loaded = _Program(len(program) // 8, program)
    arguments = map(ctypes.c_ulong, (number, _FILTER_MODE, _FILTER_SPEC_ALLOW))
    _checked(_libc().syscall(*arguments, ctypes.byref(loaded)))


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> None:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
