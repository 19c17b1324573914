import pytest

from bot.propose.rules.table_index import TableIndex

TABLE = """
UNITS = [
    {"name": "m", "factor": 1},
    {"name": "km", "factor": 1000},
    {"name": "m", "factor": 2},  # never found
]
PAIRS = (("a", 1), ("b", 2), ("a", 3))
NUMBERS: dict = {"one": 1, "two": 2, "also one": 1}
KNOWN = ["m", "km", 1]

"""


def words(random):
    return (random.choice(["m", "km", "a", "b", 1, 1.0, 2, None, "?", float("nan")]),)


SAME = {
    "first match or an error": """
def f(name):
    for unit in UNITS:
        if unit["name"] == name:
            return unit["factor"]
    raise KeyError(name)
""",
    "all matches of pairs": """
def f(name):
    found = []
    for key, value in PAIRS:
        if name != key:
            continue
        found.append(value)
    return found
""",
    "reverse look-up in a dict": """
def f(name):
    return next((word for word, number in NUMBERS.items() if number == name), "nothing")
""",
    "membership": """
def f(name):
    if name not in KNOWN:
        return "unknown"
    return name in KNOWN
""",
}


@pytest.mark.parametrize("case", SAME)
def test_behaves_as_before_through_an_index(agrees, case):
    new = agrees(TableIndex(), TABLE + SAME[case], words)

    assert new.index("UNITS = [") < new.index("_") < new.index("def f")


def test_the_index_follows_the_table_and_everything_else_stays(agrees):
    new = agrees(TableIndex(), TABLE + SAME["first match or an error"], words)

    assert (
        """    {"name": "m", "factor": 2},  # never found
]
_UNITS_BY_KEY = {}
for _unit in UNITS:
    _UNITS_BY_KEY.setdefault(_unit["name"], []).append(_unit)
PAIRS = """
        in new
    )
    assert 'for unit in _UNITS_BY_KEY.get(name, ()):\n        if unit["name"] == name:' in new


FIRST = TABLE + SAME["first match or an error"]


@pytest.mark.parametrize(
    "text",
    [
        FIRST + "UNITS.append({})\n",
        FIRST + "UNITS[0] = {}\n",
        FIRST + "UNITS += [{}]\n",
        FIRST + "def g():\n    global UNITS\n    UNITS = []\n",
        FIRST + "def g():\n    return UNITS\n",
        FIRST + "ALIAS = UNITS\n",
        FIRST + "def g(unit):\n    unit['name'] = 'x'\n".replace("'", '"'),
        FIRST + "setattr(this, 'UNITS', [])\n",
        FIRST.replace("def f(name):", "def f(name, UNITS=()):"),
        FIRST.replace("UNITS = [", "UNITS = load() or ["),
        FIRST.replace("== name", "== name + unit['name']"),
        FIRST.replace("== name", "== [name]"),
    ],
)
def test_leaves_a_table_alone_that_may_change(refuses, text):
    refuses(TableIndex(), text)


@pytest.mark.parametrize(
    "other",
    ["import m\nm.UNITS.append({})\n", "import m\nm.UNITS = []\n", "def test(p):\n    p.setattr('m.UNITS', [])\n"],
)
def test_leaves_a_table_alone_that_another_file_changes(refuses, other):
    refuses(TableIndex(), FIRST, files={"other.py": other})


def test_another_file_that_reads_the_table_does_no_harm(agrees):
    agrees(TableIndex(), FIRST, words, files={"other.py": "from m import UNITS\nprint(UNITS[0], UNITS == [])\n"})
