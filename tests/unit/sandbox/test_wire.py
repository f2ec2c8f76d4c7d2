"""Read documents arrive on the other side of a pipe as they were."""

import io

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.sandbox.frames import Frame, receive, send
from chalicelib.adapters.sandbox.wire import packed_document, unpacked_document
from chalicelib.domain.document import MediaType, Page, ReadDocument, TextLayer, Word
from chalicelib.domain.geometry import Box
from chalicelib.domain.source import Source
from tests.builders import an_invoice

numbers = st.floats(allow_nan=False, allow_infinity=False)
boxes = st.builds(Box, numbers, numbers, numbers, numbers)
words = st.builds(Word, st.text(st.characters(exclude_categories=["Cs"])), boxes, st.one_of(st.just(1.0), numbers))
pages = st.builds(Page, st.integers(1, 99), numbers, numbers, st.lists(words).map(tuple), st.sampled_from(Source))
documents = st.builds(
    ReadDocument,
    media_type=st.sampled_from(MediaType),
    page_count=st.integers(1, 99),
    pages=st.lists(pages, max_size=3).map(tuple),
    text_layer=st.sampled_from(TextLayer),
    einvoice=st.one_of(st.none(), st.just(an_invoice())),
    remarks=st.lists(st.sampled_from(["active_content", "hidden_text"])).map(tuple),
    ocr_pages=st.lists(st.integers(1, 99)).map(tuple),
)


def passed_on(frame: Frame) -> Frame | None:
    stream = io.BytesIO()
    send(stream, frame)
    stream.seek(0)
    return receive(stream)


@given(documents)
def test_a_document_arrives_as_it_was(document: ReadDocument) -> None:
    arrived = passed_on(packed_document(document))

    assert arrived is not None
    assert unpacked_document(arrived) == document


@given(st.binary(), st.integers(1, 30))
def test_half_a_frame_is_none(block: bytes, missing: int) -> None:
    stream = io.BytesIO()
    send(stream, Frame({"a": "b"}, block))
    whole = stream.getvalue()

    assert receive(io.BytesIO(whole[:-missing])) is None


def test_the_end_of_the_stream_is_none() -> None:
    assert receive(io.BytesIO()) is None
