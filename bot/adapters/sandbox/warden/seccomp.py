"""The system calls that nothing in a box may make, as a program for the kernel; built without a compiler.

Refused are those that make or enter namespaces, mount, trace, load code into the kernel, or reach keys, other processes
and hardware: what a test suite never needs and what kernel bugs were found in. Sources: Docker's default profile,
linux/audit.h, linux/filter.h, linux/seccomp.h; numbers from the kernel's tables for x86-64 and arm64.
"""

import errno
import struct
from dataclasses import dataclass

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24
_NEW_NAMESPACE = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET
_X32 = 0x40000000
_FAKE_INPUT = 0x5412  # TIOCSTI
_FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: others, such as AF_VSOCK, know no namespaces
_PERSONALITIES = (0, 0x0040000, 0xFFFFFFFF)

_COMMON = {
    "setns": (308, 268), "unshare": (272, 97), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "kcmp": (312, 272), "pidfd_getfd": (438, 438), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "acct": (163, 89), "quotactl": (179, 60), "quotactl_fd": (443, 443), "settimeofday": (164, 170),
    "clock_settime": (227, 112), "adjtimex": (159, 171), "clock_adjtime": (305, 266), "sethostname": (170, 161),
    "setdomainname": (171, 162), "syslog": (103, 116), "vhangup": (153, 58), "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "lookup_dcookie": (212, 18),
    "move_pages": (279, 239), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
}  # fmt: skip
_X86_ONLY = (172, 173, 136, 139, 154, 174, 177, 178, 180)  # iopl, ioperm, ustat, sysfs, modify_ldt and dead ones


@dataclass(frozen=True, slots=True)
class Machine:
    """What differs between processors: the kernel's name for it and the numbers of calls with examined arguments."""

    column: int
    audit: int
    seccomp: int
    clone: int
    clone3: int
    socket: int
    ioctl: int
    personality: int


_MACHINES = {
    "x86_64": Machine(0, 0xC000003E, 317, 56, 435, 41, 16, 135),
    "aarch64": Machine(1, 0xC00000B7, 277, 220, 435, 198, 29, 92),
}


def machine(name: str) -> Machine | None:
    """Return what is known of a processor by `os.uname().machine`; None where its numbers are not known here."""
    return _MACHINES.get(name)


def program(here: Machine) -> bytes:
    """Return the filter: EPERM for what is refused, ENOSYS for clone3, as the C library then falls back to clone."""
    lines = [_step(_LOAD, _ARCHITECTURE), _step(_EQUAL, here.audit, 1, 0), _fail(errno.ENOSYS), _step(_LOAD, _NUMBER)]
    if here.column == 0:
        lines += [_step(_AT_LEAST, _X32, 0, 1), _fail(errno.ENOSYS)]
    refused = [numbers[here.column] for numbers in _COMMON.values()] + list(_X86_ONLY if here.column == 0 else ())
    for number in sorted(refused):
        lines += [_step(_EQUAL, number, 0, 1), _fail(errno.EPERM)]
    lines += [_step(_EQUAL, here.clone3, 0, 1), _fail(errno.ENOSYS)]
    lines += _examined(here.clone, _FIRST, [_step(_ANY_BIT, _NEW_NAMESPACE, 0, 1), _fail(errno.EPERM)])
    lines += _examined(here.ioctl, _SECOND, [_step(_EQUAL, _FAKE_INPUT, 0, 1), _fail(errno.EPERM)])
    lines += _examined(here.socket, _FIRST, _only(_FAMILIES, errno.EAFNOSUPPORT))
    lines += _examined(here.personality, _FIRST, _only(_PERSONALITIES, errno.EPERM))
    return b"".join([*lines, _step(_RETURN, _ALLOW)])


def _examined(number: int, argument: int, then: list[bytes]) -> list[bytes]:
    """Return the steps that look at an argument of one call and end there: allowed unless `then` refuses."""
    body = [_step(_LOAD, argument), *then, _step(_RETURN, _ALLOW)]
    return [_step(_EQUAL, number, 0, len(body)), *body]


def _only(values: tuple[int, ...], code: int) -> list[bytes]:
    count = len(values)
    return [_step(_EQUAL, value, count - index, 0) for index, value in enumerate(values)] + [_fail(code)]


def _fail(code: int) -> bytes:
    return _step(_RETURN, _REFUSE | code)


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
