"""Calls made from type hints, where the target's environment has Hypothesis: values of the declared types only.

Captured calls show what the tests thought of; hints show what the author allows.
"""

from __future__ import annotations

import importlib.util
import inspect
import typing
import warnings
from typing import Any, Dict, List, Optional, Tuple

_MOST = 20


def calls(function: Any, signature: Optional[inspect.Signature], given: Any, first: int, seed: int) -> List[Any]:
    """Return up to twenty (args, kwargs) in which every hinted argument is drawn from its type.

    `given` is a captured (args, kwargs): arguments without a hint, and the first `first` ones, stay as they are there.
    Empty where Hypothesis is missing, nothing is hinted, or a type has no strategy.
    """
    if signature is None or importlib.util.find_spec("hypothesis") is None:
        return []
    hints = {name: one for name, one in _hints(function).items() if _is_plain(one)}
    args, kwargs = given
    names = list(signature.parameters)[: len(args)]
    places: Dict[Any, Any] = {
        place: hints[name] for place, name in enumerate(names) if place >= first and name in hints
    }
    places.update({name: hints[name] for name in kwargs if name in hints})
    if not places:
        return []
    return [_with(args, kwargs, dict(zip(places, values))) for values in _drawn(list(places.values()), seed)]  # noqa: B905


def _hints(function: Any) -> Dict[str, Any]:
    try:
        return typing.get_type_hints(inspect.unwrap(function))
    except Exception:
        return {}


def _is_plain(hint: Any) -> bool:
    """Return whether every object of a type is one that the author allows; classes may promise more than types."""
    if typing.get_origin(hint) is not None:
        inner = [one for one in typing.get_args(hint) if one is not Ellipsis]
        return getattr(typing, "Literal", None) is typing.get_origin(hint) or all(map(_is_plain, inner))
    return hint in (int, float, bool, str, bytes, type(None), complex, list, dict, set, frozenset, tuple)


def _with(args: Any, kwargs: Any, values: Dict[Any, Any]) -> Tuple[Any, Any]:
    placed = tuple(values.get(place, one) for place, one in enumerate(args))
    return placed, {name: values.get(name, one) for name, one in kwargs.items()}


def _drawn(kinds: List[Any], seed: int) -> List[Tuple[Any, ...]]:
    """Draw values of these types together; none where a type has no strategy."""
    import hypothesis
    from hypothesis import strategies

    made: List[Tuple[Any, ...]] = []
    # What is no number belongs to the odd values, which have their own place.
    strategies.register_type_strategy(float, strategies.floats(allow_nan=False, allow_infinity=False))

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=_MOST,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(strategies.tuples(*map(strategies.from_type, kinds)))
    def collect(values: Tuple[Any, ...]) -> None:
        made.append(values)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        collect()
    return made
