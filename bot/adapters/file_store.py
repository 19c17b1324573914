"""Run records and lessons as files beside the repository's own objects: no server, nothing in the working tree."""

import contextlib
import fcntl
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from bot.domain.lesson import Lesson, LessonState


class FileStore:
    """Implements `ports.Store` in one directory; safe for several processes at once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def lessons(self) -> tuple[Lesson, ...]:
        """Return the lessons in the order in which they were learned; a line cut off by a crash is left out."""
        try:
            lines = (self._directory / "lessons.jsonl").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return ()
        return tuple(_lessons(lines))

    def learn(self, lessons: Sequence[Lesson]) -> None:
        """Append what is new by scope, sentence and state."""
        if not lessons:
            return
        self._directory.mkdir(parents=True, exist_ok=True)
        with (self._directory / "lessons.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = {(one.scope, one.sentence, one.state) for one in self.lessons()}
            new = [one for one in lessons if (one.scope, one.sentence, one.state) not in known]
            self._append([json.dumps(asdict(one), ensure_ascii=False) for one in new])

    def record(self, run: str, name: str, data: bytes) -> str:
        """Write one file of a run through a temporary file and a rename."""
        place = self._directory / "runs" / run / name
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=place.parent, prefix=".")
        with open(descriptor, "wb") as file:  # noqa: PTH123 - mkstemp gives a descriptor
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(place)
        return str(place)

    def _append(self, lines: list[str]) -> None:
        place = self._directory / "lessons.jsonl"
        cut_off = place.exists() and place.read_bytes()[-1:] not in {b"", b"\n"}
        with place.open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in ([""] if cut_off else []) + lines))


def _lessons(lines: Sequence[str]) -> Iterator[Lesson]:
    for line in lines:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            raw = json.loads(line)
            yield Lesson(raw["scope"], raw["sentence"], tuple(raw["evidence"]), LessonState(raw["state"]))
