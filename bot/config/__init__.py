"""`.hotlap.yml` of a target repository: a closed schema, safe to read from a stranger; errors name the line."""

from bot.config.loader import FILE_NAME, MOST_BYTES, load, parse, reference, schema
from bot.config.model import Config
from bot.config.trusted import in_force

__all__ = ["FILE_NAME", "MOST_BYTES", "Config", "in_force", "load", "parse", "reference", "schema"]
