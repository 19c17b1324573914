"""Where a lesson holds: the whole project, a path, a rewrite rule, or a kind of change."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.domain.feedback import Change
from bot.domain.lesson import Reach
from bot.learn.reading import technique, words
from bot.learn.reading.directive import Directive
from bot.learn.reading.grammar import cue

_SUFFIX = (
    r"(?:py|pyi|pyx|go|rs|js|jsx|ts|tsx|java|kt|c|cc|cpp|h|hpp|rb|php|sql|proto|toml|ya?ml|json|cfg|ini|txt|sh|md)"
)
_PATH = re.compile(
    rf"(?<![\w:/.@*-])(?:\./)?((?:[\w.@*-]+/)+(?:[\w.*-]*[\w*])?|[\w*-]+\.{_SUFFIX}|\*_[\w*]+|\w+_\*)(?=[\s,.;:!?)'\"]|$)"
)
_SURE = re.compile(
    rf"/$|\*|^(?:src|lib|app|apps|tests?|docs|pkg|packages|scripts|vendor|tools|examples)/|/.*/|\.{_SUFFIX}$"
)
_DIRECTORY = re.compile(r"\b(?:the|our|my) ([a-z][\w-]{2,}) (?:directory|folder|subtree)\b")
_RULE_NAME = re.compile(r"\brule [`\"']?([a-z]+(?:-[a-z]+)+)|\b([a-z]+(?:-[a-z]+)+) (?:rewrite )?rule\b")
_HOUSE_RULE = re.compile(r"\b(?:team|house|our|project|ground|standing|general|hard|golden) rules?\b")
_KIND_OF = re.compile(r"\b(?:kinds?|sorts?|types?) of \w+")
_CALLED = r"(?:rule|rewrite|transformation|transform|codemod|fixer|pass)"
_STEM = 3
_USUAL = frozenset(
    (
        "benchmarks",
        "examples",
        "fixtures",
        "generated",
        "legacy",
        "migrations",
        "scripts",
        "templates",
        "tests",
        "vendor",
    )
)
_ORDINARY = frozenset(
    (
        "common",
        "engine",
        "model",
        "models",
        "order",
        "parser",
        "place",
        "public",
        "service",
        "services",
        "sync",
        "utils",
    )
)
_MANIFEST = re.compile(
    r"^(?:requirements[\w.-]*\.(?:txt|in)|pyproject\.toml|setup\.(?:py|cfg)|environment\.ya?ml|package\.json|changelog\.md)$"
)
"""Files that are named because of what they list: a rule about dependencies is not about the file."""
_ENDINGS = (
    *("izations", "ization", "izing", "izes", "ized", "ize", "ations", "ation", "ings", "ing"),
    *("ies", "es", "ed", "s", "e", "y"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A reach, its value, and the function that was meant where it is narrower than the path."""

    reach: Reach
    value: str
    function: str = ""

    @property
    def scope(self) -> str:
        """The scope as lessons spell it."""
        return f"{self.reach}:{self.value}"


def paths(text: str, change: Change) -> tuple[str, ...]:
    """Return the paths and globs that `text` names, as they are written.

    "map/filter" is no path: two words with a slash count where the changed file's path knows one of them.
    """
    known = set(PurePosixPath(change.path).parts)
    found = [one.rstrip(".") for one in _PATH.findall(text) if not _MANIFEST.match(one.lower())]
    return tuple(
        one for one in found if not one.startswith("//") and (_SURE.search(one) or known & set(one.split("/")))
    )


def place(written: str, plain: str, project: str, change: Change, rule: Directive | None = None) -> Place:
    """Return where a sentence says that it holds; the project where it says nothing. `rule` is what it asks for."""
    plain = cue("scope.beyond").sub(" ", plain)
    # "Every merge request needs a note in changes/" is no rule about changes/.
    beside = rule is not None and cue("scope.delivers").match(rule.clause) is not None
    files = () if beside else paths(written, change)
    if files:
        return Place(Reach.PATH, _resolved(files[0], change))
    if name := _rule(plain, change):
        return Place(Reach.RULE, name)
    whole = rule is not None and technique.meant(rule, plain, change.kind)
    # "No more pools in here" is about pools.
    around = _around(plain.replace(" in here", "") if whole else plain, change) or _kind(plain, change)
    return around or (Place(Reach.KIND, change.kind) if whole else Place(Reach.PROJECT, project))


def named(written: str, plain: str, change: Change) -> bool:
    """Say whether a sentence names a path or a rewrite rule."""
    return bool(paths(written, change) or _rule(plain, change))


def _around(plain: str, change: Change) -> Place | None:
    """Return the file, directory or part of the change's path that words such as "this module" mean."""
    parent = str(PurePosixPath(change.path).parent)
    if cue("scope.directory").search(plain) and parent not in {".", ""}:
        return Place(Reach.PATH, f"{parent}/")
    if change.path and (cue("scope.file").search(plain) or _mentions(plain, change)):
        return Place(Reach.PATH, change.path, _function(plain, change))
    if directory := _component(plain, change):
        return Place(Reach.PATH, directory)
    if directory := _directory(plain, change):
        return Place(Reach.PATH, directory)
    found = _DIRECTORY.search(plain)
    return Place(Reach.PATH, f"{found[1]}/") if found else None


def _kind(plain: str, change: Change) -> Place | None:
    if not change.kind or words.packages(plain):
        return None
    meant = cue("scope.kinds").search(plain) or _about_kind(plain, change.kind)
    return Place(Reach.KIND, change.kind) if meant else None


def fact_place(written: str, plain: str, project: str, change: Change) -> Place:
    """Return where a fact holds: the changed file, unless it is about another place or about the surroundings."""
    found = place(written, plain, project, change)
    if found.reach is Reach.PATH or not change.path or cue("scope.surroundings").search(plain):
        return found if found.reach is Reach.PATH else Place(Reach.PROJECT, project)
    return Place(Reach.PATH, change.path)


def _resolved(named: str, change: Change) -> str:
    """Return the whole path where only the end of the changed file's is written."""
    return change.path if "/" not in named and change.path.rpartition("/")[2] == named else named


def _rule(plain: str, change: Change) -> str:
    for name in change.rules:
        # The name of a rule may be ordinary English: then the text must say that it is a rule.
        spelled = rf"(?:{re.escape(name)}|{re.escape(name.replace('-', ' '))}|{re.escape(name.replace('-', '_'))})"
        called = rf"\b{spelled}(?: rewrite)? {_CALLED}s?\b|\b{_CALLED}s? (?:called |named )?{spelled}\b"
        if ("-" in name and re.search(rf"\b{re.escape(name)}\b", plain)) or re.search(called, plain):
            return name
    if found := _RULE_NAME.search(plain):
        return str(found[1] or found[2])
    if cue("scope.rule").search(plain) and not _HOUSE_RULE.search(plain) and not _KIND_OF.search(plain):
        return change.rules[0] if change.rules else change.kind
    return ""


def _mentions(plain: str, change: Change) -> bool:
    name = change.function.rpartition(".")[2].lower()
    if name and re.match(rf"(?:the )?{re.escape(name)}(?:\(\))? (?:must|has to|needs to|should|shall|may|can) ", plain):
        return True
    return len(name) > 3 and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", plain) is not None and "_" in name


def _function(plain: str, change: Change) -> str:
    narrow = re.search(r"\b(?:this|that) (?:\w+ )?(?:function|method|helper|routine|handler|endpoint)\b", plain)
    return change.function if narrow or _mentions(plain, change) else ""


def _component(plain: str, change: Change) -> str:
    """Return the directory or file of the change that words such as "the billing module" name."""
    parts = PurePosixPath(change.path).parts
    for found in cue("scope.named").finditer(plain):
        word = (found[1] or found[2]).replace("-", "_")
        for index, part in enumerate(parts):
            stem = part.rpartition(".")[0] if index == len(parts) - 1 else part
            if len(word) > 2 and word in {stem.lower(), stem.lower().rstrip("s"), f"{stem.lower()}s"}:
                return change.path if index == len(parts) - 1 else "/".join(parts[: index + 1]) + "/"
    return ""


def _directory(plain: str, change: Change) -> str:
    """Return a directory of the change, below the topmost, that the text names by its usual name or as a place."""
    parts = PurePosixPath(change.path).parts[:-1]
    for index, part in enumerate(parts[1:], 1):
        name = re.escape(part.lower())
        usual = part.lower() in _USUAL and re.search(rf"\b{name}\b", plain)
        place = len(part) > _STEM and re.search(rf"\b(?:in|to|under|inside|within|touch) (?:the |our )?{name}\b", plain)
        if usual or (place and part not in _ORDINARY):
            return "/".join(parts[: index + 1]) + "/"
    return ""


def _about_kind(plain: str, kind: str) -> bool:
    """Say whether proposals of a kind are meant, and not the code: "stop adding caches", "no caching changes"."""
    if not cue("scope.proposing").search(plain) or cue("words.dependency").search(plain):
        return False
    if cue("scope.stop").search(plain):
        return True
    stems = [_stem(word) for word in re.split(r"[-_/ ]+", kind.lower()) if len(word) > 3]
    said = {_stem(word) for word in re.findall(r"[a-z]{4,}", plain)}
    alike = re.search(r"cach|memo", kind.lower()) and said & {"cach", "memo", "memoiz"}
    return bool(alike) or (bool(stems) and all(stem in said for stem in stems))


def _stem(word: str) -> str:
    word = word.replace("ise", "ize").replace("isa", "iza")
    ending = next((one for one in _ENDINGS if word.endswith(one) and len(word) - len(one) >= _STEM), "")
    return word.removesuffix(ending)
