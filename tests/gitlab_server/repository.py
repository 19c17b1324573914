"""The bare git repository of a project, driven through git's plumbing: nothing here parses objects itself."""

import os
import subprocess
from pathlib import Path

IDENTITY = "A Person <person@example.org>"
SETTINGS = """
[http]
	receivepack = true
[receive]
	advertisePushOptions = true
[uploadpack]
	allowFilter = true
	allowAnySHA1InWant = true
[gc]
	auto = 0
"""


class MissingError(Exception):
    """A revision or path that the repository does not have."""


class Repository:
    """A bare repository at `path`; made with a pre-receive hook that the server tells what to refuse."""

    def __init__(self, path: Path, *, default_branch="main") -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._environment = {
            "PATH": os.environ["PATH"], "HOME": str(path.parent), "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C",
        }  # fmt: skip
        subprocess.run(
            ("git", "init", "-q", "--bare", "-b", default_branch, str(path)), check=True, env=self._environment
        )
        with (path / "config").open("a") as config:
            config.write(SETTINGS)

    def git(self, *words, data=None):
        """Run git on the repository; returns stripped standard output. Raises MissingError where git fails."""
        return self.raw(*words, data=data).decode(errors="replace").strip()

    def raw(self, *words, data=None):
        done = subprocess.run(
            ("git", "-c", "core.quotePath=false", *words),
            cwd=self.path, env=self._environment, input=data, capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise MissingError(done.stderr.decode(errors="replace").strip())
        return done.stdout

    def sha(self, ref):
        """The commit of a revision. A branch is a file, as nothing packs it here; git is asked for the rest."""
        loose = self.path / ref
        if ref.startswith("refs/heads/") and ".." not in ref and loose.is_file():
            return loose.read_text().strip()
        return self.git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")

    def has(self, ref):
        try:
            return bool(self.sha(ref))
        except MissingError:
            return False

    def branches(self):
        lines = self.git("for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", "refs/heads").splitlines()
        return {name: sha for sha, _, name in (line.partition(" ") for line in lines)}

    def read(self, ref, path):
        """The bytes of a file at a revision, or None."""
        try:
            return self.raw("cat-file", "blob", f"{ref}:{path}")
        except MissingError:
            return None

    def log(self, ref, *limits):
        return self.git("rev-list", ref, *limits, "--").split()

    def merge_base(self, one, other):
        return self.git("merge-base", one, other)

    def delete_branch(self, name):
        self.git("update-ref", "-d", f"refs/heads/{name}")

    def point(self, branch, sha):
        self.git("update-ref", f"refs/heads/{branch}", sha)

    def commit(self, branch, files, message="change", author=None, start=None):
        """Commit `files` (path to text, bytes, or None to remove) on `branch`, begun at `start`; returns the SHA."""
        stream = [f"commit refs/heads/{branch}\n".encode(), f"committer {author or IDENTITY} now\n".encode()]
        stream += [_data(message)]
        if start is not None or self.has(f"refs/heads/{branch}"):
            stream.append(f"from {self.sha(start or f'refs/heads/{branch}')}\n".encode())
        for path, content in files.items():
            if content is None:
                stream.append(f'D "{_quoted(path)}"\n'.encode())
            else:
                stream += [f'M 100644 inline "{_quoted(path)}"\n'.encode(), _data(content)]
        self.raw("fast-import", "--quiet", "--force", "--date-format=now", data=b"".join(stream) + b"done\n")
        return self.sha(f"refs/heads/{branch}")


def _data(content):
    content = content.encode() if isinstance(content, str) else content
    return b"data %d\n%s\n" % (len(content), content)


def _quoted(path):
    return path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
