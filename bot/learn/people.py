"""Who may teach the bot: members with at least the Developer role, never a bot, never the bot itself."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DEVELOPER, MAINTAINER = 30, 40
_BOT_NAME = re.compile(
    r"^(?:project|group)_\d+_bot(?:_|$)|(?:^|[-_.])bot$|^(?:ghost|support-bot|alert-bot|visual-review-bot)$|\[bot\]$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class People:
    """Roles by user id, as `GET /projects/:id/members/all` tells them; `own` are the ids of the bot."""

    levels: Mapping[int, int]
    expires: Mapping[int, str]
    own: frozenset[int]
    bots: frozenset[int] = frozenset()

    def level(self, user: Mapping[str, Any] | None, at: str = "") -> int:
        """Return a user's access level at a time (ISO 8601), 0 for whoever may not teach at all."""
        if not isinstance(user, Mapping) or is_bot(user):
            return 0
        number = user.get("id")
        if not isinstance(number, int) or number in self.own or number in self.bots:
            return 0
        expires = self.expires.get(number, "")
        return 0 if expires and at and expires[:10] < at[:10] else self.levels.get(number, 0)

    def teaches(self, user: Mapping[str, Any] | None, at: str = "") -> bool:
        """Say whether a user has at least the Developer role."""
        return self.level(user, at) >= DEVELOPER

    def leads(self, user: Mapping[str, Any] | None, at: str = "") -> bool:
        """Say whether a user has at least the Maintainer role."""
        return self.level(user, at) >= MAINTAINER


def people(members: Sequence[Any], own: frozenset[int]) -> People:
    """Return the roles of `members`; of one who is listed twice, inherited and direct, the highest counts."""
    levels: dict[int, int] = {}
    expires: dict[int, str] = {}
    bots = set()
    for one in members:
        if not isinstance(one, Mapping) or not isinstance(one.get("id"), int):
            continue
        number, level = one["id"], one.get("access_level")
        if is_bot(one):
            bots.add(number)
        if one.get("state", "active") != "active" or one.get("membership_state", "active") != "active":
            continue
        if isinstance(level, int) and not isinstance(level, bool) and level > levels.get(number, 0):
            levels[number] = level
            expires[number] = str(one.get("expires_at") or "")
    return People(levels, expires, own, frozenset(bots))


def is_bot(user: Mapping[str, Any]) -> bool:
    """Say whether a user is an account of a program, by GitLab's flag or by its reserved names."""
    name = str(user.get("username") or "")
    return user.get("bot") is True or user.get("user_type") == "project_bot" or _BOT_NAME.search(name) is not None
