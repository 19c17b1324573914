"""What runs first in every exec: a shell that waits for one line and becomes the program that the line names.

It can be started ahead, so that a run does not wait for the daemon (60 to 100 ms). It speaks only after it was spoken
to: bytes that came before the client holds the stream could be lost.
"""

import secrets
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_WAIT = """
PATH=%s
s=
n='
'
IFS= read -r go || exit 0
%sprintf '%%s\\n' "$$"
IFS= read -r line && eval "$line"
"""

# Kills what an earlier run left behind and proves that nothing of this user's lives: a process that forks while it is
# killed may need another round. No program is started for it: the candidate may have left no process to be had.
# Zombies are the init process's business.
_SWEEP = """
me=$$
round=0
while :; do
  kill -9 -1 2>/dev/null
  left=0
  for file in /proc/[0-9]*/status; do
    state= ; owner= ; pid=
    while read -r key value rest; do
      case $key in State:) state=$value ;; Pid:) pid=$value ;; Uid:) owner=$value; break ;; esac
    done 2>/dev/null <"$file"
    if [ "$owner" = "$UID_HERE" ] && [ "$pid" != "$me" ]; then
      case $state in Z|X) ;; *) left=$((left + 1)) ;; esac
    fi
  done
  [ "$left" = 0 ] && break
  round=$((round + 1))
  if [ "$round" -ge 400 ]; then echo left; exit 1; fi
done
"""


def waiting(sweep_as: int | None = None) -> tuple[str, ...]:
    """Return the argv of such a shell; with a uid, it first kills every process of that uid except itself.

    It answers the first line that it gets with its process id, or with "left" where something survives.
    """
    sweep = "" if sweep_as is None else _SWEEP.replace("$UID_HERE", str(sweep_as))
    return ("/bin/sh", "-c", _WAIT % (_PATH, sweep))


# Runs each line that begins with the token, and says how it ended. What the last program has left unread of its input
# is no such line. Not in the background, where a shell has interrupts ignored. A session of its own keeps what the
# program starts apart from this shell.
_LOOP = (
    "s=$(command -v setsid); while IFS= read -r go; do case $go in '%s '*) "
    "( eval \"${go#* }\" ); printf '\\n%s %%s\\n' $? >&2;; esac; done\n"
)


def loop(token: str) -> bytes:
    """Return the line that makes a waiting shell one that runs a program for each line, told apart by the token."""
    return (_LOOP % (token, token)).encode()


# Of a script, the program in its first line: the kernel says the same of both that are missing.
_INTERPRETER = (
    "top=; IFS= read -r top <%s; case $top in '#!'*) top=${top#??}; top=${top#\"${top%%%%[! ]*}\"}; "
    '[ -x "${top%%%% *}" ] || { printf %%s %s >&2; exit 127; };; esac'
)


@dataclass(frozen=True, slots=True)
class Command:
    """The line that makes a waiting shell a program; `refusals` are what it prints instead, and what that means.

    Where it was asked to, the shell prints `started` and a newline to standard error just before.
    """

    line: bytes
    refusals: Mapping[bytes, str]
    started: bytes = b""


def command(
    argv: Sequence[str], env: Mapping[str, str], directory: str, prefix: Sequence[str] = (), *, told: bool = False
) -> Command:
    """Return the line for `argv` with exactly the variables `env`; `prefix` is a program that starts another one."""
    absent, lost, started = (secrets.token_hex(16) for _ in range(3))
    program = quoted(argv[0])
    there = (
        f"{{ cd {quoted(directory)} && PATH={quoted(env.get('PATH', _PATH))} && command -v {program} >/dev/null"
        f" && {{ case {program} in */*) [ -f {program} ] && [ -x {program} ];; esac; }}; }}"
    )
    steps = [f"{there} || {{ printf %s {absent} >&2; exit 127; }}"]
    if "/" in argv[0]:
        steps.append(_INTERPRETER % (program, lost))
    if told:
        steps.append(f"echo {started} >&2")
    variables = " ".join(quoted(f"{name}={value}") for name, value in env.items())
    words = " ".join(quoted(word) for word in (*prefix, *argv))
    line = "; ".join([*steps, f"exec $s /usr/bin/env -i {variables} {words}\n"])
    refusals = {absent.encode(): "there is no such program", lost.encode(): "its interpreter is missing"}
    return Command(line.encode("utf-8", "surrogateescape"), refusals, started.encode())


def quoted(word: str) -> str:
    """Quote one word for the waiting shell, which holds a newline in `$n`: a line cannot contain one."""
    return shlex.quote(word).replace("\n", "'\"$n\"'")
