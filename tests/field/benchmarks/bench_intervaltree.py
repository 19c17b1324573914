"""Building, querying and restructuring a tree of calendar-like intervals."""

import random

from intervaltree import Interval, IntervalTree


def make_intervals(seed, count):
    rng = random.Random(seed)
    intervals = []
    for number in range(count):
        begin = rng.randrange(count * 10)
        intervals.append(Interval(begin, begin + rng.randrange(1, 60), number))
    return intervals


def setup_build(seed):
    return make_intervals(seed, 1000)


def bench_build(intervals):
    return len(IntervalTree(intervals))


def setup_insert_and_remove(seed):
    return make_intervals(seed, 300)


def bench_insert_and_remove(intervals):
    tree = IntervalTree()
    for interval in intervals:
        tree.add(interval)
    for interval in intervals[::3]:
        tree.remove(interval)
    return sorted(tree)


def setup_query(seed):
    return IntervalTree(make_intervals(seed, 2000))


def bench_query(tree):
    found = 0
    for point in range(0, 20000, 50):
        found += len(tree[point])
        found += len(tree[point : point + 30])
    return found


def setup_merge(seed):
    return IntervalTree(make_intervals(seed, 1000))


def bench_merge(tree):
    tree.merge_overlaps()
    return sorted(tree)
