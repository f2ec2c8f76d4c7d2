"""Messages over a pipe: a JSON header and a block of bytes, each with its length in front. Never pickle."""

import json
import struct
from typing import Any, BinaryIO, NamedTuple

_LENGTHS = struct.Struct(">II")


class Frame(NamedTuple):
    """One message. The header is small; the block is a document, or numbers packed as doubles."""

    header: dict[str, Any]
    block: bytes = b""


def send(stream: BinaryIO, frame: Frame) -> None:
    """Write one message and flush it; `OSError` when nobody listens any more."""
    header = json.dumps(frame.header, separators=(",", ":")).encode()
    stream.write(_LENGTHS.pack(len(header), len(frame.block)))
    stream.write(header)
    stream.write(frame.block)
    stream.flush()


def receive(stream: BinaryIO) -> Frame | None:
    """Read one message, or `None` at the end of the stream, even in the middle of a message."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    header_length, block_length = _LENGTHS.unpack(lengths)
    header, block = stream.read(header_length), stream.read(block_length)
    if len(header) < header_length or len(block) < block_length:
        return None
    return Frame(json.loads(header), block)
