"""Which places of the host a target's interpreter needs: its prefix, its virtual environment, and links to them."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.domain.errors import SandboxError

_MOST_LINKS = 40
_OWN = ("bin", "conda-meta", "etc", "include", "lib", "lib32", "lib64", "libexec", "pyvenv.cfg", "share", "ssl")
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/alternatives")
WRITABLE = frozenset(map(Path, ("/tmp", "/dev", "/dev/shm", "/box")))  # noqa: S108 - inside of the box


def arguments(python: str) -> list[str]:
    """Return bubblewrap's arguments that make `python` run at its own path, read-only, and show nothing else.

    SandboxError where its prefix is a home directory or the root: all of that would be shown.
    """
    literal = Path(os.path.abspath(python))  # noqa: PTH100 - resolving would lose the virtual environment
    real, links, crossed = _walked(Path.cwd() / python)
    places = [part for place in (*_environment(literal), *_prefix(real)) for part in _parts(place)]
    binds = [place for place in dict.fromkeys(places) if not _below(place, SYSTEM)]
    shown = [*map(str, binds), *SYSTEM]
    made = [(link, target) for link, target in links if not _below(link, shown)]
    return [
        *folders(
            [*binds, *(link for link, _ in made), *(place / ".." for place in crossed if not _below(place, shown))]
        ),
        *(part for place in sorted(binds) for part in ("--ro-bind", str(place), str(place))),
        *(part for link, target in made for part in ("--symlink", target, str(link))),
    ]


def folders(places: Iterable[Path]) -> Iterator[str]:
    """Yield bubblewrap's arguments that make the directories above `places`: by itself it makes them for root alone."""
    above = {parent for place in places for parent in place.parents if len(parent.parts) > 1}
    for parent in sorted(above - WRITABLE):
        yield from ("--perms", "0755", "--dir", str(parent))


def _environment(literal: Path) -> Iterator[Path]:
    """Yield the virtual environment in which the interpreter stands and the prefix that it was made from."""
    place = literal.parent.parent
    try:
        text = (place / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    yield _allowed(place)
    for line in text.splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "home" and value.strip():
            yield from _prefix(Path(value.strip()).resolve() / "python3")


def _prefix(real: Path) -> Iterator[Path]:
    """Yield the directory that holds `bin/` and `lib/python3.x`, or the file alone where it stands elsewhere."""
    place = real.parent.parent
    if any(place.glob("lib*/python3*")):
        yield _allowed(place) if not _below(place, SYSTEM) else place
    elif real.is_file():
        yield real


def _parts(place: Path) -> Iterator[Path]:
    """Yield what belongs to an interpreter in its prefix: a checkout, say, may have been made its environment."""
    if place.is_file():
        yield place
    yield from (place / name for name in _OWN if (place / name).exists())


def _allowed(place: Path) -> Path:
    if (place / ".git").exists():
        raise SandboxError(
            f"the interpreter's environment is the checkout {place} itself; make it in a directory below"
        )
    if place in {Path("/"), Path.home(), Path("/home"), Path("/root")}:
        raise SandboxError(f"the interpreter's prefix is {place}: all of it would be shown to candidates; move it")
    return place


def _walked(path: Path) -> tuple[Path, list[tuple[Path, str]], list[Path]]:
    """Return where a path leads, every symbolic link on its way, and every directory that it leaves by ".."."""
    links: list[tuple[Path, str]] = []
    crossed: list[Path] = []
    current, rest = Path("/"), list(path.parts[1:])
    while rest:
        part = rest.pop(0)
        if part == "..":
            crossed.append(current)
            current = current.parent
            continue
        current /= part
        if not current.is_symlink():
            continue
        target = os.readlink(current)  # noqa: PTH115 - kept as text, as it is made anew
        links.append((current, target))
        if len(links) > _MOST_LINKS:
            raise SandboxError(f"{path} leads in a circle")
        current = Path("/") if target.startswith("/") else current.parent
        rest = [one for one in Path(target).parts if one != "/"] + rest
    return current, links, crossed


def _below(place: Path, roots: "tuple[str, ...] | list[str]") -> bool:
    return any(place.is_relative_to(root) for root in roots)
