"""The embedded stack with Amazon's paid readers, played by fakes on loopback."""

import hashlib
import io
import os
import struct
import zlib
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.adapters.aws.bedrock import BedrockModel
from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.adapters.aws.textract import TextractOcr
from chalicelib.adapters.once import Once
from chalicelib.adapters.sandbox.reader import SandboxedReader
from chalicelib.ports import Clock, LanguageModel, OcrEngine
from chalicelib.settings import Settings
from local.fakes.bedrock import FakeBedrock
from local.fakes.textract import FakeTextract
from local.family import EmbeddedAdapters

_ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}


class Objects:
    """As much of a client of S3 as a reader of scans needs, in memory or whatever else keeps bytes under keys."""

    def __init__(self, kept: MutableMapping[str, bytes] | None = None) -> None:
        self._kept = {} if kept is None else kept

    def get(self, _bucket: str, key: str) -> bytes | None:
        """What is under a key, for the fake Textract."""
        return self._kept.get(key)

    def put_object(self, **given: Any) -> dict[str, Any]:
        """Keep an object."""
        self._kept[given["Key"]] = bytes(given["Body"])
        return {}

    def get_object(self, **given: Any) -> dict[str, Any]:
        """An object."""
        content = self._kept[self._known(given["Key"], "GetObject")]
        return {"ContentLength": len(content), "Body": io.BytesIO(content)}

    def head_object(self, **given: Any) -> dict[str, Any]:
        """Whether there is one."""
        return {"ContentLength": len(self._kept[self._known(given["Key"], "HeadObject")])}

    def _known(self, key: str, operation: str) -> str:
        if key not in self._kept:
            answer: Any = {"Error": {"Code": "404"}, "ResponseMetadata": {"HTTPStatusCode": 404}}
            raise ClientError(answer, operation)
        return key


class PaidAdapters(EmbeddedAdapters):
    """The embedded adapters, but for OCR and the language model: these are Amazon's.

    `objects` is a client of S3, as far as OCR needs one.
    """

    def __init__(self, settings: Settings, objects: Any, clock: Clock | None = None) -> None:
        super().__init__(settings, clock)
        clients = AwsClients()
        clients.s3 = Once(lambda: objects)
        self._excerpts = SandboxedReader(settings)
        self._textract = TextractOcr(settings, clients, self._excerpts)
        self._bedrock = BedrockModel(settings, clients)

    def ocr(self) -> OcrEngine | None:
        """Textract."""
        return self._textract

    def model(self) -> LanguageModel | None:
        """Bedrock."""
        return self._bedrock


@contextmanager
def connected(textract: FakeTextract, bedrock: FakeBedrock) -> Iterator[None]:
    """Let Amazon's clients talk to the fakes."""
    wanted = {
        **_ENVIRONMENT,
        "AWS_ENDPOINT_URL_TEXTRACT": textract.url,
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock.url,
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ |= wanted
    try:
        with textract, bedrock:
            yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def a_picture(number: int) -> bytes:
    """A small PNG that no other number gives."""
    width, height = 298, 421  # as high and wide as A4
    ink = hashlib.sha256(str(number).encode()).digest()
    rows = b"".join(b"\x00" + bytes(ink[(row + column) % 32] for column in range(width)) for row in range(height))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
