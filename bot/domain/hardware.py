"""Machines that a project wants its speed proven on, and which of them must agree."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.evidence import Machine, Verdict

HERE = "here"
"""The name of the machine where none is configured."""


class Agreement(StrEnum):
    """Which machines must show a gain; wrong behaviour on any of those that count is never outvoted."""

    ALL = "all"
    ANY = "any"
    WEIGHTED = "weighted"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Hardware:
    """One kind of machine: the tags of its runners, a part of its CPU's name ("" for any), and what it counts for."""

    name: str = HERE
    tags: tuple[str, ...] = ()
    cpu: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Policy:
    """When a change that was measured on several machines is accepted; `names` counts with `Agreement.NAMED` only.

    `min_gain` is the smallest weighted gain, and `margin` what its lower bound must exceed (0.05 is 5%).
    """

    agreement: Agreement = Agreement.ALL
    names: tuple[str, ...] = ()
    min_gain: float = 0.05
    margin: float = 0.01


@dataclass(frozen=True, slots=True)
class Column:
    """What one machine says of one candidate; `why` is a clause where its verdict is missing or does not count."""

    hardware: Hardware
    verdict: Verdict | None = None
    machine: Machine | None = None
    why: str = ""


def fingerprint(machine: Machine) -> str:
    """Return what must be equal for two measurements to be compared: the processor and how many cores there are."""
    return f"{machine.cpu_model}, {machine.cores} cores"
