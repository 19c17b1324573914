import textwrap

import pytest

from bot.evaluate.inside.weave import Place, Wanted, locate, woven

SOURCE = textwrap.dedent("""\
    import functools

    def plain(x):
        return x

    class Outer:
        class Inner:
            @property
            def size(self):
                return 1

            @size.setter
            def size(self, value):
                pass

        def method(self):
            def helper():
                class Local:
                    def deepest(self):
                        return 1
                return Local
            return helper

    if True:
        @functools.lru_cache
        def chosen():
            return 1
    else:
        def chosen():
            return 2
    """).encode()


def run(source, wanted, **names):
    space = dict(names)
    exec(compile(woven(source, "m.py", wanted, "inner", "outer"), "m.py", "exec"), space)  # noqa: S102
    return space


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        (Wanted("plain", 3), Place("plain", "fget", 0)),
        (Wanted("Outer.Inner.size", 8), Place("Outer.Inner.size", "fget", 0)),
        (Wanted("Outer.Inner.size", 12), Place("Outer.Inner.size", "fset", 1)),
        (Wanted("Outer.method.helper", 17), Place("Outer.method", "fget", 0)),
        (Wanted("Outer.method.helper.Local.deepest"), Place("Outer.method", "fget", 0)),
        (Wanted("chosen", 25), Place("chosen", "fget", 0)),
        (Wanted("chosen", 29), Place("chosen", "fget", 1)),
        (Wanted("chosen", None, 1), Place("chosen", "fget", 1)),
    ],
)
def test_places(wanted, place):
    assert locate(SOURCE, wanted) == place


@pytest.mark.parametrize("wanted", [Wanted("missing"), Wanted("plain", 4), Wanted("Outer"), Wanted("chosen", None, 2)])
def test_what_is_not_there_is_a_lookup_error(wanted):
    with pytest.raises(LookupError, match="is not defined where it is looked for"):
        locate(SOURCE, wanted)


def test_decorators_go_innermost_and_outermost_and_lines_stay():
    order = []

    def inner(function):
        order.append(("inner", type(function).__name__))
        return function

    def outer(made):
        order.append(("outer", type(made).__name__))
        return made

    space = run(SOURCE, Wanted("chosen", 25), inner=inner, outer=outer)
    assert order == [("inner", "function"), ("outer", "_lru_cache_wrapper")]
    plain = {}
    exec(compile(SOURCE, "m.py", "exec"), plain)  # noqa: S102
    for name in ("chosen", "plain"):
        one, other = (getattr(found[name], "__wrapped__", found[name]).__code__ for found in (space, plain))
        assert (one.co_firstlineno, list(one.co_lines())) == (other.co_firstlineno, list(other.co_lines()))


def test_decorated_and_plain_definitions_keep_their_first_line():
    space = run(SOURCE, Wanted("plain"), inner=lambda one: one, outer=lambda one: one)
    assert space["plain"].__code__.co_firstlineno == 3
