import os
from pathlib import Path

import pytest

from bot.config import parse
from bot.domain.errors import ConfigError, Refused
from bot.settings import load, load_model
from bot.wiring.proposers import proposing
from tests.fakes.ports import FakeProgress


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


@pytest.fixture
def no_model(monkeypatch):
    for name in [name for name in os.environ if name.startswith("HOTLAP_MODEL")]:
        monkeypatch.delenv(name)


def test_a_model_is_named_by_the_environment_and_its_key_is_not_shown(monkeypatch, no_model):
    assert load_model().name == ""
    monkeypatch.setenv("HOTLAP_MODEL", "openai/x")
    monkeypatch.setenv("HOTLAP_MODEL_KEY", "sk-canary-123456789012")
    assert load_model().name == "openai/x"
    assert "canary" not in repr(load_model())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("URL", "file:///etc/passwd"),
        ("URL", "http://169.254.169.254/v1"),
        ("URL", "http://user:word@host/v1"),
        ("URL", "127.0.0.1:8000"),
        ("URL", "http://[::1/v1"),
        ("TRIES", "9"),
        ("MAX_COST", "0"),
        ("FORMAT", "diff"),
    ],
)
def test_a_wrong_model_setting_names_its_variable(monkeypatch, no_model, name, value):
    monkeypatch.setenv(f"HOTLAP_MODEL_{name}", value)
    with pytest.raises(ConfigError, match=rf"^HOTLAP_MODEL_{name}: should"):
        load_model()


def test_a_repository_cannot_choose_the_model():
    for key in ("model", "url", "proposer", "llm"):
        with pytest.raises(ConfigError):
            parse(f"{key}: x\n".encode(), ".hotlap.yml")


def test_a_proposer_that_lacks_its_settings_says_which(no_model):
    with pytest.raises(Refused, match="HOTLAP_MODEL names"):
        proposing("llm", (), FakeProgress())
    with pytest.raises(Refused, match="HOTLAP_MODEL_SCRIPT"):
        proposing("scripted", (), FakeProgress())
