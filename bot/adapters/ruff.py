"""The ruff binary as a source of fixes; it reads text on standard input and sees neither files nor configuration."""

import logging
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

log = logging.getLogger(__name__)


def find_binary() -> str | None:
    """Return the path of ruff: where its package says, or beside this interpreter; None where it is not installed."""
    try:
        from ruff import find_ruff_bin  # type: ignore[import-untyped] # it ships without types

        return str(find_ruff_bin())
    except (ImportError, FileNotFoundError):
        beside = Path(sys.prefix, "bin", "ruff")
        return str(beside) if beside.exists() else None


class RuffFixer:
    """Implements `propose.rules.linter_fixes.Fixer`; `target` is the oldest Python that the fixes must run on."""

    def __init__(self, binary: str | None = None, timeout: float = 30.0, target: str = "py39") -> None:
        self._binary = binary if binary is not None else find_binary()
        self._timeout = timeout
        self._target = target

    def fix(self, path: str, text: str, families: Sequence[str]) -> str:
        """Return `text` with ruff's fixes, unsafe and preview ones included; on any failure `text` itself, logged."""
        if self._binary is None:
            log.info("no fixes: ruff is not installed")
            return text
        argv = [self._binary, "check", "--isolated", "--no-cache", "--preview", "--unsafe-fixes", "--fix-only"]
        argv += ["--exit-zero", "--quiet", "--line-length", "120", "--target-version", self._target]
        argv += ["--select", ",".join(families), "--stdin-filename", path.rsplit("/", 1)[-1], "-"]
        try:
            done = subprocess.run(argv, input=text.encode(), capture_output=True, timeout=self._timeout, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            log.warning("no fixes: ruff did not run: %s", error)
            return text
        if done.returncode != 0:
            log.warning(
                "no fixes: ruff exited with %d: %s", done.returncode, done.stderr.decode("utf-8", "replace")[:300]
            )
            return text
        return done.stdout.decode("utf-8", "replace") or text
