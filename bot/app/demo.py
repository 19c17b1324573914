"""The main job on repositories that ship with the product: nothing is fetched, nothing is asked."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import bot
from bot.domain.errors import Refused

MARK = ".hotlap-demo"
_IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc", ".pytest_cache", ".benchmarks")


def repositories() -> tuple[Path, ...]:
    """Return the directories of the fixture repositories, in a checkout or in an installed package."""
    package = Path(bot.__file__).parent
    for place in (package / "app" / "demo_repositories", package.parent / "fixtures"):
        found = tuple(sorted(one.parent for one in place.glob("*/pyproject.toml")))
        if found:
            return found
    raise Refused("the demo's repositories are missing from this installation")


def lay_out(out: Path) -> Iterator[tuple[str, Path]]:
    """Copy each fixture below `out` and yield its name and place; only a directory that a demo made is replaced."""
    if out.exists() and not (out / MARK).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise Refused(f"{out} exists and was not made by a demo; give another directory with --out")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / MARK).write_text("Made by `hotlap demo`; the next demo replaces it.\n", encoding="utf-8")
    for source in repositories():
        place = out / source.name / "repository"
        shutil.copytree(source, place, ignore=_IGNORED)
        yield source.name, place
