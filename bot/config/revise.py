"""The key under `revise:`: how often the bot proposes something else in one of its merge requests."""

from typing import Annotated

from pydantic import Field

from bot.config.section import Section


class Revise(Section):
    """What happens when somebody asks for another change in a merge request of the bot."""

    rounds: Annotated[int, Field(ge=0, le=20)] = Field(
        default=3,
        description="How many times another change is tried in one merge request, when a review thread or "
        "`/optimize revise` asks for it; 0 for never.",
    )
