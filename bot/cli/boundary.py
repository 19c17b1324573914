"""The outermost frame of the command line: every end of a command becomes an exit code and at most one sentence."""

import contextlib
import datetime as dt
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

import typer

from bot.domain.errors import ConfigError, EditError, HotlapError, Refused
from bot.domain.legible import harmless

NO, USAGE, INFRASTRUCTURE, INTERRUPTED = 1, 2, 3, 130


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; nothing is raised."""
    try:
        with _terminated_like_interrupted():
            return _invoke(arguments)
    except KeyboardInterrupt:
        code, sentence = INTERRUPTED, "hotlap: interrupted"
    except BrokenPipeError:
        # Whoever read us went away, `| head` for one: not worth a word, but what they asked for was not delivered.
        _give_up_stdout()
        return INFRASTRUCTURE
    except HotlapError as error:
        # Editors jump to "file:line: ..." where nothing stands before it.
        code, sentence = exit_code(error), f"{'' if isinstance(error, ConfigError) else 'hotlap: '}{error}"
    except typer.TyperException as error:
        code, sentence = USAGE, f"hotlap: {_usage(error)}"
    except Exception as error:  # noqa: BLE001 - the command line is one of the three named boundaries
        code, sentence = INFRASTRUCTURE, f"hotlap: {_unexpected(error)}"
    _tell(sentence)
    return code


def exit_code(error: HotlapError) -> int:
    """Return the exit code of an error of ours, as drawn in `domain/errors.py`."""
    if isinstance(error, ConfigError | Refused):
        return USAGE
    return NO if isinstance(error, EditError) else INFRASTRUCTURE


def _invoke(arguments: Sequence[str]) -> int:
    from bot.cli.main import app

    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # a captured stream has no encoding to change
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    command = typer.main.get_command(app)
    try:
        # Not `command.main`: it answers a closed pipe with 1, which here means "no".
        with command.make_context("hotlap", list(arguments)) as context:
            command.invoke(context)
        code = 0
    except typer.Exit as end:
        code = end.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    sys.stdout.flush()
    return code


@contextlib.contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM, which is how a CI job is cancelled, unwind the stack so that sandboxes are removed."""

    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _usage(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    where = "hotlap" if context is None else context.command_path
    sentence = " ".join(error.format_message().split()).rstrip(".").replace(". Did", "; did")
    return f"{sentence[:1].lower()}{sentence[1:]}; see `{where} --help`"


def _unexpected(error: Exception) -> str:
    """Keep the traceback in a file of the state directory and return the sentence that says where."""
    from bot.domain.redact import Redactor, secret_values

    redactor = Redactor(secret_values(os.environ))
    text = redactor.redact("".join(traceback.format_exception(error)))
    what = redactor.redact(f"{type(error).__name__}: {error}")[:300]
    try:
        kept = f"the traceback is in {_keep(text)}"
    except OSError as fault:
        kept = f"the traceback could not be written: {fault.strerror}"
    return f"unexpected error, nothing is known about the result ({what}); {kept}"


def _keep(text: str) -> Path:
    try:
        from bot.settings import load

        place = load().state_dir / "tracebacks"
        place.mkdir(parents=True, exist_ok=True)
    except (HotlapError, ImportError, OSError, RuntimeError):
        place = Path(tempfile.gettempdir())
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    descriptor, name = tempfile.mkstemp(prefix=f"hotlap-{stamp}-", suffix=".txt", dir=place)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return Path(name)


def _tell(sentence: str) -> None:
    """Write one line to standard error, where there still is one."""
    from bot.domain.redact import Redactor, secret_values

    line = Redactor(secret_values(os.environ)).redact(" ".join(sentence.split()))
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{harmless(line)}\n")
        sys.stderr.flush()


def _give_up_stdout() -> None:
    """Point standard output at nothing, so that the interpreter's last flush does not complain."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
