"""The regression gate as a merge request's author meets it."""

import json

import pytest

pytestmark = pytest.mark.measures

LOOP = "    for order in orders:\n"
SLOWER = "    for order in orders[: len(orders) // 3]:\n        order['customer'] in names\n"
FASTER = "    names = set(names)\n"
ATTEMPTS = 3
CRASH = "    raise RuntimeError('out of order')\n"


@pytest.fixture
def change(repository):
    """Commit a change of shop/core.py on a branch of its own, with `text` put before the loop."""

    def make(text):
        core = (repository.root / "shop/core.py").read_text()
        repository.git("checkout", "-q", "-b", "topic")
        repository.write("shop/core.py", core.replace(LOOP, text + LOOP))
        repository.commit("a change")

    return make


def checked(hotlap, repository, *words, code):
    for _ in range(ATTEMPTS):
        done = hotlap("check", "--repo", repository.root, "--base", "main", "--json", "-", *words)
        # That a machine is too noisy now is an honest answer, and no reason to fail: it is asked again.
        if code == 0 or '"decision": "noisy"' not in done.stdout:
            break
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout), done.stderr


def test_a_slowdown_of_a_third_stops_the_merge_request(hotlap, repository, change, tmp_path):
    change(SLOWER)
    before = repository.state()
    found, said = checked(hotlap, repository, "--out", tmp_path / "out", code=1)
    assert repository.state() == before
    assert repository.branches() == {"main", "topic"}
    (row,) = found["benchmarks"]
    assert (found["decision"], row["reason"]) == ("slower", "check.slower")
    assert row["measure"]["confirmed"]
    assert row["measure"]["ratio"]["high"] < 1 / 1.05
    assert row["remark"] == "runs shop/core.py::known"
    report = (tmp_path / "out" / "speed-check.md").read_text()
    assert report in said
    assert "| slower " in report
    assert "NOT ISOLATED" in report


def test_no_slower_and_run_twice(hotlap, repository, change):
    change("    orders = list(orders)\n")
    for _ in range(2):
        found, said = checked(hotlap, repository, "--margin", "10%", code=0)
        assert found["decision"] in {"passed", "undecided", "noisy"}
        assert found["margin"] == 0.1
        assert "Slower" not in said.partition("\n\n")[0]


def test_faster_and_another_answer_are_no_offence(hotlap, repository, change):
    change(FASTER + "    found.append({'id': -1})\n")
    found, _ = checked(hotlap, repository, code=0)
    assert found["decision"] in {"passed", "noisy"}
    assert found["benchmarks"][0]["reason"] in {"check.faster", "check.not-slower", "check.noisy"}


def test_a_crash_on_head_alone_is_said_with_its_reason(hotlap, repository, change):
    change(CRASH)
    found, said = checked(hotlap, repository, code=1)
    assert found["decision"] == "failed"
    assert "out of order" in found["benchmarks"][0]["remark"]
    assert "fails on head" in said


def test_documents_and_tests_need_no_measuring_and_the_common_ancestor_is_the_base(hotlap, repository, change):
    change(CRASH)
    repository.git("checkout", "-q", "-b", "words", "main")
    repository.write("README.md", "# Shop\n")
    repository.write("tests/test_more.py", "def test_more():\n    assert True\n")
    repository.commit("words")
    repository.git("branch", "-f", "main", "topic")  # the base moves on, and breaks: not this change's business
    repository.write("shop/core.py", "not committed")
    found, said = checked(hotlap, repository, code=0)
    assert (found["decision"], found["benchmarks"], found["canary"]) == ("passed", [], None)
    assert "common ancestor" in said
    assert "uncommitted changes are not part of head, shop/core.py" in said


def test_the_first_benchmark_of_a_repository_has_nothing_to_be_compared_with(hotlap, repository):
    bench = (repository.root / "benchmarks/bench_core.py").read_text()
    repository.git("rm", "-q", "benchmarks/bench_core.py")
    repository.write("shop/more.py", "X = 1\n")
    repository.commit("no benchmark")
    done = hotlap("check", "--repo", repository.root, "--base", "main~1", "--head", "main~1")
    assert done.returncode == 0, done.stderr
    done = hotlap("check", "--repo", repository.root, "--base", "main", "--head", "main")
    assert done.returncode == 2
    assert "no benchmark was found" in done.stderr
    repository.git("checkout", "-q", "-b", "first")
    repository.write("benchmarks/bench_core.py", bench)
    repository.commit("the first benchmark")
    found, _ = checked(hotlap, repository, code=0)
    assert [row["reason"] for row in found["benchmarks"]] == ["check.new"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--base", "no-such"], "'no-such' names no commit"),
        (["--base", "main", "--head", "--exec=x"], "is not a revision"),
        (["--base", "main", "--margin", "5"], "--margin: '5' is not a share"),
        (["--base", "main", "--budget", "soon"], "--budget: 'soon' is not a duration"),
        (["--base", "main", "--out", "/proc/nowhere"], "--out: /proc/nowhere cannot be made"),
    ],
)
def test_bad_input_gets_one_sentence(hotlap, repository, words, sentence):
    done = hotlap("check", "--repo", repository.root, *words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
