"""A report of costs as the JSON that the API returns. Amounts are strings; what is not known is absent."""

from collections.abc import Mapping
from decimal import Decimal

from pydantic import BaseModel

from chalicelib.costs.forecast import Forecast
from chalicelib.costs.mode import Mode
from chalicelib.costs.report import CostReport, Total
from chalicelib.exports.invoice_json import JsonObject, JsonValue, plain


def cost_document(report: CostReport) -> JsonObject:
    """The whole answer to `GET /costs`."""
    parts = report.breakdown
    return {
        "from": str(report.first),
        "to": str(report.last),
        "by": report.by.value,
        "total": _total(parts.total),
        "groups": _groups(parts.groups),
        "shares": {**_total(parts.shares), "groups": _groups(parts.shares_by_service)},
        "limits": _amounts(report.limits),
        "spending": _amounts(report.spending),
        "level": report.level.code,
        "mode": _mode(report.mode),
        "forecast": {"month": f"{report.month:%Y-%m}", **_forecast(report.forecast)},
        "prices": {"version": report.price_version, "stale": report.prices_are_stale},
    }


def _groups(groups: Mapping[str | None, Total]) -> list[JsonValue]:
    return [_total(total) if key is None else {"key": key, **_total(total)} for key, total in groups.items()]


def _total(total: Total) -> JsonObject:
    return {
        "usd": _usd(total.usd),
        "open_usd": _usd(total.open_usd),
        "calls": total.calls,
        "documents": total.documents,
        "units": {unit.value: _usd(quantity) for unit, quantity in total.units.items()},
    }


def _amounts(amounts: BaseModel) -> JsonObject:
    return {name: _usd(amount) for name, amount in amounts}


def _mode(mode: Mode) -> JsonObject:
    """Without who set it: that is for the log."""
    shown: JsonObject = {"name": mode.name.value}
    if mode.reason:
        shown["reason"] = mode.reason
    if mode.until is not None:
        shown["until"] = f"{mode.until:%Y-%m-%dT%H:%M:%SZ}"
    return shown


def _forecast(forecast: Forecast) -> JsonObject:
    return {
        "spent_usd": _usd(forecast.spent),
        "expected_usd": _usd(forecast.expected),
        "p10_usd": _usd(forecast.p10),
        "p50_usd": _usd(forecast.p50),
        "p90_usd": _usd(forecast.p90),
        "simple": forecast.is_simple,
    }


def _usd(number: Decimal) -> str:
    """A number without exponent and without zeros that say nothing.

    >>> _usd(Decimal("0.001500000000")), _usd(Decimal("1E+3"))
    ('0.0015', '1000')
    """
    return plain(number.normalize())
