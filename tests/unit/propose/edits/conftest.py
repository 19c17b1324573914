import pytest

from bot.domain.code import File, Snapshot
from bot.propose.edits import engine


def block(search, replace, head="<<<<<<< SEARCH", divider="=======", tail=">>>>>>> REPLACE"):
    return f"{head}\n{search}{divider}\n{replace}{tail}\n"


class Reply:
    """Applies replies to a small tree and shows what came out."""

    def __init__(self) -> None:
        self.block = block

    def tree(self, files):
        return Snapshot("", {path: self.file(content) for path, content in files.items()})

    def file(self, content):
        if isinstance(content, File):
            return content
        return File(content if isinstance(content, bytes) else content.encode())

    def apply(self, files, text, spans=(), protected=()):
        answer = engine.apply(text, self.tree(files), spans, protected)
        assert answer.applied is bool(answer.changes)
        assert answer.applied is not bool(answer.feedback)
        return answer

    def edit(self, before, search, replace, spans=()):
        """Return the bytes of one file after one block, or the code of the refusal."""
        answer = self.apply({"f.py": before}, "f.py\n" + block(search, replace), spans)
        return answer.changes[0].after if answer.applied else answer.blocks[0].result

    def code(self, answer):
        assert not answer.applied
        return [one.result for one in answer.blocks]


@pytest.fixture
def reply():
    return Reply()
