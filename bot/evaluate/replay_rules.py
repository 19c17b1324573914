"""When a candidate's answer to a call counts as different from the base's."""

from collections.abc import Mapping

from bot.domain.code import Snapshot
from bot.evaluate.replay_calls import Call, How, Kind, Observation, State, Status

_SHOWN = 160
_ON_ODD_NUMBERS = frozenset({"runtime warnings"})
_EXHAUSTED = ("builtins.RecursionError", "builtins.MemoryError")


def is_usable(base: Observation) -> bool:
    """Return whether the base gave an answer, or raised, so that there is something to compare with."""
    return base.status in (Status.ANSWERED, Status.FAILED)


def agrees(one: Observation, other: Observation) -> bool:
    """Return whether two runs of the base give the same answer to a call, side effects aside."""
    return (one.status, one.result, one.arguments, one.sharing, one.error, one.message) == (
        other.status,
        other.result,
        other.arguments,
        other.sharing,
        other.error,
        other.message,
    )


def stable_effects(one: Observation, other: Observation) -> dict[str, str]:
    """Return those side effects on which two runs of the base agree."""
    return {name: text for name, text in one.effects.items() if other.effects.get(name) == text}


def is_ignored(call: Call, base: Observation) -> bool:
    """Return whether nobody can rely on the base's answer to a call that was made up.

    It stumbles over a value that nothing here uses, or over the machine's limits.
    """
    if base.status is not Status.FAILED or base.explicit or call.kind is Kind.CAPTURED:
        return False
    return call.kind is Kind.EDGE or base.error in _EXHAUSTED


def is_doubtful(call: Call, base: Observation, candidate: Observation) -> bool:
    """Return whether a difference is for a person, as nobody may rely on what the base does there.

    Values that nothing uses; a race, which may be the base's own; and what is left behind by a call that was made up
    and fails by the same accident in both.
    """
    is_made_up = call.kind is not Kind.CAPTURED or call.how is How.CHANGED
    same_accident = base.status is Status.FAILED and not base.explicit and base.error == candidate.error
    return call.kind is Kind.EDGE or call.how is How.THREADS or (is_made_up and same_accident)


def difference(call: Call, base: Observation, effects: Mapping[str, str], candidate: Observation) -> str | None:
    """Return what the candidate does differently on `call`, or None; `effects` are the base's stable side effects."""
    if not is_usable(candidate):
        return None if _stumble_alike(call, base, candidate) else _no_answer(base, candidate)
    if base.status is Status.FAILED:
        return _failure(call, base, candidate) or _after(call, base, effects, candidate)
    if candidate.status is Status.FAILED:
        return f"raises {_raised(candidate)} instead of returning {_clean(base.shown)}"
    if base.result != candidate.result:
        return _other_answer(call, base, candidate)
    return _after(call, base, effects, candidate)


def _stumble_alike(call: Call, base: Observation, candidate: Observation) -> bool:
    """Return whether made-up arguments fail in both, in the candidate already when its object is made from them."""
    is_made_up = call.kind is not Kind.CAPTURED and base.status is Status.FAILED and not base.explicit
    return is_made_up and candidate.status is Status.UNLOADABLE


def _no_answer(base: Observation, candidate: Observation) -> str:
    if candidate.status is Status.OVERRUN:
        return f"does not end within its time limit; without the change it takes {base.seconds:.3f} s"
    if candidate.status is Status.DIED:
        return f"ends the process ({_clean(candidate.message)})"
    return f"its arguments cannot be rebuilt ({_clean(candidate.message)})"


def _failure(call: Call, base: Observation, candidate: Observation) -> str | None:
    if candidate.status is Status.ANSWERED:
        return f"returns {_clean(candidate.shown)} instead of raising {_raised(base)}"
    exact = base.explicit or (call.kind is Kind.CAPTURED and call.how is not How.CHANGED)
    if base.error != candidate.error or (exact and base.message != candidate.message):
        return f"raises {_raised(candidate)} instead of {_raised(base)}"
    if exact and base.result != candidate.result:
        return f"raises {_raised(candidate)} with other arguments or attributes"
    return None


def _after(call: Call, base: Observation, effects: Mapping[str, str], candidate: Observation) -> str | None:
    if call.how is How.THREADS:
        return None
    stumbled = base.status is Status.FAILED and not base.explicit
    if stumbled and (call.kind is not Kind.CAPTURED or call.how is How.CHANGED):
        lost = base.arguments != candidate.arguments
        return "leaves its arguments in another state when it fails" if lost else None
    if base.arguments != candidate.arguments:
        return "leaves its arguments in another state"
    if base.sharing != candidate.sharing:
        return "returns objects that it shares with its arguments where the base does not, or the other way round"
    left_out = _ON_ODD_NUMBERS if call.kind is Kind.EDGE else frozenset()
    compared = [name for name in effects if name in candidate.effects and name not in left_out]
    changed = [name for name in compared if candidate.effects[name] != effects[name]]
    return f"has another effect on: {', '.join(sorted(changed))}" if changed else None


def _other_answer(call: Call, base: Observation, candidate: Observation) -> str:
    shown, instead = _clean(candidate.shown), _clean(base.shown)
    if shown != instead:
        return f"returns {shown} instead of {instead}"
    if call.how is How.AGAIN:
        return f"its two answers share objects, or differ, in another way ({shown})"
    return f"returns another value that looks alike ({shown})"


def introduced_attribute(
    candidate: Observation, known: Mapping[str, tuple[str, ...]], added: frozenset[str]
) -> str | None:
    """Return "class.attribute" where a call failed only because its pickled instance predates the change.

    `known` holds the attributes met on the base, `added` the names that the change assigns and the base nowhere does.
    """
    if candidate.status is not Status.FAILED or len(candidate.absent) != 2:
        return None
    owner, name = candidate.absent
    known_to_base = any(
        name in names for key, names in known.items() if key.rpartition(".")[2] == owner.rpartition(".")[2]
    )
    return f"{owner}.{name}" if name in added and not known_to_base else None


def added_attributes(base: Snapshot, candidate: Snapshot) -> frozenset[str]:
    """Return the attribute names that changed Python files assign to something and that their old versions do not."""
    added: set[str] = set()
    for path in candidate.paths(".py"):
        old = base.files.get(path)
        if old is None or old.data != candidate.data(path):
            added |= _assigned(candidate.data(path)) - (_assigned(old.data) if old else frozenset())
    return frozenset(added)


def _assigned(source: bytes) -> frozenset[str]:
    import ast

    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return frozenset()
    stores = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store))
    return frozenset(node.attr for node in stores)


def changed_globals(
    before: State, after: State, twin: State, candidate_before: State, candidate_after: State
) -> list[str]:
    """Return public module globals that both arms had alike before the calls and that stand differently after them."""
    return [
        name
        for name, digest in after.globals.items()
        if not name.rpartition(".")[2].startswith("_")
        and twin.globals.get(name) == digest
        and name in before.globals
        and candidate_before.globals.get(name) == before.globals[name]
        and candidate_after.globals.get(name) not in (None, digest)
    ]


def _raised(one: Observation) -> str:
    return _clean(f"{one.error.removeprefix('builtins.')}: {one.message}" if one.message else one.error)


def _clean(text: str) -> str:
    line = " ".join(text.split())
    safe = "".join(char if char.isprintable() else "?" for char in line)
    return safe if len(safe) <= _SHOWN else safe[: _SHOWN - 3] + "..."
