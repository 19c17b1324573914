from pathlib import Path

from bot.config import reference, schema

DOCUMENT = Path(__file__).parents[3] / "docs" / "configuration.md"


def test_the_published_reference_is_the_one_in_force():
    assert DOCUMENT.read_text(encoding="utf-8") == reference(), "run `make schema`"


def test_every_key_has_a_line_with_a_meaning():
    published = schema()
    models = {"": published, **published["$defs"]}
    keys = [name for model in models.values() for name, entry in model["properties"].items() if "$ref" not in entry]
    lines = [line for line in reference().splitlines() if line.startswith("| `")]
    assert sorted(line.split("`")[1] for line in lines) >= sorted(keys)
    for line in lines:
        _, _, takes, default, meaning, _ = line.replace(r"\|", "").split("|")
        assert takes.strip()
        assert default.strip()
        assert meaning.strip().endswith("."), line


def test_values_are_written_as_people_would():
    text = reference()
    assert "| `memory` | text or whole number from 1,024 | `4GiB` | Memory, such as 4GiB. |" in text
    assert "| `margin` | number from 0 below 1 | `0.01` |" in text
    assert "| `method` | `weighted` or `auc` or `function` | `weighted` |" in text
    assert "## `goals`, each item" in text
