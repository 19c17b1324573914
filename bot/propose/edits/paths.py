"""Which file a block means and whether it may be touched: exact known names, never a guess, never outside the tree."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from bot.domain.code import Snapshot

_FENCE = re.compile(r"[ \t]*(?:`{3,}|~{3,})(.*)")
_LABEL = r"(?:in|path|(?:new |edit |update |modified )?file ?(?:name|path)?)"
_DECORATION = (
    re.compile(r"(?:[-*+]|\d+[.)])[ \t]+(.+)"),
    re.compile(r"(?:#{1,6}|//|--|;+|%+|\*\*\* (?:Update|Add) File:|<!--|/\*)[ \t]+(.+)"),
    re.compile(rf"(?:\*\*{_LABEL}[ \t]*:?\*\*[ \t]*:?|{_LABEL}[ \t]*:(?!//))[ \t]*(.+)", re.IGNORECASE),
    re.compile(r"(.+?)[ \t]*(?::|-->|\*/)"),
    re.compile(r"(.+?)[ \t]+\((?:new|create|modif|update|edit|exist)[^()]*\)", re.IGNORECASE),
    re.compile(r"\*\*(.+)\*\*"), re.compile(r"__(.+)__"), re.compile(r"`+([^`]+)`+"), re.compile(r"\"(.+)\""),
    re.compile(r"'(.+)'"), re.compile(r"\[(.+)\]"), re.compile(r"<(.+)>"), re.compile(r"\{(.+)\}"),
)  # fmt: skip
_EXTENSION = re.compile(r".*\.\w{1,12}")
_WORD = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_LONGEST = 400  # characters of a line that may hold a path
_FARTHEST = 60  # lines above a block
_BARE_NAMES = {
    "Makefile", "Dockerfile", "Jenkinsfile", "Procfile", "Gemfile", "Rakefile", "Vagrantfile", "Justfile",
    "LICENSE", "README", "CHANGELOG", "CODEOWNERS", "NOTICE", "AUTHORS",
}  # fmt: skip
_DRIVE = re.compile(r"[A-Za-z]:")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class BadPath(ValueError):  # noqa: N818 - a finding about a reply, turned into a refusal by the engine
    """A path is missing, not known, or must not be touched; `reason` is a stable code."""

    def __init__(self, reason: str, sentence: str, path: str = "") -> None:
        self.reason = reason
        self.path = path
        super().__init__(sentence)


@dataclass(frozen=True)
class Paths:
    """The paths of one tree and the globs of those that a reply must not change."""

    tree: Snapshot
    protected: tuple[str, ...] = ()

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        names: dict[str, list[str]] = {}
        for path in self.tree.files:
            names.setdefault(path.rpartition("/")[2], []).append(path)
        return names

    def named(self, above: Sequence[str], current: str | None, *, creating: bool) -> str:
        """Return the path that the lines above a block name, else the `current` one; BadPath where there is none."""
        found = self._nearest(above, creating=creating)
        if found is None and current is None:
            raise BadPath("no-path", "There is no file path on the line before this block.")
        if found is None and current is not None:
            _reject_mistyped(above)
            other = self._mentioned(above) - {current}
            if other:
                raise BadPath("no-path", f"The text above names {min(other)}; put its path on a line of its own.")
            return current
        return self._resolve(found or "", creating=creating)

    def checked(self, path: str, *, creating: bool) -> str:
        """Return a path that may be created or changed; BadPath for all others."""
        _reject_form(path)
        self._reject_place(path)
        if any(_matches(path, pattern) for pattern in self.protected):
            raise BadPath("protected-path", f"{path} is protected and must not be changed.", path)
        if path in self.tree.files:
            return path
        if not creating:
            raise BadPath("unknown-path", f"There is no file {path}.", path)
        folded = path.casefold()
        if any(known.casefold() == folded for known in self.tree.files):
            raise BadPath("refused-path", f"{path} differs from an existing file in upper and lower case only.", path)
        return path

    def _reject_place(self, path: str) -> None:
        files = self.tree.files
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            known = files.get("/".join(parts[:depth]))
            if known is not None and known.link is not None:
                raise BadPath("refused-path", f"{path} leads through a symbolic link.", path)
            if known is not None and depth < len(parts):
                raise BadPath("refused-path", f"{path} leads through {'/'.join(parts[:depth])}, which is a file.", path)
        if path not in files and any(known.startswith(path + "/") for known in files):
            raise BadPath("refused-path", f"{path} is a directory.", path)

    def _nearest(self, above: Sequence[str], *, creating: bool) -> str | None:
        for at in range(len(above) - 1, max(-1, len(above) - 1 - _FARTHEST), -1):
            name = self._name(above[at], creating=creating)
            if name is not None:
                before = self._name(above[at - 1], creating=creating) if at else None
                if before not in {None, name} and not _FENCE.match(above[at]) and not _FENCE.match(above[at - 1]):
                    raise BadPath("no-path", f"Both {before} and {name} stand before this block.")
                return name
        return None

    def _name(self, line: str, *, creating: bool) -> str | None:
        """Return the path that a whole line is, decorations aside, or that a fence's info string holds."""
        fence = _FENCE.fullmatch(line)
        if len(line) > _LONGEST:
            return None
        if fence:
            return self._in_info(fence[1].strip(), creating=creating)
        forms = tuple(_peeled(line.strip()))
        exact = next((form for form in forms if _plain(form) in self.tree.files), None)
        if exact is not None or not forms:
            return exact
        last = forms[-1]
        return last if self._ending(last) or last in _BARE_NAMES or _like_a_path(last) else None

    def _in_info(self, info: str, *, creating: bool) -> str | None:
        tokens: list[str] = [token.strip("\"'{}[]()") for token in re.split(r"[\s=:]+", info)]
        for token in filter(None, tokens):
            if _plain(token) in self.tree.files or ("." in token and self._ending(token)):
                return token
        likely = (token for token in tokens[1:] + (tokens[:1] if creating else []) if token)
        return next((token for token in likely if _like_a_path(token)), None)

    def _resolve(self, name: str, *, creating: bool) -> str:
        path = _plain(name)
        if path in self.tree.files or creating:
            return self.checked(path, creating=creating)
        _reject_form(path)
        ending = self._ending(path)
        if len(ending) > 1:
            raise BadPath("unknown-path", f"{path} may mean any of {', '.join(ending[:5])}; give the full path.", path)
        return self.checked(ending[0] if ending else path, creating=False)

    def _ending(self, name: str) -> list[str]:
        """Return the known paths that end with the components of `name`."""
        path = _plain(name)
        known = self._by_name.get(path.rpartition("/")[2], [])
        return sorted(one for one in known if one == path or one.endswith("/" + path))

    def _mentioned(self, above: Sequence[str]) -> set[str]:
        """Return the known paths that stand as words in prose."""
        words = {word.strip("`*\"'()[]:;,.") for line in above for word in line.split()}
        return {_plain(word) for word in words} & set(self.tree.files)


def _reject_mistyped(above: Sequence[str]) -> None:
    """Refuse to take the file of the block before where a single word stands in the place of a path."""
    line = next((line.strip() for line in reversed(above) if line.strip() and not _FENCE.match(line)), "")
    if _WORD.fullmatch(line):
        raise BadPath("unknown-path", f"There is no file {line}.", line)


def _peeled(line: str) -> Iterator[str]:
    """Yield a line and what is left of it as one decoration after the other is taken off."""
    for _ in range(10):
        if not line:
            return
        yield line
        inner: str | None = next((found[1] for form in _DECORATION if (found := form.fullmatch(line))), None)
        if inner is None:
            return
        line = inner.strip()


def _like_a_path(text: str) -> bool:
    """Say whether a word is more likely a path than prose; paths that will be refused count too."""
    if any(sign.isspace() for sign in text) or not text.strip("./"):
        return ".." in text.split("/")
    return "/" in text or "\\" in text or text.startswith("~") or _EXTENSION.fullmatch(text) is not None


def _plain(name: str) -> str:
    return name.removeprefix("./")


def _reject_form(path: str) -> None:
    """Refuse whatever could lead out of the tree or into the repository's own data, on any system."""
    parts = path.split("/")
    outside = path.startswith(("/", "~")) or ".." in parts or _DRIVE.match(path) or _SCHEME.match(path)
    if outside or "\\" in path:
        raise BadPath(
            "refused-path", f"{path!r} is not a relative path with forward slashes inside the repository.", path
        )
    if any(unicodedata.category(sign) in {"Cc", "Cf", "Cs"} for sign in path) or not all(parts) or "." in parts:
        raise BadPath("refused-path", f"{path!r} is not a clean relative path.", path)
    if any(part.casefold().rstrip(" .") in {".git", "git~1"} for part in parts):
        raise BadPath("refused-path", f"{path!r} belongs to git.", path)


def _matches(path: str, pattern: str) -> bool:
    """Say whether a glob means a path whatever the case of its letters: on many disks both are one file."""
    name, glob = path.casefold(), pattern.casefold()
    return fnmatchcase(name, glob) or fnmatchcase(name, glob.replace("**/", ""))
