"""XML → a tree without namespaces, safely: no DTD, no entities, bounded in size, depth and number of elements."""

from collections.abc import Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from chalicelib.errors import RejectedError

_MAX_DEPTH = 100  # EN 16931 needs about 12
_MAX_ELEMENTS = 1_000_000
_SEPARATOR = " "


class Tree(NamedTuple):
    """A document: its root with local names, and the namespace the root was in."""

    root: Element
    namespace: str


def parse(content: bytes, max_bytes: int) -> Tree:
    """The tree of `content`; `RejectedError` with the code `too_large`, `unsafe_xml` or `damaged_xml`."""
    if len(content) > max_bytes:
        raise RejectedError(
            "too_large",
            f"This XML has {len(content) / 1e6:.1f} MB; at most {max_bytes / 1e6:g} MB are read. "
            "Please move attachments out of it.",
        )
    if b"\x00" not in content[:4]:  # in UTF-16 they belong to the characters
        content = content.strip(b"\x00\t\r\n ")  # some writers pad the end
    try:
        return _Building().parse(content)
    except expat.ExpatError as error:
        if error.code not in _WRONG_ENCODING:
            raise _damaged(error) from None
    except (LookupError, ValueError):  # an encoding that expat cannot be taught, or that nobody has heard of
        pass
    # The declaration names an encoding the bytes are not in, which happens where a PDF's writer converted them.
    try:
        return _Building("utf-8").parse(content)
    except expat.ExpatError as error:
        raise _damaged(error) from None


class _Building:
    """One pass of expat over one document."""

    def __init__(self, encoding: str | None = None) -> None:
        self._builder = TreeBuilder()
        self._namespace: str | None = None
        self._depth = 0
        self._count = 0
        self._parser = expat.ParserCreate(encoding, _SEPARATOR)
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._builder.data

    def parse(self, content: bytes) -> Tree:
        self._parser.Parse(content, True)  # noqa: FBT003 — expat takes no keywords
        return Tree(self._builder.close(), self._namespace or "")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(_SEPARATOR)
        if self._namespace is None:
            self._namespace = namespace
        self._depth += 1
        self._count += 1
        if self._depth > _MAX_DEPTH or self._count > _MAX_ELEMENTS:
            raise RejectedError(
                "unsafe_xml", "This XML is nested or split far beyond any invoice. Please send it as PDF."
            )
        self._builder.start(local, attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._builder.end(name.rpartition(_SEPARATOR)[2])


def first(element: Element | None, *paths: str) -> Element | None:
    """The first element any of `paths` leads to, in the order of the paths."""
    if element is None:
        return None
    return next((found for path in paths if (found := element.find(path)) is not None), None)


def every(element: Element | None, *paths: str) -> Iterator[Element]:
    """All elements that `paths` lead to."""
    if element is not None:
        for path in paths:
            yield from element.iterfind(path)


def text(element: Element | None, *paths: str) -> str | None:
    """The first text (not empty, white space made single) that any of `paths` leads to."""
    return next(texts(element, *paths), None)


def texts(element: Element | None, *paths: str) -> Iterator[str]:
    """All texts (not empty, white space made single) that `paths` lead to."""
    for found in every(element, *paths):
        if words := " ".join((found.text or "").split()):
            yield words


_WRONG_ENCODING = frozenset(
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_UNKNOWN_ENCODING,
        expat.errors.XML_ERROR_INCORRECT_ENCODING,
        expat.errors.XML_ERROR_INVALID_TOKEN,
    )
)


def _refuse_doctype(*_: object) -> None:
    raise RejectedError(
        "unsafe_xml", "This XML declares a document type (DTD), which no e-invoice needs. Please send it without."
    )


def _damaged(error: expat.ExpatError) -> RejectedError:
    reason = expat.errors.messages.get(error.code, "unknown error")
    return RejectedError(
        "damaged_xml",
        f"This XML is damaged (line {error.lineno}: {reason}). Please export the e-invoice again and send that.",
    )
