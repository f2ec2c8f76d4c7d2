"""The process that reads documents: `python -m chalicelib.adapters.sandbox.reading_child MEMORY SECONDS LIMITS…`.

It makes excerpts of PDFs, too.
"""

import sys

from chalicelib.adapters.sandbox.frames import Frame
from chalicelib.adapters.sandbox.serving import Answer, serve


def _prepare(limits: list[int]) -> Answer:
    from chalicelib.adapters.sandbox.wire import packed_document, packed_excerpt  # noqa: PLC0415 — after the limits are set
    from chalicelib.reading.limits import Limits  # noqa: PLC0415
    from chalicelib.reading.pdf_excerpt import pdf_excerpt  # noqa: PLC0415
    from chalicelib.reading.read import read_document  # noqa: PLC0415

    def answer(question: Frame) -> Frame:
        if numbers := question.header.get("excerpt"):
            return packed_excerpt(pdf_excerpt(question.block, numbers))
        return packed_document(read_document(question.block, Limits(*limits)))

    return answer


if __name__ == "__main__":
    memory_bytes, seconds, *numbers = sys.argv[1:]
    serve(
        lambda: _prepare([int(number) for number in numbers]),
        memory_bytes=int(memory_bytes),
        cpu_seconds=float(seconds),
    )
