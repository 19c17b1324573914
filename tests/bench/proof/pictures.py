"""Pictures for docs/statistics.md from recordings: paired samples, e-processes pair by pair, intervals and truth.

Plain SVG without a script, a font or any other resource from elsewhere; readable on light and dark pages.
"""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.stats.sequential import TwoSided
from tests.bench.proof import trials
from tests.bench.proof.tables import CONDITIONS, Data
from tests.bench.proof.target import WORDS

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _FLOOR = 720, 300, 64, 16, 44, 262
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#59636e}.t{font-size:14px;fill:#1f2328}line{stroke:#d1d9e0}"
    ".z{stroke:#59636e;stroke-dasharray:4 3}.a{fill:#0969da;stroke:#0969da}.b{fill:#bc4c00;stroke:#bc4c00}"
    "polyline{fill:none;stroke-width:1.5}polyline.a,polyline.b{fill:none}"
    "@media (prefers-color-scheme:dark){text{fill:#9198a1}.t{fill:#f0f6fc}line{stroke:#3d444d}.z{stroke:#9198a1}"
    ".a{fill:#4493f8;stroke:#4493f8}.b{fill:#f0883e;stroke:#f0883e}polyline.a,polyline.b{fill:none}}"
)
_KIND = "objects"
_ORDINARY = 0.15


class Axes:
    """A frame with linear axes: `across` and `up` are (low, high)."""

    def __init__(self, across: tuple[float, float], up: tuple[float, float]) -> None:
        self._across, self._up = across, up

    def at(self, across: float, up: float) -> tuple[float, float]:
        """Return the place of a point; beyond the ends it stands at the end."""
        low, high = self._across
        right = _LEFT + (min(max(across, low), high) - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)
        low, high = self._up
        down = _FLOOR - (min(max(up, low), high) - low) / (high - low) * (_FLOOR - _TOP)
        return right, down

    def level(self, up: float, label: str, kind: str = "") -> str:
        """Return a horizontal line with its label."""
        _, down = self.at(0, up)
        line = f'<line class="{kind}" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{down:.1f}" y2="{down:.1f}"/>'
        return f'{line}<text x="{_LEFT - 6}" y="{down + 4:.1f}" text-anchor="end">{label}</text>'

    def dots(self, points: Iterable[tuple[float, float]], kind: str) -> str:
        """Return small circles."""
        places = (self.at(*point) for point in points)
        return "".join(f'<circle class="{kind}" r="2" cx="{right:.1f}" cy="{down:.1f}"/>' for right, down in places)

    def path(self, points: Iterable[tuple[float, float]], kind: str) -> str:
        """Return a line through the points."""
        places = (self.at(*point) for point in points)
        joined = " ".join(f"{right:.1f},{down:.1f}" for right, down in places)
        return f'<polyline class="{kind}" points="{joined}"/>'


def draw(data: Data, directory: Path) -> list[str]:
    """Write the pictures for which there are recordings and return their names."""
    directory.mkdir(parents=True, exist_ok=True)
    made = {
        "paired-samples.svg": _samples(data),
        "e-processes.svg": _paths(data),
        "coverage.svg": _coverage(data),
    }
    for name, text in made.items():
        (directory / name).write_text(text + "\n", encoding="utf-8")
    return list(made)


def _picture(title: str, body: Sequence[str], axis: str, legend: str = "") -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">'
        f"<style>{_STYLE}</style>"
        f'<text class="t" x="{_LEFT}" y="18">{title}</text><text x="{_LEFT}" y="35">{legend}</text>'
        f"{''.join(body)}"
        f'<text x="{(_LEFT + _WIDTH) / 2}" y="{_HEIGHT - 8}" text-anchor="middle">{axis}</text></svg>'
    )


def _samples(data: Data) -> str:
    found = {condition: data.pairs(condition, _KIND) for condition in CONDITIONS}
    count = max((one.count for one in found.values() if one is not None), default=1)
    axes = Axes((0, count), (-_ORDINARY, _ORDINARY))
    body = [axes.level(level, f"{level:+.0%}") for level in (-0.1, -0.05, 0.05, 0.1)] + [axes.level(0, "equal", "z")]
    for (_, one), mark in zip(found.items(), ("a", "b"), strict=True):
        if one is not None:
            body.append(axes.dots(enumerate(one.logs), mark))
    title = f"Base against base: log ratio of each pair of processes ({WORDS[_KIND]})"
    return _picture(title, body, "pair, in the order in which they were run", "blue: calm; orange: under load")


def _paths(data: Data) -> str:
    axes = Axes((0, 30), (-3, 5))
    body = [axes.level(power, f"1e{power}" if power else "1") for power in (-3, -2, -1, 0, 1, 3, 4, 5)]
    body.append(axes.level(math.log10(200), "200", "z"))
    for condition, gain, mark in (("loaded", 1.0, "b"), ("loaded", 1.05, "a")):
        found = data.pairs(condition, _KIND)
        if found is None:
            continue
        source = data.source("paths", gain)
        for _ in range(12):
            start = source.randrange(found.count)
            logs = [source.choice((-1, 1)) * found.logs[(start + at) % found.count] for at in range(30)]
            body.append(axes.path(_evidence(logs, math.log(gain)), mark))
    title = "Evidence for a gain of more than 1%, pair by pair, under load"
    legend = (
        "blue: twelve runs with a true gain of 5%; orange: twelve runs of equal arms; believed at 200, after 10 pairs"
    )
    return _picture(title, body, "pairs of processes", legend)


def _evidence(logs: Sequence[float], gain: float) -> list[tuple[float, float]]:
    processes, points = TwoSided(math.log1p(0.01), math.log1p(0.03), math.log1p(0.03)), [(0.0, 0.0)]
    for number, log in enumerate(logs, 1):
        processes.extend([gain - log])
        points.append((float(number), math.log10(max(processes.faster, 1e-9))))
    return points


def _coverage(data: Data) -> str:
    axes = Axes((0, 100), (-_ORDINARY, _ORDINARY))
    body = [axes.level(level, f"{level:+.0%}") for level in (-0.1, -0.05, 0.05, 0.1)] + [axes.level(0, "truth", "z")]
    found = data.pairs("loaded", _KIND)
    made = [] if found is None else trials.coverage(found, 100, data.source("picture"))
    for number, one in enumerate(made):
        low, high = axes.at(number + 0.5, one.low - one.truth), axes.at(number + 0.5, one.high - one.truth)
        kind = "a" if one.holds else "b"
        body.append(f'<line class="{kind}" x1="{low[0]:.1f}" x2="{high[0]:.1f}" y1="{low[1]:.1f}" y2="{high[1]:.1f}"/>')
    missed = sum(not one.holds for one in made)
    title = f"A hundred 99% intervals of 20 pairs under load, each less its known effect: {missed} miss it"
    return _picture(title, body, "known effects between -20% and +25%, injected", "orange: intervals without the truth")
