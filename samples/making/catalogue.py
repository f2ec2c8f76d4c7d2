"""All samples: the file, a line about it, how it is made, and what it must give."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from reportlab.lib.pdfencrypt import StandardEncryption

from samples.making import bills
from samples.making.bill import Bill
from samples.making.building_materials import AUSTRIAN
from samples.making.cii import XRECHNUNG, cii
from samples.making.cii_minimum import MINIMUM
from samples.making.expected import expected_of
from samples.making.factur_x import factur_x
from samples.making.fatturapa import fatturapa
from samples.making.layouts.american import american
from samples.making.layouts.australian import australian
from samples.making.layouts.austrian import austrian
from samples.making.layouts.british import british
from samples.making.layouts.delicatessen import delicatessen
from samples.making.layouts.dutch import dutch
from samples.making.layouts.french import french
from samples.making.layouts.german import german
from samples.making.layouts.indian import indian
from samples.making.layouts.irish import irish_credit_note
from samples.making.layouts.italian import italian
from samples.making.layouts.japanese import japanese
from samples.making.layouts.minutes import minutes
from samples.making.layouts.spanish import spanish
from samples.making.layouts.swiss import swiss
from samples.making.layouts.till import till
from samples.making.rasters import photographed, scanned
from samples.making.ubl import ubl

APPROVED, REVIEW = "auto_approve", "needs_review"


class Sample(NamedTuple):
    """One file of `samples/`. `bill` is what it says, `None` where it must be rejected."""

    filename: str
    about: str
    make: Callable[[], bytes]
    expected: dict[str, object]
    bill: Bill | None = None


def all_samples() -> tuple[Sample, ...]:
    """Every sample, in the order of the README."""
    return (*_printed(), *_electronic(), *_pictures(), *_doubtful(), *_bad())


def _printed() -> tuple[Sample, ...]:
    return (
        _drawn("gb-stationer.pdf", "English; VAT 20 %, meta table on the right", british, bills.BRITISH),
        _drawn("de-toolmaker.pdf", "German; window address, running text, `1.234,56 €`", german, bills.GERMAN),
        _drawn("fr-upholsterer.pdf", "French; boxes, narrow no-break spaces in amounts", french, bills.FRENCH),
        _drawn("es-garage.pdf", "Spanish; gridded table, totals in a strip", spanish, bills.SPANISH),
        _drawn("it-printer.pdf", "Italian; references in a box, summary of VAT", italian, bills.ITALIAN),
        _drawn("nl-bicycles.pdf", "Dutch; quantity first, no rules", dutch, bills.DUTCH),
        _drawn("us-office-supply.pdf", "US; sales tax, a deposit and a balance due", american, bills.AMERICAN),
        _drawn("de-two-rates.pdf", "German; 7 % and 19 % with a breakdown", delicatessen, bills.TWO_RATES),
        _drawn("ie-credit-note.pdf", "a credit note in English", irish_credit_note, bills.CREDIT_NOTE),
        _drawn("at-two-pages.pdf", "German (Austria); 46 lines on two pages, sum carried over", austrian, AUSTRIAN),
        _drawn("ch-apostrophes.pdf", "German (Switzerland); `12’345.60`, MWST 8.1 %", swiss, bills.SWISS),
        _drawn("in-lakhs.pdf", "English (India); `₹ 12,34,567.00`, CGST and SGST", indian, bills.INDIAN),
        _drawn("jp-yen.pdf", "English (Japan); yen without decimals", japanese, bills.JAPANESE),
    )


def _electronic() -> tuple[Sample, ...]:
    return (
        _drawn("de-factur-x.pdf", "Factur-X, profile EN 16931: page and XML agree", factur_x, bills.FACTUR_X),
        _drawn(
            "de-factur-x-minimum.pdf",
            "Factur-X, profile MINIMUM: the page completes the XML",
            partial(factur_x, guideline=MINIMUM),
            bills.FACTUR_X_MINIMUM,
        ),
        _drawn("be-ubl.xml", "UBL 2.1 invoice with a discount and a charge", ubl, bills.BELGIAN),
        _drawn("de-xrechnung-credit.xml", "XRechnung (CII), a credit note", _xrechnung, bills.XRECHNUNG_CREDIT),
        _drawn("it-fattura.xml", "FatturaPA (FPR12); 4 % and 22 %", fatturapa, bills.FATTURAPA),
    )


def _pictures() -> tuple[Sample, ...]:
    return (
        _drawn("au-scan.pdf", "a scan without text, skewed by 1.5° and noisy; GST", _scan, bills.AUSTRALIAN),
        _drawn(
            "gb-receipt.jpg",
            "a photo of a till receipt; nothing confirms the name on top",
            _photo,
            bills.RECEIPT,
            REVIEW,
        ),
    )


def _doubtful() -> tuple[Sample, ...]:
    contradicting = partial(factur_x, printed=bills.FACTUR_X_MISMATCH_PRINTED)
    return (
        _drawn("de-factur-x-mismatch.pdf", "page and XML disagree", contradicting, bills.FACTUR_X_MISMATCH, REVIEW),
        _drawn("gb-wrong-total.pdf", "the total does not add up", british, bills.WRONG_TOTAL, REVIEW),
    )


def _bad() -> tuple[Sample, ...]:
    whole = german(bills.GERMAN)
    return (
        _rejected("bad-encrypted.pdf", "encrypted", "asks for a password", _encrypted_minutes),
        _rejected("bad-truncated.pdf", "truncated", "an upload that broke off", lambda: whole[: len(whole) * 3 // 5]),
        _rejected("bad-minutes.pdf", "not_an_invoice", "the minutes of a meeting", minutes),
        _rejected("bad-empty.pdf", "empty", "no bytes at all", bytes),
        _rejected("bad-text.pdf", "not_a_document", "a note that is a PDF by name only", _note),
    )


def _drawn(filename: str, about: str, draw: Callable[[Bill], bytes], bill: Bill, decision: str = APPROVED) -> Sample:
    return Sample(filename, about, partial(draw, bill), expected_of(bill, decision), bill)


def _rejected(filename: str, code: str, about: str, make: Callable[[], bytes]) -> Sample:
    return Sample(filename, about, make, {"rejected": code})


def _xrechnung(bill: Bill) -> bytes:
    return cii(bill, XRECHNUNG)


def _scan(bill: Bill) -> bytes:
    return scanned(australian(bill))


def _photo(bill: Bill) -> bytes:
    return photographed(till(bill))


def _encrypted_minutes() -> bytes:
    return minutes(StandardEncryption("swordfish", strength=128))


def _note() -> bytes:
    return b"Dear bookkeeping,\n\nthe invoice is in the other mail, total 119.00 EUR.\n\nKind regards\n"
