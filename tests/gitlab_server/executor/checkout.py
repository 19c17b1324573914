"""A job's working copy: a fresh clone of the commit with a remote as a runner sets it up."""

import contextlib
import shutil
import subprocess
import tempfile

from tests.gitlab_server.executor.program import files_of


@contextlib.contextmanager
def checked_out(directory, world, pipeline, token):
    """A clone of the pipeline's commit, on a branch of its name; it is gone afterwards."""
    project = pipeline.project
    place = directory.__class__(tempfile.mkdtemp(prefix=f"{pipeline.id}-", dir=directory))
    name = pipeline.merge_request.source_branch if pipeline.merge_request else pipeline.ref
    login = f"gitlab-ci-token:{token.secret}@" if token else ""
    remote = project.url.replace("://", f"://{login}", 1)
    for words in (
        ("init", "-q", "-b", name),
        ("fetch", "-q", str(project.repository.path), pipeline.sha, "+refs/heads/*:refs/remotes/origin/*"),
        ("reset", "-q", "--hard", pipeline.sha),
        ("remote", "add", "origin", remote),
        ("symbolic-ref", "refs/remotes/origin/HEAD", f"refs/remotes/origin/{project.default_branch}"),
    ):
        subprocess.run(("git", *words), cwd=place, check=True, capture_output=True)
    try:
        yield place
    finally:
        shutil.rmtree(place)
        shutil.rmtree(files_of(place), ignore_errors=True)
