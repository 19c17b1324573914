"""The comment that started a pipeline, with real adapters: answered, read again, and told when a job failed."""

import contextlib
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.app.ci import commands
from bot.app.ci.commands import Taken
from bot.app.ci.environment import Job
from bot.app.ci.exchange import ORDER, Exchange, bounded
from bot.app.comment import Listener
from bot.config import Config
from bot.domain.errors import ConfigError, HotlapError
from bot.domain.rollout import OFF, Phase
from bot.ports.forge import Forge
from bot.triggers.limits import Limits
from bot.triggers.payload import LONGEST, hint
from bot.wiring import forge as gitlab
from bot.wiring.publishing import Office

_PAYLOAD = "TRIGGER_PAYLOAD"


@dataclass(frozen=True, slots=True)
class Listening:
    """One job of a pipeline that a comment started."""

    job: Job
    exchange: Exchange
    environ: Mapping[str, str]

    def payload(self) -> bytes:
        """Return the event as the job was given it; ConfigError or ExchangeError where there is none."""
        place = self.environ.get(_PAYLOAD)
        if not place:
            raise ConfigError("is not set: this step belongs into a pipeline that a comment started", where=_PAYLOAD)
        return bounded(Path(place), LONGEST)

    def heard(self, payload: bytes) -> Taken:
        """Answer a comment event and leave the order for the next jobs; runs no code of the repository."""
        office = Office.opened(self.exchange)
        self.exchange.discard(ORDER)
        pointed = hint(payload)
        if isinstance(pointed, str):
            return Taken(pointed)
        config, broken = _readable(office)
        if config.rollout.value.phase is Phase.OFF:
            return Taken(OFF)
        listener = self._listener(office.forge, config, broken)
        taken = commands.take(listener, office.forge, pointed, self.job, config)
        if taken.order is not None:
            self.exchange.write(ORDER, taken.order)
        return taken

    def again(self, config: Config) -> Taken:
        """Return the order by GitLab's word of this moment; none where a comment asks for nothing, or may not.

        A comment that the job before did not take on, because another pipeline has it for example, asks for nothing.
        """
        pointed = hint(self.payload())
        if isinstance(pointed, str) or not self.exchange.has(ORDER):
            return Taken("nothing was asked for")
        off = config.rollout.value.phase is Phase.OFF
        found = Taken(OFF) if off else commands.again(gitlab.forge(), pointed, self.job, config)
        return commands.confirmed(self.exchange.read(ORDER), found)

    def failed(self) -> str:
        """Say where a run was asked for that a job of it has failed; return a sentence for the log."""
        pointed = hint(self.payload())
        if isinstance(pointed, str):
            return pointed
        listener = self._listener(gitlab.forge(), Config(), "")
        return listener.failed(pointed, self.job.pipeline_url).sentence

    @contextlib.contextmanager
    def answering(self) -> Iterator[None]:
        """Do what is within; where it fails, say so where it was asked for, and fail all the same."""
        try:
            yield
        except HotlapError:
            with contextlib.suppress(HotlapError):  # the first error is the one to be told
                self.failed()
            raise

    def _listener(self, forge: Forge, config: Config, broken: str) -> Listener:
        rules, run = commands.policy(config), self.job.pipeline
        return Listener(forge, rules, Limits(), run, lambda: dt.datetime.now(dt.UTC), broken)


def _readable(office: Office) -> tuple[Config, str]:
    """Return the configuration of the default branch; the default one, and what is wrong, where it cannot be read."""
    try:
        return office.config(), ""
    except ConfigError as error:
        return Config(), str(error)
