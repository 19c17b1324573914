import io
import json
import tarfile

from bot.adapters.sandbox.docker import archive as container
from bot.domain.code import File, FileChange, Snapshot
from bot.domain.job import EditSet
from bot.evaluate import archive
from bot.evaluate.set_up import build_inputs

NAME = b"caf\xe9.txt".decode("utf-8", "surrogateescape")
OTHER = b"caf\xe8.txt".decode("utf-8", "surrogateescape")


def tree(name=NAME, target=NAME):
    return Snapshot("c", {name: File(b"x"), "link": File(link=target)})


def test_names_and_targets_that_are_not_utf_8_have_digests_of_their_own():
    for digest in (Snapshot.digest, build_inputs):
        assert len({digest(tree()), digest(tree(name=OTHER)), digest(tree(target=OTHER))}) == 3
        assert digest(tree()) == digest(tree())


def test_an_edit_of_a_file_whose_name_is_not_utf_8_has_an_identity():
    one, other = (EditSet((FileChange(name, b"a", b"b"),)).digest for name in (NAME, OTHER))
    assert one != other


def test_such_names_come_back_from_archives_and_messages():
    packed = container.packed(tree(), {})
    with tarfile.open(fileobj=io.BytesIO(packed)) as found:
        assert f"tree/{NAME}" in found.getnames()
        assert found.getmember("tree/link").linkname == NAME
    assert archive.read(tree().tar()) == dict(tree().files)
    assert json.loads(json.dumps(sorted(tree().files)).encode()) == sorted(tree().files)
