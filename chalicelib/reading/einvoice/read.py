"""E-invoice XML → invoice."""

from chalicelib.domain.invoice import Invoice
from chalicelib.errors import RejectedError
from chalicelib.reading.einvoice.cii import read_cii
from chalicelib.reading.einvoice.tree import parse
from chalicelib.reading.einvoice.ubl import read_ubl
from chalicelib.reading.limits import Limits

_CII = ("urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:", "urn:ferd:")
_UBL = ("urn:oasis:names:specification:ubl:schema:xsd:",)


def read_einvoice(content: bytes, limits: Limits) -> Invoice:
    """The invoice in the XML `content`.

    `RejectedError` with the code `too_large`, `unsafe_xml` (a DTD, absurd nesting), `damaged_xml` or `not_an_einvoice`.
    """
    tree = parse(content, limits.max_xml_bytes)
    name = tree.root.tag
    if name in {"CrossIndustryInvoice", "CrossIndustryDocument"} and tree.namespace.startswith(_CII):
        return read_cii(tree.root)
    if name in {"Invoice", "CreditNote"} and tree.namespace.startswith(_UBL):
        return read_ubl(tree.root)
    raise _not_an_einvoice(name)


def _not_an_einvoice(name: str) -> RejectedError:
    if name == "FatturaElettronica":
        kind = "This is a FatturaPA invoice, which is not read yet."
    else:
        kind = f"This XML is no e-invoice we know (its root is “{name[:40]}”)."
    return RejectedError(
        "not_an_einvoice", f"{kind} Please send a UBL or CII e-invoice (EN 16931), or the invoice as PDF."
    )
