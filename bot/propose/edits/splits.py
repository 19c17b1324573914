"""Decides which '=======' line of a block is its divider: underlined titles and conflict markers look the same."""

from collections.abc import Sequence

from bot.domain.code import Span
from bot.propose.edits.index import Index
from bot.propose.edits.match import Found, Missed, locate
from bot.propose.edits.parse import Block, Pair, reading


def candidates(block: Block) -> tuple[int, ...]:
    """Return the dividers worth trying: those as long as the head marker where there are any, else all."""
    alike = tuple(at for at in block.dividers if len(block.body[at].strip()) == block.signs)
    return alike or block.dividers


def place(block: Block, index: Index, spans: Sequence[Span] = ()) -> tuple[Pair, Found | Missed]:
    """Return the reading of a block with the longest SEARCH that has one place, or its likeliest and why not."""
    likely = candidates(block)
    failed: list[tuple[Pair, Missed]] = []
    for divider in reversed(likely):
        pair, result = _read(block, divider, index, spans)
        if isinstance(result, Missed):
            failed.append((pair, result))
        elif len(likely) == 1 or _plausible(block, divider, pair, result, index):
            return pair, result
        else:
            failed.append((pair, Missed()))
    return next((one for one in failed if one[1].starts), failed[-1])


def _read(block: Block, divider: int, index: Index, spans: Sequence[Span]) -> tuple[Pair, Found | Missed]:
    pair = reading(block, divider)
    result = locate(index, pair, spans)
    raw = reading(block, divider, escapes=False)
    if isinstance(result, Missed) and not result.starts and raw.search != pair.search:
        # A file may hold a backslash before a marker; then the whole block is meant as it is written.
        return raw, locate(index, raw, spans)
    return pair, result


def _plausible(block: Block, divider: int, pair: Pair, found: Found, index: Index) -> bool:
    """Say whether a split that leaves other candidates is more than the chance match of a stale block's first lines."""
    following = index.stripped[found.parts[-1].place.end :][:1]
    if following == [block.body[divider].strip()]:
        return False
    later = [at for at in block.dividers if at > divider]
    earlier = [at for at in block.dividers if at < divider]
    if len(later) <= len(earlier):
        return True
    title = block.body[later[0] - 1].strip()
    return later[0] - 1 > divider and title in {line.strip() for line in pair.search}
