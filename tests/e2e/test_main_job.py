"""The main job as a user sees it: a branch with a proof, and a checkout that nobody touched."""

import json

import pytest

pytestmark = pytest.mark.measures


def test_optimize_leaves_a_branch_and_a_report_a_dry_run_nothing_and_a_merge_nothing_to_do(
    hotlap, repository, tmp_path
):
    before = repository.state()
    out = tmp_path / "out"
    done = hotlap(
        "optimize", "--repo", repository.root, "--out", out, "--json", tmp_path / "run.json", "--candidates", "1"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert repository.state() == before

    (branch,) = repository.branches() - {"main"}
    assert branch.startswith("hotlap/shop-core-known")
    assert repository.git("rev-list", "--count", f"main..{branch}") == "1"
    assert repository.git("diff", "--name-only", "main", branch) == "shop/core.py"
    assert "set(" in repository.git("show", f"{branch}:shop/core.py")

    run = json.loads((tmp_path / "run.json").read_text())
    (worked,) = [one for one in run["worked"] if one["commit"]]
    (accepted,) = [one for one in worked["tried"] if one["id"] == worked["accepted"]]
    verdict = accepted["verdict"]
    assert verdict["outcome"] == "accepted"
    assert verdict["comparisons"][0]["confirmed"]
    assert verdict["comparisons"][0]["ratio"]["low"] > 1.0
    assert verdict["tests"]["passed"] == 5
    assert verdict["replay"]["captured"] > 0

    names = {path.name for path in out.iterdir()}
    assert {"report.html", "report.md", "merge-request.md"} <= names
    assert "NOT ISOLATED" in (out / "report.md").read_text()
    assert "://" not in (out / "report.html").read_text().replace("http://www.w3.org/2000/svg", "")

    tip = repository.git("rev-parse", branch)
    done = hotlap("optimize", "--repo", repository.root, "--dry-run", "--candidates", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert repository.branches() == {"main", branch}
    assert repository.git("rev-parse", branch) == tip

    repository.git("merge", "-q", branch)
    done = hotlap("optimize", "--repo", repository.root, "--candidates", "1")
    assert done.returncode == 1, done.stdout + done.stderr


def test_measure_the_same_revision_twice_is_no_change(hotlap, repository):
    done = hotlap("measure", "--repo", repository.root, "--base", "HEAD", "--candidate", "HEAD", "--json", "-")
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["decision"] in {"equivalent", "undecided"}


FAST = """\
def known(orders, customers):
    \"\"\"Return the orders of known customers.\"\"\"
    names = {customer["name"] for customer in customers}
    return [order for order in orders if order["customer"] in names]
"""


@pytest.mark.parametrize(
    ("text", "verdict", "gate", "reason"),
    [
        (FAST, "accepted", "confirm", "accepted"),
        (FAST.replace("in names]", "in names][:250]"), "rejected", None, None),
        (
            "_seen = {}\n\n\n" + FAST.replace("    names", "    _seen[1] = 1\n    names"),
            "held",
            "confirm",
            "cache.label",
        ),
        (FAST.replace("    return", "    import gc; gc.disable()\n    return"), "rejected", "guard", "guard.construct"),
    ],
)
def test_verify_a_change_that_somebody_else_wrote(hotlap, repository, text, verdict, gate, reason):
    repository.git("checkout", "-q", "-b", "change")
    repository.write("shop/core.py", '"""Orders and their customers."""\n\n\n' + text)
    repository.commit("a change")
    repository.git("checkout", "-q", "main")
    done = hotlap("verify", "--repo", repository.root, "--base", "main", "--candidate", "change", "--json", "-")
    found = json.loads(done.stdout)
    assert found["verdict"] == verdict, found
    assert done.returncode == (0 if verdict == "accepted" else 1)
    if gate:
        assert (found["gate"], found["reason"]) == (gate, reason)
