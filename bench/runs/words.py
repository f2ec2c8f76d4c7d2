"""Reading alone: PDFium's words with their places, in this very process, without sandbox, extraction or checks."""

import time

_BEGIN = time.perf_counter()

import json  # noqa: E402 - the clock starts before anything is loaded
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

from chalicelib.reading.limits import Limits  # noqa: E402
from chalicelib.reading.pdf import read_pdf  # noqa: E402


def main() -> None:
    """Read the documents on standard input's list, in their order."""
    paths = [Path(path) for path in json.load(sys.stdin)]
    read_pdf(paths[0].read_bytes(), Limits())
    ready = time.perf_counter() - _BEGIN
    seconds, answered = [], 0
    for path in paths:
        begin = time.perf_counter()
        pdf = read_pdf(path.read_bytes(), Limits())
        seconds.append(time.perf_counter() - begin)
        answered += any(page.words for page in pdf.pages)
    print(json.dumps({"ready_seconds": ready, "seconds": seconds, "answered": answered}))


if __name__ == "__main__":
    main()
