"""Numbers as people read them: three digits, a unit, and no false precision."""

from bot.domain.evidence import Interval

_TIMES = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_SIZES = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def duration(seconds: float) -> str:
    """Return "1.23 ms", "12.3 s" or "3 min 5 s"."""
    if seconds >= 120:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s"
    if seconds <= 0:
        return "0 s"
    for unit, name in _TIMES:
        if seconds >= unit:
            return f"{_three(seconds / unit)} {name}"
    return f"{_three(seconds / 1e-9)} ns"


def size(count: int) -> str:
    """Return "12.3 MiB"."""
    for unit, name in _SIZES:
        if count >= unit:
            return f"{_three(count / unit)} {name}"
    return f"{count} B"


def count(value: float) -> str:
    """Return "1,230", "52,300" or "1.23M": three digits, with SI prefixes from a million on."""
    for unit, name in ((1e9, "G"), (1e6, "M")):
        if value >= unit:
            return f"{_three(value / unit)}{name}"
    if value < 1000:
        return _three(value)
    step = 10 ** (len(str(int(value))) - 3)
    return f"{round(value / step) * step:,}"


def ratio(value: float) -> str:
    """Return "1.42" or "12.3" or "1,230"; close to 1 three decimals, so that 1.004 is not shown as nothing."""
    if abs(value - 1) < 0.1:
        return f"{value:.3f}"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def interval(value: Interval) -> str:
    """Return "1.38 to 1.47"."""
    return f"{ratio(value.low)} to {ratio(value.high)}"


def change(value: Interval) -> str:
    """Return a ratio of base over candidate as the change that the candidate makes: "-29.6%"."""
    if value.estimate <= 0:
        return "not known"
    percent = 100 * (1 / value.estimate - 1)
    return f"{percent:+.1f}%" if abs(percent) >= 0.05 else "0.0%"


def share(value: float | None) -> str:
    """Return "42%", or "" where it is not known."""
    return "" if value is None else f"{100 * value:.0f}%"


def percent(confidence: float) -> str:
    """Return "99%" or "99.9%"."""
    return f"{100 * confidence:.4g}%"


def times(estimate: float) -> str:
    """Return "1.42 times faster", or how much slower."""
    return f"{ratio(estimate)} times faster" if estimate >= 1 else f"{ratio(1 / estimate)} times slower"


def counted(number: int, noun: str) -> str:
    """Return "1 candidate" or "3 candidates"; nouns in -ch take -es."""
    ending = "" if number == 1 else "es" if noun.endswith(("ch", "s")) else "s"
    return f"{number:,} {noun}{ending}"


def _three(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"
