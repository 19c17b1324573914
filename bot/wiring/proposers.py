"""Who writes candidates: the rules, a language model of the operator's choice, or a script in place of one."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from bot import settings
from bot.adapters.models.format_record import FormatRecord
from bot.adapters.models.metered import Metered, Prices
from bot.adapters.models.retried import Retried
from bot.adapters.ruff import RuffFixer
from bot.domain.errors import ConfigError, Refused
from bot.domain.redact import Redactor, secret_values
from bot.domain.revision import Criticisms
from bot.ports import LanguageModel, Progress, Proposer
from bot.propose import scripted
from bot.propose.context.gather import Gatherer
from bot.propose.llm.formats import Format
from bot.propose.llm.prompt import Prompts
from bot.propose.llm.proposer import ModelProposer, ModelProposerSettings
from bot.propose.rules.catalogue import catalogue
from bot.propose.rules.linter_fixes import LinterFixes
from bot.propose.rules.proposer import RuleProposer
from bot.settings import ModelSettings

_MILLION = 1_000_000


def proposing(
    kind: str, protected: tuple[str, ...], progress: Progress, criticisms: Criticisms = MappingProxyType({})
) -> tuple[Proposer, Callable[[], tuple[str, ...]]]:
    """Return the proposer called `kind` (rules, llm, scripted), and what a report must know about its work.

    `criticisms` are what a model is told about changes that are wanted otherwise. ConfigError or Refused where the
    environment does not say which model to ask.
    """
    if kind == "rules":
        return _rules(protected), tuple
    own = settings.load_model()
    metered = _metered(kind, own)
    model = Retried(metered, own.retries)
    wanted = ModelProposerSettings(own.candidates, own.tries, own.reply_tokens, protected)
    writer = replace(prompts(own, model.name, protected), criticisms=criticisms)
    proposer = ModelProposer(kind, model, writer, wanted, _record(), progress)
    return proposer, lambda: (f"{model.name}: {metered.sentence()}", *proposer.notes)


def prompts(own: ModelSettings, model: str, protected: tuple[str, ...]) -> Prompts:
    """Return what writes prompts for `model` under the operator's settings; nothing is sent anywhere."""
    gatherer = Gatherer(_redactor().redact, own.context_tokens)
    form = None if own.format == "auto" else Format(own.format)
    return Prompts(gatherer, model, _record(), form, _rules(protected))


def _rules(protected: tuple[str, ...]) -> RuleProposer:
    return RuleProposer(catalogue(), (LinterFixes(RuffFixer()),), protected)


def _record() -> FormatRecord:
    return FormatRecord(settings.load().state_dir / "models.jsonl")


def _redactor() -> Redactor:
    return Redactor(secret_values(os.environ))


def _metered(kind: str, own: ModelSettings) -> Metered:
    prices = None
    if own.price_in is not None and own.price_out is not None:
        prices = Prices(own.price_in / _MILLION, own.price_out / _MILLION)
    if kind == "scripted":
        return Metered(_scripted(own.script), own.max_tokens, own.max_cost, prices or Prices(0.0, 0.0))
    model, listed = _language_model(own)
    return Metered(model, own.max_tokens, own.max_cost, prices or listed)


def _scripted(place: Path | None) -> LanguageModel:
    if place is None:
        raise Refused("--proposer scripted reads replies from a file: name it in HOTLAP_MODEL_SCRIPT")
    try:
        with place.open("rb") as file:
            data = file.read(scripted.MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{place} cannot be read: {error.strerror}", where="HOTLAP_MODEL_SCRIPT") from None
    return scripted.ScriptedModel(scripted.read(data, str(place)), place.name)


def _language_model(own: ModelSettings) -> tuple[LanguageModel, Prices | None]:
    if not own.name:
        raise Refused("--proposer llm asks the model that HOTLAP_MODEL names, and it names none; see docs/models.md")
    from bot.adapters.models.litellm import Endpoint, LiteLlm

    key = None if own.key is None else own.key.get_secret_value()
    endpoint = Endpoint(own.name, own.url, key, own.timeout, own.temperature)
    model = LiteLlm(endpoint, _redactor().redact)
    return model, model.prices()
