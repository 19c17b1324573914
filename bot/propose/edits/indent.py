"""Carries indentation over from a SEARCH text to the file: one shift, or one change of unit, for all lines alike."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Indent:
    """How a REPLACE line is indented in the file.

    `add` is put before a line or `drop` is taken off. With `unit` above 0 the indentation first changes its
    unit: `unit` spaces become a tab where `to_tabs`, else each tab becomes `unit` spaces.
    """

    add: str = ""
    drop: str = ""
    unit: int = 0
    to_tabs: bool = False

    def apply(self, line: str) -> str | None:
        """Return a REPLACE line as it belongs into the file; None where it is not indented enough to be moved."""
        if not line.strip():
            return line
        blank = leading(line)
        moved = self._converted(blank) if self.unit else blank
        if moved is None or not moved.startswith(self.drop):
            return None
        return self.add + moved[len(self.drop) :] + line[len(blank) :]

    def _converted(self, blank: str) -> str | None:
        if self.to_tabs:
            tabs, rest = divmod(len(blank), self.unit)
            return None if "\t" in blank else "\t" * tabs + " " * rest
        return blank.replace("\t", " " * self.unit)


def leading(line: str) -> str:
    """Return a line's indentation."""
    return line[: len(line) - len(line.lstrip())]


def uniform(search: Sequence[str], found: Sequence[str]) -> Indent | None:
    """Return the shift from SEARCH lines to a file's lines; None where it is not the same for all of them."""
    pairs = [(leading(one), leading(two)) for one, two in zip(search, found, strict=True) if one.strip()]
    if not pairs:
        return None
    ours, theirs = pairs[0]
    if theirs.endswith(ours):
        add = theirs[: len(theirs) - len(ours)]
        return Indent(add=add) if all(two == add + one for one, two in pairs) else None
    if ours.endswith(theirs):
        drop = ours[: len(ours) - len(theirs)]
        return Indent(drop=drop) if all(one == drop + two for one, two in pairs) else None
    return None


def tab_units(search: Sequence[str], found: Sequence[str]) -> Indent | None:
    """Return the change between tabs and spaces that fits all lines; None where none or more than one does."""
    pairs = [(leading(one), leading(two)) for one, two in zip(search, found, strict=True) if one.strip()]
    ours, theirs = {sign for one, _ in pairs for sign in one}, {sign for _, two in pairs for sign in two}
    if ours == {" "} and theirs == {"\t"}:
        return _unit([(len(one), len(two)) for one, two in pairs], to_tabs=True)
    if ours == {"\t"} and theirs == {" "}:
        return _unit([(len(two), len(one)) for one, two in pairs], to_tabs=False)
    return None


def _unit(pairs: Sequence[tuple[int, int]], *, to_tabs: bool) -> Indent | None:
    """Solve spaces = unit * (tabs - shift) for (spaces, tabs) pairs; no shift is preferred to any."""
    units = [unit for unit in range(1, 9) if all(spaces == unit * tabs for spaces, tabs in pairs)]
    if units:
        return Indent(unit=units[0], to_tabs=to_tabs)
    fits = []
    for unit in range(1, 9):
        shifts = {spaces - unit * tabs for spaces, tabs in pairs}
        if len(shifts) == 1 and (shift := shifts.pop()) % unit == 0:
            fits.append((unit, shift // unit))
    if len(fits) != 1:
        return None
    unit, shift = fits[0]
    sign, width = ("\t", abs(shift)) if to_tabs else (" ", abs(shift) * unit)
    # More tabs in the file than in SEARCH makes the shift negative: these are added.
    more = shift < 0 if to_tabs else shift > 0
    return Indent(add=sign * width if more else "", drop="" if more else sign * width, unit=unit, to_tabs=to_tabs)
