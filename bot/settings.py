"""The bot's own environment, `HOTLAP_*`: what the operator of a runner sets, never what a repository asks for."""

import os
import tempfile
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.domain.errors import ConfigError


def _state_dir() -> Path:
    """Return the user's state directory by the XDG specification, which says to ignore a relative value."""
    above = os.environ.get("XDG_STATE_HOME", "")
    root = Path(above) if above.startswith("/") else Path.home() / ".local" / "state"
    return root / "hotlap"


class Settings(BaseSettings):
    """Values read from the environment; an empty variable counts as absent.

    `store` is the address of the store (docs/store.md), SecretStr as it may hold a password; `state_branch` says
    whether the branch hotlap/state is read, or pushed to as well; `telemetry_sample` is the share of commands whose
    steps are kept.
    """

    model_config = SettingsConfigDict(env_prefix="HOTLAP_", frozen=True, extra="ignore", env_ignore_empty=True)

    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    log_format: Literal["text", "json"] = "text"
    state_dir: Path = Field(default_factory=_state_dir)
    temp_dir: Path = Field(default_factory=lambda: Path(tempfile.gettempdir()))
    store: SecretStr | None = None
    state_branch: Literal["off", "read", "push"] = "off"
    telemetry: bool = False
    telemetry_sample: float = Field(default=1.0, gt=0, le=1)
    otlp_endpoint: str | None = Field(default=None, pattern=r"^https?://[^\s/@]+(/[^\s@]*)?$")


class ModelSettings(BaseSettings):
    """Which language model is asked and what it may cost: `HOTLAP_MODEL` and `HOTLAP_MODEL_*`; docs/models.md.

    Tokens are those of a run. Prices are US dollars for a million tokens. No repository can set any of this: an
    address gets source code, and a key pays.
    """

    model_config = SettingsConfigDict(env_prefix="HOTLAP_MODEL_", frozen=True, extra="ignore", env_ignore_empty=True)

    name: str = Field(default="", validation_alias="HOTLAP_MODEL")
    url: str | None = None
    key: SecretStr | None = None
    script: Path | None = None
    timeout: float = Field(default=120.0, gt=0, le=3600)
    retries: int = Field(default=4, ge=0, le=10)
    temperature: float | None = Field(default=None, ge=0, le=2)
    context_tokens: int = Field(default=12_000, ge=500, le=1_000_000)
    reply_tokens: int = Field(default=4_000, ge=100, le=200_000)
    candidates: int = Field(default=2, ge=1, le=5)
    tries: int = Field(default=2, ge=1, le=3)
    format: Literal["auto", "blocks", "function"] = "auto"
    max_tokens: int = Field(default=400_000, ge=1)
    max_cost: float | None = Field(default=None, gt=0)
    price_in: float | None = Field(default=None, ge=0)
    price_out: float | None = Field(default=None, ge=0)

    @field_validator("url")
    @classmethod
    def _an_address(cls, value: str | None) -> str | None:
        """Accept http and https with a host and without a user; cloud metadata addresses are no model."""
        if value is None:
            return None
        try:
            parts = urlsplit(value)
            host = parts.hostname or ""
        except ValueError:
            host = ""
        if not host or parts.scheme not in {"http", "https"}:
            message = "should be an address such as http://127.0.0.1:11434/v1"
            raise ValueError(message)
        if parts.username is not None or parts.password is not None:
            message = "should hold no user or password: the key goes into HOTLAP_MODEL_KEY"
            raise ValueError(message)
        if host.startswith(("169.254.", "fe80:")) or host == "metadata.google.internal":
            message = "should not be a link-local or metadata address"
            raise ValueError(message)
        return value


class GitLabSettings(BaseSettings):
    """How GitLab is reached: `HOTLAP_GITLAB_*`, and where one is absent what GitLab says of itself in a job.

    No repository can set any of this: the token goes to the address. `HTTPS_PROXY` and `NO_PROXY` are honoured.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, populate_by_name=True)

    url: str = Field(default="https://gitlab.com", validation_alias=AliasChoices("HOTLAP_GITLAB_URL", "CI_SERVER_URL"))
    token: SecretStr | None = Field(default=None, validation_alias="HOTLAP_GITLAB_TOKEN")
    project: str = Field(default="", validation_alias=AliasChoices("HOTLAP_GITLAB_PROJECT", "CI_PROJECT_ID"))
    ca_file: Path | None = Field(
        default=None, validation_alias=AliasChoices("HOTLAP_GITLAB_CA_FILE", "CI_SERVER_TLS_CA_FILE")
    )
    timeout: float = Field(default=30.0, gt=0, le=600, validation_alias="HOTLAP_GITLAB_TIMEOUT")
    attempts: int = Field(default=6, ge=1, le=20, validation_alias="HOTLAP_GITLAB_ATTEMPTS")

    @field_validator("url")
    @classmethod
    def _a_server(cls, value: str) -> str:
        """Accept http and https with a host, and a path for an instance below one."""
        parts = urlsplit(value)
        if not parts.hostname or parts.scheme not in {"http", "https"} or parts.query or parts.fragment:
            message = "should be an address such as https://gitlab.example.com"
            raise ValueError(message)
        if parts.username is not None or parts.password is not None:
            message = "should hold no user or password: the token goes into HOTLAP_GITLAB_TOKEN"
            raise ValueError(message)
        return value.rstrip("/")


_Read = TypeVar("_Read", bound=BaseSettings)


def load() -> Settings:
    """Return the settings in force; ConfigError naming the variable that is wrong."""
    return _read(Settings, "HOTLAP_")


def load_model() -> ModelSettings:
    """Return the settings of the language model; ConfigError naming the variable that is wrong."""
    return _read(ModelSettings, "HOTLAP_MODEL_")


def load_gitlab() -> GitLabSettings:
    """Return the settings of GitLab; ConfigError naming the variable that is wrong."""
    return _read(GitLabSettings, "HOTLAP_GITLAB_")


def _read(kind: type[_Read], prefix: str) -> _Read:
    try:
        return kind()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        sentence = str(first["msg"]).removeprefix("Input ").removeprefix("Value error, ")
        where = name if name.startswith("HOTLAP_") else prefix + name
        raise ConfigError(sentence[:1].lower() + sentence[1:], where=where) from error
