"""Kinds of change: the words in which reviewers, the configuration and the statistics speak of candidates."""

from bot.domain.job import ADDS_A_CACHE, Candidate

OTHER = "rewrite"
_RULES = {
    "algorithm": ("bag-matching", "hash-join", "object-memo", "prefix-table", "recursion-table"),
    "cache": ("call-memo", "cross-call-cache"),
    "data-structure": (
        *("deque-queue", "join-arrays", "membership-set", "positions", "private-membership", "registry-index"),
        *("sorted-ends", "sorted-insert", "table-index"),
    ),
    "hoisting": ("compile-pattern-once", "compute-once-per-item", "hoist-invariants", "hoist-look-ups", "offset"),
    "micro-optimisation": (
        *("comprehension", "constant-table", "linter-fixes", "single-dict-lookup", "whole-number-powers"),
    ),
    "recursion": ("explicit-stack",),
    "string-building": ("byte-buffer", "emit-pieces", "grow-in-place", "join-pieces", "tail-join"),
    "vectorise": ("apply-on-columns", "cells-from-arrays", "vectorise-loop", "walk-columns"),
}
_BY_RULE = {rule: kind for kind, rules in _RULES.items() for rule in rules}
KINDS = (*sorted(_RULES), OTHER)
"""All kinds; a change that no rule made is `OTHER` unless its labels say more."""


def rules_of(candidate: Candidate) -> tuple[str, ...]:
    """Return the rewrite rules that made a candidate; none where a model or a person wrote it."""
    prefix, _, names = candidate.proposer.partition("/")
    return tuple(names.split("+")) if prefix == "rules" and names else ()


def kind_of(rule: str) -> str:
    """Return the kind of change that a rule makes; `OTHER` for one that is not known."""
    return _BY_RULE.get(rule, OTHER)


def kinds_of(candidate: Candidate) -> tuple[str, ...]:
    """Return the kinds of change that a candidate is, its main kind first."""
    found = dict.fromkeys(kind_of(rule) for rule in rules_of(candidate))
    if ADDS_A_CACHE in candidate.labels:
        found = {"cache": None, **found}
    return tuple(found) or (OTHER,)
