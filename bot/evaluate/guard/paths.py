"""Which files a candidate may change: source, and never what decides about it."""

import re
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

PROTECTED = (
    "conftest.py", "**/conftest.py", "pytest.ini", "tox.ini", "setup.cfg", "setup.py", "pyproject.toml", "noxfile.py",
    "Makefile", "**/Makefile", ".hotlap.yml", ".gitlab-ci.yml", ".gitlab/**", ".github/**", ".coveragerc",
    "**/*.pth", "**/sitecustomize.py", "**/usercustomize.py", "sitecustomize.py", "usercustomize.py",
    "requirements*.txt", "**/requirements*.txt", "*.lock", "**/*.lock", "Pipfile*", "asv.conf.json",
    "tests/**", "test/**", "**/tests/**", "**/test/**",
    "test_*.py", "**/test_*.py", "*_test.py", "**/*_test.py",
    "benchmarks/**", "benchmark/**", "bench/**", "**/benchmarks/**", "bench_*.py", "**/bench_*.py", ".git/**",
    "**/*_test.go", "go.mod", "**/go.mod", "go.sum", "**/go.sum", "benches/**", "**/benches/**", "Cargo.toml",
    "**/Cargo.toml", "build.rs", "**/build.rs", ".cargo/**", "**/src/test/**", "**/src/jmh/**", "pom.xml", "**/pom.xml",
    "**/*.gradle", "**/*.gradle.kts", "CMakeLists.txt", "**/CMakeLists.txt", "**/*.cmake", "justfile", "**/justfile",
)  # fmt: skip
_PROSE = {".md", ".rst", ".txt"}
_TEST_FILE = re.compile(r"(^|/)(tests?)/|(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$")


def matches(path: str, patterns: tuple[str, ...]) -> bool:
    """Say whether `path` matches one of the globs, in any case; `**/` also stands for no directory at all."""
    name, globs = path.casefold(), [pattern.casefold() for pattern in patterns]
    return any(fnmatchcase(name, glob) or fnmatchcase(name, glob.replace("**/", "")) for glob in globs)


def is_prose(path: str) -> bool:
    """Say whether a file holds text for people, which no interpreter reads."""
    return PurePosixPath(path).suffix in _PROSE


def is_test(path: str) -> bool:
    """Say whether a file belongs to the tests by where it stands and what it is called."""
    return _TEST_FILE.search(path) is not None
