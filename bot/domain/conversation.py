"""What is said to a language model and what it answers; what that costs; and how tokens are counted beforehand."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Who speaks."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What requests used: tokens as the provider counts them, money in US dollars; `cost` is None where unknown."""

    requests: int = 0
    prompt_tokens: int = 0
    reply_tokens: int = 0
    cost: float | None = 0.0

    @property
    def tokens(self) -> int:
        """Tokens in both directions."""
        return self.prompt_tokens + self.reply_tokens

    def plus(self, other: "Spent") -> "Spent":
        """Return the sum; an unknown cost stays unknown."""
        cost = None if self.cost is None or other.cost is None else self.cost + other.cost
        return Spent(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.reply_tokens + other.reply_tokens,
            cost,
        )


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: `subject` ("path::qualname") says what it is about, `most` bounds the reply in tokens."""

    subject: str
    messages: tuple[Message, ...]
    most: int

    @property
    def tokens(self) -> int:
        """The estimated tokens of the prompt, with a few for the frame of each message."""
        return sum(count(one.text) + 8 for one in self.messages)


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply; `complete` is false where the model was stopped before its end."""

    text: str
    spent: Spent
    complete: bool = True


_PIECES = re.compile(
    r"(?P<word>[A-Za-z]+)|(?P<digits>[0-9]+)|(?P<blanks>[ \t]+)|(?P<signs>[!-/:-@\[-`{-~]+)|.", re.DOTALL
)


def count(text: str) -> int:
    """Return an estimate of the tokens of `text`: the same everywhere, for every model, without its vocabulary.

    Tokenizers differ and fetch their tables from the network; the estimate is meant to be too high rather than too
    low on source code. What is billed is what the provider counts.
    """
    return sum(_tokens(piece) for piece in _PIECES.finditer(text))


def _tokens(piece: re.Match[str]) -> int:
    size = piece.end() - piece.start()
    if piece.lastgroup == "word":
        return -(-size // 6)
    if piece.lastgroup == "digits":
        return -(-size // 3)
    if piece.lastgroup == "blanks":
        return int(size > 1)  # a single blank belongs to the word after it
    if piece.lastgroup == "signs":
        return -(-size // 2)
    return 1 if piece[0].isascii() else len(piece[0].encode("utf-8", "surrogatepass"))
