"""Signed envelopes (`.p7m`): the XML inside is read, whatever way the envelope is written."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.document import MediaType
from chalicelib.domain.invoice import FieldName
from chalicelib.errors import RejectedError
from chalicelib.reading.limits import Limits
from chalicelib.reading.read import read_document
from chalicelib.reading.signed import content_of, is_signed
from chalicelib.reading.sniffing import inspect
from tests.builders import a_document
from tests.fatture import a_body, a_fattura, in_base64, signed

LIMITS = Limits()
AN_XML = a_fattura()


def refusal(content: bytes) -> tuple[str, str]:
    with pytest.raises(RejectedError) as caught:
        read_document(content, LIMITS)
    return caught.value.code, caught.value.message


def code_of(content: bytes) -> str | None:
    """The code an envelope is refused with, or `None` when it is opened."""
    try:
        content_of(content)
    except RejectedError as error:
        return error.code
    return None


def in_armour(content: bytes) -> bytes:
    return b"-----BEGIN PKCS7-----\n" + in_base64(content) + b"-----END PKCS7-----\n"


@pytest.mark.parametrize("parts", [0, 1000], ids=["counted", "marked, in pieces"])
@pytest.mark.parametrize("written", [bytes, in_base64, in_armour])
def test_the_xml_in_an_envelope_is_read(written: Callable[[bytes], bytes], parts: int) -> None:
    content = written(signed(AN_XML, parts))

    document = read_document(content, LIMITS)

    assert inspect(content, LIMITS) is document.media_type is MediaType.P7M
    assert document.einvoice is not None
    assert document.einvoice.text(FieldName.TOTAL) == "122.00"


def test_what_was_signed_twice_is_read() -> None:
    assert content_of(signed(in_base64(signed(AN_XML)), 500)) == AN_XML


def test_signatures_without_end_are_refused() -> None:
    content = AN_XML
    for _ in range(6):
        content = signed(content)

    assert refusal(content)[0] == "unreadable_envelope"


def test_several_invoices_in_an_envelope_are_all_read() -> None:
    document = read_document(signed(a_fattura(a_body(number="1"), a_body(number="2"), a_body(number="3"))), LIMITS)

    assert [one.text(FieldName.INVOICE_NUMBER) for one in document.more_einvoices] == ["2", "3"]


def test_a_signature_without_its_document_is_refused() -> None:
    alone = bytes.fromhex(
        "3027 0609 2a864886f70d010702 a01a 3018 0201 01 3100 300b 0609 2a864886f70d010701 a004 0402 0000"
    )

    assert "another file" in refusal(alone)[1]


def test_an_encrypted_envelope_is_refused() -> None:
    content = signed(AN_XML).replace(bytes.fromhex("2a864886f70d010702"), bytes.fromhex("2a864886f70d010703"), 1)

    assert refusal(content)[0] == "unreadable_envelope"
    assert "encrypted" in refusal(content)[1]


@pytest.mark.parametrize("inside", [a_document(), b"just a note", b""])
def test_an_envelope_around_something_else_is_refused(inside: bytes) -> None:
    assert refusal(signed(inside))[0] in {"unreadable_envelope", "not_a_document", "empty"}


@pytest.mark.parametrize("parts", [0, 1000])
def test_an_envelope_that_breaks_off_is_refused(parts: int) -> None:
    content = signed(AN_XML, parts)

    assert refusal(content[: len(content) // 2])[0] == "unreadable_envelope"


def test_xml_in_an_envelope_has_the_limit_of_xml() -> None:
    with pytest.raises(RejectedError, match="too_large"):
        read_document(signed(AN_XML), LIMITS._replace(max_xml_bytes=len(AN_XML) - 1))


@pytest.mark.parametrize(
    "content", [b"", b"0", b"M", b"MI", b"-----BEGIN PKCS7-----", AN_XML, a_document(), b"Mr Smith"]
)
def test_other_bytes_are_no_envelope(content: bytes) -> None:
    assert not is_signed(content)


@given(st.data())
def test_a_scratched_envelope_is_opened_or_refused(data: st.DataObject) -> None:
    content = bytearray(signed(AN_XML, data.draw(st.sampled_from([0, 900]))))
    for place in data.draw(st.lists(st.integers(0, 120), max_size=6)):
        content[place] = data.draw(st.integers(0, 255))

    assert code_of(bytes(content)) in {None, "unreadable_envelope"}
