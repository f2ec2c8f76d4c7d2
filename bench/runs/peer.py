"""invoice2data with its default reader and its own templates. Runs in its own environment: nothing of ours is here."""

import time

_BEGIN = time.perf_counter()

import json  # noqa: E402 - the clock starts before anything is loaded
import logging  # noqa: E402
import sys  # noqa: E402

from invoice2data import extract_data  # noqa: E402
from invoice2data.extract.loader import read_templates  # noqa: E402


def main() -> None:
    """Read the documents on standard input's list, in their order."""
    logging.disable(logging.CRITICAL)
    paths = json.load(sys.stdin)
    templates = read_templates()
    extract_data(paths[0], templates)
    ready = time.perf_counter() - _BEGIN
    seconds, answered = [], 0
    for path in paths:
        begin = time.perf_counter()
        found = extract_data(path, templates)
        json.dumps(found, default=str)
        seconds.append(time.perf_counter() - begin)
        answered += bool(found)
    print(json.dumps({"ready_seconds": ready, "seconds": seconds, "answered": answered}))


if __name__ == "__main__":
    main()
