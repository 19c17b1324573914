"""Logging, configured once: key=value or JSON lines on standard error, with secrets taken out of every record."""

import datetime as dt
import json
import logging
import sys
from typing import Literal, TextIO

from bot.domain.redact import Redactor

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class RedactingFilter(logging.Filter):
    """Rewrites a record in place: message, extra fields, traceback and stack lose their secrets."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact `record` and let it pass."""
        redact = self._redactor.redact
        record.msg, record.args = redact(record.getMessage()), ()
        if record.exc_info:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        for name in vars(record).keys() - _OWN:
            value = getattr(record, name)
            if value is not None and not isinstance(value, int | float):
                setattr(record, name, redact(str(value)))
        return True


class KeyValueFormatter(logging.Formatter):
    """`time=… level=… logger=… message="…"` and the extra fields, one record a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line."""
        return " ".join(f"{name}={_value(value)}" for name, value in _fields(record).items())


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line."""
        return json.dumps(_fields(record), ensure_ascii=False, default=str)


def configure(
    level: str, form: Literal["text", "json"], redactor: Redactor, stream: TextIO | None = None
) -> logging.Handler:
    """Make one handler on the root logger the only one, and return it; calling again replaces it."""
    handler = logging.StreamHandler(sys.stderr if stream is None else stream)
    handler.addFilter(RedactingFilter(redactor))
    handler.setFormatter(JsonFormatter() if form == "json" else KeyValueFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    return handler


def _fields(record: logging.LogRecord) -> dict[str, object]:
    when = dt.datetime.fromtimestamp(record.created, dt.UTC)
    fields: dict[str, object] = {
        "time": when.isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": record.getMessage(),
    }
    fields |= {name: value for name, value in vars(record).items() if name not in _OWN}
    if record.exc_text:
        fields["traceback"] = record.exc_text
    if record.stack_info:
        fields["stack"] = record.stack_info
    return fields


def _value(value: object) -> str:
    """Return a bare word as it is and anything else quoted, so that a line stays a line."""
    text = str(value)
    bare = text.isascii() and text.isprintable() and not any(char in ' "=\\' for char in text)
    return text if text and bare else json.dumps(text, ensure_ascii=False)
