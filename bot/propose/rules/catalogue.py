"""The rules in the order in which the combined candidate applies them: one import and one line a rule."""

from bot.propose.rules.array_append import ArrayAppend
from bot.propose.rules.bag_matching import BagMatching
from bot.propose.rules.byte_buffer import ByteBuffer
from bot.propose.rules.call_memo import CallMemo, CrossCallCache
from bot.propose.rules.compiled_pattern import CompiledPattern
from bot.propose.rules.comprehension import Comprehension
from bot.propose.rules.constant_display import ConstantDisplay
from bot.propose.rules.deque_queue import DequeQueue
from bot.propose.rules.dict_lookups import DictLookups
from bot.propose.rules.emit_pieces import EmitPieces
from bot.propose.rules.explicit_stack import ExplicitStack
from bot.propose.rules.frame_apply import FrameApply
from bot.propose.rules.frame_cells import FrameCells
from bot.propose.rules.frame_rows import FrameRows
from bot.propose.rules.grow_in_place import GrowInPlace
from bot.propose.rules.hash_join import HashJoin
from bot.propose.rules.hoist import Hoist, HoistLookUps
from bot.propose.rules.join_pieces import JoinPieces
from bot.propose.rules.membership import Membership
from bot.propose.rules.object_memo import ObjectMemo
from bot.propose.rules.offset import Offset
from bot.propose.rules.per_item import PerItem
from bot.propose.rules.positions import Positions
from bot.propose.rules.prefixes import Prefixes
from bot.propose.rules.private_membership import PrivateMembership
from bot.propose.rules.recursion_table import RecursionTable
from bot.propose.rules.registry import Registry
from bot.propose.rules.rule import Rule
from bot.propose.rules.sorted_ends import SortedEnds
from bot.propose.rules.sorted_insert import SortedInsert
from bot.propose.rules.table_index import TableIndex
from bot.propose.rules.tail_join import TailJoin
from bot.propose.rules.vectorise import Vectorise
from bot.propose.rules.whole_powers import WholePowers

POLISH = frozenset({
    "comprehension", "constant-table", "single-dict-lookup", "hoist-invariants", "hoist-look-ups", "linter-fixes",
    "whole-number-powers",
})  # fmt: skip
"""Rules that make the same steps cheaper; all others change how many steps there are."""


def catalogue() -> tuple[Rule, ...]:
    """Return all rules."""
    return (
        ObjectMemo(),
        BagMatching(),
        HashJoin(),
        TailJoin(),
        FrameRows(),
        FrameApply(),
        FrameCells(),
        ArrayAppend(),
        Vectorise(),
        TableIndex(),
        Membership(),
        Registry(),
        PrivateMembership(),
        SortedInsert(),
        Positions(),
        Prefixes(),
        RecursionTable(),
        PerItem(),
        Hoist(),
        DequeQueue(),
        Offset(),
        SortedEnds(),
        CrossCallCache(),
        ByteBuffer(),
        JoinPieces(),
        GrowInPlace(),
        EmitPieces(),
        ExplicitStack(),
        Comprehension(),
        DictLookups(),
        CompiledPattern(),
        ConstantDisplay(),
        WholePowers(),
        CallMemo(),
        HoistLookUps(),
    )  # fmt: skip
