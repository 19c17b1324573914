"""The language model as a proposer: candidates from dialogues, until their number or the budget is used up."""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.code import Snapshot, Target
from bot.domain.errors import BudgetError, ModelError, Refused
from bot.domain.job import Candidate
from bot.domain.legible import one_line
from bot.domain.lesson import Lesson
from bot.ports import LanguageModel, Progress
from bot.propose.llm.dialogue import Dialogue, Proposal
from bot.propose.llm.formats import Format, Record
from bot.propose.llm.prompt import VERSION, Prompt, Prompts

log = logging.getLogger(__name__)

_BLOCK = re.compile(r"^[ \t]*(?:<{5,} ?(?:SEARCH|ORIGINAL)|`{3,}|~{3,})", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ModelProposerSettings:
    """Candidates for one function, replies for one before the whole function is asked for, tokens of one reply."""

    candidates: int = 2
    tries: int = 2
    reply_tokens: int = 4000
    protected: tuple[str, ...] = ()


class ModelProposer:
    """Implements `ports.Proposer` with a language model; `name` is the prefix of its candidates' proposer."""

    def __init__(
        self,
        name: str,
        model: LanguageModel,
        prompts: Prompts,
        settings: ModelProposerSettings,
        record: Record,
        progress: Progress,
    ) -> None:
        self.name = name
        self._model = model
        self._prompts = prompts
        self._settings = settings
        self._record = record
        self._progress = progress
        self._answered = False
        self._notes: dict[str, None] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the report must know: functions that were not shown, and why asking ended."""
        return tuple(self._notes)

    def propose(self, target: Target, tree: Snapshot, lessons: Sequence[Lesson]) -> Iterator[Candidate]:
        """Yield candidates for one function, each from a dialogue of its own that knows the ones before.

        ModelError where the model cannot be asked at all; once it has answered, a fault that may pass or a budget
        that is used up ends this function only, and is noted.
        """
        proposed: list[str] = []
        for _ in range(self._settings.candidates):
            try:
                prompt = self._prompts.write(target, tree, lessons, proposed)
                candidate = self._candidate(prompt, tree)
            except (ModelError, Refused) as error:
                if self._fatal(error):
                    raise
                self._note(target, str(error))
                return
            if candidate is not None:
                proposed.append(candidate.rationale)
                yield candidate

    def _candidate(self, prompt: Prompt, tree: Snapshot) -> Candidate | None:
        model, settings, target = self._model, self._settings, prompt.target
        dialogue = Dialogue(
            model,
            prompt,
            tree,
            settings.protected,
            settings.tries,
            settings.reply_tokens,
            lambda good: self._heard(prompt.form, good=good),
        )
        found = dialogue.run()
        if found is None:
            self._note(target, f"no reply of {model.name} could be applied ({', '.join(dialogue.refusals)})")
            return None
        return Candidate(
            edits=found.edits,
            base=tree.commit,
            rationale=_rationale(found, target.function.path),
            proposer=f"{self.name}/{model.name}/{prompt.form}/v{VERSION}",
            target=target,
            spent=found.spent,
        )

    def _heard(self, form: Format, *, good: bool) -> None:
        self._answered = True
        self._record.add(self._model.name, form, good=good)

    def _fatal(self, error: ModelError | Refused) -> bool:
        if isinstance(error, Refused):
            return False
        return not self._answered or not (error.retryable or isinstance(error, BudgetError))

    def _note(self, target: Target, sentence: str) -> None:
        self._notes[f"{target.function}: {sentence}"] = None
        self._progress.step(str(target.function), "model", sentence)


def _rationale(found: Proposal, path: str) -> str:
    """Return the words before the first block, on one line; the path above the block is none of them."""
    block = _BLOCK.search(found.text)
    before = found.text[: block.start()] if block else ""
    words = [line for line in before.split("\n") if line.strip(" \t*`#:") not in {"", path}]
    return one_line(" ".join(words)) or "No reason was given."
