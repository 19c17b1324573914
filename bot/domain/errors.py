"""The one error tree.

    HotlapError
    +-- ConfigError    the configuration or a flag is wrong: where, line and one sentence (exit 2)
    +-- Refused        the request cannot be done as asked: one sentence for the user (exit 2)
    +-- EditError      an edit reply was not applied: feedback for whoever wrote it (exit 1)
    +-- SandboxError   infrastructure only: nothing is known about the candidate (exit 3)
    +-- ExchangeError  what another job of the pipeline left is missing or not what it should be (exit 3)
    +-- ForgeError     GitLab answered with an error; `retryable` says whether trying again may help (exit 3)
    |   +-- Moved          a branch is no longer where it was expected: somebody pushed in between
    +-- ModelError     a language model could not be asked; `retryable` likewise (exit 3)
        +-- BudgetError    what may be spent on models does not allow another request
    +-- StoreError     what was found cannot be kept or read back; `retryable` likewise (exit 3)

A candidate that fails is a `Verdict`, never an exception.
"""


class HotlapError(Exception):
    """Base of all errors that carry a sentence fit for a user."""


class ConfigError(HotlapError):
    """A configuration value is wrong; `where` is a file or flag, `line` is 1-based or None."""

    def __init__(self, sentence: str, *, where: str, line: int | None = None) -> None:
        self.where = where
        self.line = line
        place = where if line is None else f"{where}:{line}"
        super().__init__(f"{place}: {sentence}")


class Refused(HotlapError):  # noqa: N818 - a refusal is an answer, not a fault
    """The request cannot be carried out as asked; the message is one sentence that says what to do."""


class EditError(HotlapError):
    """A reply could not be applied; nothing was written. `feedback` is text for the author of the reply."""

    def __init__(self, sentence: str, *, reason: str, feedback: str = "") -> None:
        self.reason = reason
        self.feedback = feedback or sentence
        super().__init__(sentence)


class SandboxError(HotlapError):
    """The place where the candidate should run failed; says nothing about the candidate."""


class ExchangeError(HotlapError):
    """What another job of the pipeline left cannot be used; one sentence that names the file or the candidate."""


class ForgeError(HotlapError):
    """GitLab could not be asked or refused; `status` is the HTTP status or None."""

    def __init__(self, sentence: str, *, status: int | None = None, retryable: bool = False) -> None:
        self.status = status
        self.retryable = retryable
        super().__init__(sentence)


class Moved(ForgeError):  # noqa: N818 - what happened, not whose fault it is
    """A branch is not where it was expected to be; nothing was written."""


class ModelError(HotlapError):
    """A language model could not be asked; `wait` is how many seconds it wants to be left alone."""

    def __init__(self, sentence: str, *, retryable: bool = False, wait: float = 0.0) -> None:
        self.retryable = retryable
        self.wait = wait
        super().__init__(sentence)


class BudgetError(ModelError):
    """What may be spent on models does not allow another request; nothing was sent."""


class StoreError(HotlapError):
    """The store could not be read or written; nothing that was acknowledged before is lost."""

    def __init__(self, sentence: str, *, retryable: bool = False) -> None:
        self.retryable = retryable
        super().__init__(sentence)
