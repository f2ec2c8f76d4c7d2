"""The contract of `Ledger`."""

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.charge import Charge, ChargeState, Limits, Spending
from chalicelib.domain.usage import Usage
from chalicelib.errors import BudgetExhaustedError, ConflictError, NotFoundError, SmartInvoiceError
from chalicelib.ports import Adapters, Ledger
from tests.at_once import at_once
from tests.builders import A_MOMENT, a_charge, an_id

TODAY = A_MOMENT.date()
CENT = Decimal("0.01")
LEAST = Decimal("0.000000000001")
PLENTY = Limits(day_usd=Decimal(1000), month_usd=Decimal(1000), invoice_usd=Decimal(1000))

# One ledger serves all examples of a property: each has days and invoices of its own.
on_one_ledger = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def a_reservation(usd: Decimal | str = CENT, **given: Any) -> Charge:
    """A reservation on an invoice of its own."""
    return a_charge(**{"invoice_id": an_id(), "usd": Decimal(usd), "state": ChargeState.RESERVED, **given})


def a_share(usd: Decimal | str = CENT, **given: Any) -> Charge:
    """A share of what all documents cost, on an invoice of its own."""
    usage = Usage.of("lambda", "x86", gb_seconds=Decimal("12.5"))
    return a_reservation(
        usd, **{"charge_id": "infrastructure-1-1", "step": "infrastructure", "usage": usage,
                "state": ChargeState.SHARED, **given}
    )  # fmt: skip


def settled(reservation: Charge, usd: Decimal | str = "0.003", **given: Any) -> Charge:
    """The charge that a reservation became."""
    return changed(reservation, **{"state": ChargeState.SETTLED, "usd": Decimal(usd), "request_id": "r-1", **given})


def changed(charge: Charge, **given: Any) -> Charge:
    return charge.model_copy(update=given)


def reserved(ledger: Ledger, usd: Decimal | str = CENT, **given: Any) -> Charge:
    """A reservation that was booked."""
    charge = a_reservation(usd, **given)
    ledger.reserve(charge, PLENTY)
    return charge


def limits(**given: Decimal | str | int) -> Limits:
    """Plenty of everything but of what is given."""
    return Limits(**{**PLENTY.model_dump(), **{f"{name}_usd": Decimal(usd) for name, usd in given.items()}})


def day_usd(ledger: Ledger, day: date = TODAY) -> Decimal:
    return ledger.spending(day).day_usd


# Reserving


def test_a_reservation_is_booked_and_counted(ledger: Ledger) -> None:
    charge = reserved(ledger, "0.0105")

    assert ledger.charges_of(charge.invoice_id) == (charge,)
    assert list(ledger.charges_on(TODAY)) == [charge]
    assert ledger.spending(TODAY) == Spending(day_usd=Decimal("0.0105"), month_usd=Decimal("0.0105"))
    assert ledger.daily(TODAY, TODAY) == {TODAY: Decimal("0.0105")}


def test_a_charge_comes_back_with_everything_in_it(ledger: Ledger) -> None:
    usage = Usage.of("bedrock", "us.amazon.nova-2-lite-v1:0", input_tokens=2500, output_tokens=Decimal("600.5"))
    zone = datetime.fromisoformat("2026-11-23T14:44:05.123456+05:30")
    charge = a_reservation("999.123456789012", usage=usage, at=zone, request_id="req-ü", price_version="2026-10")

    ledger.reserve(charge, PLENTY)

    (stored,) = ledger.charges_of(charge.invoice_id)
    assert stored == charge
    assert stored.model_dump_json(exclude={"at"}) == charge.model_dump_json(exclude={"at"})


@pytest.mark.parametrize("budget", ["day", "month", "invoice"])
def test_a_budget_may_be_spent_to_the_last_bit_and_no_further(ledger: Ledger, budget: str) -> None:
    first = reserved(ledger, "0.04", charge_id="ocr-1-1")
    narrow = limits(**{budget: "0.05"})

    assert_exhausted(ledger, changed(first, charge_id="ocr-1-2", usd=CENT + LEAST), narrow, f"{budget}_budget")
    ledger.reserve(changed(first, charge_id="ocr-1-2", usd=CENT), narrow)
    assert_exhausted(ledger, changed(first, charge_id="ocr-1-3", usd=LEAST), narrow, f"{budget}_budget")

    assert [charge.charge_id for charge in ledger.charges_of(first.invoice_id)] == ["ocr-1-1", "ocr-1-2"]
    assert ledger.spending(TODAY) == Spending(day_usd=Decimal("0.05"), month_usd=Decimal("0.05"))


@pytest.mark.parametrize("budget", ["day", "month", "invoice"])
def test_what_alone_exceeds_a_budget_is_refused_and_not_booked(ledger: Ledger, budget: str) -> None:
    charge = a_reservation("0.05")

    assert_exhausted(ledger, charge, limits(**{budget: Decimal("0.05") - LEAST}), f"{budget}_budget")

    assert ledger.charges_of(charge.invoice_id) == ()
    assert ledger.daily(TODAY, TODAY) == {}


def test_what_fits_exactly_is_booked_first(ledger: Ledger) -> None:
    ledger.reserve(a_reservation("0.05"), limits(day="0.05", month="0.05", invoice="0.05"))

    assert day_usd(ledger) == Decimal("0.05")


def test_where_nothing_may_be_spent_what_is_free_is_booked(ledger: Ledger) -> None:
    nothing = limits(day=0, month=0, invoice=0)

    ledger.reserve(a_reservation("0"), nothing)

    assert day_usd(ledger) == 0
    assert_exhausted(ledger, a_reservation(LEAST), nothing, "invoice_budget")


def test_where_several_budgets_are_exhausted_the_one_that_lasts_longest_is_named(ledger: Ledger) -> None:
    first = reserved(ledger, "0.05")
    more = changed(first, charge_id="ocr-1-2", usd=CENT)

    assert_exhausted(ledger, more, limits(day="0.05", month="0.05", invoice="0.05"), "invoice_budget")
    assert_exhausted(ledger, more, limits(day="0.05", month="0.05"), "month_budget")


def test_a_lower_limit_than_what_was_spent_refuses(ledger: Ledger) -> None:
    reserved(ledger, "0.05")

    assert_exhausted(ledger, a_reservation(CENT), limits(day="0.02"), "day_budget")


def test_other_days_months_and_invoices_have_budgets_of_their_own(ledger: Ledger) -> None:
    reserved(ledger, "0.05")

    ledger.reserve(a_reservation("0.05"), limits(invoice="0.05"))
    ledger.reserve(a_reservation("0.05", day=TODAY + timedelta(1)), limits(day="0.05"))
    ledger.reserve(a_reservation("0.05", day=TODAY + timedelta(30)), limits(month="0.05"))


@pytest.mark.parametrize("state", [ChargeState.RESERVED, ChargeState.SETTLED, ChargeState.RELEASED, ChargeState.SHARED])
def test_a_name_is_reserved_once(ledger: Ledger, state: ChargeState) -> None:
    charge = a_reservation()
    book(ledger, changed(charge, state=state))
    before = ledger.spending(TODAY), ledger.charges_of(charge.invoice_id)

    for again in (charge, changed(charge, usd=Decimal("0.02"))):
        with pytest.raises(ConflictError) as told:
            ledger.reserve(again, PLENTY)
        assert told.value.code == "charge_exists"

    assert (ledger.spending(TODAY), ledger.charges_of(charge.invoice_id)) == before


def test_a_name_that_is_taken_is_a_conflict_even_when_the_money_is_gone(ledger: Ledger) -> None:
    charge = reserved(ledger, "0.05")

    with pytest.raises(ConflictError):
        ledger.reserve(charge, limits(day="0.05", month="0.05", invoice="0.05"))


@pytest.mark.parametrize("state", sorted(set(ChargeState) - {ChargeState.RESERVED}))
def test_only_a_reservation_is_reserved(ledger: Ledger, state: ChargeState) -> None:
    with pytest.raises(ValueError, match=state):
        ledger.reserve(a_reservation(state=state), PLENTY)


# Reserving at once


@pytest.mark.parametrize("budget", ["day", "month"])
def test_fifty_workers_never_overspend_the_last_five_cents(ledger: Ledger, budget: str) -> None:
    ledger.share(a_share("4.95"))
    charges = [a_reservation(CENT) for _ in range(50)]

    results = at_once([partial(attempt, ledger.reserve, charge, limits(**{budget: 5})) for charge in charges])

    assert outcomes(results) == {"booked": 5, f"{budget}_budget": 45}
    assert ledger.spending(TODAY) == Spending(day_usd=Decimal(5), month_usd=Decimal(5))
    assert len([charge for charge in charges if ledger.charges_of(charge.invoice_id)]) == 5


def test_workers_on_one_invoice_never_overspend_its_budget(ledger: Ledger) -> None:
    invoice_id = an_id()
    charges = [a_reservation("0.03", invoice_id=invoice_id, charge_id=f"ocr-1-{number}") for number in range(10)]

    results = at_once([partial(attempt, ledger.reserve, charge, limits(invoice="0.10")) for charge in charges])

    assert outcomes(results) == {"booked": 3, "invoice_budget": 7}
    assert len(ledger.charges_of(invoice_id)) == 3


def test_of_many_who_reserve_one_name_at_once_one_does(ledger: Ledger) -> None:
    charge = a_reservation()

    results = at_once([partial(attempt, ledger.reserve, charge, PLENTY)] * 8)

    assert outcomes(results) == {"booked": 1, "charge_exists": 7}
    assert day_usd(ledger) == CENT


# Settling


@pytest.mark.parametrize("usd", ["0", "0.003", "0.01", "0.02"])
def test_a_settled_charge_costs_what_was_used(ledger: Ledger, usd: str) -> None:
    charge = settled(reserved(ledger), usd, usage=Usage.of("textract", "DetectDocumentText", pages=7))

    ledger.settle(charge)

    assert ledger.charges_of(charge.invoice_id) == (charge,)
    assert list(ledger.charges_on(TODAY)) == [charge]
    assert ledger.spending(TODAY) == Spending(day_usd=Decimal(usd), month_usd=Decimal(usd))


def test_a_release_gives_the_money_back(ledger: Ledger) -> None:
    charge = a_reservation("0.05")
    narrow = limits(day="0.05", month="0.05", invoice="0.05")
    ledger.reserve(charge, narrow)

    ledger.settle(changed(charge, state=ChargeState.RELEASED))

    assert ledger.charges_of(charge.invoice_id) == (changed(charge, state=ChargeState.RELEASED, usd=Decimal(0)),)
    assert ledger.spending(TODAY) == Spending()
    ledger.reserve(changed(charge, charge_id="ocr-2-1"), narrow)


@pytest.mark.parametrize("usd", ["0", "0.003", "0.01", "5"])
def test_what_is_unknown_counts_in_full(ledger: Ledger, usd: str) -> None:
    charge = reserved(ledger, "0.01")

    ledger.settle(changed(charge, state=ChargeState.UNKNOWN, usd=Decimal(usd)))

    assert ledger.charges_of(charge.invoice_id) == (changed(charge, state=ChargeState.UNKNOWN),)
    assert ledger.spending(TODAY) == Spending(day_usd=CENT, month_usd=CENT)


def test_money_that_was_given_back_can_be_spent_by_others(ledger: Ledger) -> None:
    charge = reserved(ledger, "0.05")
    assert_exhausted(ledger, a_reservation("0.03"), limits(day="0.05"), "day_budget")

    ledger.settle(settled(charge, "0.02"))

    ledger.reserve(a_reservation("0.03"), limits(day="0.05"))


def test_more_than_was_reserved_is_booked_whatever_the_limits(ledger: Ledger) -> None:
    charge = a_reservation(CENT)
    ledger.reserve(charge, limits(day=CENT, month=CENT, invoice=CENT))

    ledger.settle(settled(charge, "0.02"))

    assert day_usd(ledger) == Decimal("0.02")
    assert_exhausted(ledger, changed(charge, charge_id="ocr-2-1", usd=LEAST), limits(invoice="0.02"), "invoice_budget")


@pytest.mark.parametrize("state", [ChargeState.SETTLED, ChargeState.RELEASED, ChargeState.UNKNOWN])
def test_settling_twice_changes_nothing(ledger: Ledger, state: ChargeState) -> None:
    charge = settled(reserved(ledger), state=state)
    ledger.settle(charge)
    before = ledger.spending(TODAY), ledger.charges_of(charge.invoice_id)

    ledger.settle(charge)

    assert (ledger.spending(TODAY), ledger.charges_of(charge.invoice_id)) == before


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"usd": Decimal("0.004")}),
        ({}, {"request_id": "r-2"}),
        ({}, {"state": ChargeState.RELEASED}),
        ({}, {"state": ChargeState.UNKNOWN}),
        ({"state": ChargeState.UNKNOWN}, {"state": ChargeState.SETTLED}),
        ({"state": ChargeState.UNKNOWN}, {"state": ChargeState.RELEASED}),
        ({"state": ChargeState.RELEASED}, {"state": ChargeState.SETTLED}),
    ],
)
def test_what_was_settled_otherwise_is_a_conflict(ledger: Ledger, first: Any, second: Any) -> None:
    charge = changed(settled(reserved(ledger)), **first)
    ledger.settle(charge)
    before = ledger.spending(TODAY), ledger.charges_of(charge.invoice_id)

    with pytest.raises(ConflictError) as told:
        ledger.settle(changed(charge, **second))

    assert told.value.code == "charge_settled"
    assert (ledger.spending(TODAY), ledger.charges_of(charge.invoice_id)) == before


def test_what_was_never_reserved_is_not_found(ledger: Ledger) -> None:
    other = reserved(ledger)

    for charge in (settled(a_reservation()), settled(changed(other, charge_id="ocr-1-2"))):
        with pytest.raises(NotFoundError) as told:
            ledger.settle(charge)
        assert told.value.code == "charge_not_found"

    assert day_usd(ledger) == CENT


def test_a_share_cannot_be_settled(ledger: Ledger) -> None:
    share = a_share()
    ledger.share(share)

    with pytest.raises(ConflictError):
        ledger.settle(settled(share))

    assert day_usd(ledger) == CENT


@pytest.mark.parametrize("state", [ChargeState.RESERVED, ChargeState.SHARED])
def test_a_reservation_or_a_share_settles_nothing(ledger: Ledger, state: ChargeState) -> None:
    charge = reserved(ledger)

    with pytest.raises(ValueError, match=state):
        ledger.settle(changed(charge, state=state))


def test_two_who_settle_the_same_at_once_correct_the_sums_once(ledger: Ledger) -> None:
    charge = settled(reserved(ledger))

    results = at_once([partial(attempt, ledger.settle, charge)] * 8)

    assert outcomes(results) == {"booked": 8}
    assert ledger.spending(TODAY) == Spending(day_usd=charge.usd, month_usd=charge.usd)


def test_of_two_who_settle_otherwise_at_once_one_does(ledger: Ledger) -> None:
    reservation = reserved(ledger)
    charges = [
        settled(reservation, "0.003"),
        settled(reservation, "0.004"),
        settled(reservation, state=ChargeState.RELEASED),
    ]

    results = at_once([partial(attempt, ledger.settle, charge) for charge in charges])

    assert outcomes(results) == {"booked": 1, "charge_settled": 2}
    (stored,) = ledger.charges_of(reservation.invoice_id)
    assert day_usd(ledger) == stored.usd


# Days and months


def test_a_charge_settled_after_midnight_counts_on_the_day_of_its_reservation(ledger: Ledger) -> None:
    new_years_eve = datetime(2026, 12, 31, 23, 59, 59, 999_999, UTC)
    charge = reserved(ledger, at=new_years_eve, day=new_years_eve.date())
    later = datetime(2027, 1, 1, 0, 0, 2, tzinfo=UTC)

    for _ in range(2):
        ledger.settle(settled(charge, "0.003", at=later, day=later.date()))

    assert ledger.charges_of(charge.invoice_id) == (settled(charge, "0.003"),)
    assert ledger.spending(new_years_eve.date()) == Spending(day_usd=Decimal("0.003"), month_usd=Decimal("0.003"))
    assert ledger.spending(later.date()) == Spending()
    assert list(ledger.charges_on(later.date())) == []


def test_a_month_is_the_sum_of_its_days_and_begins_anew(ledger: Ledger) -> None:
    days = [date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 1), date(2027, 11, 1)]
    for cents, day in enumerate(days, start=1):
        reserved(ledger, CENT * cents, day=day)

    assert [ledger.spending(day).month_usd for day in days] == [CENT * cents for cents in (3, 3, 3, 4)]
    assert ledger.spending(date(2026, 11, 15)) == Spending(day_usd=Decimal(0), month_usd=CENT * 3)


def test_a_full_month_leaves_the_next_one_alone(ledger: Ledger) -> None:
    reserved(ledger, "0.05", day=date(2026, 11, 30))

    assert_exhausted(ledger, a_reservation(day=date(2026, 11, 1)), limits(month="0.05"), "month_budget")
    ledger.reserve(a_reservation(day=date(2026, 12, 1)), limits(month="0.05"))


def test_a_ledger_without_charges_has_spent_nothing(ledger: Ledger) -> None:
    assert ledger.spending(TODAY) == Spending()
    assert ledger.daily(TODAY - timedelta(40), TODAY) == {}
    assert ledger.charges_of(an_id()) == ()
    assert list(ledger.charges_on(TODAY)) == []


def test_days_are_listed_from_the_first_to_the_last_and_those_without_charges_are_absent(ledger: Ledger) -> None:
    days = [TODAY + timedelta(shift) for shift in (-30, -2, 0, 1)]
    for day in days:
        reserved(ledger, "0.005", day=day)
        reserved(ledger, day=day)

    assert ledger.daily(days[1], days[2]) == {day: Decimal("0.015") for day in days[1:3]}
    assert ledger.daily(days[0], days[3]) == dict.fromkeys(days, Decimal("0.015"))
    assert ledger.daily(days[2], days[1]) == {}


def test_charges_of_an_invoice_are_its_own_and_by_name(ledger: Ledger) -> None:
    invoice_id = an_id()
    names = ["ocr-2-1", "model-1-1", "ocr-1-1", "ocr-1-2"]
    for other in (an_id(), f"{invoice_id}-2", invoice_id[:-1]):
        reserved(ledger, invoice_id=other)
    for name in names:
        reserved(ledger, invoice_id=invoice_id, charge_id=name)

    assert [charge.charge_id for charge in ledger.charges_of(invoice_id)] == sorted(names)


# Open reservations


def test_what_was_reserved_before_a_moment_and_is_not_settled_is_open(ledger: Ledger) -> None:
    hours = [A_MOMENT - timedelta(hours=hour) for hour in (30, 2, 1)]
    old, older_today, on_the_hour = (reserved(ledger, at=at, day=at.date()) for at in hours)
    for state in (ChargeState.SETTLED, ChargeState.RELEASED, ChargeState.UNKNOWN):
        ledger.settle(settled(reserved(ledger, at=hours[1]), state=state))
    ledger.share(a_share(at=hours[1]))

    before = A_MOMENT - timedelta(hours=1)

    assert list(ledger.open_reservations(before)) == [old, older_today]
    assert list(ledger.open_reservations(before + timedelta(microseconds=1))) == [old, older_today, on_the_hour]
    assert list(ledger.open_reservations(before.astimezone(on_the_hour.at.tzinfo))) == [old, older_today]


def test_open_reservations_can_be_settled_while_they_are_listed(ledger: Ledger) -> None:
    for _ in range(3):
        reserved(ledger)
    later = A_MOMENT + timedelta(hours=1)

    for charge in ledger.open_reservations(later):
        ledger.settle(changed(charge, state=ChargeState.UNKNOWN))

    assert list(ledger.open_reservations(later)) == []
    assert day_usd(ledger) == CENT * 3


# Shares


def test_a_share_is_booked_and_counted_whatever_the_limits(ledger: Ledger) -> None:
    share = a_share("0.05")
    ledger.reserve(a_reservation(CENT), limits(day=CENT))

    ledger.share(share)

    assert ledger.charges_of(share.invoice_id) == (share,)
    assert ledger.spending(TODAY) == Spending(day_usd=Decimal("0.06"), month_usd=Decimal("0.06"))
    assert_exhausted(ledger, changed(a_reservation(), invoice_id=share.invoice_id), limits(invoice="0.05"),
                     "invoice_budget")  # fmt: skip


def test_the_same_share_once_more_changes_nothing(ledger: Ledger) -> None:
    share = a_share()
    ledger.share(share)

    ledger.share(share)
    ledger.share(changed(share, at=A_MOMENT + timedelta(days=1), day=TODAY + timedelta(1)))

    assert ledger.charges_of(share.invoice_id) == (share,)
    assert ledger.daily(TODAY, TODAY + timedelta(1)) == {TODAY: CENT}


def test_the_same_share_at_once_is_counted_once(ledger: Ledger) -> None:
    results = at_once([partial(attempt, ledger.share, a_share(invoice_id=an_id()))] * 8)

    assert outcomes(results) == {"booked": 8}
    assert day_usd(ledger) == CENT


def test_a_share_under_the_name_of_another_charge_is_a_conflict(ledger: Ledger) -> None:
    share, reservation = a_share(), reserved(ledger)
    ledger.share(share)

    for other in (changed(share, usd=CENT * 2), changed(reservation, state=ChargeState.SHARED)):
        with pytest.raises(ConflictError) as told:
            ledger.share(other)
        assert told.value.code == "charge_exists"

    assert day_usd(ledger) == CENT * 2


@pytest.mark.parametrize("state", sorted(set(ChargeState) - {ChargeState.SHARED}))
def test_only_a_share_is_shared(ledger: Ledger, state: ChargeState) -> None:
    with pytest.raises(ValueError, match=state):
        ledger.share(a_share(state=state))


# Whatever happens


def test_a_family_gives_the_same_ledger_every_time(family: Adapters) -> None:
    charge = reserved(family.ledger())

    assert family.ledger().charges_of(charge.invoice_id) == (charge,)


amounts = st.decimals(0, 3, places=12) | st.sampled_from([Decimal(0), LEAST, CENT, Decimal("0.1")])
steps = st.tuples(
    st.sampled_from(["reserve", "settle", "release", "forget", "share"]),
    st.integers(0, 1),  # which of two invoices
    st.integers(0, 1),  # which of two names
    st.integers(0, 1),  # which of two days, in two months
    amounts,
)
months = itertools.count(1)


@on_one_ledger
@given(steps=st.lists(steps, max_size=12))
def test_the_sums_are_those_of_the_charges_whatever_happens(ledger: Ledger, steps: list[Any]) -> None:
    book = Book(ledger)

    for name, invoice, charge, day, usd in steps:
        book.do(name, invoice, charge, day, usd)

    charges = [charge for invoice_id in book.invoices for charge in ledger.charges_of(invoice_id)]
    for day in book.days:
        of_day = [charge for charge in charges if charge.day == day]
        total = sum((charge.usd for charge in of_day), Decimal(0))
        assert sorted(map(name_of, ledger.charges_on(day))) == sorted(map(name_of, of_day))
        assert ledger.spending(day) == Spending(day_usd=total, month_usd=total)  # each of the days has its own month
        assert ledger.daily(day, day) == ({day: total} if of_day else {})
        assert total <= book.limits.day_usd + book.beyond_limits[day]
    for invoice_id in book.invoices:
        assert_spent_on_invoice(ledger, invoice_id, sum((c.usd for c in ledger.charges_of(invoice_id)), Decimal(0)))


class Book:
    """Bookings on two invoices and two days that nobody else has; what is refused is refused."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.limits = limits(day=5, month=6, invoice=4)
        self.invoices = [an_id() for _ in range(2)]
        self.days = [first_of_month(next(months)) for _ in range(2)]
        self.beyond_limits = dict.fromkeys(self.days, Decimal(0))  # shares, and what cost more than was reserved

    def do(self, name: str, invoice: int, charge: int, day: int, usd: Decimal) -> None:
        """One booking, which may be refused."""
        given = a_reservation(usd, invoice_id=self.invoices[invoice], charge_id=f"ocr-1-{charge}", day=self.days[day])
        states = {"settle": "settled", "release": "released", "forget": "unknown", "share": "shared"}
        if name == "reserve":
            attempt(self.ledger.reserve, given, self.limits)
        else:
            self.beyond_limits = {day: sum_ + usd for day, sum_ in self.beyond_limits.items()}
            booked = changed(given, state=ChargeState(states[name]))
            attempt(self.ledger.share if name == "share" else self.ledger.settle, booked)


def first_of_month(number: int) -> date:
    return date(2030 + number // 12, number % 12 + 1, 1)


def assert_spent_on_invoice(ledger: Ledger, invoice_id: str, total: Decimal) -> None:
    """Exactly `total` is counted on an invoice: with a limit of that, nothing fits any more, and nothing less does."""
    day = first_of_month(next(months))
    probe = a_reservation(LEAST, invoice_id=invoice_id, charge_id=f"probe-{day}", day=day)

    assert_exhausted(ledger, probe, limits(invoice=total), "invoice_budget")
    ledger.reserve(probe, limits(invoice=total + LEAST))


def name_of(charge: Charge) -> tuple[str, str]:
    return charge.invoice_id, charge.charge_id


def book(ledger: Ledger, charge: Charge) -> None:
    """Let there be this charge."""
    if charge.state is ChargeState.SHARED:
        ledger.share(charge)
        return
    ledger.reserve(changed(charge, state=ChargeState.RESERVED), PLENTY)
    if charge.state is not ChargeState.RESERVED:
        ledger.settle(charge)


def attempt(call: Callable[..., None], *arguments: Any) -> str:
    """`booked`, or the code of what was raised."""
    try:
        call(*arguments)
    except SmartInvoiceError as error:
        return error.code
    return "booked"


def outcomes(results: list[str]) -> dict[str, int]:
    return {result: results.count(result) for result in sorted(set(results))}


def assert_exhausted(ledger: Ledger, charge: Charge, given: Limits, code: str) -> None:
    with pytest.raises(BudgetExhaustedError) as told:
        ledger.reserve(charge, given)
    assert told.value.code == code
