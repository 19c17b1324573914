from pathlib import Path

import pytest

from bot.domain.errors import ConfigError
from bot.settings import load


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    for name in ("LOG_LEVEL", "LOG_FORMAT", "STATE_DIR", "TEMP_DIR"):
        monkeypatch.delenv(f"HOTLAP_{name}", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)


def test_defaults(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("HOTLAP_LOG_LEVEL", "")
    assert load().log_level == "warning"
    assert load().state_dir == Path("/home/me/.local/state/hotlap")


def test_the_xdg_directory_is_used_when_absolute(monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", "/var/state")
    assert load().state_dir == Path("/var/state/hotlap")
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert load().state_dir.is_absolute()


def test_variables_win(monkeypatch):
    monkeypatch.setenv("HOTLAP_STATE_DIR", "/s")
    monkeypatch.setenv("HOTLAP_LOG_FORMAT", "json")
    assert (load().state_dir, load().log_format) == (Path("/s"), "json")


def test_a_wrong_value_names_its_variable(monkeypatch):
    monkeypatch.setenv("HOTLAP_LOG_LEVEL", "loud")
    with pytest.raises(ConfigError, match=r"^HOTLAP_LOG_LEVEL: should be 'debug', 'info', 'warning' or 'error'$"):
        load()
