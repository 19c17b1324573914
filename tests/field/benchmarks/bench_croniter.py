"""Schedules as a job runner uses them: parse, ask for the next times, list a range."""

from datetime import datetime

from croniter import croniter, croniter_range

EXPRESSIONS = [
    "*/5 * * * *",
    "2 4 * * mon,fri",
    "2 4 1 * wed",
    "0 0 * * sat#1,sun#2",
    "0 0 * * 5#3,L5",
    "30 2 15,28 1-6 *",
    "0 9-17 * * 1-5",
    "*/15 8-18/2 1-15 */2 mon-fri",
]
START = datetime(2010, 1, 25, 4, 46)


def bench_next_times():
    times = []
    for expression in EXPRESSIONS:
        schedule = croniter(expression, START)
        times.extend(schedule.get_next(datetime) for _ in range(10))
    return times


def bench_previous_times():
    times = []
    for expression in EXPRESSIONS:
        schedule = croniter(expression, START)
        times.extend(schedule.get_prev(datetime) for _ in range(10))
    return times


def bench_validate():
    return [croniter.is_valid(expression) for expression in EXPRESSIONS * 10 + ["0 wrong_value 1 * *", "61 * * * *"]]


def bench_range():
    return list(croniter_range(START, datetime(2010, 1, 27), "*/10 * * * *"))
