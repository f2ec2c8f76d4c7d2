"""Doing the same to many things, none of which may hold up the others."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")
log = logging.getLogger("smart-invoice.each")


def each(items: Iterable[Item], act: Callable[[Item], object]) -> None:
    """Do it to every item, whatever one of them raises; then raise the first error, so that all come again.

    What was done is not done twice: the rows say so.
    """
    errors = [error for item in items if (error := _error_of(act, item)) is not None]
    for error in errors[1:]:
        log.error("Failed as well", exc_info=error)
    if errors:
        raise errors[0]


def _error_of(act: Callable[[Item], object], item: Item) -> Exception | None:
    try:
        act(item)
    except Exception as error:  # noqa: BLE001 - it is raised when the others had their turn
        return error
    return None
