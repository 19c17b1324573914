from dataclasses import replace

import pytest

from bot.adapters.sandbox.choose import NAMES
from bot.adapters.sandbox.probe import Backend, Probed
from bot.cli.doctor import rendered
from bot.cli.host import Said
from bot.cli.probes import Check, Status, isolation, machine, repository
from bot.domain.job import Project
from tests.fakes.programs import FakeProgramSandbox


class FakeHost:
    """A machine on which all is well, but for what a test changes."""

    def __init__(self, **changes) -> None:
        self.environment = changes.pop("environment", {})
        self.programs = {"git": "git version 2.39.5", "/py": "3.11.7"} | changes.pop("programs", {})
        self.files = {"/proc/self/schedstat": "123 4 5"} | changes.pop("files", {})
        self.sockets = changes.pop("sockets", {})
        self.answers = {"cores": 4, "pins": True, "load": 0.1, "free": 9 << 30} | changes

    def ask(self, argv) -> Said:
        line = self.programs.get(argv[-1], self.programs.get(argv[0]))
        return Said(well=line is not None, line=line or "")

    def read(self, path) -> str | None:
        return self.files.get(path)

    def listener(self, path) -> int | None:
        return self.sockets.get(path)

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


def test_a_good_machine():
    assert {check.status for check in machine(FakeHost())} == {Status.OK}


def looked(name, why=""):
    backend = Backend(NAMES[name], lambda: None, lambda: "python3", f"mend {name}")
    return Probed(
        backend, None if why else FakeProgramSandbox(None), "/usr/bin/python3", "3.11.2", pytest=True, why=why
    )


def told(wish, *found):
    return {check.name: check for check in isolation(found, wish)}


def test_each_way_of_isolating_is_told_and_the_one_that_a_run_gets():
    checks = told("auto", looked("docker", "no daemon answers"), looked("namespace"), looked("process"))
    assert (checks["isolation: docker"].found, checks["isolation: docker"].mend) == ("no daemon answers", "mend docker")
    assert checks["isolation: namespace"].found == "works, with Python 3.11.2 at /usr/bin/python3"
    assert (checks["isolation"].status, checks["isolation"].found) == (Status.OK, "namespace is taken")


def test_a_sandbox_that_cannot_fix_the_layout_of_memory_is_a_note():
    assert told("auto", looked("namespace"))["memory layout"].status is Status.OK
    moving = replace(looked("namespace"), sandbox=FakeProgramSandbox(None, fixes_layout=False))
    check = told("auto", moving)["memory layout"]
    assert (check.status, "ADDR_NO_RANDOMIZE" in check.mend) == (Status.NOTE, True)
    assert "memory layout" not in told("auto", looked("namespace", "there is no bwrap"))


def test_no_isolation_is_a_failure_until_somebody_says_yes():
    found = looked("namespace", "there is no bwrap"), looked("process")
    assert told("auto", *found)["isolation"].status is Status.FAIL
    assert "`isolation: process`" in told("auto", *found)["isolation"].mend
    yes = told("process", *found)["isolation"]
    assert (yes.status, yes.found) == (Status.NOTE, "process, NOT ISOLATED")
    assert told("docker", *found)["isolation"].status is Status.FAIL


@pytest.mark.parametrize(
    ("changes", "name", "status"),
    [
        ({"programs": {"git": None}}, "git", Status.FAIL),
        ({"free": None}, "temporary files", Status.FAIL),
        ({"free": 5 << 20}, "temporary files", Status.NOTE),
        ({"cores": 1}, "cores", Status.NOTE),
        ({"pins": False}, "cores", Status.NOTE),
        ({"load": 3.5}, "load", Status.NOTE),
        ({"load": None}, "load", Status.OK),
        ({"files": {"/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "powersave"}}, "governor", Status.NOTE),
        ({"files": {"/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "performance"}}, "governor", Status.OK),
        ({"files": {"/proc/self/schedstat": None}}, "CPU time", Status.NOTE),
        ({"files": {"/proc/self/schedstat": "0 0 0"}}, "CPU time", Status.NOTE),
    ],
)
def test_what_is_not_well_is_said_with_what_mends_it(changes, name, status):
    check = found(FakeHost(**changes), name)
    assert check.status is status
    assert bool(check.mend) == (status is not Status.OK)


@pytest.mark.parametrize(
    "changes",
    [
        {"sockets": {"/var/run/docker.sock": 0}},
        {"sockets": {"/run/docker.sock": 0}},
        {"sockets": {"/x/d.sock": 0}, "environment": {"DOCKER_HOST": "unix:///x/d.sock"}},
    ],
)
def test_a_docker_socket_inside_a_ci_job_is_a_loud_failure(changes):
    environment = changes.pop("environment", {})
    check = found(FakeHost(**changes, environment=environment | {"CI": "true"}), "docker socket")
    assert check.status is Status.FAIL
    assert "MOUNTED IN THIS CI JOB" in check.found
    assert found(FakeHost(**changes, environment=environment), "docker socket").status is Status.NOTE


def test_a_daemon_that_runs_in_the_job_itself_is_none_of_the_runner():
    host = FakeHost(sockets={"/run/docker.sock": 77}, environment={"CI": "true"})
    assert found(host, "docker socket").status is Status.NOTE


def project(**changes):
    given = {"tests": ("python", "-m", "pytest", "-q"), "benchmark_sources": (("functions", "benchmarks/bench_a.py"),)}
    return Project(python="/py", import_roots=("",), **(given | changes))


def of_repository(*ways, wish="auto", set_up=False, **changes):
    found = ways or (looked("namespace"),)
    return {check.name: check for check in repository(project(**changes), found, wish, set_up=set_up)}


def test_a_good_repository():
    checks = of_repository()
    assert {check.status for check in checks.values()} == {Status.OK}
    assert checks["interpreter"].found == "/usr/bin/python3 (3.11.2)"


def test_an_interpreter_that_runs_in_no_sandbox():
    checks = of_repository(looked("namespace", "there is no bwrap"), looked("process", "/py is Python 2.7"))
    assert checks["interpreter"].status is Status.FAIL
    assert "tests" not in checks


def test_the_interpreter_is_that_of_the_sandbox_which_a_run_gets():
    inside = replace(looked("docker"), python="/opt/python")
    assert of_repository(inside, looked("process"))["interpreter"].found.startswith("/opt/python")
    assert of_repository(inside, looked("process"), wish="process")["interpreter"].found.startswith("/usr/bin")


@pytest.mark.parametrize(
    ("changes", "pytest_there", "name", "status"),
    [
        ({"tests": None}, True, "tests", Status.NOTE),
        ({}, False, "tests", Status.FAIL),
        ({"set_up": True}, False, "tests", Status.NOTE),
        ({"tests": ("make", "check")}, False, "tests", Status.OK),
        ({"benchmark_sources": ()}, True, "benchmarks", Status.FAIL),
    ],
)
def test_tests_and_benchmarks(changes, pytest_there, name, status):
    way = replace(looked("namespace"), pytest=pytest_there)
    assert of_repository(way, **changes)[name].status is status


def test_what_a_sandbox_does_not_hold_here_is_said():
    box = FakeProgramSandbox(None, notes=("memory is limited for each process",))
    assert "memory is limited" in told("auto", replace(looked("namespace"), sandbox=box))["isolation"].found


def test_lines_are_aligned_and_say_what_mends():
    text = rendered([Check("git", Status.OK, "2.39"), Check("long name", Status.FAIL, "broken", "mend it")])
    assert text.splitlines() == [
        "ok    git        2.39",
        "FAIL  long name  broken",
        "                 -> mend it",
    ]
