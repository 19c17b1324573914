import logging

import pytest

from bot.adapters.ruff import RuffFixer

LOOP = "def f(xs):\n    out = []\n    for x in xs:\n        out.append(x + 1)\n    return out\n"


def test_fixes_are_made_to_text_without_touching_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fixed = RuffFixer().fix("deep/in/a.py", LOOP, ("PERF",))
    assert "[x + 1 for x in xs]" in fixed
    assert list(tmp_path.iterdir()) == []


def test_only_the_rules_asked_for_and_no_configuration_count(tmp_path, monkeypatch):
    (tmp_path / "ruff.toml").write_text('lint.select = ["PERF"]')
    monkeypatch.chdir(tmp_path)
    assert RuffFixer().fix("a.py", LOOP, ("C4",)) == LOOP


@pytest.mark.parametrize("text", ["def f(:\n", ""])
def test_text_that_does_not_parse_comes_back(text):
    assert RuffFixer().fix("a.py", text, ("PERF", "C4")) == text


def test_a_failing_or_missing_binary_is_logged_and_changes_nothing(tmp_path, caplog):
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 5\n")
    slow.chmod(0o755)
    with caplog.at_level(logging.INFO):
        assert RuffFixer(str(tmp_path / "none")).fix("a.py", LOOP, ("PERF",)) == LOOP
        assert RuffFixer("/bin/false").fix("a.py", LOOP, ("PERF",)) == LOOP
        assert RuffFixer(str(slow), timeout=0.2).fix("a.py", LOOP, ("PERF",)) == LOOP
    assert len(caplog.records) == 3
