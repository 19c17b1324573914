"""Who owns which files, as a CODEOWNERS file says: https://docs.gitlab.com/user/project/codeowners/reference/."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

PLACES = ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_SECTION = re.compile(r"\^?\[(?P<name>[^\]]+)\](?:\[\d+\])?(?:\s+(?P<owners>.*))?")
_ENTRY = re.compile(r"(?P<pattern>(?:\\.|\S)+)(?:\s+(?P<owners>.*))?")
_USER = re.compile(r"(?<!\S)@([A-Za-z0-9_][A-Za-z0-9_.-]*)(?=\s|$)")


@dataclass(frozen=True, slots=True)
class _Rule:
    section: str
    pattern: re.Pattern[str]
    owners: tuple[str, ...]
    exempt: bool


def owners(text: str, paths: Iterable[str]) -> tuple[str, ...]:
    """Return the user names that own any of `paths`; groups, roles and addresses are left out.

    In each section the last rule that matches counts; a rule without owners has those of its section.
    """
    rules = list(_rules(text))
    found: dict[str, None] = {}
    for path in paths:
        last: dict[str, _Rule] = {}
        exempt: set[str] = set()
        for rule in rules:
            if rule.pattern.fullmatch(path):
                last[rule.section] = rule
                exempt |= {rule.section} if rule.exempt else set()
        for section, rule in last.items():
            found |= {} if section in exempt else dict.fromkeys(rule.owners)
    return tuple(found)


def _rules(text: str) -> Iterator[_Rule]:
    section, default = "", ""
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        headed = _SECTION.fullmatch(line)
        if headed is not None:
            section, default = headed["name"].strip().lower(), headed["owners"] or ""
            continue
        entry = _ENTRY.fullmatch(line)
        if entry is not None:
            exempt = entry["pattern"].startswith("!")
            names = (entry["owners"] or "").partition(" #")[0] or default
            pattern = _compiled(entry["pattern"].removeprefix("!"))
            yield _Rule(section, pattern, tuple(_USER.findall(names)), exempt)


def _compiled(pattern: str) -> re.Pattern[str]:
    """Return the pattern of a rule: anchored by a leading slash, a directory by one at its end."""
    plain = re.sub(r"\\(.)", r"\1", pattern)
    anchored = plain.startswith("/")
    body = re.sub(
        r"\*\*/|\*\*|\*|\?|[^*?]+",
        lambda part: {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(part[0], re.escape(part[0])),
        plain.lstrip("/"),
    )
    end = ".*" if plain.endswith("/") else "(?:/.*)?" if "*" not in plain.rpartition("/")[2] else ""
    return re.compile(f"{'' if anchored else '(?:.*/)?'}{body}{end}", re.DOTALL)
