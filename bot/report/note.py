"""The note of a run: one line for each function, where its merge request is, and which machines said nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.attempt import Attempt
from bot.domain.evidence import Outcome
from bot.domain.exchange import Silence
from bot.report import numbers
from bot.report.escape import Markdown, code, text
from bot.report.model import headline

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One function: what was tried, where its merge request is ("" where there is none), and what else to say."""

    attempt: Attempt
    link: str = ""
    sentence: str = ""


def note(entries: Sequence[Entry], silent: Sequence[Silence], notes: Sequence[str], pipeline: str = "") -> str:
    """Return the body of a note; `pipeline` is the address of the one that it is about."""
    lines = [f"**Hotlap:** {_lead(entries)}", ""]
    lines += [_line(one) for one in entries[:_SHOWN]]
    if len(entries) > _SHOWN:
        lines.append(f"- and {numbers.counted(len(entries) - _SHOWN, 'function')} more")
    if silent:
        lines += ["", "No evidence from:", ""]
        lines += [f"- {code(one.hardware)}: {text(one.why)}" for one in silent]
    if notes:
        lines += ["", *(f"- {text(one)}" for one in dict.fromkeys(notes[:_SHOWN]))]
    if pipeline:
        lines += ["", f"[Pipeline and report]({pipeline})"]
    return "\n".join(lines).rstrip() + "\n"


def _lead(entries: Sequence[Entry]) -> str:
    done = sum(one.attempt.accepted is not None for one in entries)
    if done:
        return f"{numbers.counted(done, 'proven speed-up')}, {numbers.counted(len(entries), 'function')} tried."
    if any(tried.verdict.outcome is Outcome.HELD for one in entries for tried in one.attempt.tried):
        return "a gain is proven, but a person must look before anything is done with it."
    tried = sum(len(one.attempt.tried) for one in entries)
    return f"{numbers.counted(tried, 'candidate')} tried, none accepted." if tried else "nothing to try here."


def _line(one: Entry) -> Markdown:
    attempt = one.attempt
    chosen = attempt.accepted or (attempt.tried[-1] if attempt.tried else None)
    name = code(attempt.target.function)
    if chosen is None:
        return Markdown(f"- {name}: not tried, no time was left")
    best = headline(chosen.verdict.comparisons)
    gain = ""
    if best is not None and attempt.accepted is not None:
        gain = f" **{numbers.times(best.ratio.estimate)}** ({numbers.interval(best.ratio)}) on {code(best.benchmark)}"
    where = f", {one.link}" if one.link else ""
    said = one.sentence or ("" if attempt.accepted else f"{chosen.verdict.outcome}: {chosen.verdict.message}")
    return Markdown(f"- {name}:{gain}{where}{' ' if said else ''}{text(said)}")
