"""Tables of mixed text and numbers in common formats."""

import random

from tabulate import tabulate

HEADERS = ["planet", "radius", "mass", "note", "share"]
NAMES = ["Sun", "Earth", "Moon", "Mars", "Phobos", "Ganymede"]


def make_rows(seed, count):
    rng = random.Random(seed)
    return [
        [
            rng.choice(NAMES),
            rng.randrange(100000),
            round(rng.uniform(0.0, 5000.0), rng.randrange(5)),
            rng.choice(["", "inner planet", "first seen in 1610", None]),
            f"{rng.random():.3f}",
        ]
        for _ in range(count)
    ]


def setup_simple(seed):
    return make_rows(seed, 200)


def bench_simple(rows):
    return tabulate(rows, headers=HEADERS)


def setup_grid(seed):
    return make_rows(seed, 100)


def bench_grid(rows):
    return tabulate(rows, headers=HEADERS, tablefmt="grid", floatfmt=".2f", showindex="always")


def setup_wrapped(seed):
    rng = random.Random(seed)
    words = "pretty print tabular data in a library and a command line utility".split()
    return [[number, " ".join(rng.choice(words) for _ in range(25))] for number in range(40)]


def bench_wrapped(rows):
    return tabulate(rows, headers=["n", "text"], tablefmt="grid", maxcolwidths=[None, 30])


def setup_html(seed):
    return [dict(zip(HEADERS, row)) for row in make_rows(seed, 150)]


def bench_html(rows):
    return tabulate(rows, headers="keys", tablefmt="html")
