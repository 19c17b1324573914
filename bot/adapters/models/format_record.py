"""How well each model kept to each edit format: one line for each first reply, kept by the bot, not by a repository."""

import contextlib
import json
import os
from pathlib import Path

_REMEMBERED = 40
_READ = 1 << 20


class FormatRecord:
    """Implements `propose.llm.formats.Record` in a file of lines; several processes may append at once."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def add(self, model: str, form: str, *, good: bool) -> None:
        """Append one outcome in a single write, so that neighbours' lines stay whole."""
        line = json.dumps({"model": model, "format": form, "good": good}) + "\n"
        self._place.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)

    def outcomes(self, model: str, form: str) -> tuple[bool, ...]:
        """Return the last outcomes of a model with a format, oldest first; lines cut off by a crash are left out."""
        try:
            with self._place.open("rb") as file:
                file.seek(max(0, self._place.stat().st_size - _READ))
                lines = file.read().splitlines()
        except FileNotFoundError:
            return ()
        found = []
        for line in lines:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                raw = json.loads(line)
                if (raw["model"], raw["format"]) == (model, form):
                    found.append(raw["good"] is True)
        return tuple(found[-_REMEMBERED:])
