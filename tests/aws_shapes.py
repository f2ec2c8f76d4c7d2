"""What AWS may answer, by botocore's own models."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ServiceModel, Shape

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "boolean": bool,
}


def check_answer(service: str, operation: str, answer: Any) -> None:
    """Raise `AssertionError` when an operation's answer has members or types that its output shape does not know."""
    shape = _model(service).operation_model(operation).output_shape
    assert shape is not None
    _check(shape, answer, operation)


def check_textract_answer(operation: str, answer: Any) -> None:
    """`check_answer` for Textract."""
    check_answer("textract", operation, answer)


@cache
def _model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def _check(shape: Shape, thing: Any, where: str) -> None:
    name = shape.type_name
    if getattr(shape, "is_document_type", False):  # any JSON
        return
    if name == "structure":
        members: Mapping[str, Shape] = shape.members  # type: ignore[attr-defined]  # a structure's
        assert isinstance(thing, Mapping), where
        assert set(thing) <= set(members), f"{where}: {set(thing) - set(members)}"
        assert set(shape.required_members) <= set(thing), where
        for key, value in thing.items():
            _check(members[key], value, f"{where}.{key}")
    elif name == "list":
        assert isinstance(thing, list), where
        for index, item in enumerate(thing):
            _check(shape.member, item, f"{where}[{index}]")  # type: ignore[attr-defined]  # a list's
    elif name in _TYPES:
        assert isinstance(thing, _TYPES[name]), f"{where} is {thing!r}"
        _check_value(shape, thing, where)


def _check_value(shape: Shape, thing: Any, where: str) -> None:
    choices = getattr(shape, "enum", None)
    assert not choices or thing in choices, f"{where} is {thing!r}"
    low, high = (shape.metadata.get(name) for name in ("min", "max"))
    size = len(thing) if isinstance(thing, str) else thing
    assert low is None or size >= low, f"{where} is {thing!r}"
    assert high is None or size <= high, f"{where} is {thing!r}"
