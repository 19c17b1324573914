"""Changes on a real file system: nothing is followed, nothing is half written, modes stay."""

import os
import stat

import pytest

from bot.domain.code import FileChange
from bot.domain.errors import EditError
from bot.propose.edits import disk


@pytest.fixture
def root(tmp_path):
    place = tmp_path / "repo"
    (place / "pkg").mkdir(parents=True)
    (place / "pkg" / "a.py").write_bytes(b"a = 1\r\n")
    (place / "pkg" / "a.py").chmod(0o751)
    (place / "b.py").write_bytes(b"b = 1\n")
    (tmp_path / "outside.py").write_bytes(b"outside\n")
    (place / "link.py").symlink_to("../outside.py")
    (place / "linked").symlink_to("..")
    (place / ".git").mkdir()
    (place / ".git" / "config").write_text("[core]\n")
    return place


def everything(place):
    """Return all that is below a directory and its parent: content, link target and mode."""
    found = {}
    for path in sorted(place.parent.rglob("*")):
        name = path.relative_to(place.parent).as_posix()
        if path.is_symlink():
            found[name] = str(path.readlink())
        else:
            found[name] = (path.stat().st_mode, path.read_bytes() if path.is_file() else None)
    return found


CHANGES = (
    FileChange("b.py", b"b = 1\n", None),
    FileChange("new/deep/c.py", None, b"c = 1\n"),
    FileChange("pkg/a.py", b"a = 1\r\n", b"a = 2\r\n"),
)


def test_a_directory_is_read_with_links_as_links_and_without_git(root):
    tree = disk.load(root)
    assert set(tree.files) == {"pkg/a.py", "b.py", "link.py", "linked"}
    assert tree.data("pkg/a.py") == b"a = 1\r\n"
    assert tree.files["pkg/a.py"].executable
    assert (tree.files["link.py"].link, tree.files["linked"].link) == ("../outside.py", "..")


def test_files_that_cannot_be_meant_are_listed_unread(root):
    (root / "b.py").chmod(0)
    tree = disk.load(root, lambda name: name == "a.py")
    assert tree.data("pkg/a.py") == b"a = 1\r\n"
    assert tree.data("b.py") == b""


def test_special_files_are_left_out(root):
    os.mkfifo(root / "pipe")
    assert "pipe" not in disk.load(root).files


def test_all_is_written_and_modes_are_kept(root):
    disk.write(root, CHANGES)
    assert (root / "pkg" / "a.py").read_bytes() == b"a = 2\r\n"
    assert stat.S_IMODE((root / "pkg" / "a.py").stat().st_mode) == 0o751
    assert (root / "new" / "deep" / "c.py").read_bytes() == b"c = 1\n"
    assert not (root / "b.py").exists()
    assert not [name for name in everything(root) if "tmp" in name]


class Failing:
    """A file system that is asked for one rename too many."""

    def __init__(self, error) -> None:
        self.error = error

    def __call__(self, source, target, **folders) -> None:
        raise self.error


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_fault_in_the_middle_leaves_everything_as_it_was(root, error):
    before = everything(root)
    with pytest.raises(type(error)):
        disk.write(root, CHANGES, rename=Failing(error))
    assert everything(root) == before


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (FileChange("pkg/a.py", b"other\n", b"x\n"), "changed-meanwhile"),
        (FileChange("gone.py", b"x\n", b"y\n"), "changed-meanwhile"),
        (FileChange("b.py", None, b"x\n"), "exists"),
        (FileChange("link.py", b"outside\n", b"x\n"), "refused-path"),
        (FileChange("link.py", None, b"x\n"), "refused-path"),
        (FileChange("linked/outside.py", b"outside\n", b"x\n"), "refused-path"),
        (FileChange("linked/new.py", None, b"x\n"), "refused-path"),
        (FileChange("b.py/new.py", None, b"x\n"), "refused-path"),
        (FileChange("pkg", None, b"x\n"), "exists"),
        (FileChange("../outside.py", b"outside\n", b"x\n"), "refused-path"),
        (FileChange("/etc/hotlap", None, b"x\n"), "refused-path"),
    ],
)
def test_the_disk_has_the_last_word(root, change, reason):
    before = everything(root)
    first = FileChange("zero/new.py", None, b"x\n")
    with pytest.raises(EditError) as caught:
        disk.write(root, (first, change))
    assert caught.value.reason == reason
    assert everything(root) == before


def test_a_hard_link_outside_keeps_its_content(root):
    os.link(root / "b.py", root.parent / "twin.py")
    disk.write(root, (FileChange("b.py", b"b = 1\n", b"b = 2\n"),))
    assert (root / "b.py").read_bytes() == b"b = 2\n"
    assert (root.parent / "twin.py").read_bytes() == b"b = 1\n"


def test_a_file_that_appears_meanwhile_is_not_replaced(root):
    def appear(source, target, **folders):
        (root / "z.py").write_bytes(b"theirs\n")
        os.rename(source, target, **folders)  # noqa: PTH104 - relative to open directories

    changes = (FileChange("b.py", b"b = 1\n", b"b = 2\n"), FileChange("z.py", None, b"ours\n"))
    with pytest.raises(EditError):
        disk.write(root, changes, rename=appear)
    assert (root / "z.py").read_bytes() == b"theirs\n"
    assert (root / "b.py").read_bytes() == b"b = 1\n"
