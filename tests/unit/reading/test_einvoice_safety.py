"""XML from strangers: refused when it is unsafe, damaged, too large, or no e-invoice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.invoice import FieldName
from chalicelib.errors import RejectedError
from chalicelib.reading.einvoice.read import read_einvoices
from chalicelib.reading.limits import Limits
from tests.papers import a_cii_invoice, a_ubl_invoice

LIMITS = Limits()
CODES = {"too_large", "unsafe_xml", "damaged_xml", "not_an_einvoice"}
A_BOMB = b"""<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>"""


def refusal(content: bytes, limits: Limits = LIMITS) -> str | None:
    """The code `content` is refused with, or `None` when it is read."""
    try:
        read_einvoices(content, limits)
    except RejectedError as error:
        return error.code
    return None


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(A_BOMB, id="entity bomb"),
        pytest.param(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', id="external entity"),
        pytest.param(b'<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>', id="external DTD"),
        pytest.param(b"<!DOCTYPE a><a/>", id="harmless DTD"),
        pytest.param(b"<a>" * 101 + b"</a>" * 101, id="too deep"),
        pytest.param(b"<a>" * 100_000, id="much too deep"),
    ],
)
def test_unsafe_xml_is_refused(content: bytes) -> None:
    assert refusal(content) == "unsafe_xml"


def test_a_bomb_in_utf_16_is_refused_too() -> None:
    assert refusal(A_BOMB.decode().encode("utf-16")) == "unsafe_xml"


@pytest.mark.parametrize(
    "content", [b"<Invoice>", b"<a></b>", b"<a>&undefined;</a>", b"\x00\x01", b"", a_ubl_invoice()[:-20]]
)
def test_xml_that_is_not_well_formed_is_damaged(content: bytes) -> None:
    assert refusal(content) == "damaged_xml"


def test_xml_above_the_limit_is_too_large() -> None:
    content = a_ubl_invoice()

    assert refusal(content, LIMITS._replace(max_xml_bytes=len(content))) is None
    assert refusal(content, LIMITS._replace(max_xml_bytes=len(content) - 1)) == "too_large"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"<note/>", id="something else"),
        pytest.param(b"<Invoice/>", id="no namespace"),
        pytest.param(b'<Invoice xmlns="urn:cbfbuy"/>', id="another namespace"),
        pytest.param(b'<p:FatturaElettronica xmlns:p="urn:it"/>', id="FatturaPA"),
        pytest.param(
            b'<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>', id="an order, not an invoice"
        ),
    ],
)
def test_other_xml_is_not_an_einvoice(content: bytes) -> None:
    assert refusal(content) == "not_an_einvoice"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_any_declared_encoding_is_read(encoding: str) -> None:
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    content = a_ubl_invoice().decode().replace("RE-7", "RÉ-7").replace("UTF-8", declared).encode(encoding)

    assert read_einvoices(content, LIMITS)[0].text(FieldName.INVOICE_NUMBER) == "RÉ-7"


@pytest.mark.parametrize("wrong", [b"UTF-16", b"UTF-7", b"Shift_JIS", b"rot13", b"U-F-8"])
def test_a_wrongly_declared_encoding_is_read_as_utf_8(wrong: bytes) -> None:
    content = a_ubl_invoice().replace(b'encoding="UTF-8"', b'encoding="' + wrong + b'"')

    assert read_einvoices(content, LIMITS)[0].text(FieldName.INVOICE_NUMBER) == "RE-7"


def test_padding_at_the_end_does_no_harm() -> None:
    assert read_einvoices(a_ubl_invoice() + b"\n\x00\x00", LIMITS)[0].text(FieldName.TOTAL) == "119.00"


@pytest.mark.parametrize("wrong", ["20261320", "2026", "tomorrow", "20260231"])
def test_a_date_that_does_not_exist_is_absent(wrong: str) -> None:
    content = a_cii_invoice().replace(b"20261120", wrong.encode())

    assert FieldName.ISSUE_DATE not in read_einvoices(content, LIMITS)[0].fields


@pytest.mark.parametrize("wrong", ["NaN", "Infinity", "1e9", "12,50", "9" * 500, "-"])
def test_an_amount_that_is_no_decimal_is_absent(wrong: str) -> None:
    content = a_cii_invoice().replace(b"<ram:GrandTotalAmount>119.00", b"<ram:GrandTotalAmount>" + wrong.encode())

    assert FieldName.TOTAL not in read_einvoices(content, LIMITS)[0].fields


@given(st.sampled_from([a_ubl_invoice(), a_cii_invoice()]), st.data())
def test_a_scratched_einvoice_is_read_or_refused_with_a_code(content: bytes, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(content)))
    garbage = data.draw(st.binary(max_size=12))

    assert refusal(content[:begin] + garbage + content[begin + len(garbage) :]) in {None, *CODES}


@given(st.text(max_size=40))
def test_any_text_in_a_field_is_kept_or_left_out(text: str) -> None:
    safe = "".join(f"&#{ord(one)};" for one in text if one.isprintable())
    content = a_cii_invoice().replace(b"119.00", safe.encode()).replace(b"20261120", safe.encode())

    (invoice,) = read_einvoices(content, LIMITS)

    assert invoice.amount(FieldName.TOTAL) is None or text.strip()
