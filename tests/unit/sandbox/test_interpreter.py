"""What of the host a target's interpreter needs to be seen in a box."""

import pytest

from bot.adapters.sandbox.interpreter import arguments
from bot.domain.errors import SandboxError


def prefix(place):
    (place / "bin").mkdir(parents=True)
    (place / "lib/python3.11").mkdir(parents=True)
    (place / "bin/python3.11").touch(mode=0o755)
    return place / "bin/python3.11"


def binds(found):
    return [found[at + 1] for at, part in enumerate(found) if part == "--ro-bind"]


def links(found):
    return {found[at + 2]: found[at + 1] for at, part in enumerate(found) if part == "--symlink"}


def test_an_interpreter_brings_its_prefix(tmp_path):
    found = arguments(str(prefix(tmp_path / "pythons/3.11")))
    assert binds(found) == [str(tmp_path / "pythons/3.11/bin"), str(tmp_path / "pythons/3.11/lib")]
    assert str(tmp_path / "pythons") in found


def test_a_virtual_environment_brings_itself_and_what_it_was_made_from(tmp_path):
    real = prefix(tmp_path / "pythons/3.11")
    environment = tmp_path / "repo/.venv"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin/python").symlink_to(real)
    (environment / "pyvenv.cfg").write_text(f"home = {real.parent}\nversion = 3.11\n")
    found = arguments(str(environment / "bin/python"))
    (environment / "notes.txt").write_text("private")
    shown = {
        tmp_path / "pythons/3.11/bin",
        tmp_path / "pythons/3.11/lib",
        environment / "bin",
        environment / "pyvenv.cfg",
    }
    assert set(binds(found)) == set(map(str, shown))


def test_a_checkout_that_was_made_an_environment_is_not_shown(tmp_path):
    python = prefix(tmp_path / "repo")
    (tmp_path / "repo/pyvenv.cfg").write_text(f"home = {python.parent}\n")
    (tmp_path / "repo/.git").mkdir()
    with pytest.raises(SandboxError, match="is the checkout"):
        arguments(str(python))


def test_links_on_the_way_are_made_anew(tmp_path):
    prefix(tmp_path / "pythons/3.11.7")
    (tmp_path / "pythons/3.11").symlink_to("3.11.7")
    (tmp_path / "current").symlink_to(tmp_path / "pythons/3.11")
    found = arguments(str(tmp_path / "current/bin/python3.11"))
    assert links(found) == {
        str(tmp_path / "current"): str(tmp_path / "pythons/3.11"),
        str(tmp_path / "pythons/3.11"): "3.11.7",
    }


def test_a_path_that_goes_up_can_be_walked_inside(tmp_path):
    prefix(tmp_path / "pythons/3.11")
    (tmp_path / "repo").mkdir()
    found = arguments(f"{tmp_path}/repo/../pythons/3.11/bin/python3.11")
    assert str(tmp_path / "repo") in found
    assert binds(found) == [str(tmp_path / "pythons/3.11/bin"), str(tmp_path / "pythons/3.11/lib")]


def test_a_program_without_a_prefix_comes_alone(tmp_path):
    (tmp_path / "run").touch(mode=0o755)
    assert binds(arguments(str(tmp_path / "run"))) == [str(tmp_path / "run")]


def test_the_systems_interpreter_needs_nothing():
    assert arguments("/usr/bin/env") == []


def test_a_home_directory_is_not_shown(tmp_path, monkeypatch):
    python = prefix(tmp_path / "home")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    with pytest.raises(SandboxError, match="all of it would be shown"):
        arguments(str(python))


def test_a_circle_of_links_is_refused(tmp_path):
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    with pytest.raises(SandboxError, match="leads in a circle"):
        arguments(str(tmp_path / "one/bin/python"))
