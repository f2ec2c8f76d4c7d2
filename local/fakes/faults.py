"""What may go wrong with a call of a fake service, and when."""

from collections.abc import Callable, Mapping
from typing import NamedTuple


class Fault(NamedTuple):
    """What happens to one call.

    It waits for `seconds`. With a `code`, an error with this HTTP `status` is the answer, and nothing is done. With
    `kept`, only that share of the answer arrives before the connection breaks (0: none); it is done and billed all the
    same, unless `undone`. With nothing of this, it is answered as usual.
    """

    seconds: float = 0.0
    code: str = ""
    status: int = 400
    kept: float | None = None
    undone: bool = False


Plan = Callable[[str, int], Fault | None]
"""The name of an operation, and which call of it this is (from 1) → what happens to it; `None`: nothing."""

CUT = Fault(kept=0.0, undone=True)
"""The connection breaks before anything is done."""
LOST = Fault(kept=0.0)
"""It is done, and the answer gets lost."""
SHORTENED = Fault(kept=0.5)
"""It is done, and half of the answer arrives."""


def an_error(code: str, status: int = 400) -> Fault:
    """The service answers with this error."""
    return Fault(code=code, status=status)


def planned(faults: Mapping[tuple[str, int], Fault]) -> Plan:
    """Certain calls of certain operations go wrong."""
    return lambda operation, nth: faults.get((operation, nth))


def always(*operations: str, fault: Fault) -> Plan:
    """All calls of these operations go wrong."""
    return lambda operation, _: fault if operation in operations else None
