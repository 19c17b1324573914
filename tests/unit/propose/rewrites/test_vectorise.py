# ruff: noqa: E501 - programs stand here as text
import numpy as np
import pytest

from bot.propose.rules.array_append import ArrayAppend
from bot.propose.rules.vectorise import Vectorise

RNG = np.random.default_rng(8)
ARRAYS = [(RNG.normal(size=n), RNG.normal(size=n) * 1e9) for n in (0, 1, 2, 37, 150)]
WHOLE = [(RNG.integers(-9, 9, n), RNG.integers(1, 9, n)) for n in (0, 1, 50)]
SINGLE = [(RNG.normal(size=9).astype(np.float32), RNG.normal(size=9).astype(np.float32))]
np.set_printoptions(floatmode="unique", threshold=5000)


@pytest.mark.parametrize(
    "body",
    [
        "out = np.zeros(n)\n    for i in range(n):\n        out[i] = a[i] * b[i] + 2 * k - abs(-a[i]) / b[i]\n    return out",
        "out = np.zeros(n)\n    for i in range(1, n):\n        out[i] = a[i - 1] + a[i]\n    return out",
        "out = np.zeros_like(a)\n    for i in range(n):\n        out[i] += a[i] ** 2\n    return out",
        "total = 0.0\n    for i in range(n):\n        total += a[i] * b[i]\n    return total",
        "total = 0\n    for i in range(n):\n        total += a[i]\n    return total",
        "out = np.empty((n, n))\n    for i in range(n):\n        for j in range(n):\n            out[i, j] = a[i] * b[j]\n    return out",
        "out = np.ones((n, 3))\n    m = np.ones((n, 3))\n    for i in range(n):\n        for j in range(3):\n            out[i, j] *= m[i, j] + a[i]\n    return out",
    ],
)
def test_loops_over_elements_give_the_same_bits(bench, body):
    text = f"import numpy as np\ndef f(a, b, k=3):\n    n = a.shape[0] + 0 * b.shape[0]\n    {body}\n"
    small = (
        [pair for pair in ARRAYS + WHOLE + SINGLE if len(pair[0]) < 60] if "(n, n)" in body else ARRAYS + WHOLE + SINGLE
    )
    with np.errstate(all="ignore"):
        bench(Vectorise()).keeps(text, small)


@pytest.mark.parametrize(
    "body",
    [
        "for i in range(1, n):\n        a[i] = a[i - 1] + a[i]\n    return a",
        "out = np.zeros(n)\n    for i in range(n):\n        out[i] = a[i - 1]\n    return out",
        "out = np.zeros(n)\n    for i in range(n):\n        out[i] = c[i]\n    return out",
        "out = np.zeros(n)\n    for i in range(n):\n        out[i] = a[i]\n        k += 1\n    return out",
        "out = np.zeros(n)\n    for i in range(n):\n        out[i] = a[i] * g(a[i])\n    return out",
        "out = np.zeros(n)\n    for i in range(n):\n        out[b[i]] += a[i]\n    return out",
        "out = np.zeros(n)\n    for i in range(n):\n        out[i] = a[i]\n    return out, i",
        "out = np.zeros(n)\n    for i in range(n):\n        out[i] = a[i] * i\n    return out",
        "out = [0] * n\n    for i in range(n):\n        out[i] = a[i]\n    return out",
        "total = 0.0\n    for i in range(n):\n        total += a[i] * total\n    return total",
        "out = np.zeros(n)\n    for i in range(n):\n        if a[i]:\n            out[i] = a[i]\n    return out",
    ],
)
def test_other_loops_stay(bench, body):
    bench(Vectorise()).refuses(
        f"import numpy as np\ndef f(a, b, c, g, k=3):\n    n = a.shape[0] + b.shape[0]\n    {body}\n"
    )


def test_nothing_without_numpy(bench):
    bench(Vectorise()).refuses("def f(a, n):\n    print(a.shape)\n    for i in range(n):\n        a[i] = a[i] * 2\n")


@pytest.mark.parametrize(
    "step",
    ["out = np.append(out, x * 2)", "out = np.concatenate([out, [x]])", "out = np.hstack((out, np.array([x, x])))"],
)
def test_growing_arrays_are_joined_once(bench, step):
    text = f"import numpy as np\ndef f(a, b):\n    out = np.array([])\n    for x in a:\n        {step}  # grow\n    return out\n"
    [new] = bench(ArrayAppend()).keeps(text, ARRAYS + WHOLE + SINGLE)
    assert "# grow" in new


@pytest.mark.parametrize(
    "step", ["out = np.append(out, out)", "out = np.append(out, x)\n        print(out)", "out = np.append(x, out)"]
)
def test_other_growing_stays(bench, step):
    bench(ArrayAppend()).refuses(
        f"import numpy as np\ndef f(a, b):\n    out = np.array([])\n    for x in a:\n        {step}\n    return out\n"
    )
