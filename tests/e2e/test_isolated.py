"""The main job where the code under test is kept apart: the same branch, the same proof, nothing left behind."""

import json
import shutil

import pytest

from tests.contract.sandbox_docker import here

pytestmark = pytest.mark.measures


def _namespace():
    if shutil.which("bwrap") is None:
        pytest.skip("missing: bubblewrap")
    return "isolation: namespace\n"


def _docker():
    return f"isolation: docker\nsandbox:\n  image: '{here.image()}'\n"


@pytest.mark.parametrize(("configuration", "said"), [(_namespace, "namespace"), (_docker, "container")])
def test_a_change_is_found_proven_and_left_on_a_branch(hotlap, repository, configuration, said):
    repository.write(".hotlap.yml", configuration())
    repository.commit("isolated")
    before = repository.state()
    done = hotlap("optimize", "--repo", repository.root, "--candidates", "1", "--changes", "1", "--json", "-")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "NOT ISOLATED" not in done.stdout + done.stderr
    assert repository.state() == before
    (worked,) = [one for one in json.loads(done.stdout)["worked"] if one["commit"]]
    (accepted,) = [one for one in worked["tried"] if one["id"] == worked["accepted"]]
    assert accepted["verdict"]["isolation"] == said
    assert accepted["verdict"]["replay"]["captured"] > 0
    assert len(repository.branches()) == 2
