"""Start the whole system and serve until told to stop."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from local.pump import Pace
from local.stack import Place, started


def serve(place: Place, doubled_share: float = 0.0) -> int:
    """Serve until Ctrl-C or SIGTERM; the log goes to standard output."""
    with told_to_stop() as stopping:
        stack = started(place, Pace(doubled_share=doubled_share))
        print(f"Serving on {place.url}, keeping everything in {place.data_dir}. Ctrl-C stops.", flush=True)
        stopping.wait()
        stack.stop()
    return 0


@contextmanager
def told_to_stop() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, within a `with` block; a second Ctrl-C interrupts as usual."""
    stopping = threading.Event()

    def stop(number: int, _frame: object) -> None:
        stopping.set()
        signal.signal(number, signal.default_int_handler)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
