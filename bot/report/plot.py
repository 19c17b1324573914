"""The paired samples as a picture: one dot for each pair of processes, the interval as a band, a line at "equal".

SVG for pages, without a script, a font or any other resource from elsewhere; block characters where only text shows.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from bot.domain.evidence import Comparison
from bot.domain.legible import one_line
from bot.report.numbers import percent, ratio

_WIDTH, _LEFT, _RIGHT = 720, 24, 24
_TOP, _FLOOR, _HEIGHT = 30, 118, 160
_DOT, _STEP = 4.0, 9.0
_STYLE = """
.hl-plot{max-width:100%;height:auto;font:12px system-ui,sans-serif;--ink:#1f2328;--dim:#59636e;--line:#d1d9e0;
--dot:#0969da;--band:#0969da}
.hl-plot text{fill:var(--ink)}.hl-plot .hl-dim{fill:var(--dim)}
.hl-plot .hl-axis{stroke:var(--line)}.hl-plot .hl-equal{stroke:var(--dim);stroke-dasharray:4 3}
.hl-plot .hl-estimate{stroke:var(--band);stroke-width:2}.hl-plot .hl-band{fill:var(--band);opacity:.18}
.hl-plot circle{fill:var(--dot);fill-opacity:.75}
@media (prefers-color-scheme:dark){.hl-plot{--ink:#f0f6fc;--dim:#9198a1;--line:#3d444d;--dot:#4493f8;--band:#4493f8}}
"""


@dataclass(frozen=True, slots=True)
class Scale:
    """A logarithmic axis of ratios, laid over `width` units from `start`."""

    low: float
    high: float
    start: float
    width: float

    def at(self, value: float) -> float:
        """Return where a ratio stands; beyond the ends it stands at the end."""
        value = min(self.high, max(self.low, value))
        share = (math.log(value) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        return self.start + self.width * share


def svg(comparison: Comparison, confidence: float, identity: str) -> Markup:
    """Return an SVG element; `identity` makes its ids unique on a page."""
    found = ratios(comparison)
    scale = _scale(comparison, found, _LEFT, _WIDTH - _LEFT - _RIGHT)
    words = _described(comparison, len(found), confidence)
    body = Markup("").join((*_ground(comparison, scale, confidence), *_dots(found, scale), *_ticks(scale)))
    return Markup(
        '<svg class="hl-plot" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" xmlns="http://www.w3.org/2000/svg"'
        ' aria-labelledby="{i}-title {i}-desc"><title id="{i}-title">{title}</title><desc id="{i}-desc">{words}</desc>'
        "<style>{style}</style>{body}</svg>"
    ).format(
        w=_WIDTH,
        h=_HEIGHT,
        i=identity,
        title=f"Speed-up of {one_line(comparison.benchmark, 160)}, pair by pair",
        words=words,
        style=Markup(_STYLE),  # noqa: S704 - a constant
        body=body,
    )


def strip(comparison: Comparison, width: int = 64) -> str:
    """Return the same picture as three lines of text."""
    found = ratios(comparison)
    scale = _scale(comparison, found, 0, width - 1)
    columns = [0] * width
    for value in found:
        columns[round(scale.at(value))] += 1
    most = max(columns, default=0)
    bars = "".join(" " if count == 0 else "▁▂▃▄▅▆▇█"[min(7, count * 8 // (most + 1))] for count in columns)
    marks = ["─"] * width
    low, high = round(scale.at(comparison.ratio.low)), round(scale.at(comparison.ratio.high))
    marks[low : high + 1] = ["━"] * (high - low + 1)
    marks[round(scale.at(1.0))] = "┼"
    marks[round(scale.at(comparison.ratio.estimate))] = "◆"
    ends = f"{ratio(scale.low)}{ratio(scale.high):>{width - len(ratio(scale.low))}}"
    return f"{bars.rstrip()}\n{''.join(marks)}\n{ends}"


def ratios(comparison: Comparison) -> tuple[float, ...]:
    """Return each pair's ratio of base over candidate time; samples hold the logarithm of its inverse."""
    return tuple(math.exp(-sample) for sample in comparison.samples if math.isfinite(sample))


def _scale(comparison: Comparison, found: Sequence[float], start: float, width: float) -> Scale:
    named = (1.0, comparison.ratio.estimate, comparison.ratio.low, comparison.ratio.high)
    values = [value for value in (*found, *named) if value > 0 and math.isfinite(value)]
    low, high = min(values), max(values)
    room = max(0.02, 0.06 * math.log(high / low))
    return Scale(low * math.exp(-room), high * math.exp(room), start, width)


def _ground(comparison: Comparison, scale: Scale, confidence: float) -> Iterable[Markup]:
    low, high = scale.at(comparison.ratio.low), scale.at(comparison.ratio.high)
    middle, equal = scale.at(comparison.ratio.estimate), scale.at(1.0)
    yield Markup('<rect class="hl-band" x="{:.1f}" y="{}" width="{:.1f}" height="{}"/>').format(
        low, _TOP, max(1.0, high - low), _FLOOR - _TOP
    )
    line = Markup('<line class="{}" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>')
    yield line.format("hl-axis", scale.start, scale.start + scale.width, _FLOOR, _FLOOR)
    yield line.format("hl-equal", equal, equal, _TOP - 6, _FLOOR)
    yield line.format("hl-estimate", middle, middle, _TOP, _FLOOR)
    label = f"{ratio(comparison.ratio.estimate)} ({percent(confidence)} interval)"
    yield _label(label, middle, _TOP - 12)


def _dots(found: Sequence[float], scale: Scale) -> Iterable[Markup]:
    """Stack the dots of one column upwards, closer together where there are many."""
    columns: dict[int, int] = {}
    heights = []
    for value in sorted(found):
        column = round(scale.at(value) / _STEP)
        heights.append((scale.at(value), columns.get(column, 0)))
        columns[column] = columns.get(column, 0) + 1
    tallest = max(columns.values(), default=1)
    step = min(_STEP, (_FLOOR - _TOP - 2 * _DOT) / tallest)
    size = min(_DOT, max(1.5, 0.45 * step))
    for across, height in heights:
        place = _FLOOR - size - 1 - height * step
        yield Markup('<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}"/>').format(across, place, size)


def _ticks(scale: Scale) -> Iterable[Markup]:
    for value in _round_values(scale.low, scale.high):
        where = scale.at(value)
        yield Markup('<line class="hl-axis" x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}"/>').format(
            where, _FLOOR, _FLOOR + 5
        )
        text = "1.00 (equal)" if value == 1.0 else f"{value:.10g}" if value >= 10 else f"{value:.2f}"
        yield _label(text, where, _FLOOR + 19, "hl-dim")
    axis = "times as fast as before (base time / candidate time), one dot for each pair of processes"
    yield _label(axis, _WIDTH / 2, _HEIGHT - 4, "hl-dim")


def _label(text: str, across: float, down: float, kind: str = "") -> Markup:
    """Return a text that stays inside the picture: anchored at the side to which it is close."""
    half = 3.4 * len(text)
    anchor, at = "middle", across
    if across - half < _LEFT / 2:
        anchor, at = "start", _LEFT / 2
    elif across + half > _WIDTH - _RIGHT / 2:
        anchor, at = "end", _WIDTH - _RIGHT / 2
    return Markup('<text class="{}" x="{:.1f}" y="{:.0f}" text-anchor="{}">{}</text>').format(
        kind, at, down, anchor, escape(text)
    )


def _round_values(low: float, high: float) -> list[float]:
    """Return about six round ratios between the ends; 1 is always one of them, and nothing stands close to it."""
    span = high / low
    if span > 4:
        steps = [10.0**power * part for power in range(-3, 7) for part in (1, 2, 5)]
    else:
        size = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0) if (high - low) / step <= 6)
        steps = [round(1 + index * size, 4) for index in range(-math.ceil(1 / size) + 1, math.ceil(high / size))]
    inside = [value for value in steps if low <= value <= high]
    apart = 0.11 * math.log(span)
    kept = [1.0]
    for value in sorted(inside, key=lambda one: abs(math.log(one))):
        if all(abs(math.log(value / other)) >= apart for other in kept):
            kept.append(value)
    return sorted(kept)


def _described(comparison: Comparison, count: int, confidence: float) -> str:
    low, high = ratio(comparison.ratio.low), ratio(comparison.ratio.high)
    return (
        f"{count} pairs; estimate {ratio(comparison.ratio.estimate)} with a {percent(confidence)} interval "
        f"from {low} to {high}; 1 means equal, more means faster."
    )
