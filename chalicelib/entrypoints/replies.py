"""What the use cases give → HTTP replies."""

from chalice.app import Response

from chalicelib.costs.report import CostReport
from chalicelib.domain.record import FINAL, InvoiceRecord
from chalicelib.entrypoints.cost_document import cost_document
from chalicelib.entrypoints.http import Headers
from chalicelib.exports.invoice_json import invoice_document, invoice_summary
from chalicelib.pipeline.find import Shown
from chalicelib.pipeline.receive import Receipt
from chalicelib.pipeline.request_upload import PlannedUpload
from chalicelib.ports import InvoicePage

_POLL_SECONDS = "1"


def received(receipt: Receipt) -> Response:
    """202 for a new document, 200 for one that was here before; `Location` is where its result will be."""
    body = {"invoice_id": receipt.record.invoice_id, "status": receipt.record.status.value}
    return Response(body, _location(receipt.record), 202 if receipt.is_new else 200)


def upload_planned(upload: PlannedUpload) -> Response:
    """201 and the form: send `fields` and then the file (as `file`) to `url`."""
    body = {
        "invoice_id": upload.record.invoice_id,
        "status": upload.record.status.value,
        "url": upload.form.url,
        "fields": dict(upload.form.fields),
        "expires_in": upload.seconds,
        "max_bytes": upload.max_bytes,
    }
    return Response(body, _location(upload.record), 201)


def invoice(shown: Shown) -> Response:
    """The invoice document; while it is not final, a hint when to ask again."""
    headers: Headers = {} if shown.record.status in FINAL else {"Retry-After": _POLL_SECONDS}
    return Response(invoice_document(shown.record, shown.charges), headers, 200)


def erased(_nothing: None) -> Response:
    """204: the invoice is deleted, whether now or before."""
    return Response("", {}, 204)


def invoices(page: InvoicePage) -> Response:
    """One page of a list; `cursor` is absent on the last."""
    body: dict[str, object] = {"invoices": [invoice_summary(record) for record in page.records]}
    if page.cursor:
        body["cursor"] = page.cursor
    return Response(body, {}, 200)


def link(url: str, seconds: int) -> Response:
    """302 to the original; the link is in the body too."""
    return Response({"url": url, "expires_in": seconds}, {"Location": url}, 302)


def costs(report: CostReport) -> Response:
    """What was spent, and where the budget stands."""
    return Response(cost_document(report), {}, 200)


def alive() -> Response:
    """The app answers."""
    return Response({"status": "ok"}, {}, 200)


def _location(record: InvoiceRecord) -> Headers:
    return {"Location": f"/invoices/{record.invoice_id}"}
