"""HTTP requests → what the use cases take. Whatever cannot be understood is refused with a sentence that helps."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeVar

from chalice.app import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chalicelib.costs.report import CostQuery, GroupBy
from chalicelib.domain.document import MediaType
from chalicelib.domain.finding import Decision
from chalicelib.domain.record import Status
from chalicelib.domain.upload import ENDINGS, media_type_of
from chalicelib.entrypoints.multipart import Part, parts_of
from chalicelib.errors import RejectedError
from chalicelib.ports import InvoiceQuery

DOCUMENT_TYPES = [
    "application/pdf",
    "image/png",
    "image/jpeg",
    "image/tiff",
    "application/xml",
    "text/xml",
    "application/pkcs7-mime",
    "application/x-pkcs7-mime",
    "application/octet-stream",
    "multipart/form-data",
]

_MAX_LIMIT = 100
_LIST_PARAMETERS = ("status", "decision", "supplier", "from", "to", "limit", "cursor")
_LISTED_STATUSES = tuple(status.value for status in Status if status is not Status.ERASED)
_COST_PARAMETERS = ("from", "to", "by")

Choice = TypeVar("Choice", bound=StrEnum)


class SentDocument(NamedTuple):
    """The bytes of a document, and the name its sender gave it, if any."""

    content: bytes
    filename: str | None


class PlannedDocument(NamedTuple):
    """What the client says of a document that it wants to upload."""

    filename: str
    media_type: MediaType
    byte_count: int | None


class _UploadRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    filename: str = Field(min_length=1, max_length=1000)
    media_type: str | None = None
    bytes: int | None = Field(default=None, gt=0)


def sent_document(request: Request, max_bytes: int) -> SentDocument:
    """The document in the body of `POST /invoices`: the body itself, or the part `file` of a form."""
    parameters = _parameters(request, ("filename",))
    body = _body(request)
    if len(body) > max_bytes:
        raise RejectedError(
            "too_large_for_request",
            f"This request has {len(body):,} bytes, and {max_bytes:,} fit through here. Please ask POST /uploads for a "
            "form and send the document with that.",
        )
    content_type = request.headers.get("content-type", "")
    if not content_type.lower().startswith("multipart/form-data"):
        return SentDocument(body, parameters.get("filename"))
    part = _file_of(parts_of(content_type, body))
    return SentDocument(part.content, parameters.get("filename") or part.filename)


def planned_document(request: Request) -> PlannedDocument:
    """The JSON body of `POST /uploads`: `filename`, and perhaps `media_type` and `bytes`."""
    _parameters(request, ())
    try:
        asked = _UploadRequest.model_validate(_json(request))
    except ValidationError as error:
        mistakes = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise RejectedError("bad_json", f"Please correct the JSON of this request: {mistakes}.") from None
    return PlannedDocument(asked.filename, _media_type(asked), asked.bytes)


def invoice_query(request: Request) -> InvoiceQuery:
    """The query parameters of `GET /invoices`. A day in `to` is included; a moment there is not."""
    given = _parameters(request, _LIST_PARAMETERS)
    return InvoiceQuery(
        status=_status(given),
        decision=_choice("decision", given, Decision),
        supplier=given.get("supplier"),
        since=_moment("from", given),
        until=_moment("to", given, day_offset=1),
        limit=_limit(given),
        cursor=given.get("cursor"),
    )


def cost_query(request: Request) -> CostQuery:
    """The query parameters of `GET /costs`: days in UTC, both included, and what to put together."""
    given = _parameters(request, _COST_PARAMETERS)
    by = _choice("by", given, GroupBy) or GroupBy.DAY
    return CostQuery(first=_day("from", given), last=_day("to", given), by=by)


def refuse_parameters(request: Request) -> None:
    """Refuse query parameters where there are none."""
    _parameters(request, ())


def _body(request: Request) -> bytes:
    raw = request.raw_body
    return raw if isinstance(raw, bytes) else raw.encode()


def _file_of(parts: list[Part]) -> Part:
    files = [part for part in parts if part.name == "file"]
    if len(files) == 1 and len(parts) == 1:
        return files[0]
    names = ", ".join(repr(part.name) for part in parts) or "none"
    raise RejectedError("bad_form", f"Please send one form field, named 'file', with one document. It had: {names}.")


def _json(request: Request) -> dict[str, object]:
    try:
        sent = json.loads(_body(request) or b"null")
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        raise RejectedError("bad_json", 'Please send JSON such as {"filename": "invoice.pdf"}.')
    return sent


def _media_type(asked: _UploadRequest) -> MediaType:
    promised = media_type_of(asked.filename) if asked.media_type is None else _MEDIA_TYPES.get(asked.media_type)
    if promised is None:
        raise RejectedError(
            "bad_parameter",
            f"Please give a filename that ends in {', '.join(ENDINGS)}, or one of these as media_type: "
            f"{', '.join(_MEDIA_TYPES)}.",
        )
    return promised


_MEDIA_TYPES = {kind.value: kind for kind in MediaType} | {
    "text/xml": MediaType.XML,
    "application/x-pkcs7-mime": MediaType.P7M,
}


def _parameters(request: Request, known: tuple[str, ...]) -> dict[str, str]:
    """The query parameters, each given once and not empty."""
    given = request.query_params
    names = list(given) if given else []
    for name in names:
        if name not in known:
            expected = f"known are: {', '.join(known)}" if known else "there are none here"
            raise RejectedError("bad_parameter", f"There is no parameter {name!r}; {expected}.")
        if given is not None and (len(given.getlist(name)) > 1 or not given[name]):
            raise RejectedError("bad_parameter", f"Please give {name!r} once, and with a value.")
    return {name: given[name] for name in names} if given is not None else {}


def _choice(name: str, given: Mapping[str, str], choices: type[Choice]) -> Choice | None:
    if name not in given:
        return None
    try:
        return choices(given[name])
    except ValueError:
        allowed = ", ".join(choices)
        raise RejectedError("bad_parameter", f"{name!r} is one of: {allowed}.") from None


def _status(given: Mapping[str, str]) -> Status | None:
    """Any status but that of erased invoices, which are in no list."""
    if "status" not in given:
        return None
    if given["status"] not in _LISTED_STATUSES:
        raise RejectedError("bad_parameter", f"'status' is one of: {', '.join(_LISTED_STATUSES)}.")
    return Status(given["status"])


def _limit(given: Mapping[str, str]) -> int:
    text = given.get("limit", "20")
    if text.isascii() and text.isdecimal() and len(text) <= len(str(_MAX_LIMIT)) and 1 <= int(text) <= _MAX_LIMIT:
        return int(text)
    raise RejectedError("bad_parameter", f"'limit' is a number from 1 to {_MAX_LIMIT}.")


def _day(name: str, given: Mapping[str, str]) -> date | None:
    if name not in given:
        return None
    try:
        return datetime.strptime(given[name], "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise RejectedError("bad_parameter", f"{name!r} is a day such as 2026-11-23.") from None


def _moment(name: str, given: Mapping[str, str], day_offset: int = 0) -> datetime | None:
    """A day (from its beginning, or `day_offset` days later) or a moment; without zone it is UTC."""
    if name not in given:
        return None
    try:
        return _parsed(given[name], timedelta(days=day_offset))
    except (ValueError, OverflowError):
        raise RejectedError(
            "bad_parameter", f"{name!r} is a day such as 2026-11-23 or a moment such as 2026-11-23T09:00:00Z."
        ) from None


def _parsed(text: str, offset: timedelta) -> datetime:
    if len(text) == len("2026-11-23"):
        return datetime.combine(date.fromisoformat(text), time(), UTC) + offset
    day, mark, clock = text.partition("T")
    moment = datetime.fromisoformat(day + mark + clock.replace(" ", "+"))  # in a query, a bare + comes as a blank
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
