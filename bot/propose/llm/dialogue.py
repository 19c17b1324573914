"""One candidate's dialogue: a reply, what is wrong with it, another one, at last a request for the whole function."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.domain.code import Snapshot
from bot.domain.conversation import Answer, Ask, Message, Role, Spent
from bot.domain.errors import EditError
from bot.domain.job import EditSet
from bot.ports import LanguageModel
from bot.propose.edits import engine
from bot.propose.llm import function, scope
from bot.propose.llm.formats import Format
from bot.propose.llm.prompt import Prompt, render

log = logging.getLogger(__name__)

_CUT_OFF = (
    "Nothing was applied: the reply was cut off at the limit of tokens. Send a shorter one: smaller blocks, less prose."
)
_LONGEST_ECHO = 20_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """An edit that can be applied, the words around it, and how many replies it took."""

    edits: EditSet
    text: str
    replies: int
    spent: Spent


@dataclass(slots=True)
class Dialogue:
    """Asks `model` until an edit can be applied or `tries` are used up; `spent` is what that has cost so far.

    `heard` is told after each first reply whether it could be applied.
    """

    model: LanguageModel
    prompt: Prompt
    tree: Snapshot
    protected: Sequence[str]
    tries: int
    most: int
    heard: Callable[[bool], None]
    spent: Spent = field(default_factory=Spent)
    refusals: list[str] = field(default_factory=list)

    def run(self) -> Proposal | None:
        """Return what the model proposes; None where every reply was refused, ModelError where it cannot be asked."""
        messages, form = list(self.prompt.messages), self.prompt.form
        last = self.tries + (1 if self._can_fall_back else 0)
        for number in range(1, last + 1):
            answer = self._ask(messages)
            try:
                edits = self._edits(answer, form)
            except EditError as error:
                self._refused(number, error)
                messages += [_echo(answer), Message(Role.USER, render("refused", feedback=error.feedback.strip()))]
            else:
                self._tell(number, good=True)
                return Proposal(edits, answer.text, number, self.spent)
            if number == self.tries and self._can_fall_back:
                form = Format.FUNCTION
                name = self.prompt.target.function.qualname
                messages[-1] = Message(Role.USER, render("whole", qualname=name))
        return None

    @property
    def _can_fall_back(self) -> bool:
        return self.prompt.form is Format.BLOCKS and self.prompt.target.function.language == "python"

    def _ask(self, messages: Sequence[Message]) -> Answer:
        answer = self.model.ask(Ask(str(self.prompt.target.function), tuple(messages), self.most))
        self.spent = self.spent.plus(answer.spent)
        return answer

    def _edits(self, answer: Answer, form: Format) -> EditSet:
        if not answer.complete:
            raise EditError("the reply was cut off", reason="cut-off", feedback=_CUT_OFF)
        target = self.prompt.target.function
        if form is Format.FUNCTION:
            edits = function.edit_set(answer.text, self.tree, target, self.protected)
        else:
            edits = engine.edit_set(answer.text, self.tree, (target.span,), self.protected)
        return scope.check(edits, target, self.prompt.slice.writable)

    def _refused(self, number: int, error: EditError) -> None:
        self.refusals.append(error.reason)
        self._tell(number, good=False)
        log.info("reply %d of %s for %s: %s", number, self.model.name, self.prompt.target.function, error)

    def _tell(self, number: int, *, good: bool) -> None:
        if number == 1:
            self.heard(good)


def _echo(answer: Answer) -> Message:
    text = answer.text if len(answer.text) <= _LONGEST_ECHO else answer.text[:_LONGEST_ECHO] + "\n[...]"
    return Message(Role.ASSISTANT, text or "(an empty reply)")
