"""What is detected about a repository, and what the configuration says in its place."""

import os
import sys

import pytest

from bot.config import parse
from bot.domain.code import File, Snapshot
from bot.domain.errors import Refused
from bot.evaluate.project import detect


def found(snapshot, root, config=b"", **more):
    return detect(snapshot, root, parse(config), **more)


def snapshot(*paths, **texts):
    files = {path: File(b"") for path in paths}
    return Snapshot("c", files | {path: File(text.encode()) for path, text in texts.items()})


def test_source_layout_and_tests(tmp_path):
    project = found(snapshot("src/pkg/__init__.py", "tests/test_a.py"), tmp_path)
    assert project.import_roots == ("src", "")
    assert project.tests == ("python", "-m", "pytest", "-q")
    assert project.python == sys.executable


def test_flat_layout_without_tests(tmp_path):
    project = found(snapshot("pkg/__init__.py"), tmp_path)
    assert project.import_roots == ("",)
    assert project.tests is None
    assert "tests: none found" in project.notes


def test_pythonpath_of_pytest_and_where_of_setuptools(tmp_path):
    text = '[tool.pytest.ini_options]\npythonpath = ["code"]\n[tool.setuptools.packages.find]\nwhere = ["python"]\n'
    files = {"pyproject.toml": File(text.encode()), "code/a.py": File(b""), "python/b.py": File(b"")}
    assert found(Snapshot("c", files), tmp_path).import_roots == ("python", "code", "")


def test_a_broken_pyproject_is_not_ours_to_judge(tmp_path):
    assert found(Snapshot("c", {"pyproject.toml": File(b"[[[")}), tmp_path).import_roots == ("",)


def test_the_configuration_wins(tmp_path):
    config = (
        b"import_roots: [lib]\ntests: {command: python -m unittest -v, junit: out.xml, timeout: 9}\nenv: {A: '1'}\n"
    )
    project = found(snapshot("tests/test_a.py"), tmp_path, config)
    assert project.import_roots == ("lib",)
    assert project.tests == ("python", "-m", "unittest", "-v")
    assert (project.junit, project.tests_timeout, project.env) == ("out.xml", 9, (("A", "1"),))


def test_virtual_environments_in_their_order(tmp_path):
    for name in ("active", ".venv"):
        place = tmp_path / name / "bin"
        place.mkdir(parents=True)
        (place / "python").symlink_to(sys.executable)
    active = str(tmp_path / "active")
    assert found(snapshot(), tmp_path / "elsewhere", active=active).python == f"{active}/bin/python"
    assert found(snapshot(), tmp_path, active=active).python == str(tmp_path / ".venv" / "bin" / "python")
    assert found(snapshot(), tmp_path, python=sys.executable, active=active).python == sys.executable


@pytest.mark.parametrize("name", ["missing/python", "/nowhere/python", os.sep])
def test_an_interpreter_that_cannot_run_is_refused(tmp_path, name):
    with pytest.raises(Refused, match="cannot be run"):
        found(snapshot(), tmp_path, python=name)


def environment_at(place):
    (place / "bin").mkdir(parents=True)
    (place / "bin" / "python").symlink_to(sys.executable)


@pytest.mark.parametrize("committed", [".venv/bin/python", ".venv/lib/site-packages/evil.pth", ".venv"])
def test_an_interpreter_that_a_commit_brings_is_code_under_test(tmp_path, committed):
    environment_at(tmp_path / ".venv")
    assert found(snapshot("a.py"), tmp_path).python == f"{tmp_path}/.venv/bin/python"
    assert found(snapshot("a.py", committed), tmp_path).python == sys.executable
    for name in (".venv/bin/python", f"{tmp_path}/.venv/bin/python", ".venv/../.venv/bin/python"):
        with pytest.raises(Refused, match="part of the repository's commits"):
            found(snapshot(committed), tmp_path, f"python: {name}\n".encode())


def test_a_program_elsewhere_in_the_repository_is_no_interpreter_either(tmp_path):
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "py").symlink_to(sys.executable)
    with pytest.raises(Refused, match="part of the repository's commits"):
        found(snapshot("tools/py"), tmp_path, b"python: tools/py\n")
    assert found(snapshot("tools/other"), tmp_path, b"python: tools/py\n").python == f"{tmp_path}/tools/py"


def test_the_interpreter_of_an_image_need_not_be_here(tmp_path):
    project = found(snapshot(), tmp_path, b"python: /opt/nowhere/python\n", inside="/opt/nowhere/python")
    assert project.python == "/opt/nowhere/python"
    assert project.notes[0] == "interpreter: /opt/nowhere/python of the image"


def test_an_interpreter_by_its_name_is_looked_for_on_the_path(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python-of-the-job").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert found(snapshot(), tmp_path, python="python-of-the-job").python == f"{tmp_path}/bin/python-of-the-job"
    with pytest.raises(Refused, match="cannot be run"):
        found(snapshot(), tmp_path, python="no-such-python")


def test_a_shim_is_no_interpreter(tmp_path):
    (tmp_path / "python").write_text('#!/bin/sh\nexec python3 "$@"\n')
    (tmp_path / "python").chmod(0o755)
    with pytest.raises(Refused, match="is a script and no interpreter"):
        found(snapshot(), tmp_path, python=str(tmp_path / "python"))
