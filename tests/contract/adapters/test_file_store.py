"""FileStore on a real file system."""

from pathlib import Path

from bot.adapters.file_store import FileStore


def test_records_are_whole_or_absent_and_replaced(tmp_path):
    store = FileStore(tmp_path)
    path = store.record("run-1", "report.md", b"first")
    assert store.record("run-1", "report.md", b"second") == path
    assert Path(path).read_bytes() == b"second"
    assert [item.name for item in (tmp_path / "runs" / "run-1").iterdir()] == ["report.md"]
