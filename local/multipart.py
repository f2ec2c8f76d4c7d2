"""Reading one multipart form from a stream: its fields into memory, its file piece by piece."""

from collections.abc import Iterator, Mapping
from email.parser import HeaderParser
from io import BufferedIOBase
from typing import NamedTuple

from chalicelib.errors import RejectedError

_CHUNK_BYTES = 64 * 1024
_MAX_FIELD_BYTES = 64 * 1024
_MAX_FIELDS = 40


class Form(NamedTuple):
    """The fields that came before the file, and the file's content as it arrives."""

    fields: Mapping[str, str]
    content: Iterator[bytes]


class Body:
    """The body of a request: `remaining` counts the bytes that were announced and not yet read."""

    def __init__(self, stream: BufferedIOBase, byte_count: int) -> None:
        self.remaining = byte_count
        self._stream = stream
        self._pending = b"\r\n"  # so that the first delimiter looks like all others

    def until(self, delimiter: bytes) -> Iterator[bytes]:
        """What stands before the next `delimiter`, in pieces; the delimiter itself is passed over."""
        while (end := self._pending.find(delimiter)) < 0:
            safe = max(0, len(self._pending) - len(delimiter) + 1)
            if safe:
                yield self._pending[:safe]
            self._pending = self._pending[safe:] + self._more()
        yield self._pending[:end]
        self._pending = self._pending[end + len(delimiter) :]

    def short(self, delimiter: bytes) -> bytes:
        """What stands before the next `delimiter`, if it is as short as a field should be."""
        found = b""
        for piece in self.until(delimiter):
            found += piece
            if len(found) > _MAX_FIELD_BYTES:
                raise _bad_form(f"one of its fields has more than {_MAX_FIELD_BYTES} bytes")
        return found

    def discard(self, at_most: int) -> None:
        """Read on without looking, so that the sender gets to hear our answer."""
        while 0 < self.remaining <= at_most and self._read():
            pass

    def _more(self) -> bytes:
        piece = self._read()
        if not piece:
            raise _bad_form("it ends in the middle")
        return piece

    def _read(self) -> bytes:
        piece = self._stream.read(min(_CHUNK_BYTES, self.remaining))
        self.remaining -= len(piece)
        return piece


def read_form(body: Body, content_type: str) -> Form:
    """The form in `body`, up to its part `file`; as with S3, fields after the file are not looked at.

    Raise `RejectedError("bad_form", …)` when it is no such form, also while its content is read.
    """
    delimiter = b"\r\n--" + _boundary(content_type)
    body.short(delimiter)
    fields: dict[str, str] = {}
    for _ in range(_MAX_FIELDS):
        if body.short(b"\r\n").startswith(b"--"):
            raise _bad_form("it has no field `file`")
        name = _name_of(body.short(b"\r\n\r\n"))
        if name == "file":
            return Form(fields, body.until(delimiter))
        fields[name] = body.short(delimiter).decode(errors="replace")
    raise _bad_form(f"it has more than {_MAX_FIELDS} fields")


def _boundary(content_type: str) -> bytes:
    headers = HeaderParser().parsestr(f"Content-Type: {content_type}\n")
    boundary = headers.get_boundary()
    if headers.get_content_type() != "multipart/form-data" or not boundary:
        raise _bad_form("its content type is not multipart/form-data with a boundary")
    return boundary.encode()


def _name_of(part_headers: bytes) -> str:
    """The field a part belongs to."""
    headers = HeaderParser().parsestr(part_headers.decode(errors="replace"))
    return str(headers.get_param("name", "", "content-disposition"))


def _bad_form(why: str) -> RejectedError:
    return RejectedError("bad_form", f"This is not an upload form as we gave it: {why}.")
