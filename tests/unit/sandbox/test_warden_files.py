"""Files of a box: what is laid, what is opened, and that everything can be removed."""

import contextlib
import io
import json
import os
import stat
from pathlib import Path

import pytest

from bot.adapters.sandbox.warden import files


def stream(listed, *bodies, folders=("tree",)):
    return io.BytesIO(json.dumps({"folders": folders, "files": listed}).encode() + b"\n" + b"".join(bodies))


def test_files_modes_and_links_are_laid(tmp_path):
    listed = [["tree", "a/b.sh", 3, 0o755, None], ["tree", "a/link", 0, 0o644, "b.sh"], ["tree", "c", 2, 0o644, None]]
    files.lay(str(tmp_path), stream(listed, b"one", b"\0\xff", folders=["tree", "scratch"]))
    assert (tmp_path / "tree/a/link").read_bytes() == b"one"
    assert stat.S_IMODE((tmp_path / "tree/a/b.sh").stat().st_mode) == 0o755
    assert (tmp_path / "tree/c").read_bytes() == b"\0\xff"
    assert (tmp_path / "scratch").is_dir()


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/x", "", ".", "link/x", "link/deep/x"])
def test_a_path_that_leads_elsewhere_is_refused(tmp_path, path):
    listed = [["tree", "link", 0, 0o644, str(tmp_path)], ["tree", path, 1, 0o644, None]]
    with pytest.raises(files.BadPathError):
        files.lay(str(tmp_path), stream(listed, b"x"))
    assert not (tmp_path / "x").exists()


def test_a_stream_that_ends_early_is_an_error(tmp_path):
    with pytest.raises(EOFError):
        files.lay(str(tmp_path), stream([["tree", "a", 10, 0o644, None]], b"short"))


def test_two_files_of_one_name_are_an_error(tmp_path):
    with pytest.raises(FileExistsError):
        files.lay(str(tmp_path), stream([["tree", "a", 1, 0o644, None]] * 2, b"x", b"y"))


def opens(root, name):
    try:
        descriptor = files.opened(str(root), name)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def test_only_what_stands_below_the_root_without_links_is_opened(tmp_path):
    root = tmp_path / "box"
    (root / "scratch/deep").mkdir(parents=True)
    (root / "tree").mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    (root / "scratch/deep/fine").write_bytes(b"fine")
    (root / "tree/report").write_bytes(b"report")
    (root / "scratch/link").symlink_to(tmp_path / "secret")
    (root / "scratch/folder").symlink_to(tmp_path)
    os.mkfifo(root / "scratch/fifo")
    assert opens(root, "scratch/deep/fine") == b"fine"
    assert opens(root, "scratch/../tree/report") == b"report"
    assert opens(root, "scratch/fifo") == b""
    bad = (
        "scratch/link",
        "scratch/folder/secret",
        "../secret",
        "scratch/../../secret",
        str(tmp_path / "secret"),
        "",
        ".",
    )
    assert {opens(root, name) for name in bad} == {None}


def test_a_tree_of_any_depth_and_permission_is_removed(tmp_path):
    root = tmp_path / "box"
    root.mkdir()
    with contextlib.chdir(root):
        for _ in range(1500):
            Path("d").mkdir()
            os.chdir("d")
    closed = root / "closed"
    (closed / "inner").mkdir(parents=True)
    (closed / "inner/file").touch()
    (root / "link").symlink_to(tmp_path)
    (closed / "inner").chmod(0)
    closed.chmod(0)
    (tmp_path / "kept").touch()
    assert files.remove(str(root))
    assert not root.exists()
    assert (tmp_path / "kept").exists()


def test_what_is_not_there_needs_no_removing(tmp_path):
    assert files.remove(str(tmp_path / "nothing"))


def test_a_link_in_the_place_of_a_box_is_not_followed(tmp_path):
    (tmp_path / "victim/deep").mkdir(parents=True)
    (tmp_path / "victim/keep").write_text("x")
    (tmp_path / "box").symlink_to("victim")
    assert not files.remove(str(tmp_path / "box"))
    assert (tmp_path / "victim/keep").read_text() == "x"
    assert (tmp_path / "victim/deep").is_dir()


def test_links_in_a_box_are_removed_and_not_what_they_lead_to(tmp_path):
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim/keep").write_text("x")
    (tmp_path / "box/a").mkdir(parents=True)
    for place in ("box/link", "box/a/link"):
        (tmp_path / place).symlink_to(tmp_path / "victim")
    assert files.remove(str(tmp_path / "box"))
    assert (tmp_path / "victim/keep").exists()
