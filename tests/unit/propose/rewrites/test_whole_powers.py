import pytest

from bot.propose.rules.whole_powers import WholePowers


def test_powers_of_counters(bench):
    [new] = bench(WholePowers()).keeps(
        """
        def f(n: int, x):
            out = [n ** 2]
            for i in range(9):
                out.append((i ** 2 + 2 ** i, -i ** 3, i ** 2 % 7, x ** 2))
            for j, y in enumerate(out[1:]):
                out.append(2 ** j * 3)
            for k in range(-3, 3):
                out.append(k ** 2)
            return out
        """,
        [(5, 0.1), (-7, 3), (0, 2.5)],
    )
    assert "x ** 2" in new
    assert "n ** 2" not in new
    assert "(i * i)" in new


@pytest.mark.parametrize(
    "body",
    [
        "return x ** 2",
        "i = 0.5\n    for i in range(3):\n        pass\n    return i ** 2",
        "for i in range(-3, 3):\n        x += 2 ** i\n    return x",
        "for i in range(3):\n        x += i ** x\n    return x",
        "for i in range(3):\n        i /= 2\n        x += i ** 2\n    return x",
        "range = list\n    for i in range(x):\n        x += i ** 2\n    return x",
        "for i in x:\n        x += i ** 2\n    return x",
    ],
)
def test_what_may_be_a_float_stays(bench, body):
    bench(WholePowers()).refuses(f"def f(x):\n    {body}\n")
