import pytest

from bot.cli.doctor import rendered
from bot.cli.host import Said
from bot.cli.probes import Check, Status, machine, repository
from bot.domain.job import Project


class FakeHost:
    """A machine on which all is well, but for what a test changes."""

    def __init__(self, **changes) -> None:
        self.environment = changes.pop("environment", {})
        self.programs = {"git": "git version 2.39.5", "setarch": "", "prlimit": "", "/py": "3.11.7"} | changes.pop(
            "programs", {}
        )
        self.files = {
            "/proc/self/schedstat": "123 4 5",
            "/proc/self/cgroup": "0::/job",
            "/sys/fs/cgroup/cgroup.controllers": "cpu",
        } | changes.pop("files", {})
        self.answers = {"cores": 4, "pins": True, "load": 0.1, "free": 9 << 30} | changes
        self.asked = []

    def ask(self, argv, *, bare=False) -> Said:
        self.asked.append((tuple(argv), bare))
        line = self.programs.get(argv[-1], self.programs.get(argv[0]))
        return Said(well=line is not None, line=line or "")

    def read(self, path) -> str | None:
        return self.files.get(path)

    def exists(self, path) -> bool:
        return path in self.files

    def cores(self) -> int:
        return self.answers["cores"]

    def pins(self) -> bool:
        return self.answers["pins"]

    def load(self) -> float | None:
        return self.answers["load"]

    def free_bytes(self, path) -> int | None:
        return self.answers["free"]


def found(host, name):
    return next(check for check in machine(host) if check.name == name)


def test_a_good_machine_has_one_note_that_nothing_is_isolated():
    notes = [check for check in machine(FakeHost()) if check.status is not Status.OK]
    assert [check.name for check in notes] == ["isolation"]
    assert "NOT ISOLATED" in notes[0].found


@pytest.mark.parametrize(
    ("changes", "name", "status"),
    [
        ({"programs": {"git": None}}, "git", Status.FAIL),
        ({"free": None}, "temporary files", Status.FAIL),
        ({"free": 5 << 20}, "temporary files", Status.NOTE),
        ({"programs": {"setarch": None}}, "memory layout", Status.NOTE),
        ({"programs": {"prlimit": None}}, "memory limit", Status.NOTE),
        ({"cores": 1}, "cores", Status.NOTE),
        ({"pins": False}, "cores", Status.NOTE),
        ({"load": 3.5}, "load", Status.NOTE),
        ({"load": None}, "load", Status.OK),
        ({"files": {"/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "powersave"}}, "governor", Status.NOTE),
        ({"files": {"/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "performance"}}, "governor", Status.OK),
        ({"files": {"/proc/self/schedstat": None}}, "CPU time", Status.NOTE),
        ({"files": {"/proc/self/schedstat": "0 0 0"}}, "CPU time", Status.NOTE),
        ({"files": {"/sys/fs/cgroup/cgroup.controllers": None}}, "cgroup", Status.NOTE),
    ],
)
def test_what_is_not_well_is_said_with_what_mends_it(changes, name, status):
    check = found(FakeHost(**changes), name)
    assert check.status is status
    assert bool(check.mend) == (status is not Status.OK)


@pytest.mark.parametrize(
    "changes",
    [
        {"files": {"/var/run/docker.sock": ""}},
        {"files": {"/run/docker.sock": ""}},
        {"files": {"/x/d.sock": ""}, "environment": {"DOCKER_HOST": "unix:///x/d.sock"}},
    ],
)
def test_a_docker_socket_inside_a_ci_job_is_a_loud_failure(changes):
    environment = changes.pop("environment", {})
    check = found(FakeHost(**changes, environment=environment | {"CI": "true"}), "docker socket")
    assert check.status is Status.FAIL
    assert "MOUNTED IN THIS CI JOB" in check.found
    assert found(FakeHost(**changes, environment=environment), "docker socket").status is Status.NOTE


def project(**changes):
    given = {"tests": ("python", "-m", "pytest", "-q"), "benchmark_sources": (("functions", "benchmarks/bench_a.py"),)}
    return Project(python="/py", import_roots=("",), **(given | changes))


def test_a_good_repository():
    host = FakeHost(programs={"import pytest": ""})
    assert {check.status for check in repository(project(), host)} == {Status.OK}


def test_the_repositorys_interpreter_gets_none_of_our_variables():
    host = FakeHost(programs={"import pytest": ""})
    list(repository(project(), host))
    assert [bare for argv, bare in host.asked if argv[0] == "/py"] == [True, True]


@pytest.mark.parametrize("answer", [None, "2.7.18", "3.7.9", "", "nonsense"])
def test_an_interpreter_that_is_missing_or_too_old_ends_the_look(answer):
    (check,) = repository(project(), FakeHost(programs={"/py": answer}))
    assert (check.name, check.status) == ("interpreter", Status.FAIL)


@pytest.mark.parametrize(
    ("changes", "programs", "name", "status"),
    [
        ({"tests": None}, {}, "tests", Status.NOTE),
        ({}, {"import pytest": None}, "tests", Status.FAIL),
        ({"tests": ("make", "check")}, {}, "tests", Status.OK),
        ({"benchmark_sources": ()}, {}, "benchmarks", Status.FAIL),
    ],
)
def test_tests_and_benchmarks(changes, programs, name, status):
    checks = {check.name: check for check in repository(project(**changes), FakeHost(programs=programs))}
    assert checks[name].status is status


def test_lines_are_aligned_and_say_what_mends():
    text = rendered([Check("git", Status.OK, "2.39"), Check("long name", Status.FAIL, "broken", "mend it")])
    assert text.splitlines() == [
        "ok    git        2.39",
        "FAIL  long name  broken",
        "                 -> mend it",
    ]
