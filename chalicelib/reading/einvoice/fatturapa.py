"""FatturaPA (Italy): ordinary (FPA12, FPR12) and simplified (FSM10) invoices → invoices, one for each body.

Names and meanings are those of the Agenzia delle Entrate's technical rules, version 1.2.x.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from xml.etree.ElementTree import Element

from chalicelib.domain.invoice import DocumentType, FieldName, Invoice
from chalicelib.reading.einvoice.fatturapa_amounts import (
    add_amounts,
    add_simplified_amounts,
    line_items,
    numbers,
    simplified_line_items,
    simplified_tax_lines,
    tax_lines,
)
from chalicelib.reading.einvoice.tree import every, first, text, texts
from chalicelib.reading.einvoice.values import Fields, parsed_date

ORDINARY, SIMPLIFIED = "FatturaElettronica", "FatturaElettronicaSemplificata"
_CREDIT_NOTES = frozenset({"TD04", "TD08"})
# What the buyer writes for the tax office (reverse charge, deposits, San Marino, missing invoices) and what nobody
# pays for (TD27, giveaways): booked, but never paid.
_NOT_TO_BE_PAID = frozenset(
    {"TD16", "TD17", "TD18", "TD19", "TD20", "TD21", "TD22", "TD23", "TD27", "TD28", "TD29"}
)  # fmt: skip
_ALTERNATIVES = "TP02"  # paid at once: several details are several ways to pay the same


def read_fatturapa(root: Element) -> tuple[Invoice, ...]:
    """The invoices of a `FatturaElettronica` or `FatturaElettronicaSemplificata` with local names."""
    header = first(root, "FatturaElettronicaHeader")
    read = _simplified if root.tag == SIMPLIFIED else _ordinary
    return tuple(read(header, body) for body in every(root, "FatturaElettronicaBody"))


def _ordinary(header: Element | None, body: Element) -> Invoice:
    fields = Fields()
    _add_document(fields, body)
    _add_references(fields, header, body)
    _add_supplier(fields, first(header, "CedentePrestatore"))
    _add_buyer(fields, first(header, "CessionarioCommittente"))
    add_amounts(fields, body)
    _add_payment(fields, body)
    return Invoice(
        document_type=_document_type(body),
        fields=fields.found,
        taxes=tax_lines(body),
        line_items=line_items(body),
    )


def _simplified(header: Element | None, body: Element) -> Invoice:
    seller, buyer = first(header, "CedentePrestatore"), first(header, "CessionarioCommittente")
    fields = Fields()
    _add_document(fields, body)
    fields.add(FieldName.PRECEDING_INVOICE, text(body, "DatiGenerali/DatiFatturaRettificata/NumeroFR"))
    _add_party(fields, _SUPPLIER, seller, seller)
    fields.add(FieldName.SUPPLIER_REGISTRATION, _registration(seller))
    _add_party(fields, _BUYER, first(buyer, "IdentificativiFiscali"), first(buyer, "AltriDatiIdentificativi"))
    add_simplified_amounts(fields, body)
    return Invoice(
        document_type=_document_type(body),
        fields=fields.found,
        taxes=simplified_tax_lines(body),
        line_items=simplified_line_items(body),
    )


def _document_type(body: Element) -> DocumentType:
    code = text(body, "DatiGenerali/DatiGeneraliDocumento/TipoDocumento")
    if code in _CREDIT_NOTES:
        return DocumentType.CREDIT_NOTE
    return DocumentType.OTHER if code in _NOT_TO_BE_PAID else DocumentType.INVOICE


def _add_document(fields: Fields, body: Element) -> None:
    document = first(body, "DatiGenerali/DatiGeneraliDocumento")
    fields.add(FieldName.INVOICE_NUMBER, text(document, "Numero"))
    fields.add_date(FieldName.ISSUE_DATE, text(document, "Data"))
    fields.add_currency(text(document, "Divisa"))


def _add_references(fields: Fields, header: Element | None, body: Element) -> None:
    general = first(body, "DatiGenerali")
    fields.add(FieldName.PURCHASE_ORDER, text(general, "DatiOrdineAcquisto/IdDocumento"))
    fields.add(FieldName.PRECEDING_INVOICE, text(general, "DatiFattureCollegate/IdDocumento"))
    fields.add(FieldName.BUYER_REFERENCE, text(header, "CedentePrestatore/RiferimentoAmministrazione"))
    fields.add_date(FieldName.DELIVERY_DATE, text(general, "DatiTrasporto/DataOraConsegna"))
    line = "DatiBeniServizi/DettaglioLinee"
    fields.add_date(FieldName.PERIOD_START, _common(texts(body, f"{line}/DataInizioPeriodo")))
    fields.add_date(FieldName.PERIOD_END, _common(texts(body, f"{line}/DataFinePeriodo")))


def _common(values: Iterable[str]) -> str | None:
    """What all lines say alike, or `None`: only that is so of the whole invoice."""
    different = set(values)
    return different.pop() if len(different) == 1 else None


_SUPPLIER = (FieldName.SUPPLIER_NAME, FieldName.SUPPLIER_TAX_ID, FieldName.SUPPLIER_ADDRESS)
_BUYER = (FieldName.BUYER_NAME, FieldName.BUYER_TAX_ID, FieldName.BUYER_ADDRESS)


def _add_supplier(fields: Fields, seller: Element | None) -> None:
    person = first(seller, "DatiAnagrafici")
    _add_party(fields, _SUPPLIER, person, seller, first(person, "Anagrafica"))
    fields.add(FieldName.SUPPLIER_REGISTRATION, _registration(seller))
    fields.add(FieldName.SUPPLIER_EMAIL, text(seller, "Contatti/Email"))
    fields.add(FieldName.SUPPLIER_PHONE, text(seller, "Contatti/Telefono"))


def _add_buyer(fields: Fields, buyer: Element | None) -> None:
    person = first(buyer, "DatiAnagrafici")
    _add_party(fields, _BUYER, person, buyer, first(person, "Anagrafica"))


def _add_party(
    fields: Fields,
    names: tuple[FieldName, FieldName, FieldName],
    identity: Element | None,
    seat: Element | None,
    named: Element | None = None,
) -> None:
    """Note name, tax id and address; the name stands where the seat does, unless `named` says where."""
    name, tax_id, address = names
    fields.add(name, _name(seat if named is None else named))
    fields.add(tax_id, _tax_id(identity))
    fields.add_joined(address, _address(first(seat, "Sede")), ", ")


def _name(party: Element | None) -> str | None:
    """The company's name, or the person's."""
    return text(party, "Denominazione") or " ".join(texts(party, "Nome", "Cognome")) or None


def _tax_id(identity: Element | None) -> str | None:
    """The VAT id with its country (IdFiscaleIVA); the Italian tax code (CodiceFiscale) where there is none."""
    country, code = text(identity, "IdFiscaleIVA/IdPaese"), text(identity, "IdFiscaleIVA/IdCodice")
    if not code:
        return text(identity, "CodiceFiscale")
    return code if not country or code.upper().startswith(country.upper()) else country.upper() + code


def _address(seat: Element | None) -> Iterator[str]:
    if street := " ".join(texts(seat, "Indirizzo", "NumeroCivico")):
        yield street
    if town := " ".join(texts(seat, "CAP", "Comune", "Provincia")):
        yield town
    yield from texts(seat, "Nazione")


def _registration(seller: Element | None) -> str | None:
    """The number in the register of companies, as it is printed in Italy: `MI-1234567`."""
    return "-".join(texts(seller, "IscrizioneREA/Ufficio", "IscrizioneREA/NumeroREA")) or None


def _add_payment(fields: Fields, body: Element) -> None:
    details = list(every(body, "DatiPagamento/DettaglioPagamento"))
    fields.add_date(FieldName.DUE_DATE, min(filter(None, map(_due, details)), default=None))
    fields.add(FieldName.PAYMENT_REFERENCE, text(body, "DatiPagamento/DettaglioPagamento/CodicePagamento"))
    fields.add_account(
        texts(body, "DatiPagamento/DettaglioPagamento/IBAN"), texts(body, "DatiPagamento/DettaglioPagamento/BIC")
    )
    fields.add_sum(FieldName.AMOUNT_DUE, _payments(body))


def _due(detail: Element) -> str | None:
    """When a part is to be paid: the day itself, or the days from the day on which the term begins."""
    begins = parsed_date(text(detail, "DataRiferimentoTerminiPagamento"))
    days = text(detail, "GiorniTerminiPagamento") or ""
    if found := parsed_date(text(detail, "DataScadenzaPagamento")):
        return found
    if begins is None or not (days.isascii() and days.isdecimal() and len(days) <= 3):
        return None
    return (date.fromisoformat(begins) + timedelta(days=int(days))).isoformat()


def _payments(body: Element) -> Iterator[Decimal]:
    """The amounts that are to be paid together; of several ways to pay the same, one."""
    for terms in every(body, "DatiPagamento"):
        amounts = numbers(terms, "DettaglioPagamento/ImportoPagamento")
        same = len(set(amounts)) == 1 and text(terms, "CondizioniPagamento") == _ALTERNATIVES
        yield from amounts[:1] if same else amounts
