"""When a value counts as right."""

from decimal import Decimal

import pytest

from local.evaluation.comparing import alikeness, amount_of, is_right, name_words


@pytest.mark.parametrize(
    ("field", "truth", "value"),
    [
        ("supplier_name", "Halden & Moor GmbH", "HALDEN UND MOOR"),
        ("supplier_name", "Société Bléharde S.A.S.", "Societe Bleharde"),
        ("supplier_name", "O’Tarn Ltd", "OTarn Limited"),
        ("supplier_name", "Kuala Papan Sdn. Bhd.", "Kuala Papan S/B"),
        ("invoice_number", "#RE 2026 17", "re202617"),
        ("purchase_order", "PO-17", "po-17"),
        ("issue_date", "2026-3-4", "2026-03-04T00:00"),
        ("currency", "€", "eur"),
        ("total", "1.234,50 €", "1234.5"),
        ("tax", "-0.004", "0.00"),
        ("iban", "GB61 ZZZZ 9999 0012 3456 78", "gb61-zzzz99990012345678"),
        ("supplier_tax_id", "VAT GB 999 0010 02", "GB999001002"),
        ("supplier_tax_id", "ATU99900100", "99900100"),
    ],
)
def test_another_way_of_writing_is_the_same_value(field: str, truth: str, value: str) -> None:
    assert is_right(field, truth, value)
    assert is_right(field, value, truth)


@pytest.mark.parametrize(
    ("field", "truth", "value"),
    [
        ("supplier_name", "Halden & Moor GmbH", "Halden GmbH"),
        ("invoice_number", "RE-17", "RE17"),
        ("issue_date", "2026-03-04", "2026-04-03"),
        ("issue_date", "2026-03-04", "4 March 2026"),
        ("total", "119.00", "119.01"),
        ("total", "119.00", "see below"),
        ("currency", "EUR", "USD"),
        ("supplier_tax_id", "GB999001002", "GB999001003"),
    ],
)
def test_another_value_is_wrong(field: str, truth: str, value: str) -> None:
    assert not is_right(field, truth, value)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1'234.5", "1234.50"),
        ("1,234", "1234.00"),
        ("12,5", "12.50"),
        ("EUR 12.345", "12.35"),
        ("(12.00)", "-12.00"),
        ("−7", "-7.00"),
    ],
)
def test_amounts_are_read_to_the_cent_in_any_notation(text: str, amount: str) -> None:
    assert amount_of(text) == Decimal(amount)


def test_a_name_of_legal_forms_alone_keeps_them() -> None:
    assert name_words("The Co. Ltd") == ["the", "co", "ltd"]


def test_descriptions_are_alike_in_their_words_whatever_their_order() -> None:
    assert alikeness("oak board planed", "planed oak board") == 1.0
    assert alikeness("oak board", "oak board, planed, 2 m") == 1.0
    assert alikeness("oak board", "travel costs") < 0.6
