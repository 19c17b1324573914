"""How much may be asked of the bot in an hour and a day, by one person and in one project."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.forge import Asked

_HOUR, _DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """Commands an hour, and seconds of runs a day."""

    user_hourly: int = 6
    project_hourly: int = 20
    user_daily_seconds: float = 14_400.0
    project_daily_seconds: float = 43_200.0


def exceeded(limits: Limits, asked: Sequence[Asked], user: int, seconds: float, now: dt.datetime) -> str | None:
    """Return the sentence that says which limit one more run of `seconds` would break; None where it fits.

    What was asked at a time that cannot be read counts as asked just now.
    """
    aged = [(one, now - (_time(one.when) or now)) for one in asked]
    hourly = [one for one, age in aged if age < _HOUR]
    daily = [one for one, age in aged if age < _DAY]
    own = [one for one in daily if one.user == user]
    if sum(one.user == user for one in hourly) >= limits.user_hourly:
        return f"you asked {limits.user_hourly} times within the last hour; try again later."
    if len(hourly) >= limits.project_hourly:
        return f"this project asked {limits.project_hourly} times within the last hour; try again later."
    if sum(one.seconds for one in own) + seconds > limits.user_daily_seconds:
        return f"your runs of a day may take {limits.user_daily_seconds:.0f} seconds together; try again tomorrow."
    if sum(one.seconds for one in daily) + seconds > limits.project_daily_seconds:
        return f"the project's runs of a day may take {limits.project_daily_seconds:.0f} seconds together."
    return None


def _time(text: str) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
