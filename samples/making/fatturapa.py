"""A bill as FatturaPA for a company (FPR12), as the Agenzia delle Entrate orders its elements."""

from datetime import date
from xml.etree.ElementTree import Element

from samples.making.bill import Bill, Line, Party, Tax
from samples.making.expected import compact
from samples.making.notation import ISO
from samples.making.xml_tree import node, written

_NAMESPACES = {"p": "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2"}
_TYPE_CODES = {"invoice": "TD01", "credit_note": "TD04"}
_TRANSFER = "MP05"


def fatturapa(bill: Bill) -> bytes:
    """The XML, as it leaves before it is signed."""
    root = node(
        "p:FatturaElettronica",
        node(
            "FatturaElettronicaHeader",
            _transmission(bill),
            node("CedentePrestatore", *_party(bill.supplier), _register(bill.supplier), _contact(bill.supplier)),
            node("CessionarioCommittente", *_party(bill.buyer)) if bill.buyer else None,
        ),
        node("FatturaElettronicaBody", _general(bill), _goods(bill), _payment(bill)),
        versione="FPR12",
    )
    return written(root, _NAMESPACES)


def _transmission(bill: Bill) -> Element:
    return node(
        "DatiTrasmissione",
        node("IdTrasmittente", *_number(bill.supplier)),
        node("ProgressivoInvio", "00041"),
        node("FormatoTrasmissione", "FPR12"),
        node("CodiceDestinatario", "ZZZ9999"),
    )


def _number(party: Party) -> tuple[Element, Element]:
    digits = (compact(party.tax_id) or "").removeprefix(party.country)
    return node("IdPaese", party.country), node("IdCodice", digits)


def _party(party: Party) -> tuple[Element, Element]:
    person = node(
        "DatiAnagrafici",
        node("IdFiscaleIVA", *_number(party)),
        node("Anagrafica", node("Denominazione", party.name)),
        node("RegimeFiscale", "RF01") if party.registration else None,
    )
    street, _, house = party.address[0].partition(", ")
    seat = node(
        "Sede",
        node("Indirizzo", street),
        node("NumeroCivico", house),
        node("CAP", party.postcode),
        node("Comune", party.city),
        node("Nazione", party.country),
    )
    return person, seat


def _register(party: Party) -> Element:
    office, _, number = (party.registration or "").partition("-")
    return node(
        "IscrizioneREA", node("Ufficio", office), node("NumeroREA", number), node("StatoLiquidazione", "LN")
    )  # fmt: skip


def _contact(party: Party) -> Element:
    return node("Contatti", node("Telefono", party.phone), node("Email", party.email))


def _general(bill: Bill) -> Element:
    document = node(
        "DatiGeneraliDocumento",
        node("TipoDocumento", _TYPE_CODES[bill.document_type]),
        node("Divisa", bill.currency),
        _day("Data", bill.issued),
        node("Numero", bill.number),
        node("ImportoTotaleDocumento", ISO.amount(bill.total)),
    )
    order = node("DatiOrdineAcquisto", node("IdDocumento", bill.purchase_order)) if bill.purchase_order else None
    delivered = node("DataOraConsegna", f"{bill.delivered}T10:30:00") if bill.delivered else None
    return node("DatiGenerali", document, order, node("DatiTrasporto", delivered) if bill.delivered else None)


def _goods(bill: Bill) -> Element:
    lines = (_line(bill, number, line) for number, line in enumerate(bill.lines, 1))
    return node("DatiBeniServizi", *lines, *(_tax(tax) for tax in bill.taxes))


def _line(bill: Bill, number: int, line: Line) -> Element:
    return node(
        "DettaglioLinee",
        node("NumeroLinea", str(number)),
        node("CodiceArticolo", node("CodiceTipo", "Interno"), node("CodiceValore", line.product_code)),
        node("Descrizione", line.description),
        node("Quantita", f"{line.quantity:.2f}"),
        node("UnitaMisura", line.unit) if line.unit else None,
        node("PrezzoUnitario", f"{line.unit_price:.8f}"),
        node("PrezzoTotale", f"{bill.amount_of(line):.8f}"),
        node("AliquotaIVA", f"{line.tax_rate:.2f}"),
    )


def _tax(tax: Tax) -> Element:
    return node(
        "DatiRiepilogo",
        node("AliquotaIVA", f"{tax.rate:.2f}"),
        node("ImponibileImporto", ISO.amount(tax.base)),
        node("Imposta", ISO.amount(tax.amount)),
        node("EsigibilitaIVA", "I"),
    )


def _payment(bill: Bill) -> Element | None:
    if not bill.bank:
        return None
    detail = node(
        "DettaglioPagamento",
        node("ModalitaPagamento", _TRANSFER),
        _day("DataScadenzaPagamento", bill.due) if bill.due else None,
        node("ImportoPagamento", ISO.amount(bill.total)),
        node("IstitutoFinanziario", bill.bank.name),
        node("IBAN", compact(bill.bank.iban)),
        node("BIC", bill.bank.bic) if bill.bank.bic else None,
        node("CodicePagamento", bill.payment_reference) if bill.payment_reference else None,
    )
    return node("DatiPagamento", node("CondizioniPagamento", "TP02"), detail)


def _day(tag: str, day: date) -> Element:
    return node(tag, day.isoformat())
