"""Messages in the queues that name no document: they must be put aside, and hold up nobody."""

from local.family import EmbeddedAdapters

_MISSHAPEN = '{"Records": "none", "number": %d}'  # nothing that S3 sends
_NO_JSON = "<message number='%d'/>"  # nothing that Lambda sends


def throw_junk(adapters: EmbeddedAdapters, number: int) -> None:
    """Put one message into the queue of events, and two into that of dead letters."""
    adapters.events().send(_MISSHAPEN % number)
    for body in dead_junk(number):
        adapters.dead_letters().send(body)


def dead_junk(number: int) -> tuple[str, ...]:
    """The bodies of what was put into the queue of dead letters."""
    return _MISSHAPEN % number, _NO_JSON % number
