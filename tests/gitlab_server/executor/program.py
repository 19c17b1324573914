"""The program gitlab-ci-local: where it is, how it is called, what its answers mean."""

import json
import os
import platform
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import yaml

MODULES = Path(__file__).parent / "node_modules"
STATE = ".gitlab-ci-local"
LIST = re.compile(r"^\[(?=\]?$)", re.MULTILINE)
ENDED = re.compile(r"\b(?:FAIL|WARN)\s+(\d+)\s*$", re.MULTILINE)


def missing() -> str | None:
    """What keeps pipelines from being executed, as the reason of a skip, or None."""
    if not (MODULES / "gitlab-ci-local").is_dir() or not node().exists():
        return "missing: gitlab-ci-local (npm ci in tests/gitlab_server/executor)"
    if not any(Path(place, "rsync").exists() for place in os.environ["PATH"].split(":")):
        return "missing: rsync"
    return None


def node() -> Path:
    """A Node that is new enough: the package's, not the machine's."""
    kind = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return MODULES / f"node-linux-{kind}" / "bin" / "node"


@dataclass(frozen=True)
class Ended:
    """How a job ended: `ok` is the script's success, `code` its exit code."""

    ok: bool
    code: int
    output: str


class Program:
    """Calls gitlab-ci-local in a checkout; `environment` is what its jobs get besides their variables."""

    def __init__(self, environment, timeout=600) -> None:
        self._environment = {**environment, "NO_COLOR": "1", "CI": "true"}
        self._timeout = timeout

    def _call(self, place, *words):
        entry = MODULES / "gitlab-ci-local" / "dist" / "index.js"
        command = (str(node()), str(entry), "--max-job-name-padding", "0", *words)
        return subprocess.run(
            command,
            cwd=place,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=self._timeout,
            check=False,
        )

    def read(self, place, file, variables, inputs, absent=()):
        """The jobs of a configuration (after its rules) and its expanded text. Raises ValueError with its complaint."""
        self._hand_over(place, variables)
        words = [word for name, value in inputs.items() for word in ("--input", f"{name}={_text(value)}")]
        done = self._call(place, "--file", file, "--list-json", *words, *_unset(absent))
        if done.returncode:
            raise ValueError((done.stderr + done.stdout).strip())
        expanded = yaml.safe_load((place / STATE / "expanded-gitlab-ci.yml").read_text())
        # Warnings stand around the list.
        listed, _ = json.JSONDecoder().raw_decode(done.stdout, LIST.search(done.stdout).start())
        return listed, expanded

    def run(self, place, file, name, variables, absent=()) -> Ended:
        """Execute one job of a file, whose shape was checked when it was read."""
        self._hand_over(place, variables)
        flags = ("--force-shell-executor", "--json-schema-validation=false", *_unset(absent))
        done = self._call(place, "--file", file, *flags, name)
        logs = list((place / STATE / "output").glob("*.log"))
        output = "".join(log.read_text(errors="replace") for log in logs) or done.stdout + done.stderr
        code = ENDED.search(done.stdout + done.stderr)
        failed = code is not None or done.returncode != 0
        return Ended(not failed, int(code[1]) if code else done.returncode, output)

    @staticmethod
    def _hand_over(place, variables) -> None:
        """Variables go through a file that only we can read: arguments would show them to every process.

        Files are written beside the checkout, as a runner does; gitlab-ci-local would leave them in /tmp.
        """
        given = {}
        for one in variables:
            value = one.value
            if one.file:
                path = files_of(place) / one.key
                path.parent.mkdir(mode=0o700, exist_ok=True)
                path.write_text(value)
                value = str(path)
            given[one.key] = {"type": "variable", "values": {"*": value}}
        path = place / ".gitlab-ci-local-variables.yml"
        path.touch(mode=0o600)
        path.write_text(json.dumps(given))


def files_of(place):
    """Where the files of variables are for a checkout."""
    return place.with_name(f"{place.name}.tmp")


def _unset(names):
    return [word for name in names for word in ("--unset-variable", name)]


def _text(value):
    return value if isinstance(value, str) else json.dumps(value)
