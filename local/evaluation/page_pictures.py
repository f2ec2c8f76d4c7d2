"""Pictures of a document's pages, drawn in a process of its own: the file is a stranger's."""

from chalicelib.adapters.sandbox.child import Child, ChildDiedError, ChildTimeoutError
from chalicelib.adapters.sandbox.frames import Frame
from chalicelib.domain.document import Page, ReadDocument
from chalicelib.domain.source import Source

_CHILD_MODULE = "local.evaluation.picture_child"
_MEMORY_BYTES = 2_000_000_000
_CPU_SECONDS = 20.0
_SECONDS = 60.0
_MOST_PAGES = 12


def page_pictures(content: bytes, read: ReadDocument) -> dict[int, bytes]:
    """A JPEG for each of the first pages, by number; nothing for a page that cannot be drawn.

    Pages that were read by OCR come upright, as their words are.
    """
    child = Child(_CHILD_MODULE, [str(_MEMORY_BYTES), str(_CPU_SECONDS)])
    pictures: dict[int, bytes] = {}
    try:
        for page in read.pages[:_MOST_PAGES]:
            boxes = [list(word.box) for word in page.words] if page.source is Source.OCR else []
            header = {"media_type": read.media_type.value, "number": page.number, "boxes": boxes}
            answer = child.ask(Frame(header, content), _SECONDS)
            if "error" not in answer.header and answer.block:
                pictures[page.number] = answer.block
    except (ChildDiedError, ChildTimeoutError):
        return pictures
    finally:
        child.close()
    return pictures


def aspect_of(page: Page) -> float:
    """Height by width."""
    return page.height / page.width if page.width else 1.0
