"""Every `Ledger` obeys these: each cent is counted once, on its day, and no limit is ever passed."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.charge import Charge, ChargeState, Limits
from chalicelib.domain.usage import Usage
from chalicelib.errors import BudgetExhaustedError, ConflictError, NotFoundError
from chalicelib.ports import Adapters, Ledger
from tests.at_once import at_once
from tests.builders import A_MOMENT, a_charge, an_id

TODAY = A_MOMENT.date()
AMPLE = Limits(day_usd=Decimal(100), month_usd=Decimal(1000), invoice_usd=Decimal(10))


@pytest.fixture
def ledger(family: Adapters) -> Ledger:
    """The ledger."""
    return family.ledger()


def a_reservation(usd: str = "0.0100", **given_: object) -> Charge:
    """A reservation of an invoice of its own."""
    return a_charge(**{"invoice_id": an_id(), "state": ChargeState.RESERVED, "usd": Decimal(usd), **given_})


def settled(charge: Charge, usd: str, state: ChargeState = ChargeState.SETTLED) -> Charge:
    """What becomes of a reservation."""
    return charge.model_copy(update={"state": state, "usd": Decimal(usd)})


def is_reserved(ledger: Ledger, charge: Charge, limits: Limits) -> bool:
    """Whether there was money for it."""
    try:
        ledger.reserve(charge, limits)
    except BudgetExhaustedError:
        return False
    return True


def test_a_reservation_counts_at_once(ledger: Ledger) -> None:
    charge = a_reservation("0.0123")

    ledger.reserve(charge, AMPLE)

    assert ledger.charges_of(charge.invoice_id) == (charge,)
    assert ledger.spending(TODAY).day_usd == Decimal("0.0123")
    assert ledger.spending(TODAY).month_usd == Decimal("0.0123")


def test_nothing_was_spent_before_anything_was_booked(ledger: Ledger) -> None:
    assert ledger.spending(TODAY).day_usd == 0
    assert ledger.charges_of(an_id()) == ()
    assert list(ledger.charges_on(TODAY)) == []
    assert ledger.daily(TODAY, TODAY) == {}


def test_settling_corrects_the_sums_to_what_was_used(ledger: Ledger) -> None:
    charge = a_reservation("0.0200")
    ledger.reserve(charge, AMPLE)
    final = settled(charge, "0.0075").model_copy(
        update={"usage": Usage.of("bedrock", "a-model", input_tokens=900, output_tokens=12)}
    )

    ledger.settle(final)

    assert ledger.charges_of(charge.invoice_id) == (final,)
    assert ledger.spending(TODAY).day_usd == Decimal("0.0075")


def test_twelve_places_are_kept_exactly(ledger: Ledger) -> None:
    ledger.reserve(a_reservation("0.000000000001"), AMPLE)
    ledger.reserve(a_reservation("0.000000000002"), AMPLE)

    assert ledger.spending(TODAY).day_usd == Decimal("0.000000000003")


def test_a_released_reservation_gives_its_money_back(ledger: Ledger) -> None:
    charge = a_reservation("0.0400")
    limits = Limits(day_usd=Decimal("0.05"), month_usd=Decimal(1), invoice_usd=Decimal(1))
    ledger.reserve(charge, limits)

    ledger.settle(settled(charge, "0", ChargeState.RELEASED))

    assert ledger.spending(TODAY).day_usd == 0
    assert is_reserved(ledger, a_reservation("0.0400"), limits)


def test_an_unknown_end_is_counted_in_full(ledger: Ledger) -> None:
    charge = a_reservation("0.0400")
    ledger.reserve(charge, AMPLE)

    ledger.settle(settled(charge, "0.0400", ChargeState.UNKNOWN))

    assert ledger.spending(TODAY).day_usd == Decimal("0.0400")


def test_settling_the_same_twice_changes_nothing(ledger: Ledger) -> None:
    charge = a_reservation()
    ledger.reserve(charge, AMPLE)

    ledger.settle(settled(charge, "0.0150"))
    ledger.settle(settled(charge, "0.0150"))

    assert ledger.spending(TODAY).day_usd == Decimal("0.0150")


def test_settling_otherwise_is_refused(ledger: Ledger) -> None:
    charge = a_reservation()
    ledger.reserve(charge, AMPLE)
    ledger.settle(settled(charge, "0.0150"))

    with pytest.raises(ConflictError):
        ledger.settle(settled(charge, "0", ChargeState.RELEASED))

    assert ledger.spending(TODAY).day_usd == Decimal("0.0150")


def test_what_was_never_reserved_cannot_be_settled(ledger: Ledger) -> None:
    with pytest.raises(NotFoundError):
        ledger.settle(settled(a_reservation(), "0.0100"))


def test_the_same_call_is_not_reserved_twice(ledger: Ledger) -> None:
    charge = a_reservation()
    ledger.reserve(charge, AMPLE)

    with pytest.raises(ConflictError):
        ledger.reserve(charge, AMPLE)

    assert ledger.spending(TODAY).day_usd == charge.usd


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(day_usd=Decimal("0.015"), month_usd=Decimal(1), invoice_usd=Decimal(1)), "day_budget"),
        (Limits(day_usd=Decimal(1), month_usd=Decimal("0.015"), invoice_usd=Decimal(1)), "month_budget"),
        (Limits(day_usd=Decimal(1), month_usd=Decimal(1), invoice_usd=Decimal("0.015")), "invoice_budget"),
        (Limits(day_usd=Decimal(0), month_usd=Decimal(1), invoice_usd=Decimal(1)), "day_budget"),
    ],
)
def test_each_limit_is_refused_by_its_name_and_nothing_is_booked(ledger: Ledger, limits: Limits, code: str) -> None:
    first = a_reservation()
    ledger.reserve(first, AMPLE)
    second = a_reservation(invoice_id=first.invoice_id, charge_id="ocr-1-2")

    with pytest.raises(BudgetExhaustedError) as refusal:
        ledger.reserve(second, limits)

    assert refusal.value.code == code
    assert ledger.charges_of(first.invoice_id) == (first,)
    assert ledger.spending(TODAY).day_usd == first.usd


def test_a_limit_may_be_reached_exactly(ledger: Ledger) -> None:
    limits = Limits(day_usd=Decimal("0.02"), month_usd=Decimal("0.02"), invoice_usd=Decimal("0.01"))

    assert is_reserved(ledger, a_reservation(), limits)
    assert is_reserved(ledger, a_reservation(), limits)
    assert not is_reserved(ledger, a_reservation("0.000000000001"), limits)


def test_retries_of_one_invoice_share_its_limit(ledger: Ledger) -> None:
    limits = Limits(day_usd=Decimal(9), month_usd=Decimal(9), invoice_usd=Decimal("0.03"))
    first = a_reservation()

    booked = [
        is_reserved(ledger, first.model_copy(update={"charge_id": f"ocr-{run}-1"}), limits) for run in range(1, 6)
    ]

    assert booked == [True, True, True, False, False]


def test_fifty_workers_never_overspend_the_last_five_cents(ledger: Ledger) -> None:
    limits = Limits(day_usd=Decimal("0.05"), month_usd=Decimal(1), invoice_usd=Decimal(1))
    charges = [a_reservation("0.0040") for _ in range(50)]

    booked = at_once([_reserving(ledger, charge, limits) for charge in charges])

    assert sum(booked) == 12
    assert ledger.spending(TODAY).day_usd == Decimal("0.0480")


def test_two_settlers_at_once_correct_the_sums_once(ledger: Ledger) -> None:
    charge = a_reservation("0.0300")
    ledger.reserve(charge, AMPLE)
    final = settled(charge, "0.0100")

    at_once([lambda: ledger.settle(final)] * 4)

    assert ledger.spending(TODAY).day_usd == Decimal("0.0100")


def test_a_charge_belongs_to_the_day_of_its_reservation(ledger: Ledger) -> None:
    last_night = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
    charge = a_reservation("0.0200", at=last_night, day=last_night.date())
    ledger.reserve(charge, AMPLE)

    ledger.settle(settled(charge, "0.0100"))

    assert ledger.spending(date(2026, 11, 30)).day_usd == Decimal("0.0100")
    assert ledger.spending(date(2026, 11, 30)).month_usd == Decimal("0.0100")
    assert ledger.spending(date(2026, 12, 1)).month_usd == 0


def test_days_add_up_to_their_month(ledger: Ledger) -> None:
    for number, day in enumerate((date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 30)), start=1):
        ledger.reserve(a_reservation(f"0.0{number}", day=day), AMPLE)

    assert ledger.daily(date(2026, 11, 1), date(2026, 11, 29)) == {
        date(2026, 11, 1): Decimal("0.01"),
        date(2026, 11, 2): Decimal("0.02"),
    }
    assert ledger.spending(date(2026, 11, 15)).month_usd == Decimal("0.06")


def test_a_share_is_booked_once_and_no_limit_is_for_it(ledger: Ledger) -> None:
    share = a_charge(invoice_id=an_id(), state=ChargeState.SHARED, usd=Decimal("0.0003"))

    ledger.share(share)
    ledger.share(share)

    assert ledger.charges_of(share.invoice_id) == (share,)
    assert ledger.spending(TODAY).day_usd == 0


def test_charges_are_found_by_their_day(ledger: Ledger) -> None:
    today, tomorrow = a_reservation(), a_reservation(day=TODAY + timedelta(days=1))
    ledger.reserve(today, AMPLE)
    ledger.reserve(tomorrow, AMPLE)
    ledger.settle(settled(today, "0.0100"))

    assert list(ledger.charges_on(TODAY)) == [settled(today, "0.0100")]
    assert list(ledger.charges_on(tomorrow.day)) == [tomorrow]


def test_forgotten_reservations_are_found_by_their_age(ledger: Ledger) -> None:
    old, young, done = (
        a_reservation(at=A_MOMENT - timedelta(hours=2)),
        a_reservation(at=A_MOMENT),
        a_reservation(at=A_MOMENT - timedelta(hours=3)),
    )
    for charge in (old, young, done):
        ledger.reserve(charge, AMPLE)
    ledger.settle(settled(done, "0.0100"))

    assert list(ledger.open_reservations(A_MOMENT - timedelta(hours=1))) == [old]


@given(data=st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_counters_are_always_the_sums_of_the_charges(ledger: Ledger, data: st.DataObject) -> None:
    day = date(2027, 1, 1) + timedelta(days=data.draw(st.integers(0, 300)))
    before = sum((charge.usd for charge in ledger.charges_on(day)), Decimal(0))
    usd = st.decimals(0, 1, places=12, allow_nan=False).map(str)
    for _ in range(data.draw(st.integers(1, 4))):
        charge = a_reservation(data.draw(usd), day=day)
        ledger.reserve(charge, AMPLE)
        if data.draw(st.booleans()):
            ledger.settle(settled(charge, data.draw(usd), data.draw(st.sampled_from(_ENDS))))

    added = sum((charge.usd for charge in ledger.charges_on(day)), Decimal(0))
    assert ledger.spending(day).day_usd == added >= before


_ENDS = (ChargeState.SETTLED, ChargeState.RELEASED, ChargeState.UNKNOWN)


def _reserving(ledger: Ledger, charge: Charge, limits: Limits) -> Callable[[], bool]:
    return lambda: is_reserved(ledger, charge, limits)
