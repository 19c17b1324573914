"""Reading what hyperfine would compare out of scripts, Makefiles and justfiles."""

import pytest

from bot.domain.code import File, Snapshot
from bot.evaluate.benchmarks.detect import detect
from bot.evaluate.benchmarks.hyperfine import Hyperfine, entries
from bot.evaluate.benchmarks.program import Call


def tree(text, path="bench/run.sh"):
    return Snapshot("", {path: File(text.encode())})


def commands(text, path="bench/run.sh"):
    return {name: one.timed for name, one in entries(tree(text, path), path).items()}


def shell(text, directory=""):
    return Call(("sh", "-c", text), directory)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("hyperfine 'a b'", {"a b": shell("a b")}),
        ("hyperfine -N 'a \"b c\"'", {'a "b c"': Call(("a", "b c"))}),
        ("hyperfine --shell=none a", {"a": Call(("a",))}),
        ("hyperfine -S 'bash -e' a", {"a": Call(("bash", "-e", "-c", "a"))}),
        ("/opt/bin/hyperfine --runs 3 a -m 5 b", {"a": shell("a"), "b": shell("b")}),
        ("hyperfine -n first -n second a b", {"first": shell("a"), "second": shell("b")}),
        ("hyperfine a a", {"a": shell("a"), "a (2)": shell("a")}),
        ("hyperfine -L n 1,2 'a {n} {x}'", {"a 1 {x}": shell("a 1 {x}"), "a 2 {x}": shell("a 2 {x}")}),
        ("hyperfine -P n 1 5 -D 2 'a {n}'", {f"a {n}": shell(f"a {n}") for n in (1, 3, 5)}),
        ("hyperfine -P n 0 1 -D 0.5 a{n}", {f"a{n}": shell(f"a{n}") for n in ("0", "0.5", "1")}),
        ("hyperfine -i 'a'", {"a": shell("(a) || true")}),
        ("hyperfine --ignore-failure=1,2 a", {"a": shell("(a) || true")}),
        ("hyperfine -N --input data a", {"a": shell("(a) < data")}),
        ("hyperfine --reference old new", {"old": shell("old"), "new": shell("new")}),
        ("N=10; X=1 hyperfine a > out.txt 2>&1 && echo b", {"a": shell("a")}),
        ("hyperfine \\\n  --warmup 3 \\\n  'a' \\\n  'b' # not c", {"a": shell("a"), "b": shell("b")}),
        ('N=10\nhyperfine "a $N ${N} ${M:-3} $K"', {"a 10 10 3 $K": shell("a 10 10 3 $K")}),
        ('cd "$(dirname "$0")/.." && hyperfine a', {"a": shell("a", "")}),
        ('cd "$(dirname "$0")"\nhyperfine a', {"a": shell("a", "bench")}),
        ("cd x/y\nhyperfine a\ncd ../../..\nhyperfine b", {"a": shell("a", "x/y")}),
    ],
)  # fmt: skip
def test_a_line_of_a_script(line, found):
    assert commands(line) == found


@pytest.mark.parametrize(
    "line",
    ["hyperfine", "hyperfine --what a", "hyperfine 'a", "hyperfine --warmup x a", "hyperfine -P n 1 2 -D 0 a",
     "hyperfine -P n a b c", "hyperfine -N \"'\"", "hyperfine ''", "echo hyperfine a", "# hyperfine a",
     "cd /\nhyperfine a"],
)  # fmt: skip
def test_what_cannot_be_read_is_left_out(line):
    assert commands(line) == {}
    assert detect(tree(line)) == ()


def test_recipes_run_beside_their_file():
    text = "RUNS := 5\nPYTHON ?= python\nbench: build\n"
    text += "\t@hyperfine -N '$(PYTHON) a.py' -r $(RUNS)\n\t-hyperfine '$(OTHER) b'\n"
    assert commands(text, "Makefile") == {"python a.py": Call(("python", "a.py"))}
    assert commands(text, "perf/Makefile") == {"python a.py": Call(("python", "a.py"), "perf")}
    just = 'n := "20"\nbench:\n    hyperfine "a {{ n }} $$" "b {{x}}"\n    hyperfine c\n'
    assert commands(just, "justfile") == {"c": shell("c")}
    assert commands(just.replace(' "b {{x}}"', ""), "justfile") == {"a 20 $": shell("a 20 $"), "c": shell("c")}


def test_what_surrounds_the_runs():
    text = "hyperfine -w 3 -s make -p 'rm -f {x}' -p sync -C done -c clean -L x 1 'a {x}' b"
    first, second = Hyperfine().names(tree(text), "bench/run.sh", b"")
    around = Hyperfine().surroundings(tree(text), "bench/run.sh", first)
    assert (around.setup, around.prepare, around.conclude) == (shell("make"), shell("rm -f 1"), shell("done"))
    assert around.warmups == 3
    assert Hyperfine().surroundings(tree(text), "bench/run.sh", second).prepare == shell("sync")


def test_sources_stand_in_the_usual_places():
    script = File(b"hyperfine a")
    places = {
        "bench/run.sh": script,
        "justfile": script,
        "src/tool.sh": script,
        "vendor/bench/x.sh": script,
        "a.md": script,
    }
    assert detect(Snapshot("", places)) == (("hyperfine", "bench/run.sh"), ("hyperfine", "justfile"))
    assert detect(Snapshot("", places), ["bench"]) == (("hyperfine", "bench/run.sh"),)
    assert detect(Snapshot("", places), exclude=["bench/*"]) == (("hyperfine", "justfile"),)


def test_a_hundred_commands_are_enough():
    assert len(commands("hyperfine -P n 1 1000000000 'a {n}'\n" * 2)) == 100
