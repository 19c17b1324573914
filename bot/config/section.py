"""What all sections of the configuration have in common: no other keys, no changes, no silent conversions."""

from pydantic import BaseModel, ConfigDict

Path = tuple[str | int, ...]


class Section(BaseModel):
    """A closed, frozen, strict model."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
