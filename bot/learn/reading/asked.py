"""What a polite request asks for, without the words of asking: whether it forbids is said by its innermost clause."""

import re
from types import MappingProxyType

from bot.learn.reading.grammar import cue

_PRESENT = MappingProxyType(
    {"avoided": "avoid", "stopped": "stop", "left": "leave", "kept": "keep", "used": "use", "preferred": "prefer",
     "refrained": "refrain", "skipped": "skip", "added": "add", "sent": "send", "proposed": "propose"}
)  # fmt: skip

_BASE = MappingProxyType({"has": "have", "passes": "pass", "goes": "go", "carries": "carry", "is": "be", "are": "be"})


def without_asides(clause: str) -> str:
    """Return `clause` without the adverbs that change neither who asks nor for what: "therefore", "in general"."""
    text = " ".join(cue("requests.aside").sub(" ", clause).split())
    text = cue("requests.afterthought").sub("", text)
    text = cue("requests.before_modal").sub(r"\1", text)
    text = cue("requests.after_modal").sub(r"\1", text)
    return text.strip(" ,")


def without_reason(clause: str) -> str:
    """Return `clause` up to where it begins to say why, or what would happen otherwise."""
    found = cue("requests.reason").search(clause)
    return clause[: found.start()] if found else clause


def asked_for(clause: str) -> str | None:
    """Return the order or statement that a request such as "I would ask that you do not ..." stands for, or None."""
    head = cue("requests.head").match(clause)
    if head is None:
        return None
    rest = clause[head.end() :].strip(" ,")
    for name, form in _COMPLEMENTS:
        if found := cue(name).match(rest):
            return form(found)
    return None


def _order(found: re.Match[str]) -> str:
    verb, _, rest = found["m"].partition(" ")
    if not found["no"]:
        order = f"{_PRESENT.get(verb, verb)} {rest}".strip()
        return re.sub(r"^(?:see|get|have|receive) (?=no |never )", "", order)
    return f"do not {found['m']}"


def _statement(found: re.Match[str]) -> str:
    """Return "X must not be used" for "that X is not used"."""
    return f"{found['subject']} must {'not ' if found['no'] else ''}be {found['m']}"


def _acting(found: re.Match[str]) -> str:
    """Return "X must include Y" for "that X includes Y"."""
    verb, _, rest = found["m"].partition(" ")
    return f"{found['subject']} must {_BASE.get(verb, verb.removesuffix('s'))} {rest}"


def _duty(found: re.Match[str]) -> str:
    return found["m"]


_COMPLEMENTS = (
    ("requests.to", _order),
    ("requests.that", _order),
    ("requests.thing", _statement),
    ("requests.duty", _duty),
    ("requests.acts", _acting),
)
