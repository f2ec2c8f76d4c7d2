"""A multipart form (RFC 7578) that came as one body → its parts, byte for byte."""

from email.message import Message
from email.parser import BytesParser
from typing import NamedTuple

from chalicelib.errors import RejectedError


class Part(NamedTuple):
    """One field of a form: its name, the file name its sender gave (if any), and its bytes."""

    name: str
    filename: str | None
    content: bytes


def parts_of(content_type: str, body: bytes) -> list[Part]:
    """The parts of a form; `RejectedError("bad_form", …)` when it is none, or breaks off.

    >>> head = b'--x\\r\\nContent-Disposition: form-data; name="file"; filename="a.pdf"\\r\\n\\r\\n'
    >>> parts_of("multipart/form-data; boundary=x", head + b"%PDF\\r\\n--x--\\r\\n")
    [Part(name='file', filename='a.pdf', content=b'%PDF')]
    """
    header = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    form = BytesParser().parsebytes(header + body)
    if not form.is_multipart() or form.defects:
        raise RejectedError("bad_form", "This form is not complete. Please send it as: curl -F file=@invoice.pdf")
    return [_part(part) for part in form.get_payload() if isinstance(part, Message)]


def _part(part: Message) -> Part:
    disposition = _disposition(part)
    name = disposition.get_param("name", header="content-disposition")
    content = part.get_payload(decode=True)
    if part.is_multipart() or not isinstance(content, bytes) or not isinstance(name, str):
        raise RejectedError("bad_form", "Each part of this form needs a name and one document. Please check the form.")
    return Part(name, disposition.get_filename(), content)


def _disposition(part: Message) -> Message:
    """The header that names the part; browsers and curl write its names in UTF-8, against the rules of mail."""
    raw = next((str(value) for name, value in part.raw_items() if name.lower() == "content-disposition"), "")
    message = Message()
    message["content-disposition"] = raw.encode("ascii", "surrogateescape").decode("utf-8", "replace")
    return message
