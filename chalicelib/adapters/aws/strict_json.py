"""JSON from strangers: an object, of bounded size, without anything that two programs may read differently."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Never

_MAX_CHARACTERS = 200_000  # of an object written out; the longest answers are a tenth of that
_MAX_DEPTH = 20
_MAX_WHOLE_NUMBER = 10**15


def parsed(text: str) -> Mapping[str, Any]:
    """The object that `text` is; `ValueError` when it is none, or not as `checked` wants it, or names a key twice."""
    if len(text) > _MAX_CHARACTERS:
        raise ValueError("too long")
    try:
        thing = json.loads(text, parse_float=_refuse, parse_constant=_refuse, object_pairs_hook=_without_doubles)
    except RecursionError:
        raise ValueError("too deep") from None
    return checked(thing)


def checked(thing: object) -> Mapping[str, Any]:
    """`thing`, if it is an object of objects, lists, texts, small whole numbers, booleans and nulls.

    `ValueError` for everything else. Floats are refused, and NaN and infinity with them: amounts are texts, and what
    went through a float is no longer surely what was written.
    """
    if not isinstance(thing, Mapping):
        raise ValueError("no object")  # noqa: TRY004 - all refusals are `ValueError`s
    _check(thing, _MAX_DEPTH)
    written = json.dumps(thing, ensure_ascii=False)
    if len(written) > _MAX_CHARACTERS:
        raise ValueError("too long")
    written.encode()  # half a surrogate pair is a `ValueError`, too
    return thing


def _check(thing: object, depth: int) -> None:
    if depth == 0:
        raise ValueError("too deep")
    if isinstance(thing, Mapping):
        for key, value in thing.items():
            _check_key(key)
            _check(value, depth - 1)
    elif isinstance(thing, Sequence) and not isinstance(thing, str | bytes):
        for value in thing:
            _check(value, depth - 1)
    elif isinstance(thing, int) and not isinstance(thing, bool):
        _check_number(thing)
    elif thing is not None and not isinstance(thing, str | bool):
        raise ValueError(f"a {type(thing).__name__}")


def _check_key(key: object) -> None:
    if not isinstance(key, str):
        raise ValueError("a key that is no text")  # noqa: TRY004 - as above


def _check_number(number: int) -> None:
    if abs(number) > _MAX_WHOLE_NUMBER:
        raise ValueError("a number that is too large")


def _refuse(written: str) -> Never:
    raise ValueError(f"a number of {len(written)} characters that is not whole")


def _without_doubles(pairs: Sequence[tuple[str, Any]]) -> Mapping[str, Any]:
    given = dict(pairs)
    if len(given) != len(pairs):
        raise ValueError("a key that stands there twice")
    return given
