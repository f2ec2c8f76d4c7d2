"""All that was seen and weighed on the way to one invoice: what explains it, and what is learned from."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.finding import Finding
from chalicelib.domain.invoice import Invoice
from chalicelib.extraction.amount_labels import LabelledAmount
from chalicelib.extraction.amounts import Figures
from chalicelib.extraction.candidates import Candidate
from chalicelib.extraction.currency import Currency
from chalicelib.extraction.labels import FoundLabel
from chalicelib.extraction.layout import Sheet
from chalicelib.extraction.parties import Parties
from chalicelib.extraction.totals import Totals


@dataclass(frozen=True)
class Extraction:
    """The steps from the pages to `invoice`, in their order.

    `candidates` are those of all fields but the amounts; the amounts' are `labelled`, and `totals` is their choice.
    `findings` say where readers disagree, and where several values compete.
    """

    sheet: Sheet
    languages: Sequence[str]
    figures: Figures
    labels: dict[int, list[FoundLabel]]
    parties: Parties
    currency: Currency
    labelled: Sequence[LabelledAmount]
    totals: Totals
    candidates: Sequence[Candidate]
    invoice: Invoice
    findings: tuple[Finding, ...] = ()
