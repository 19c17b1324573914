"""FileStore on a real file system: crashes, repeats and several processes."""

import subprocess
import sys
from pathlib import Path

from bot.adapters.file_store import FileStore
from bot.domain.lesson import Lesson, LessonState

ONE = Lesson("candidate:1", "naïve | `text`\nsecond line", ("run",), LessonState.ACTIVE)
TWO = Lesson("candidate:2", "other")


def test_lessons_come_back_as_they_were_learned(tmp_path):
    store = FileStore(tmp_path / "state")
    assert store.lessons() == ()
    store.learn([ONE])
    store.learn([TWO, ONE])
    assert FileStore(tmp_path / "state").lessons() == (ONE, TWO)


def test_a_line_cut_off_by_a_crash_is_left_out_and_harms_nothing(tmp_path):
    store = FileStore(tmp_path)
    store.learn([ONE])
    with (tmp_path / "lessons.jsonl").open("a") as file:
        file.write('{"scope": "candidate:9", "sen')
    store.learn([TWO])
    assert store.lessons() == (ONE, TWO)


def test_records_are_whole_or_absent_and_replaced(tmp_path):
    store = FileStore(tmp_path)
    path = store.record("run-1", "report.md", b"first")
    assert store.record("run-1", "report.md", b"second") == path
    assert Path(path).read_bytes() == b"second"
    assert [item.name for item in (tmp_path / "runs" / "run-1").iterdir()] == ["report.md"]


def test_several_processes_lose_nothing(tmp_path):
    code = (
        "import sys\nfrom pathlib import Path\nfrom bot.adapters.file_store import FileStore\n"
        "from bot.domain.lesson import Lesson\nstore = FileStore(Path(sys.argv[1]))\n"
        "for n in range(50): store.learn([Lesson(f'candidate:{sys.argv[2]}-{n}', 'x' * 3000)])\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(n)]) for n in range(3)]
    assert [one.wait(60) for one in running] == [0, 0, 0]
    assert len(FileStore(tmp_path).lessons()) == 150
