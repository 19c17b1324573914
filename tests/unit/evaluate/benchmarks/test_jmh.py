import json
from pathlib import Path

import pytest

from bot.domain.code import File, Snapshot
from bot.evaluate.benchmarks.jmh import Jmh

RECORDED = Path(__file__).parents[1] / "recorded" / "jmh"
POM = b"<project><artifactId>jmh-core</artifactId></project>"
JAVA = b"package p;\npublic class B {\n    @Benchmark\n    public int x() { return 1; }\n}\n"
NAME = "org.example.WordsBenchmark.count(kind=w=x y, size=10)"


def recorded(name):
    return (RECORDED / name).read_bytes()


def tree(files):
    return Snapshot("", {path: File(data) for path, data in files.items()})


def of(files):
    return list(Jmh().sources(tree(files)))


def test_projects_that_use_jmh_above_a_benchmark_are_found():
    files = {"pom.xml": b"<project/>", "speed/pom.xml": POM, "speed/src/main/java/p/B.java": JAVA}
    assert of(files) == ["speed/pom.xml"]
    assert Jmh().build(tree(files), "speed/pom.xml")[0].argv[-4:] == ("--projects", "speed", "--also-make", "package")


def test_gradle_is_known_by_its_plugin():
    files = {"build.gradle.kts": b'plugins { id("me.champeau.jmh") }', "src/jmh/java/B.java": JAVA}
    assert of(files) == ["build.gradle.kts"]


@pytest.mark.parametrize(
    "files",
    [
        {"pom.xml": POM},
        {"pom.xml": POM, "src/B.java": b"// the @Benchmark annotation\n"},
        {"pom.xml": b"<project/>", "src/B.java": JAVA},
        {"a/pom.xml": POM, "b/src/B.java": JAVA},
    ],
)
def test_other_projects_hold_nothing(files):
    assert of(files) == []


def test_the_real_list_is_expanded_over_parameters():
    assert Jmh().names(tree({}), "", recorded("list.txt")) == (
        "org.example.Plain.log",
        "org.example.Plain.logs",
        "org.example.WordsBenchmark.count(kind=plain, size=10)",
        NAME,
        "org.example.WordsBenchmark.count(kind=plain, size=1000)",
        "org.example.WordsBenchmark.count(kind=w=x y, size=1000)",
        "org.example.Plain.fails",
    )


def test_parameters_without_end_are_cut():
    lines = ["Benchmarks: ", "a.B.x"] + [f'  param "p{n}" = {{{", ".join(map(str, range(10)))}}}' for n in range(30)]
    assert len(Jmh().names(tree({}), "", "\n".join(lines).encode())) == 1000


def test_a_name_becomes_a_filter_and_parameters():
    argv = Jmh().run(tree({"pom.xml": POM}), "pom.xml", NAME, 40).argv
    assert r"^org\.example\.WordsBenchmark\.count$" in argv
    assert [argv[at + 1] for at, one in enumerate(argv) if one == "-p"] == ["kind=w=x y", "size=10"]
    assert argv[argv.index("-bs") + 1] == argv[argv.index("-wbs") + 1] == "40"


def test_the_jar_is_called_as_the_manifest_says():
    pom = POM.replace(b"</project>", b"<finalName>speed</finalName></project>")
    assert "target/speed.jar" in Jmh().listing(tree({"pom.xml": pom}), "pom.xml").argv
    assert "target/benchmarks.jar" in Jmh().listing(tree({"pom.xml": POM}), "pom.xml").argv


def test_a_real_report_gives_the_time_of_one_call_under_the_listed_name():
    report = json.loads(recorded("run.json"))
    found = Jmh().readings(recorded("run.json"))
    assert set(found) == {NAME}
    assert found[NAME].iterations == 5000
    assert found[NAME].seconds == pytest.approx(report[0]["primaryMetric"]["score"] * 1e-9 / 5000)


def changed(**more):
    (entry,) = json.loads(recorded("run.json"))
    entry["primaryMetric"] |= {key: value for key, value in more.items() if key in entry["primaryMetric"]}
    return {**entry, **{key: value for key, value in more.items() if key in entry}}


@pytest.mark.parametrize(
    "report",
    [
        [],
        5,
        [5],
        [None],
        [{}],
        {},
        [changed(score="NaN")],
        [changed(score=float("nan"))],
        [changed(score=float("inf"))],
        [changed(score=-1.0)],
        [changed(scoreUnit="ms/op")],
        [changed(mode="thrpt")],
        [changed(measurementBatchSize=0)],
        [changed(measurementBatchSize=True)],
        [changed(primaryMetric=[])],
        [changed(params=5)],
        [changed(params=["size"])],
        [changed(), changed()],
    ],
)
def test_what_is_no_figure_or_two_of_them_is_refused(report):
    with pytest.raises(ValueError, match=r"\w"):
        Jmh().readings(json.dumps(report).encode())


@pytest.mark.parametrize("output", [b"", b"[", b"[" * 100_000, b"\xff", b"hello\n[]"])
def test_text_that_is_no_report_is_refused(output):
    with pytest.raises(ValueError, match="JSON"):
        Jmh().readings(output)
