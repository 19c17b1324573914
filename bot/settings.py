"""The bot's own environment, `HOTLAP_*`: what the operator of a runner sets, never what a repository asks for."""

import os
import tempfile
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.domain.errors import ConfigError


def _state_dir() -> Path:
    """Return the user's state directory by the XDG specification, which says to ignore a relative value."""
    above = os.environ.get("XDG_STATE_HOME", "")
    root = Path(above) if above.startswith("/") else Path.home() / ".local" / "state"
    return root / "hotlap"


class Settings(BaseSettings):
    """Values read from the environment; an empty variable counts as absent."""

    model_config = SettingsConfigDict(env_prefix="HOTLAP_", frozen=True, extra="ignore", env_ignore_empty=True)

    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    log_format: Literal["text", "json"] = "text"
    state_dir: Path = Field(default_factory=_state_dir)
    temp_dir: Path = Field(default_factory=lambda: Path(tempfile.gettempdir()))


def load() -> Settings:
    """Return the settings in force; ConfigError naming the variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = "HOTLAP_" + "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigError(str(first["msg"]).removeprefix("Input ").lower(), where=name) from error
