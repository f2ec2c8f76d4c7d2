"""Which invoice a content belongs to: one, and the same bytes sent once more are refused in its favour."""

from chalicelib.domain.record import InvoiceRecord, Status

DUPLICATE_UPLOAD = "duplicate_upload"
"""The code of a document that is refused because another invoice has the same bytes."""


def is_duplicate(record: InvoiceRecord) -> bool:
    """Whether this was refused in favour of another invoice."""
    code = record.problem.code if record.problem is not None else None
    return record.status is Status.REJECTED and code == DUPLICATE_UPLOAD


def content_to_hold(record: InvoiceRecord) -> str | None:
    """The hash of the content that this may be the first with; `None` if it has none or leaves it to another one.

    That is: an upload that has yet to arrive, an invoice that is only a part, and a duplicate.
    """
    return None if record.part_of is not None or is_duplicate(record) else record.document.sha256


def gives_way(first: InvoiceRecord) -> bool:
    """Whether the first with a content leaves it to whoever sends the same bytes: nothing came of it."""
    return first.status is Status.FAILED or is_duplicate(first)
