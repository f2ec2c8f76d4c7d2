"""The process of the embedded OCR engine: `python -m local.ocr_child MEMORY CPU_SECONDS`. One page a question."""

import sys

from chalicelib.adapters.sandbox.frames import Frame
from chalicelib.adapters.sandbox.serving import Answer, serve


def _prepare() -> Answer:
    from chalicelib.adapters.sandbox.wire import packed_pages  # noqa: PLC0415 - after the limits are set
    from chalicelib.domain.document import MediaType, Page  # noqa: PLC0415
    from chalicelib.domain.source import Source  # noqa: PLC0415
    from local.page_images import page_image  # noqa: PLC0415
    from local.recognition import Recogniser  # noqa: PLC0415

    recogniser = Recogniser()

    def answer(question: Frame) -> Frame:
        number = question.header["number"]
        image, width, height = page_image(question.block, MediaType(question.header["media_type"]), number)
        words, turns = recogniser.read(image)
        size = (height, width) if turns % 2 else (width, height)
        pages, block = packed_pages([Page(number, *size, words, Source.OCR)])
        return Frame({"pages": pages}, block)

    return answer


if __name__ == "__main__":
    serve(_prepare, memory_bytes=int(sys.argv[1]), cpu_seconds=float(sys.argv[2]))
