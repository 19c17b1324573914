"""The system calls that programs in containers may make: what programs use, and for timing a fixed memory layout.

Docker's default profile refuses `personality(ADDR_NO_RANDOMIZE)`, which paired layouts need, and a daemon does not tell
its profile; this one is written out. It is an allow-list, and not wider than Docker's default (version 20.10) in
anything but that one argument. Refused with EPERM, beyond what that default refuses: tracing, io_uring, vsock.
"""

import json
from typing import Any

_ADDR_NO_RANDOMIZE = 0x0040000
_PERSONALITIES = (0x0, 0x8, 0x20000, 0x20008, 0xFFFFFFFF)
_NAMESPACES = 0x7E020000
"""The CLONE_NEW* flags: with any of them, clone(2) is refused."""
_VSOCK = 40
_NO_SYSTEM_CALL = 38

_NEWER = """
    cachestat fchmodat2 futex_requeue futex_wait futex_waitv futex_wake getxattrat io_pgetevents landlock_add_rule
    landlock_create_ruleset landlock_restrict_self listxattrat map_shadow_stack mseal removexattrat setxattrat
"""
"""In the default of later versions; a kernel or library that does not know them ignores them."""
_FILES = """
    access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2
    fadvise64 fadvise64_64 fallocate fchdir fchmod fchmodat fchown fchown32 fchownat fcntl fcntl64 fdatasync
    fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate
    ftruncate64 futimesat getcwd getdents getdents64 getxattr inotify_add_watch inotify_init inotify_init1
    inotify_rm_watch ioctl lchown lchown32 lgetxattr link linkat listxattr llistxattr lremovexattr lseek _llseek
    lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat newfstatat open openat openat2 pread64 preadv preadv2
    pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv removexattr rename renameat renameat2 rmdir
    sendfile sendfile64 setxattr splice stat stat64 statfs statfs64 statx symlink symlinkat sync sync_file_range
    syncfs tee truncate truncate64 umask unlink unlinkat utime utimensat utimensat_time64 utimes vmsplice write
    writev
"""
_MEMORY = """
    brk madvise membarrier memfd_create mincore mlock mlock2 mlockall mmap mmap2 mprotect mremap msync munlock
    munlockall munmap pkey_alloc pkey_free pkey_mprotect remap_file_pages
"""
_PROCESSES = """
    alarm arch_prctl capget capset execve execveat exit exit_group fork futex futex_time64 get_robust_list
    get_thread_area getcpu getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getpgid getpgrp
    getpid getppid getpriority getresgid getresgid32 getresuid getresuid32 getrlimit getrusage getsid gettid getuid
    getuid32 ioprio_get ioprio_set kill pause pidfd_open pidfd_send_signal prctl prlimit64 restart_syscall rseq
    rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
    rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity
    sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr
    sched_setparam sched_setscheduler sched_yield seccomp set_robust_list set_thread_area set_tid_address setfsgid
    setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setpgid setpriority setregid setregid32
    setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit setsid setuid setuid32 sigaltstack
    signalfd signalfd4 sigprocmask sigreturn sysinfo tgkill times tkill ugetrlimit uname vfork wait4 waitid waitpid
"""
_TIME = """
    clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64 getitimer
    gettimeofday nanosleep setitimer time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64
    timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64
"""
_MESSAGES = """
    _newselect accept accept4 bind connect epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait
    eventfd eventfd2 getpeername getrandom getsockname getsockopt io_cancel io_destroy io_getevents io_setup
    io_submit ipc listen mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv
    msgsnd pipe pipe2 poll ppoll ppoll_time64 pselect6 pselect6_time64 recv recvfrom recvmmsg recvmsg select semctl
    semget semop semtimedop semtimedop_time64 send sendmmsg sendmsg sendto setsockopt shmat shmctl shmdt shmget
    shutdown socketcall socketpair
"""


def profile(*, fixed_layout: bool) -> str:
    """Return the profile as the JSON text that `--security-opt seccomp=` takes."""
    personalities = (*_PERSONALITIES, _ADDR_NO_RANDOMIZE) if fixed_layout else _PERSONALITIES
    plain = sorted(
        {*_FILES.split(), *_MEMORY.split(), *_PROCESSES.split(), *_TIME.split(), *_MESSAGES.split(), *_NEWER.split()}
    )
    rules = [
        _allow(plain),
        *(_allow(["personality"], _argument(0, value, "SCMP_CMP_EQ")) for value in personalities),
        _allow(["socket"], _argument(0, _VSOCK, "SCMP_CMP_NE")),
        _allow(["clone"], {**_argument(0, _NAMESPACES, "SCMP_CMP_MASKED_EQ"), "valueTwo": 0}),
        # Its flags are behind a pointer, which a filter cannot follow: the C library then falls back to clone.
        {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": _NO_SYSTEM_CALL},
    ]
    architectures = [
        {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]},
        {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]},
    ]
    return json.dumps({"defaultAction": "SCMP_ACT_ERRNO", "archMap": architectures, "syscalls": rules})


def _allow(names: list[str], argument: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"names": names, "action": "SCMP_ACT_ALLOW", "args": [argument] if argument else []}


def _argument(index: int, value: int, comparison: str) -> dict[str, Any]:
    return {"index": index, "value": value, "op": comparison}
