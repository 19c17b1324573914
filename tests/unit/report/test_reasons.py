"""docs/reasons.md is part of the contract: what the gates say is explained there, and nothing else is."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
GATES = "apply|guard|syntax|tests|replay|bench|confirm|plausibility|cache|check|clock"
GATES += "|command|publish|hardware"
DOCUMENT = (ROOT / "docs" / "reasons.md").read_text(encoding="utf-8")


def given():
    """Codes that the source gives: the literals of `Finding(...)`, of reasons and of tables of them."""
    found = {"accepted", "infrastructure"}
    for path in sorted((ROOT / "bot").rglob("*.py")):
        if path.parts[-2] in {"config", "inside"}:
            continue  # keys such as "tests.command" look the same
        found |= set(re.findall(rf'"((?:{GATES})\.[a-z-]+)"', path.read_text(encoding="utf-8")))
    return found


def test_every_code_that_a_gate_gives_is_explained_once():
    explained = re.findall(r"^\| `([a-z.-]+)` \|", DOCUMENT, re.MULTILINE)
    assert len(explained) == len(set(explained))
    assert set(explained) == given()


def test_reserved_codes_are_not_in_use():
    reserved = set(re.findall(rf"`((?:{GATES})\.[a-z-]+)`", DOCUMENT.partition("## Reserved")[2]))
    assert reserved - given() == reserved - {"tests.missing", "plausibility.memory"}


def test_every_explanation_says_what_to_do():
    for line in re.findall(r"^\| `[a-z.-]+` \|.*$", DOCUMENT, re.MULTILINE):
        _, _, meaning, advice, _ = line.split("|")
        assert meaning.strip().endswith(".")
        assert advice.strip().endswith(".")
