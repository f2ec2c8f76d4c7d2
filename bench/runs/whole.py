"""The whole extraction in one process, as `python -m local extract --jobs 1` does it, up to the text of the JSON."""

import time

_BEGIN = time.perf_counter()

import json  # noqa: E402 - the clock starts before anything is loaded
import sys  # noqa: E402
from collections import Counter  # noqa: E402
from collections.abc import Callable, Sequence  # noqa: E402
from pathlib import Path  # noqa: E402

from chalicelib.domain.record import InvoiceRecord  # noqa: E402
from chalicelib.exports.invoice_json import invoice_document  # noqa: E402
from local.extraction_printer import as_file  # noqa: E402
from local.reading_file import file_reader  # noqa: E402


def main() -> None:
    """Read the documents on standard input's list, in their order."""
    paths = [Path(path) for path in json.load(sys.stdin)]
    read = file_reader()
    _extracted(read, paths[0])
    ready = time.perf_counter() - _BEGIN
    steps: Counter[str] = Counter()
    seconds, answered = [], 0
    for path in paths:
        begin = time.perf_counter()
        record = _extracted(read, path)
        seconds.append(time.perf_counter() - begin)
        if record.outcome:
            steps.update(record.outcome.timings_ms)
            answered += bool(record.outcome.invoice.fields)
    print(json.dumps({"ready_seconds": ready, "seconds": seconds, "answered": answered, "steps_ms": steps}))


def _extracted(read: Callable[[Path], Sequence[InvoiceRecord]], path: Path) -> InvoiceRecord:
    records = read(path)
    for record in records:
        as_file(invoice_document(record))
    return records[0]


if __name__ == "__main__":
    main()
