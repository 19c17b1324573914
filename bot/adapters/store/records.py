"""A run as one immutable compressed file, named after its contents: what the state branch is made of."""

import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.adapters.store.database import Database
from bot.adapters.store.exchange import Damaged, Part, lines

MOST_BYTES = 64 << 20
"""What one record may hold, unpacked: more is an attack or a mistake."""

_NAME = re.compile(r"records/\d{4}-\d{2}/[0-9A-Za-z._-]{1,100}\.jsonl\.zst")


@dataclass(frozen=True, slots=True)
class Record:
    """One file of the state branch: its path there, and its bytes."""

    name: str
    data: bytes


def is_record(name: str) -> bool:
    """Say whether a path of the state branch is that of a record."""
    return _NAME.fullmatch(name) is not None


def packed(
    database: Database, run: str, since: str, feedback: tuple[str, ...] = (), project: str | None = None
) -> Record:
    """Return a run, what has changed in the shared tables since a time, and feedback by its keys, as one record."""
    import zstandard

    written = "".join(lines(database, Part((run,), since, feedback, project)))
    data = zstandard.ZstdCompressor(level=10).compress(written.encode())
    digest = hashlib.sha256(data).hexdigest()[:12]
    stem = re.sub(r"[^0-9A-Za-z._-]", "-", run)[:64]
    return Record(f"records/{since[:7]}/{stem}-{digest}.jsonl.zst", data)


def unpacked(record: Record) -> Iterator[str]:
    """Yield the lines of a record; Damaged where it is none, or too large."""
    import zstandard

    try:
        with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(io.BytesIO(record.data)) as reader:
            body = reader.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise Damaged(f"{record.name} holds more than {MOST_BYTES >> 20} MiB")
        yield from body.decode().splitlines(keepends=True)
    except (zstandard.ZstdError, UnicodeDecodeError) as error:
        raise Damaged(f"{record.name} cannot be unpacked ({type(error).__name__})") from None
