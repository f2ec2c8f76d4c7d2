"""E-invoice XML → invoices."""

from typing import NoReturn

from chalicelib.domain.invoice import Invoice
from chalicelib.errors import RejectedError
from chalicelib.reading.einvoice.cii import read_cii
from chalicelib.reading.einvoice.fatturapa import ORDINARY, SIMPLIFIED, read_fatturapa
from chalicelib.reading.einvoice.tree import parse
from chalicelib.reading.einvoice.ubl import read_ubl
from chalicelib.reading.limits import Limits

_CII = ("urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:", "urn:ferd:")
_UBL = ("urn:oasis:names:specification:ubl:schema:xsd:",)
_FATTURAPA = ("http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/", "http://www.fatturapa.gov.it/sdi/fatturapa/")


def read_einvoices(content: bytes, limits: Limits) -> tuple[Invoice, ...]:
    """The invoices in the XML `content`: one, but for FatturaPA, which may hold several of one supplier.

    `RejectedError` with the code `too_large`, `unsafe_xml` (a DTD, absurd nesting), `damaged_xml` or `not_an_einvoice`.
    """
    tree = parse(content, limits.max_xml_bytes)
    name = tree.root.tag
    if name in {"CrossIndustryInvoice", "CrossIndustryDocument"} and tree.namespace.startswith(_CII):
        return (read_cii(tree.root),)
    if name in {"Invoice", "CreditNote"} and tree.namespace.startswith(_UBL):
        return (read_ubl(tree.root),)
    if name in {ORDINARY, SIMPLIFIED} and tree.namespace.startswith(_FATTURAPA):
        return read_fatturapa(tree.root) or _refuse(name)
    return _refuse(name)


def _refuse(name: str) -> NoReturn:
    raise RejectedError(
        "not_an_einvoice",
        f"This XML is no e-invoice we know (its root is “{name[:40]}”). Please send a UBL or CII e-invoice (EN 16931), "
        "a FatturaPA, or the invoice as PDF.",
    )
