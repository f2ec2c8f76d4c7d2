"""A Textract to test with: the adapter on a fake at the wire, its bucket played by moto."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

from botocore.exceptions import ClientError

from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.adapters.aws.textract import TextractOcr
from chalicelib.adapters.once import Once
from chalicelib.domain.document import Excerpt, MediaType, Page
from chalicelib.domain.source import Source
from chalicelib.reading.limits import Limits
from chalicelib.reading.pdf_excerpt import pdf_excerpt
from chalicelib.reading.read import read_document
from chalicelib.reading.sniffing import inspect
from chalicelib.settings import Settings
from local.fakes.textract import FakeTextract
from tests.aws_shapes import check_textract_answer
from tests.builders import a_page
from tests.families import aws_settings, create_resources


class Time:
    """A monotonic clock that only waiting moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.waits.append(seconds)


class ExcerptsHere:
    """Excerpts made in this process."""

    def excerpt(self, content: bytes, numbers: Sequence[int]) -> Excerpt:
        """As `pdf_excerpt`."""
        return pdf_excerpt(content, numbers)


class Textract(NamedTuple):
    """The adapter, the fake behind it, and what they share."""

    ocr: TextractOcr
    fake: FakeTextract
    settings: Settings
    clients: AwsClients
    time: Time

    def again(self) -> TextractOcr:
        """Another adapter on the same bucket and fake, as in another process."""
        return TextractOcr(self.settings, self.clients, ExcerptsHere(), now=self.time, wait=self.time.wait)

    def with_client(self, client: Any) -> TextractOcr:
        """The same with another client of Textract."""
        clients = AwsClients()
        clients.textract = Once(lambda: client)
        return TextractOcr(self.settings, clients, ExcerptsHere(), now=self.time, wait=self.time.wait)

    def stored(self) -> list[str]:
        """The keys of all objects in the bucket."""
        listed = self.clients.s3().list_objects_v2(Bucket=self.settings.bucket_name)
        return [one["Key"] for one in listed.get("Contents", [])]


@contextmanager
def a_textract(**given: Any) -> Iterator[Textract]:
    """A Textract on a running `moto()`; `given` goes to the fake. Every answer is held against botocore's shapes."""
    settings = aws_settings()
    create_resources(settings)
    clients = AwsClients()

    def get(bucket: str, key: str) -> bytes | None:
        try:
            return clients.s3().get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError:
            return None

    fake = FakeTextract(**{"reader": words_of, "get": get, "check": check_textract_answer, **given})
    with fake, patch.dict(os.environ, {"AWS_ENDPOINT_URL_TEXTRACT": fake.url}):
        time = Time()
        ocr = TextractOcr(settings, clients, ExcerptsHere(), now=time, wait=time.wait)
        yield Textract(ocr, fake, settings, clients, time)
    assert fake.problems == []


def words_of(content: bytes, numbers: Sequence[int]) -> Sequence[Page]:
    """A reader for the fake: of a PDF what its text layer says, of an image one word a page."""
    if inspect(content, Limits()) is MediaType.PDF:
        return [page for page in read_document(content, Limits()).pages if page.number in numbers]
    return [a_page([f"image{number}"], number=number, source=Source.TEXT) for number in numbers]


def texts_of(pages: Sequence[Page]) -> dict[int, list[str]]:
    """The texts of pages by their numbers."""
    return {page.number: [word.text for word in page.words] for page in pages}
