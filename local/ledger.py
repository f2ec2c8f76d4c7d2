"""The embedded ledger: charges and counters in the SQLite file, exact to a trillionth of a dollar.

SQLite has no exact fractions; its integers reach to nine million dollars.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from chalicelib.adapters.budgets import TRILLION, counters, day_counter, limits_by_counter, month_counter, refused
from chalicelib.adapters.listing import timestamp
from chalicelib.domain.charge import Charge, ChargeState, Limits, Spending
from chalicelib.errors import ConflictError, NotFoundError
from local.database import Database

_INSERT = "INSERT INTO charges (invoice_id, charge_id, day, at, state, charge) VALUES (?, ?, ?, ?, ?, ?)"
_UPDATE = "UPDATE charges SET state = ?, charge = ? WHERE invoice_id = ? AND charge_id = ?"
_ADD = "INSERT INTO spent (name, usd) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET usd = usd + excluded.usd"


class SqliteLedger:
    """Charges as rows, and beside them what they add up to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, charge: Charge, limits: Limits) -> None:
        """Book a reservation, if all limits hold with it; see the port."""
        most = limits_by_counter(limits)
        with self._database.writing() as connection:
            if _load(connection, charge) is not None:
                raise ConflictError(
                    "charge_exists", f"There already is a charge {charge.charge_id} of {charge.invoice_id}."
                )
            for counter in counters(charge):
                if _spent(connection, counter.name) + charge.usd > most[counter.of]:
                    raise refused(counter.of, charge, limits)
            _insert(connection, charge)
            _add(connection, charge, charge.usd)

    def settle(self, charge: Charge) -> None:
        """Replace a reservation, and correct the sums; see the port."""
        with self._database.writing() as connection:
            booked = _load(connection, charge)
            if booked is None:
                raise NotFoundError("charge_not_found", f"Nothing was reserved as {charge.charge_id}.")
            if booked == charge:
                return
            if booked.state is not ChargeState.RESERVED:
                raise ConflictError("charge_settled", f"The charge {charge.charge_id} was settled otherwise.")
            name = (charge.invoice_id, charge.charge_id)
            connection.execute(_UPDATE, (charge.state, charge.model_dump_json(), *name))
            _add(connection, booked, charge.usd - booked.usd)

    def share(self, charge: Charge) -> None:
        """Book an estimated share; it moves no counter, for no limit is for it."""
        with self._database.writing() as connection:
            if _load(connection, charge) is None:
                _insert(connection, charge)

    def charges_of(self, invoice_id: str) -> tuple[Charge, ...]:
        """All charges of one invoice, by name."""
        return tuple(self._charges("invoice_id = ? ORDER BY charge_id", invoice_id))

    def charges_on(self, day: date) -> Iterator[Charge]:
        """All charges whose `day` this is."""
        return self._charges("day = ? ORDER BY at, invoice_id, charge_id", day.isoformat())

    def spending(self, day: date) -> Spending:
        """What was spent and reserved on that day, and in its month."""
        with self._database.reading() as connection:
            return Spending(
                day_usd=_spent(connection, day_counter(day)), month_usd=_spent(connection, month_counter(day))
            )

    def daily(self, first: date, last: date) -> Mapping[date, Decimal]:
        """US dollars by day, both days included; a day without charges is absent."""
        select = "SELECT name, usd FROM spent WHERE name BETWEEN ? AND ? ORDER BY name"
        with self._database.reading() as connection:
            rows = connection.execute(select, (day_counter(first), day_counter(last))).fetchall()
        return {date.fromisoformat(name.removeprefix("DAY#")): _usd(trillionths) for name, trillionths in rows}

    def open_reservations(self, before: datetime) -> Iterator[Charge]:
        """The charges that were reserved before that moment and are still not settled."""
        return self._charges("state = ? AND at < ? ORDER BY at", ChargeState.RESERVED, timestamp(before))

    def _charges(self, where: str, *values: str) -> Iterator[Charge]:
        with self._database.reading() as connection:
            rows = connection.execute(f"SELECT charge FROM charges WHERE {where}", values).fetchall()  # noqa: S608 - our own words
        return (Charge.model_validate_json(row[0]) for row in rows)


def _load(connection: sqlite3.Connection, charge: Charge) -> Charge | None:
    select = "SELECT charge FROM charges WHERE invoice_id = ? AND charge_id = ?"
    row = connection.execute(select, (charge.invoice_id, charge.charge_id)).fetchone()
    return Charge.model_validate_json(row[0]) if row else None


def _insert(connection: sqlite3.Connection, charge: Charge) -> None:
    row = (
        charge.invoice_id,
        charge.charge_id,
        charge.day.isoformat(),
        timestamp(charge.at),
        charge.state,
        charge.model_dump_json(),
    )
    connection.execute(_INSERT, row)


def _spent(connection: sqlite3.Connection, name: str) -> Decimal:
    row = connection.execute("SELECT usd FROM spent WHERE name = ?", (name,)).fetchone()
    return _usd(row[0]) if row else Decimal(0)


def _add(connection: sqlite3.Connection, charge: Charge, usd: Decimal) -> None:
    for counter in counters(charge):
        connection.execute(_ADD, (counter.name, int(usd * TRILLION)))


def _usd(trillionths: int) -> Decimal:
    return trillionths / TRILLION
