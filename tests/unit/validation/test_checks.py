"""Each check says what is wrong, confirms what is right, and is silent about what is missing."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.document import MediaType, ReadDocument
from chalicelib.domain.finding import Decision, Severity
from chalicelib.domain.invoice import DocumentType, FieldName, Invoice, LineItem, TaxLine, Value
from chalicelib.domain.source import Source
from chalicelib.validation.checking import Circumstances
from chalicelib.validation.checks import check
from chalicelib.validation.decision import decide

TODAY = date(2026, 11, 23)
BAD_IBAN = "GB33BUKB20201555555556"
GOOD = {
    "supplier_name": "Northwind Paper Ltd",
    "invoice_number": "INV-1",
    "issue_date": "2026-03-07",
    "currency": "GBP",
    "subtotal": "100.00",
    "tax": "20.00",
    "total": "120.00",
}


def an_invoice_saying(
    changes: Mapping[str, str | None] | None = None, confidence: float = 0.99, source: Source = Source.EINVOICE
) -> Invoice:
    fields = {FieldName(name): text for name, text in {**GOOD, **(changes or {})}.items() if text is not None}
    return Invoice(
        fields={
            name: Value(value=text, confidence=confidence, source=source, text=text) for name, text in fields.items()
        }
    )


def codes(invoice: Invoice) -> set[str]:
    return {finding.code for finding in _checked(invoice)[1]}


def _checked(invoice: Invoice):  # type: ignore[no-untyped-def]
    return check(invoice, Circumstances(ReadDocument(MediaType.XML, 0), TODAY))


def test_a_sound_invoice_has_no_findings_and_is_approved() -> None:
    invoice, findings = _checked(an_invoice_saying())

    assert findings == ()
    assert decide(invoice, findings) == (Decision.AUTO_APPROVE, ())
    assert "totals_add_up" in invoice.fields[FieldName.TOTAL].checks


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"total": "121.00"}, "totals_mismatch"),
        ({"currency": None}, "missing_currency"),
        ({"supplier_name": None}, "missing_supplier_name"),
        ({"invoice_number": None}, "missing_invoice_number"),
        ({"issue_date": None}, "missing_issue_date"),
        ({"total": None}, "missing_total"),
        ({"issue_date": "2027-01-01"}, "issued_in_future"),
        ({"due_date": "2026-03-01"}, "due_before_issue"),
        ({"period_start": "2026-03-02", "period_end": "2026-03-01"}, "period_reversed"),
        ({"iban": BAD_IBAN}, "iban_invalid"),
        ({"supplier_tax_id": "DE999001238"}, "vat_id_invalid"),
        ({"buyer_name": "NORTHWIND PAPER LTD."}, "supplier_is_buyer"),
        ({"amount_due": "100.00"}, "due_mismatch"),
    ],
)
def test_what_is_wrong_is_found(changes: dict[str, str | None], code: str) -> None:
    assert code in codes(an_invoice_saying(changes))


def test_what_is_wrong_goes_to_a_person() -> None:
    invoice, findings = _checked(an_invoice_saying({"total": "121.00"}))

    decision, reasons = decide(invoice, findings)

    assert decision is Decision.NEEDS_REVIEW
    assert "totals_mismatch" in reasons


def test_a_wrong_iban_of_an_einvoice_is_remarked_and_does_not_hold_it_up() -> None:
    invoice, findings = _checked(an_invoice_saying({"iban": BAD_IBAN}))

    assert [(finding.code, finding.severity) for finding in findings] == [("iban_invalid", Severity.WARNING)]
    assert "iban_is_valid" not in invoice.fields[FieldName.IBAN].checks
    assert decide(invoice, findings) == (Decision.AUTO_APPROVE, ())


def test_a_wrong_iban_that_was_read_from_a_page_goes_to_a_person() -> None:
    invoice, findings = _checked(an_invoice_saying({"iban": BAD_IBAN}, source=Source.TEXT))

    assert Severity.ERROR in {finding.severity for finding in findings if finding.code == "iban_invalid"}
    assert "iban_invalid" in decide(invoice, findings)[1]


def test_what_is_unsure_says_why() -> None:
    invoice, findings = _checked(an_invoice_saying(confidence=0.5))

    assert "unsure_total" in decide(invoice, findings)[1]


CENTS = st.integers(min_value=1, max_value=10**9)


@given(net=CENTS, tax=CENTS, wrong=st.integers(min_value=3, max_value=10**9))
def test_f52_sums_that_do_not_agree_go_to_a_person(net: int, tax: int, wrong: int) -> None:
    amounts = {"subtotal": net, "tax": tax, "total": net + tax + wrong}
    invoice, findings = _checked(
        an_invoice_saying({name: f"{Decimal(cents) / 100}" for name, cents in amounts.items()})
    )

    decision, reasons = decide(invoice, findings)

    assert decision is Decision.NEEDS_REVIEW
    assert "totals_mismatch" in reasons


@given(prices=st.lists(CENTS, min_size=1, max_size=9), wrong=st.integers(min_value=5, max_value=10**9))
def test_f52_lines_that_do_not_agree_go_to_a_person(prices: list[int], wrong: int) -> None:
    net = sum(prices)
    amounts = {"subtotal": net + wrong, "tax": net, "total": 2 * net + wrong}
    invoice = an_invoice_saying({name: f"{Decimal(cents) / 100}" for name, cents in amounts.items()})
    listed = invoice.model_copy(update={"line_items": lines(*(f"{Decimal(cents) / 100}" for cents in prices))})

    checked, findings = _checked(listed)

    assert "lines_mismatch" in decide(checked, findings)[1]


@pytest.mark.parametrize(
    ("changes"),
    [
        {"total": "127.50", "shipping": "7.50"},
        {"total": "115.00", "discount": "5.00"},
        {"total": "120.05", "rounding": "0.05"},
    ],
)
def test_what_stands_between_net_and_total_is_counted(changes: dict[str, str]) -> None:
    assert "totals_mismatch" not in codes(an_invoice_saying(changes))


def test_who_asks_for_more_than_the_total_has_to_explain_it() -> None:
    def severities(due: str, source: Source) -> list[Severity]:
        invoice = an_invoice_saying()
        value = Value(value=due, confidence=0.99, source=source, text=due)
        asking = invoice.model_copy(update={"fields": {**invoice.fields, FieldName.AMOUNT_DUE: value}})
        return [finding.severity for finding in _checked(asking)[1] if finding.code == "due_mismatch"]

    assert severities("100.00", Source.TEXT) == [Severity.WARNING]
    assert severities("500.00", Source.TEXT) == [Severity.ERROR]
    assert severities("500.00", Source.EINVOICE) == [Severity.WARNING]


def test_what_was_paid_is_no_longer_due() -> None:
    assert "due_mismatch" not in codes(an_invoice_saying({"amount_paid": "20.00", "amount_due": "100.00"}))


def lines(*amounts: str) -> tuple[LineItem, ...]:
    return tuple(LineItem(amount=Decimal(amount)) for amount in amounts)


def test_lines_add_up_to_the_net_or_with_tax_to_the_total() -> None:
    net = an_invoice_saying().model_copy(update={"line_items": lines("60.00", "40.00")})
    gross = an_invoice_saying().model_copy(update={"line_items": lines("72.00", "48.00")})
    cut = an_invoice_saying().model_copy(update={"line_items": lines("60.00")})

    assert codes(net) == codes(gross) == set()
    assert codes(cut) == {"lines_mismatch"}


def test_taxes_add_up_and_fit_their_rates() -> None:
    right = TaxLine(rate=Decimal(20), base=Decimal(100), amount=Decimal(20))
    wrong = TaxLine(rate=Decimal(10), base=Decimal(100), amount=Decimal(20))
    short = TaxLine(rate=Decimal(10), base=Decimal(100), amount=Decimal(10))

    assert codes(an_invoice_saying().model_copy(update={"taxes": (right,)})) == set()
    assert codes(an_invoice_saying().model_copy(update={"taxes": (wrong,)})) == {"tax_rate_mismatch"}
    assert codes(an_invoice_saying().model_copy(update={"taxes": (short,)})) == {"taxes_mismatch"}


def test_quantity_times_price_is_the_line() -> None:
    line = LineItem(quantity=Decimal(3), unit_price=Decimal("129.00"), amount=Decimal("378.00"))
    invoice = an_invoice_saying({"subtotal": "378.00", "tax": "0.00", "total": "378.00"})

    assert codes(invoice.model_copy(update={"line_items": (line,)})) == {"line_amount_mismatch"}


def test_what_is_no_invoice_is_rejected() -> None:
    nothing = Invoice(document_type=DocumentType.OTHER)

    assert decide(nothing, ()) == (Decision.REJECTED, ("not_an_invoice",))


def test_an_order_number_that_is_not_likely_goes_to_a_person() -> None:
    def reasons(confidence: float) -> tuple[str, ...]:
        good = an_invoice_saying({"purchase_order": "PO-7781"})
        order = good.fields[FieldName.PURCHASE_ORDER].model_copy(update={"confidence": confidence})
        return decide(good.model_copy(update={"fields": {**good.fields, FieldName.PURCHASE_ORDER: order}}), ())[1]

    assert reasons(0.65) == ("unsure_purchase_order",)
    assert reasons(0.75) == ()
