"""Pages written as text: a character is 0.7 % of the page's width, a line is 2 % of its height."""

import re
from textwrap import dedent

from chalicelib.domain.document import MediaType, Page, ReadDocument, TextLayer, Word
from chalicelib.domain.geometry import Box
from chalicelib.domain.source import Source

_CHARACTER, _LINE, _HEIGHT = 0.007, 0.02, 0.012


def a_page(text: str, number: int = 1, source: Source = Source.TEXT) -> Page:
    """A page on which `text` stands as it is typed: columns are where the characters are."""
    lines = dedent(text).strip("\n").splitlines()
    words = tuple(
        Word(match[0], Box(match.start() * _CHARACTER, row * _LINE, len(match[0]) * _CHARACTER, _HEIGHT))
        for row, line in enumerate(lines, start=1)
        for match in re.finditer(r"\S+", line)
    )
    return Page(number, 595, 842, words, source)


def a_read_document(*texts: str, text_layer: TextLayer = TextLayer.GOOD) -> ReadDocument:
    """A PDF with a page for each text."""
    pages = tuple(a_page(text, number) for number, text in enumerate(texts, start=1))
    return ReadDocument(MediaType.PDF, len(pages), pages, text_layer)
