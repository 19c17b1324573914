"""A language model as the proposer, played by a script: what it is shown, and what becomes of its replies."""

import json

import pytest

WRONG_PLACE = """\
shop/core.py
<<<<<<< SEARCH
    names = {customer["name"] for customer in buyers}
=======
    names = set()
>>>>>>> REPLACE
"""
FAST = """\
A set is asked in constant time.

shop/core.py
<<<<<<< SEARCH
    names = [customer["name"] for customer in customers]
=======
    names = {customer["name"] for customer in customers}
>>>>>>> REPLACE
"""
ELSEWHERE = FAST.replace("shop/core.py", "tests/test_core.py")


def script(tmp_path, *replies):
    place = tmp_path / "script.yml"
    place.write_text(json.dumps({"replies": list(replies)}))
    return str(place)


@pytest.mark.measures
def test_a_reply_that_did_not_fit_is_said_again_and_the_next_one_becomes_a_branch(hotlap, repository, tmp_path):
    done = hotlap(
        "optimize", "shop/core.py::known", "--repo", repository.root, "--proposer", "scripted", "--candidates", "1",
        "--json", "-", HOTLAP_MODEL_SCRIPT=script(tmp_path, WRONG_PLACE, FAST),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (worked,) = json.loads(done.stdout)["worked"]
    (tried,) = worked["tried"]
    assert tried["proposer"].startswith("scripted")
    assert tried["verdict"]["outcome"] == "accepted"
    (branch,) = repository.branches() - {"main"}
    changed = repository.git("diff", "main", branch)
    assert '+    names = {customer["name"] for customer in customers}' in changed


def test_replies_that_touch_anything_else_change_nothing(hotlap, repository, tmp_path):
    before = repository.state()
    replies = [ELSEWHERE, "I would rather not.", WRONG_PLACE, "", ELSEWHERE, ELSEWHERE]
    done = hotlap(
        "optimize", "shop/core.py::known", "--repo", repository.root, "--proposer", "scripted", "--candidates", "2",
        HOTLAP_MODEL_SCRIPT=script(tmp_path, *replies),
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert repository.branches() == {"main"}
    assert repository.state() == before


def test_a_prompt_is_the_same_each_time_and_holds_no_secret(hotlap, repository):
    repository.write(".env", "TOKEN=hidden-canary-1\n")
    repository.write(
        "tests/test_more.py",
        'from shop.core import known\nKEY = "glpat-abcdefghijklmnopqrst"\n\n\ndef test_k():\n    known([], [])\n',
    )
    repository.commit("more")
    words = ("prompt", "shop/core.py::known", "--repo", repository.root, "--no-profile", "--json", "-")
    first, second = hotlap(*words), hotlap(*words)
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    found = json.loads(first.stdout)
    assert found["target"] == "shop/core.py::known"
    assert next(one["is"] for one in found["parts"] if one["writable"]) == "the function"
    text = "".join(one["text"] for one in found["messages"])
    assert "def known(orders, customers):" in text
    assert "hidden-canary" not in text
    assert "glpat-abcdefgh" not in text


def test_a_prompt_for_no_function_is_one_sentence(hotlap, repository):
    done = hotlap("prompt", "nobody", "--repo", repository.root, "--no-profile")
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1].startswith("hotlap: ")
