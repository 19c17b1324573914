"""The `hardware:` section: which machines a project wants its speed proven on."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.config.section import Section

_Tag = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\s,$\x00-\x1f][^,$\x00-\x1f]*$")]
Name = Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z0-9][a-z0-9_-]*$")]


class Machine(Section):
    """One kind of machine on which candidates are judged, by a job of its own in the child pipeline."""

    name: Name = Field(description="Name in reports and for `/optimize --hardware`: small letters, digits, - and _.")
    tags: Annotated[tuple[_Tag, ...], Field(strict=False, max_length=20)] = Field(
        default=(), description="Tags of the runners on such machines; without tags any runner takes the job."
    )
    cpu: Annotated[str, StringConstraints(max_length=200)] = Field(
        default="", description="Part of the CPU's name; evidence from another CPU does not count."
    )
    weight: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] = Field(
        default=1.0, description="What it counts for under `accept: hardware: weighted`."
    )


def once(machines: tuple[Machine, ...]) -> tuple[Machine, ...]:
    """Return the machines; ValueError where two have one name."""
    names = [one.name for one in machines]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"must name each machine once, and names '{name}' twice")
    return machines


def known(machines: Sequence[Machine], named: Sequence[str], agreement: str) -> None:
    """Raise ValueError where `accept: named:` does not fit the machines or the agreement."""
    if agreement == "named" and not named:
        raise ValueError("must name one machine or more under 'accept: named:' where 'accept: hardware:' is 'named'")
    missing = [name for name in named if name not in {one.name for one in machines}]
    if missing:
        raise ValueError(f"must list '{missing[0]}', which 'accept: named:' names")
