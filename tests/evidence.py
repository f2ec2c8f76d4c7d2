"""Builders for evidence."""

from typing import Any

from chalicelib.domain.geometry import Box
from local.evaluation.evidence import Rival


def a_rival(value: str = "119", **given: Any) -> Rival:
    """A value that could have been chosen."""
    return Rival(
        **{"value": value, "text": value, "strength": 0.5, "page": 1, "box": Box(0.5, 0.5, 0.1, 0.01), **given}
    )
