import pytest

from bot.evaluate.inside import pickling
from bot.evaluate.inside.pickling import TooManyBytes, dumps, loads

LIMIT = 1 << 20


def again(value):
    return loads(dumps(value, LIMIT))


def test_values_come_back_as_copies():
    rows = [("a", 1), {"b": [1.5]}]
    copy = again(rows)
    assert copy == rows
    assert copy[1] is not rows[1]


def test_lambdas_and_closures_are_taken_by_value():
    factor = 3
    assert [again(lambda value: value * factor)(number) for number in (1, 2)] == [3, 6]

    def power(base, times=2, *, add=0):
        return base if times == 0 else base * power(base, times - 1, add=add) + add

    copy = again(power)
    assert copy(2, 3, add=1) == power(2, 3, add=1)
    assert copy.__closure__[0].cell_contents is copy, "a function that calls itself calls its copy"


def test_functions_of_modules_stay_references():
    assert again([dumps, len]) == [dumps, len]


def test_sharing_is_kept():
    shared = [1]
    one, other = again((shared, shared))
    assert one is other


def test_limits_and_what_cannot_be_copied():
    with pytest.raises(TooManyBytes):
        dumps(b"x" * (LIMIT + 1), LIMIT)
    with pytest.raises(TypeError, match="generator"):
        dumps((one for one in "ab"), LIMIT)
    assert pickling.PROTOCOL >= 4
