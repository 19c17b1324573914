import json
import re
from pathlib import Path

from bot.config import schema

PUBLISHED = Path(__file__).parents[3] / "docs" / "hotlap.schema.json"


def test_the_published_schema_is_the_one_in_force():
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == schema(), "run `make schema`"


def test_the_schema_is_closed_and_describes_every_key():
    for model in (schema(), *schema()["$defs"].values()):
        assert model["additionalProperties"] is False
    for model in schema()["$defs"].values():
        for name, entry in model["properties"].items():
            assert entry.get("description"), name


def test_sizes_and_commands_may_be_text():
    definitions = schema()["$defs"]
    size = definitions["Limits"]["properties"]["memory"]["anyOf"][0]
    assert re.search(size["pattern"], "4GiB")
    assert not re.search(size["pattern"], "plenty")
    command = json.dumps(definitions["Tests"]["properties"]["command"])
    assert '"string"' in command
    assert '"array"' in command
