"""Files of runs beside the repository's own objects: no server, nothing in the working tree."""

import os
import tempfile
from pathlib import Path


class FileStore:
    """Keeps the files of runs in one directory; safe for several processes at once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def record(self, run: str, name: str, data: bytes) -> str:
        """Write one file of a run through a temporary file and a rename, and return its path."""
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
