import pytest

from bot.domain.code import FileChange
from bot.domain.evidence import Interval
from bot.report.changes import counts, unified
from bot.report.numbers import change, counted, duration, percent, ratio, share, size, times


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (2.5e-9, "2.50 ns"),
        (1.234e-6, "1.23 µs"),
        (0.0271, "27.1 ms"),
        (1.0, "1.00 s"),
        (119.6, "120 s"),
        (185.4, "3 min 5 s"),
    ],
)
def test_durations(seconds, shown):
    assert duration(seconds) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1.0, "1.000"),
        (1.004, "1.004"),
        (0.93, "0.930"),
        (1.42, "1.42"),
        (12.37, "12.4"),
        (0.25, "0.25"),
        (12345, "12,345"),
    ],
)
def test_ratios(value, shown):
    assert ratio(value) == shown


def test_ratios_of_base_over_candidate_are_told_as_changes_of_the_candidate():
    assert change(Interval(1.25, 1.2, 1.3)) == "-20.0%"
    assert change(Interval(0.5, 0.4, 0.6)) == "+100.0%"
    assert change(Interval(1.0001, 1, 1)) == "0.0%"
    assert change(Interval(0.0, 0.0, 0.0)) == "not known"


def test_other_numbers():
    assert (size(512), size(48 << 20), size(3 << 30)) == ("512 B", "48.0 MiB", "3.00 GiB")
    assert (share(None), share(0.617)) == ("", "62%")
    assert (percent(0.99), percent(0.999)) == ("99%", "99.9%")
    assert (times(1.42), times(0.8)) == ("1.42 times faster", "1.25 times slower")
    assert (counted(1, "branch"), counted(2, "branch"), counted(1200, "pair")) == (
        "1 branch",
        "2 branches",
        "1,200 pairs",
    )


def test_a_diff_of_an_edit_set():
    changes = (FileChange("b.py", None, b"x = 1\n"), FileChange("a.py", b"y = 1\r\nz\n", b"y = 2\nz"))
    assert unified(changes) == (
        "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n-y = 1\n+y = 2\n z\n"
        "--- /dev/null\n+++ b/b.py\n@@ -0,0 +1 @@\n+x = 1\n"
    )
    assert counts(changes) == (2, 1)


def test_a_diff_of_bytes_that_are_no_text_and_of_very_much_text():
    assert "binary file changed" in unified((FileChange("a.bin", b"\xff\x00", b"\xfe"),))
    assert counts((FileChange("a.bin", b"\xff\x00", b"\xfe"),)) == (0, 0)
    long = unified((FileChange("a.py", b"", b"x\n" * 5000),), limit=100)
    assert long.endswith("... 4903 more lines\n")
    assert max(map(len, unified((FileChange("a.py", b"", b"x" * 9000),)).splitlines())) < 600
