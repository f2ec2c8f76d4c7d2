"""Chalice's command line, for as long as whoever started it lives: when they are gone, it ends too.

Started by path, in a project's folder. Otherwise a deployment that was killed would go on behind the next one's back.
"""

import os
import sys
import threading


def main() -> None:
    """Run `chalice` with this program's arguments."""
    sys.path.pop(0)  # this file's folder
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from chalice.cli import main as chalice  # noqa: PLC0415 - found only now that the path is right

    sys.argv[0] = "chalice"
    sys.exit(chalice())  # it returns its status, and does not exit with it


def _end_with_parent() -> None:
    """Nobody writes to our standard input; it ends when they are gone who hold its other end."""
    os.read(0, 1)  # the file itself: Python's own reader would be in the way at the end
    os._exit(1)


if __name__ == "__main__":
    main()
