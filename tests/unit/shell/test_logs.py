import io
import json
import logging

import pytest

from bot.domain.redact import MASK, Redactor
from bot.logs import configure

HIDDEN = "hunter2-hunter2"


@pytest.fixture
def root_logger():
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    yield root
    root.handlers[:], root.level = kept, level
    logging.captureWarnings(capture=False)


def written(form, root_logger, emit):
    stream = io.StringIO()
    configure("info", form, Redactor([HIDDEN]), stream)
    emit(logging.getLogger("bot.test"))
    return stream.getvalue()


def fail(log):
    try:
        int(f"cannot log in with {HIDDEN}")
    except ValueError:
        log.exception("failed for %s", "alice", extra={"url": f"https://x/?t={HIDDEN}", "tries": 3})


@pytest.mark.parametrize("form", ["text", "json"])
def test_message_extra_and_traceback_lose_the_secret(root_logger, form):
    line = written(form, root_logger, fail)
    assert HIDDEN not in line
    assert line.count(MASK) >= 2
    assert "failed for alice" in line
    assert "ValueError" in line


def test_json_lines_are_objects_with_typed_fields(root_logger):
    entry = json.loads(written("json", root_logger, fail))
    assert entry["tries"] == 3
    assert entry["level"] == "error"
    assert entry["logger"] == "bot.test"


def test_a_hostile_message_stays_on_one_line(root_logger):
    line = written("text", root_logger, lambda log: log.info("a\nlevel=error b=\x1b[31m"))
    assert line.count("\n") == 1
    assert "\x1b" not in line


def test_arguments_are_redacted_and_lower_levels_dropped(root_logger):
    text = written("text", root_logger, lambda log: (log.debug("no"), log.info("token %s", HIDDEN)))
    assert HIDDEN not in text
    assert "message=no" not in text


def test_configuring_twice_leaves_one_handler(root_logger):
    first, second = io.StringIO(), io.StringIO()
    configure("info", "text", Redactor(), first)
    configure("info", "text", Redactor(), second)
    logging.getLogger("bot.test").info("once")
    assert first.getvalue() == ""
    assert second.getvalue().count("once") == 1
