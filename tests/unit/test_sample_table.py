"""The table that `make run` prints."""

from pathlib import Path

from rich.console import Console

from local.client import Result
from local.sample_table import sample_table

_RESULT = Result(
    {
        "decision": "needs_review",
        "reasons": ["printed_total_differs", "unsure_supplier_name"],
        "fields": {
            "supplier_name": {"value": "Morvane Werkzeugbau GmbH", "source": "text"},
            "invoice_number": {"value": "RE-2025-00418", "source": "text"},
            "issue_date": {"value": "2025-04-07", "source": "text"},
            "total": {"value": "1234567.00", "source": "text"},
            "currency": {"value": "EUR", "source": "text"},
        },
        "cost": {"usd": "0"},
        "timings_ms": {"read": 2000, "ocr": 3000},
    }
)


def lines_of(result: Result, width: int, wrong: tuple[str, ...] = ()) -> list[str]:
    """The table of one sample on a terminal of `width` characters."""
    path = Path("de-factur-x-mismatch.pdf")
    console = Console(width=width)
    with console.capture() as captured:
        console.print(sample_table({path: result}, {path: wrong}, width))
    return captured.get().splitlines()


def test_a_wide_terminal_shows_a_sample_in_one_row() -> None:
    (row,) = [line for line in lines_of(_RESULT, 180) if "de-factur-x-mismatch.pdf" in line]

    for text in ("Morvane Werkzeugbau GmbH", "RE-2025-00418", "2025-04-07", "1234567.00 EUR", "needs_review", "5000"):
        assert text in row


def test_no_value_is_broken_on_a_terminal_of_80_characters() -> None:
    printed = "\n".join(lines_of(_RESULT, 80))

    for text in (
        "RE-2025-00418",
        "2025-04-07",
        "1234567.00 EUR",
        "needs_review",
        "printed_total_differs",
        "$0",
        "5000",
    ):
        assert text in printed


def test_what_came_out_otherwise_is_marked() -> None:
    assert any("✗" in line for line in lines_of(_RESULT, 80, ("total should be 1, and is 2",)))


def test_a_document_that_was_refused_shows_why() -> None:
    refused = Result({"error": {"code": "truncated", "message": "…"}})

    (row,) = [line for line in lines_of(refused, 180) if "de-factur" in line]

    assert row.split()[-2:] == ["rejected", "truncated"]
