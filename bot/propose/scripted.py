"""The scripted model: replies from a file, by function or one after the other, for tests and to reproduce a run."""

from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from bot.domain.conversation import Answer, Ask, Spent, count
from bot.domain.errors import ConfigError, Refused

MOST_BYTES = 8 << 20
_FIELDS = frozenset({"target", "reply", "complete"})


@dataclass(frozen=True, slots=True)
class Line:
    """One reply of a script; `target` ("path::qualname") is whom it is for, "" for whoever asks."""

    reply: str
    target: str = ""
    complete: bool = True


class ScriptedModel:
    """Implements `ports.LanguageModel`: the first unused reply for the function that is asked about, each given once.

    Replies without a target are for whoever asks when there is none of their own left.
    """

    def __init__(self, lines: tuple[Line, ...], name: str = "scripted") -> None:
        self._left = list(lines)
        self._name = name

    @property
    def name(self) -> str:
        """The name of the script."""
        return self._name

    def ask(self, ask: Ask) -> Answer:
        """Return the next reply; Refused where the script has none."""
        for wanted in (ask.subject, ""):
            for line in self._left:
                if line.target == wanted:
                    self._left.remove(line)
                    return Answer(line.reply, Spent(1, ask.tokens, count(line.reply), 0.0), line.complete)
        raise Refused(f"the script {self._name} has no reply left for {ask.subject}")


def read(data: bytes, where: str) -> tuple[Line, ...]:
    """Return the replies of a script in YAML (or JSON); ConfigError where it is not one.

    It is a mapping with one key, `replies`: a list of texts, or of mappings with `reply`, and `target` or `complete`.
    """
    if len(data) > MOST_BYTES:
        raise ConfigError(f"a script has at most {MOST_BYTES >> 20} MiB", where=where)
    try:
        found = yaml.safe_load(data.decode("utf-8"))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"not YAML: {' '.join(str(error).split())}", where=where) from error
    replies = found.get("replies") if isinstance(found, Mapping) and set(found) == {"replies"} else None
    if not isinstance(replies, list) or not replies:
        raise ConfigError("a script holds one key, replies, with a list of at least one reply", where=where)
    return tuple(_line(one, number, where) for number, one in enumerate(replies, 1))


def _line(raw: object, number: int, where: str) -> Line:
    if isinstance(raw, str):
        return Line(raw)
    if isinstance(raw, Mapping) and set(raw) <= _FIELDS:
        reply, target, complete = raw.get("reply"), raw.get("target", ""), raw.get("complete", True)
        if isinstance(reply, str) and isinstance(target, str) and isinstance(complete, bool):
            return Line(reply, target, complete)
    raise ConfigError(f"reply {number} is neither a text nor a mapping with reply, target, complete", where=where)
