"""The rules in the order in which the combined candidate applies them: one import and one line a rule."""

from bot.propose.rules.byte_buffer import ByteBuffer
from bot.propose.rules.call_memo import CallMemo, CrossCallCache
from bot.propose.rules.compiled_pattern import CompiledPattern
from bot.propose.rules.constant_display import ConstantDisplay
from bot.propose.rules.deque_queue import DequeQueue
from bot.propose.rules.dict_lookups import DictLookups
from bot.propose.rules.explicit_stack import ExplicitStack
from bot.propose.rules.grow_in_place import GrowInPlace
from bot.propose.rules.hash_join import HashJoin
from bot.propose.rules.hoist import Hoist
from bot.propose.rules.join_pieces import JoinPieces
from bot.propose.rules.membership import Membership
from bot.propose.rules.per_item import PerItem
from bot.propose.rules.recursion_table import RecursionTable
from bot.propose.rules.registry import Registry
from bot.propose.rules.rule import Rule
from bot.propose.rules.sorted_ends import SortedEnds
from bot.propose.rules.table_index import TableIndex


def catalogue() -> tuple[Rule, ...]:
    """Return all rules."""
    return (
        Membership(),
        HashJoin(),
        TableIndex(),
        Registry(),
        RecursionTable(),
        CallMemo(),
        DequeQueue(),
        SortedEnds(),
        JoinPieces(),
        ByteBuffer(),
        GrowInPlace(),
        Hoist(),
        PerItem(),
        CompiledPattern(),
        ConstantDisplay(),
        DictLookups(),
        ExplicitStack(),
        CrossCallCache(),
    )  # fmt: skip
