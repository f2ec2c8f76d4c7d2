"""The embedded ledger."""

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from chalicelib.adapters.booking import (
    Budget,
    confirm_shared,
    exhausted,
    expect_shared,
    month_of,
    rooms,
    settlement,
    taken,
)
from chalicelib.adapters.listing import timestamp
from chalicelib.domain.charge import Charge, Limits, Spending
from local.database import Database

_INSERT = (
    "INSERT INTO charges (day, reserved_at, state, charge, invoice_id, charge_id) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT DO NOTHING"
)
_UPDATE = "UPDATE charges SET day = ?, reserved_at = ?, state = ?, charge = ? WHERE invoice_id = ? AND charge_id = ?"
_LOAD = "SELECT charge FROM charges WHERE invoice_id = ? AND charge_id = ?"


class SqliteLedger:
    """Charges as rows, and their sums beside them. Dollars are text: SQLite knows no exact fractions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, charge: Charge, limits: Limits) -> None:
        """Book a `reserved` charge, if day, month and invoice stay within their limits with it; all or nothing.

        Raises `BudgetExhaustedError` or, when there already is a charge of this name, `ConflictError`.
        """
        room = rooms(charge, limits)
        with self._database.writing() as connection:
            if not _insert(connection, charge):
                raise taken(charge)
            for budget, at_most in room.items():
                if _sum(connection, _name(budget, charge)) > at_most:
                    raise exhausted(budget)
            _add(connection, charge, charge.usd)

    def settle(self, charge: Charge) -> None:
        """Replace the reservation of the same name by a settled, released or unknown charge, and correct the sums.

        The same once more changes nothing; `ConflictError` when it was settled otherwise, `NotFoundError` when it was
        never reserved.
        """
        with self._database.writing() as connection:
            reserved = _load(connection, charge)
            final = settlement(reserved, charge)
            if reserved is None or final is None:
                return
            connection.execute(_UPDATE, _row(final))
            _add(connection, reserved, final.usd - reserved.usd)

    def share(self, charge: Charge) -> None:
        """Book a `shared` charge whatever the limits say; the same once more changes nothing.

        `ConflictError` when there already is another charge of this name.
        """
        expect_shared(charge)
        with self._database.writing() as connection:
            if _insert(connection, charge):
                _add(connection, charge, charge.usd)
            else:
                confirm_shared(_load(connection, charge), charge)

    def charges_of(self, invoice_id: str) -> tuple[Charge, ...]:
        """All charges of one invoice, by name."""
        return tuple(self._listed("SELECT charge FROM charges WHERE invoice_id = ? ORDER BY charge_id", invoice_id))

    def charges_on(self, day: date) -> Iterator[Charge]:
        """All charges whose `day` this is."""
        return self._listed("SELECT charge FROM charges WHERE day = ? ORDER BY reserved_at", day.isoformat())

    def spending(self, day: date) -> Spending:
        """What was spent and reserved on that day, and in its month."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT name, usd FROM sums WHERE name IN (?, ?)", (_day_name(day), _month_name(day))
            ).fetchall()
        usd = {name: Decimal(text) for name, text in rows}
        none = Decimal(0)
        return Spending(day_usd=usd.get(_day_name(day), none), month_usd=usd.get(_month_name(day), none))

    def daily(self, first: date, last: date) -> Mapping[date, Decimal]:
        """US dollars by day, both days included; a day without charges is absent."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT name, usd FROM sums WHERE name BETWEEN ? AND ? ORDER BY name",
                (_day_name(first), _day_name(last)),
            ).fetchall()
        return {date.fromisoformat(name.partition("#")[2]): Decimal(text) for name, text in rows}

    def open_reservations(self, before: datetime) -> Iterator[Charge]:
        """The charges that were reserved before that moment and are still not settled."""
        select = "SELECT charge FROM charges WHERE state = 'reserved' AND reserved_at < ? ORDER BY reserved_at"
        return self._listed(select, timestamp(before))

    def _listed(self, select: str, value: str) -> Iterator[Charge]:
        """The charges that a query with one value finds, all read before the first is given."""
        with self._database.reading() as connection:
            rows = connection.execute(select, (value,)).fetchall()
        return (Charge.model_validate_json(text) for (text,) in rows)


def _row(charge: Charge) -> tuple[str, ...]:
    """The values of a row, in the order of `_INSERT` and `_UPDATE`."""
    return (
        charge.day.isoformat(),
        timestamp(charge.at),
        charge.state,
        charge.model_dump_json(),
        charge.invoice_id,
        charge.charge_id,
    )


def _insert(connection: sqlite3.Connection, charge: Charge) -> bool:
    """Store a charge, unless there is one of its name; whether it was stored."""
    return connection.execute(_INSERT, _row(charge)).rowcount == 1


def _load(connection: sqlite3.Connection, charge: Charge) -> Charge | None:
    row = connection.execute(_LOAD, (charge.invoice_id, charge.charge_id)).fetchone()
    return Charge.model_validate_json(row[0]) if row else None


def _add(connection: sqlite3.Connection, charge: Charge, usd: Decimal) -> None:
    """Add `usd` to every sum that this charge counts in."""
    for budget in Budget:
        name = _name(budget, charge)
        total = format(_sum(connection, name) + usd, "f")
        connection.execute("INSERT OR REPLACE INTO sums (name, usd) VALUES (?, ?)", (name, total))


def _sum(connection: sqlite3.Connection, name: str) -> Decimal:
    row = connection.execute("SELECT usd FROM sums WHERE name = ?", (name,)).fetchone()
    return Decimal(row[0]) if row else Decimal(0)


def _name(budget: Budget, charge: Charge) -> str:
    """The name of the sum of a budget that this charge counts in."""
    if budget is Budget.DAY:
        return _day_name(charge.day)
    return _month_name(charge.day) if budget is Budget.MONTH else f"INVOICE#{charge.invoice_id}"


def _day_name(day: date) -> str:
    return f"DAY#{day.isoformat()}"


def _month_name(day: date) -> str:
    return f"MONTH#{month_of(day)}"
