"""Sums over charges."""

from datetime import date
from decimal import Decimal

from chalicelib.costs.report import Breakdown, GroupBy, breakdown
from chalicelib.domain.charge import Charge, ChargeState
from chalicelib.domain.usage import Unit, Usage
from tests.builders import a_charge

CHARGES = (
    a_charge(charge_id="ocr-1-1", day=date(2026, 11, 22)),
    a_charge(
        charge_id="model-1-1",
        usage=Usage.of("bedrock", "a-model", input_tokens=100, output_tokens=10),
        usd=Decimal("0.003"),
        state=ChargeState.UNKNOWN,
    ),
    a_charge(invoice_id="2", charge_id="ocr-1-1", usd=Decimal("0.003"), state=ChargeState.RESERVED,
             usage=Usage.of("textract", "DetectDocumentText", pages=2)),
    a_charge(invoice_id="2", charge_id="ocr-1-2", usd=Decimal(0), state=ChargeState.RELEASED),
    a_charge(invoice_id="3", charge_id="infrastructure-1-lambda", usage=Usage.of("lambda", "x86_64", gb_seconds=2),
             usd=Decimal("0.00004"), state=ChargeState.SHARED),
)  # fmt: skip


def broken_down(by: GroupBy, charges: tuple[Charge, ...] = CHARGES) -> Breakdown:
    """The charges by something; invoice 2 is of Halden, of the others the supplier is not known."""
    return breakdown(charges, by, {"2": "Halden"}.get)


def test_the_total_has_dollars_calls_documents_and_units() -> None:
    total = broken_down(GroupBy.DAY).total

    assert (total.usd, total.calls, total.documents) == (Decimal("0.0075"), 3, 2)
    assert total.units == {Unit.PAGES: 3, Unit.INPUT_TOKENS: 100, Unit.OUTPUT_TOKENS: 10}


def test_what_is_still_an_estimate_is_named() -> None:
    assert broken_down(GroupBy.DAY).total.open_usd == Decimal("0.006")


def test_shares_are_apart_and_released_calls_nowhere() -> None:
    found = broken_down(GroupBy.SERVICE)

    assert (found.shares.usd, list(found.shares_by_service)) == (Decimal("0.00004"), ["lambda"])
    assert list(found.groups) == ["textract", "bedrock"]


def test_days_come_in_their_order() -> None:
    assert list(broken_down(GroupBy.DAY, CHARGES[::-1]).groups) == ["2026-11-22", "2026-11-23"]


def test_models_and_suppliers_come_with_the_dearest_first() -> None:
    assert list(broken_down(GroupBy.MODEL).groups) == ["DetectDocumentText", "a-model"]
    assert {key: group.usd for key, group in broken_down(GroupBy.SUPPLIER).groups.items()} == {
        None: Decimal("0.0045"),
        "Halden": Decimal("0.003"),
    }


def test_groups_add_up_to_the_total() -> None:
    for by in GroupBy:
        found = broken_down(by)
        assert sum(group.usd for group in found.groups.values()) == found.total.usd


def test_no_charges_are_no_groups() -> None:
    found = broken_down(GroupBy.DAY, ())

    assert found.total.usd == 0
    assert found.groups == {}
