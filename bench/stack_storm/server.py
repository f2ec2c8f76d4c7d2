"""The local stack in a storm, until told to stop or killed: `python -m bench.stack_storm.server DATA_DIR PORT`."""

import os
import signal
import sys
import threading
from pathlib import Path

from local.pump import Pace
from local.serve import told_to_stop
from local.stack import Place, started

_FAMILY = "bench.stack_storm.adapters:StormyAdapters"
_PACE = Pace(
    workers=3, idle=0.05, visibility=6.0, retry_waits=(0.2, 0.4), redelivery_wait=0.5, sweep=0.7
)  # everything that takes minutes on AWS takes seconds


def main(data_dir: Path, port: int) -> int:
    """Serve; 0 when it was told to stop and has. It does not outlive whoever holds the other end of its input."""
    threading.Thread(target=_end_with_input, daemon=True).start()
    with told_to_stop() as stopping:
        stack = started(Place(port, data_dir), _PACE, _FAMILY)
        stopping.wait()
        stack.stop()
    return 0


def _end_with_input() -> None:
    os.read(0, 1)  # unbuffered: a buffer that waits would crash the end of Python
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
