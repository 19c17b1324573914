"""The ports of the store in memory; the contract suite holds them to what the databases do."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.errors import Refused
from bot.domain.evidence import Outcome
from bot.domain.lesson import LessonState
from bot.domain.record import Entry, Hour, RunState, RunSummary, Total

_STRENGTH = {LessonState.PROPOSED: 0, LessonState.ACTIVE: 1, LessonState.RETIRED: 2}
_NEVER = "1970-01-01T00:00:00+00:00"


@dataclass
class FakeHistory:
    begun: dict = field(default_factory=dict)
    ended: dict = field(default_factory=dict)
    tries: dict = field(default_factory=lambda: defaultdict(dict))

    def begin(self, run):
        self.begun.setdefault(run.id, run)

    def tried(self, run, attempts):
        for attempt in attempts:
            for one in attempt.tried:
                self.tries[run].setdefault(one.candidate.id, one)

    def end(self, run, end, ranked=()):
        self.ended[run] = end

    def runs(self, project, most=50):
        mine = sorted((one for one in self.begun.values() if one.project == project), key=lambda one: one.id)
        mine.sort(key=lambda one: datetime.fromisoformat(one.started), reverse=True)
        return tuple(self._summary(one) for one in mine[:most])

    def _summary(self, run):
        tried = list(self.tries[run.id].values())
        accepted = [one.verdict for one in tried if one.verdict.outcome is Outcome.ACCEPTED]
        end = self.ended.get(run.id)
        return RunSummary(
            run=run,
            state=RunState.RUNNING if end is None else RunState.ENDED,
            branch=None if end is None else end.branch,
            seconds=None if end is None else end.seconds,
            candidates=len(tried),
            accepted=len(accepted),
            best_ratio=max((one.best_ratio for one in accepted), default=1.0),
        )


@dataclass
class FakeJournal:
    claimed: dict = field(default_factory=dict)
    lines: list = field(default_factory=list)

    def claim(self, delivery):
        return self.claimed.setdefault(delivery.key, delivery) is delivery

    def note(self, entry):
        self.lines.append(entry)

    def entries(self, project, most=100):
        mine = [one for one in self.lines if one.project == project]
        return tuple(sorted(mine, key=lambda one: datetime.fromisoformat(one.at), reverse=True)[:most])


@dataclass
class FakeMetrics:
    points: dict = field(default_factory=dict)

    def write(self, points):
        for one in points:
            self.points.setdefault((one.id, one.at), one)

    def hours(self, since, most=1000):
        first = datetime.fromisoformat(since).replace(minute=0, second=0, microsecond=0)
        groups = defaultdict(list)
        for one in self.points.values():
            at = datetime.fromisoformat(one.at)
            if one.milliseconds is not None and at >= first:
                hour = at - timedelta(minutes=at.minute, seconds=at.second, microseconds=at.microsecond)
                groups[(hour, one.component, one.operation)].append(one)
        order = sorted(groups, key=lambda key: (-key[0].timestamp(), *key[1:]))[:most]
        return tuple(_hour(*key, groups[key]) for key in order)

    def totals(self, since):
        first = datetime.fromisoformat(since).replace(minute=0, second=0, microsecond=0)
        groups = defaultdict(list)
        for one in self.points.values():
            if datetime.fromisoformat(one.at) >= first:
                groups[(one.component, one.operation)].append(one)
        return tuple(_total(*key, groups[key]) for key in sorted(groups))


@dataclass
class FakeLessonBook:
    now: object
    project: str
    journal: FakeJournal
    known: dict = field(default_factory=dict)
    decided: set = field(default_factory=set)

    def lessons(self):
        return tuple(self.known.values())

    def learn(self, lessons):
        for one in lessons:
            old = self.known.get(one.id)
            self.known[one.id] = one if old is None else self._united(old, one)

    def _united(self, old, new):
        stronger = max(old.state, new.state, key=_STRENGTH.get)
        return replace(
            old,
            evidence=tuple(dict.fromkeys((*old.evidence, *new.evidence))),
            subjects=tuple(dict.fromkeys((*old.subjects, *new.subjects))),
            state=old.state if old.id in self.decided else stronger,
        )

    def decide(self, lesson, state, by):
        if lesson not in self.known:
            raise Refused(f"there is no lesson {lesson!r} of {self.project}")
        self.decided.add(lesson)
        self.known[lesson] = replace(self.known[lesson], state=state)
        self.journal.note(Entry(self.now(), by, f"lesson.{state}", lesson, self.project))
        return self.known[lesson]


@dataclass
class FakeMemory:
    project: str
    kept: dict = field(default_factory=lambda: defaultdict(dict))

    def feedback(self):
        return tuple(sorted(self.kept["feedback"].values(), key=lambda one: (one.mr, one.key)))

    def keep_feedback(self, found):
        for one in found:
            old = self.kept["feedback"].get(one.key)
            if old is None or _moment(one.seen) >= _moment(old.seen):
                self.kept["feedback"][one.key] = one

    def patterns(self):
        return tuple(sorted(self.kept["patterns"].values(), key=lambda one: (-one.confidence, one.id)))

    def keep_patterns(self, found):
        self.kept["patterns"].update({one.id: one for one in found})

    def suggestions(self):
        order = sorted(self.kept["suggestions"].values(), key=lambda one: (-one.priority, -one.confidence, one.id))
        return tuple(order)

    def keep_suggestions(self, found):
        self.kept["suggestions"].update({one.id: one for one in found})

    def ledger(self):
        return tuple(sorted(self.kept["ledger"].values(), key=lambda one: (_moment(one.merged_at), one.id)))

    def keep_ledger(self, found):
        self.kept["ledger"].update({one.id: one for one in found})


class FakeStores:
    """All ports of the store, over nothing."""

    def __init__(self, now) -> None:
        self._now = now
        self.history = FakeHistory()
        self.journal = FakeJournal()
        self.metrics = FakeMetrics()
        self._books = {}
        self._memories = {}

    def book(self, project="group/name"):
        return self._books.setdefault(project, FakeLessonBook(self._now, project, self.journal))

    def memory(self, project="group/name"):
        return self._memories.setdefault(project, FakeMemory(project))


def _moment(text):
    return datetime.fromisoformat(text or _NEVER)


def _hour(hour, component, operation, points):
    times = sorted(one.milliseconds for one in points)
    place = 0.95 * (len(times) - 1)
    low = int(place)
    high = min(low + 1, len(times) - 1)
    p95 = times[low] + (times[high] - times[low]) * (place - low)
    good = sum(one.success for one in points) / len(points)
    return Hour(component, operation, hour.isoformat(), len(points), sum(times) / len(times), p95, good)


def _total(component, operation, points):
    times = [one.milliseconds for one in points if one.milliseconds is not None]
    values = [one.value for one in points if one.value is not None]
    return Total(
        component,
        operation,
        len(points),
        sum(one.success for one in points) / len(points),
        sum(times) / len(times) if times else None,
        sum(values) if values else None,
    )
