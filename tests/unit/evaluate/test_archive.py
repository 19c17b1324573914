import io
import tarfile

import pytest

from bot.adapters.sandbox.docker import archive as container
from bot.domain.code import File
from bot.evaluate import archive
from bot.evaluate.archive import Unsafe


def packed(*members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for member, data in members:
            member.size = len(data)
            made.addfile(member, io.BytesIO(data))
    return out.getvalue()


def entry(name, kind=tarfile.REGTYPE, link="", mode=0o644):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, mode
    return info


def test_files_and_links_that_stay_inside():
    data = packed(
        (entry("a/b.py"), b"x"), (entry("a/run", mode=0o755), b"#!"), (entry("a/to", tarfile.SYMTYPE, "../a/b.py"), b"")
    )
    assert archive.read(data) == {
        "a/b.py": File(b"x"), "a/run": File(b"#!", executable=True), "a/to": File(link="../a/b.py"),
    }  # fmt: skip
    assert archive.read(packed()) == {}


@pytest.mark.parametrize(
    "member",
    [
        entry("../up"), entry("a/../../up"), entry("/etc/passwd"), entry("a//b"), entry("./a"), entry(".git/hooks/x"),
        entry(".GIT/x"),
        entry("a/.git/config"), entry("link", tarfile.SYMTYPE, "/etc/passwd"), entry("a/b", tarfile.SYMTYPE, "../../x"),
        entry("hard", tarfile.LNKTYPE, "a"), entry("pipe", tarfile.FIFOTYPE), entry("null", tarfile.CHRTYPE),
        entry("disk", tarfile.BLKTYPE), entry("dir", tarfile.DIRTYPE), entry("odd", b"Z"), entry("holes", b"S"),
    ],
    ids=lambda member: f"{member.name} {member.type}",
)  # fmt: skip
def test_anything_else_is_refused(member):
    with pytest.raises(Unsafe):
        archive.read(packed((member, b"")))


@pytest.mark.parametrize(
    "names", [("a", "a"), ("a", "A"), ("a", "a/b")], ids=["twice", "twins of case", "below a file"]
)
def test_no_name_stands_for_two_things(names):
    with pytest.raises(Unsafe, match="holds a"):
        archive.read(packed(*((entry(name), b"x") for name in names)))


def test_a_file_below_a_link_is_refused():
    with pytest.raises(Unsafe, match="below another"):
        archive.read(packed((entry("a", tarfile.SYMTYPE, "b"), b""), (entry("a/x"), b"")))


def test_too_many_files_and_rubbish():
    with pytest.raises(Unsafe, match="more than 2"):
        archive.read(packed(*((entry(f"f{n}"), b"") for n in range(3))), most_files=2)
    whole = packed((entry("a"), b"x" * 5000))
    for data in (b"rubbish" * 100, whole[:1000], b"\xff" * 1024):
        with pytest.raises(Unsafe):
            archive.read(data)


def test_a_size_that_is_a_lie_costs_nothing():
    info = entry("sparse")
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(1 << 50),
                        "GNU.sparse.name": "sparse"}  # fmt: skip
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as made:
        body = b"1\n0\n1024\n".ljust(512, b"\0")
        info.size = len(body)
        made.addfile(info, io.BytesIO(body))
    with pytest.raises(Unsafe):
        archive.read(out.getvalue())


def test_a_chain_of_headers_is_refused():
    long_name = entry("././@LongLink", b"L")
    long_name.size = 4
    chain = (long_name.tobuf(tarfile.GNU_FORMAT) + b"abc\0".ljust(512, b"\0")) * 3000
    with pytest.raises(Unsafe, match="chains more headers"):
        archive.read(chain + packed((entry("x"), b"")))
    assert container.member(chain + packed((entry("x"), b"")), "x", 100) is None
