import contextlib
import io
import threading
import time

import pytest
from rich.console import Console

from bot.cli.output import Output
from bot.cli.progress import LiveProgress, PlainProgress, progress


class Hand:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_each_step_is_one_line_with_the_elapsed_time():
    lines, clock = [], Hand()
    with PlainProgress(lines.append, monotonic=clock) as shown:
        shown.step("a.py::f", "tests")
        clock.now += 75
        shown.step("a.py::f", "bench", "12 pairs\nso far")
    assert lines == ["[0 s] a.py::f: tests", "[1:15] a.py::f: bench (12 pairs so far)"]


def test_news_of_one_stage_do_not_fill_a_log():
    lines, clock = [], Hand()
    with PlainProgress(lines.append, monotonic=clock) as shown:
        for pair in range(60):
            shown.step("a", "bench", f"pair {pair}")
            clock.now += 1
    assert lines[:2] == ["[0 s] a: bench (pair 0)", "[10 s] a: bench (pair 10)"]
    assert len(lines) == 6


def test_silence_is_broken_by_a_heartbeat():
    beats = threading.Event()
    lines = []

    def say(line):
        lines.append(line)
        if "still at a: bench" in line:
            beats.set()

    with PlainProgress(say, heartbeat=0.02) as shown:
        shown.step("a", "bench")
        assert beats.wait(5)


def test_the_heartbeat_keeps_quiet_while_there_was_no_silence():
    lines = []
    with PlainProgress(lines.append, heartbeat=0.005, monotonic=Hand()) as shown:
        shown.step("a", "bench")
        time.sleep(0.05)
    assert lines == ["[0 s] a: bench"]


def test_the_thread_ends_with_the_block_also_when_it_is_interrupted():
    before = threading.active_count()
    with contextlib.suppress(KeyboardInterrupt), PlainProgress([].append, heartbeat=0.01):
        assert threading.active_count() == before + 1
        raise KeyboardInterrupt
    assert threading.active_count() == before


def test_a_reader_that_went_away_does_not_kill_the_heartbeat_loudly():
    def say(_line):
        raise BrokenPipeError

    with PlainProgress(say, heartbeat=0.01):
        time.sleep(0.05)
    with PlainProgress(say) as shown, pytest.raises(BrokenPipeError):
        shown.step("a", "b")


def drawn(live):
    console = Console(file=io.StringIO(), width=100)
    console.print(live.table())
    return console.file.getvalue()


def test_the_live_table_shows_the_latest_stage_of_each_target():
    clock = Hand()
    live = LiveProgress(Console(file=io.StringIO()), monotonic=clock)
    live.step("a.py::f", "tests")
    clock.now += 5
    live.step("a.py::f", "bench", "pair 3")
    live.step("b[red].py", "guard", "\x1b[31m")
    text = drawn(live)
    assert "tests" not in text
    assert "pair 3" in text
    assert "5 s" in text
    assert "b[red].py" in text
    assert "\x1b" not in text


def test_the_clock_of_a_target_stops_when_the_run_turns_to_another():
    clock = Hand()
    live = LiveProgress(Console(file=io.StringIO()), monotonic=clock)
    live.step("first", "tests")
    clock.now += 7
    live.step("second", "tests")
    clock.now += 60
    rows = [line.rstrip() for line in drawn(live).splitlines()]
    assert rows[1].endswith("7 s")
    assert rows[2].endswith("1:00")


def test_without_colour_the_table_is_plain():
    live = LiveProgress(Console(file=io.StringIO(), no_color=True))
    live.step("first", "tests")
    console = Console(file=io.StringIO(), width=100, no_color=True, force_terminal=True)
    console.print(live.table())
    assert "\x1b[" not in console.file.getvalue()


def test_many_targets_fit_on_the_screen():
    live = LiveProgress(Console(file=io.StringIO()))
    for number in range(40):
        live.step(f"target-{number}", "tests")
    text = drawn(live)
    assert "target-39" in text
    assert "target-1 " not in text
    assert "and 25 more" in text


def test_a_pipe_gets_plain_lines():
    out = io.StringIO()
    with progress(Output(stdout=out, stderr=io.StringIO(), environment={})) as shown:
        shown.step("run", "localize")
    assert out.getvalue() == "[0 s] run: localize\n"


def test_a_terminal_gets_the_live_table_and_its_cursor_back():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    out = Terminal()
    with progress(Output(stdout=out, environment={"TERM": "xterm"})) as shown:
        shown.step("run", "localize")
    assert isinstance(shown, LiveProgress)
    assert out.getvalue().rstrip("\n").count("\x1b[?25l") == out.getvalue().count("\x1b[?25h") or not out.getvalue()
