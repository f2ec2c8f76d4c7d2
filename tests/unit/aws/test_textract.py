"""How Textract is asked: at once or by a job, with the bytes or by way of the bucket, and for no page too many."""

import re
from collections.abc import Iterator

import pytest

from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.adapters.aws.textract import TextractOcr
from chalicelib.adapters.aws.textract_sending import to_send, token_of
from chalicelib.adapters.sandbox.reader import SandboxedReader
from chalicelib.domain.document import MediaType
from chalicelib.domain.source import Source
from chalicelib.domain.usage import Usage
from chalicelib.errors import RejectedError, UnavailableError
from chalicelib.ports import Depth
from chalicelib.settings import Settings
from local.fakes.textract import FakeTextract
from local.fakes.textract_jobs import JobEnd
from tests.builders import an_image
from tests.families import an_aws_family, moto
from tests.papers import a_pdf, a_picture, encoded, lines
from tests.textract import ExcerptsHere, Textract, a_textract, texts_of

THREE_PAGES = a_pdf(lines("one"), lines("two"), lines("three"))
BOTH = pytest.mark.parametrize("depth", [Depth.WORDS, Depth.FIELDS])


@pytest.fixture(scope="module", autouse=True)
def aws() -> Iterator[None]:
    """The bucket."""
    with moto():
        yield


@pytest.fixture
def textract() -> Iterator[Textract]:
    """The adapter on a fake."""
    with a_textract() as made:
        yield made


def padded(image: bytes, size: int) -> bytes:
    """An image with something behind its end."""
    return image + bytes(size - len(image))


@BOTH
def test_a_small_picture_goes_with_the_call(textract: Textract, depth: Depth) -> None:
    reading = textract.ocr.read_pages(an_image(), MediaType.PNG, [1], depth)

    assert texts_of(reading.pages) == {1: ["image1"]}
    assert reading.usage == textract.ocr.estimate(1, depth)
    assert textract.fake.billed == {reading.usage.operation: 1}
    assert textract.stored() == []


def test_each_depth_is_an_api_of_its_own() -> None:
    ocr = AwsAdapters(Settings()).ocr()

    assert ocr is not None
    assert ocr.depths == {Depth.WORDS, Depth.FIELDS}
    assert ocr.estimate(3) == Usage.of("textract", "DetectDocumentText", pages=3)
    assert ocr.estimate(2, Depth.FIELDS) == Usage.of("textract", "AnalyzeExpense", pages=2)


def test_a_deployment_can_do_without_textract() -> None:
    assert AwsAdapters(Settings(textract=False)).ocr() is None


def test_pages_are_textracts_and_have_the_pictures_size(textract: Textract) -> None:
    (page,), *_ = textract.ocr.read_pages(an_image(width=80, height=60), MediaType.PNG, [1])

    assert (page.width, page.height, page.source) == (80, 60, Source.TEXTRACT)


def test_the_request_id_is_told(textract: Textract) -> None:
    assert textract.ocr.read_pages(an_image(), MediaType.PNG, [1]).request_id == "fake-1"


def test_no_page_costs_nothing(textract: Textract) -> None:
    reading = textract.ocr.read_pages(an_image(), MediaType.PNG, [])

    assert (reading.pages, reading.usage) == ((), textract.ocr.estimate(0))
    assert textract.fake.calls == {}


def test_a_picture_above_5_mb_goes_by_way_of_the_bucket(textract: Textract) -> None:
    textract.ocr.read_pages(padded(an_image(), 5_000_001), MediaType.PNG, [1])

    (key,) = textract.stored()
    assert re.fullmatch(r"derived/textract/[0-9a-f]{64}/1\.png", key)
    assert textract.fake.calls == {"DetectDocumentText": 1}


def test_a_picture_of_5_mb_goes_with_the_call(textract: Textract) -> None:
    textract.ocr.read_pages(padded(an_image(), 5_000_000), MediaType.PNG, [1])

    assert textract.stored() == []


def test_a_picture_above_10_mb_is_rejected_unasked(textract: Textract) -> None:
    with pytest.raises(RejectedError) as caught:
        textract.ocr.read_pages(padded(an_image(), 10_000_001), MediaType.PNG, [1])

    assert caught.value.code == "too_large_for_ocr"
    assert textract.fake.calls == {}


@BOTH
def test_a_pdf_of_one_page_is_read_at_once(textract: Textract, depth: Depth) -> None:
    reading = textract.ocr.read_pages(a_pdf(lines("one")), MediaType.PDF, [1], depth)

    assert texts_of(reading.pages) == {1: ["one"]}
    assert [(page.width, page.height) for page in reading.pages] == [(595, 842)]
    assert textract.fake.calls == {reading.usage.operation: 1}


@BOTH
def test_one_page_of_many_is_read_and_paid_alone(textract: Textract, depth: Depth) -> None:
    reading = textract.ocr.read_pages(THREE_PAGES, MediaType.PDF, [3], depth)

    assert texts_of(reading.pages) == {3: ["three"]}
    assert textract.fake.calls == {reading.usage.operation: 1}
    assert textract.fake.billed == {reading.usage.operation: 1}


@BOTH
def test_several_pages_are_a_job_and_keep_their_numbers(textract: Textract, depth: Depth) -> None:
    reading = textract.ocr.read_pages(THREE_PAGES, MediaType.PDF, [1, 3], depth)

    assert texts_of(reading.pages) == {1: ["one"], 3: ["three"]}
    assert reading.usage == textract.ocr.estimate(2, depth)
    assert textract.fake.billed == {reading.usage.operation: 2}
    assert sum(textract.fake.calls[name] for name in ("DetectDocumentText", "AnalyzeExpense")) == 0


def test_a_whole_document_is_sent_as_it_is(textract: Textract) -> None:
    textract.ocr.read_pages(THREE_PAGES, MediaType.PDF, [1, 2, 3])

    (key,) = textract.stored()
    stored = textract.clients.s3().get_object(Bucket=textract.settings.bucket_name, Key=key)
    assert key.endswith("/1-3.pdf")
    assert stored["Body"].read() == THREE_PAGES
    assert stored["ServerSideEncryption"] == "AES256"


def test_a_pdf_that_restricts_its_use_is_sent_without_encryption(textract: Textract) -> None:
    reading = textract.ocr.read_pages(a_pdf(lines("one"), owner_password="secret"), MediaType.PDF, [1])

    assert texts_of(reading.pages) == {1: ["one"]}


def test_the_pages_of_a_tiff_are_read_and_paid_alone(textract: Textract) -> None:
    tiff = encoded(a_picture(width=100), "TIFF", a_picture(width=200), a_picture(width=300))

    several = textract.ocr.read_pages(tiff, MediaType.TIFF, [1, 3])
    one = textract.ocr.read_pages(tiff, MediaType.TIFF, [2])

    assert [(page.number, page.width) for page in (*several.pages, *one.pages)] == [(1, 100), (3, 300), (2, 200)]
    assert textract.fake.billed == {"DetectDocumentText": 3}
    assert textract.fake.calls["DetectDocumentText"] == 1


@pytest.mark.parametrize(
    ("content", "media_type", "numbers"),
    [
        (THREE_PAGES, MediaType.PDF, [4]),
        (an_image(), MediaType.PNG, [2]),
        (an_image(), MediaType.PNG, [0]),
        (encoded(a_picture(), "TIFF", a_picture()), MediaType.TIFF, [3]),
    ],
)
def test_pages_that_are_not_there_are_not_paid_for(
    textract: Textract, content: bytes, media_type: MediaType, numbers: list[int]
) -> None:
    with pytest.raises(RejectedError, match="damaged"):
        textract.ocr.read_pages(content, media_type, numbers)

    assert textract.fake.calls == {}


def test_xml_is_nothing_for_ocr(textract: Textract) -> None:
    with pytest.raises(RejectedError, match="unreadable_for_ocr"):
        textract.ocr.read_pages(b"<?xml version='1.0'?><a/>", MediaType.XML, [1])


def test_with_hardly_any_time_left_nothing_is_begun(textract: Textract) -> None:
    with pytest.raises(UnavailableError, match="textract_pending"):
        textract.ocr.read_pages(an_image(), MediaType.PNG, [1], seconds=3)

    assert textract.fake.calls == {}


@pytest.mark.parametrize(
    ("content", "media_type"), [(an_image(), MediaType.PNG), (a_pdf(lines("one")), MediaType.PDF)], ids=["png", "pdf"]
)
def test_with_less_time_than_an_answer_at_once_may_take_one_page_is_a_job(
    textract: Textract, content: bytes, media_type: MediaType
) -> None:
    reading = textract.ocr.read_pages(content, media_type, [1], seconds=20)

    assert len(reading.pages) == 1
    assert textract.fake.calls["DetectDocumentText"] == 0
    assert textract.fake.billed == {"DetectDocumentText": 1}


def test_a_token_says_everything_that_is_asked() -> None:
    def token(
        content: bytes = THREE_PAGES, *, bucket: str = "b", api: str = "A", attempt: int = 0, first: int = 1
    ) -> str:
        return token_of(bucket, to_send(content, MediaType.PDF, [first, 3], ExcerptsHere()), api, attempt)

    others = [token(a_pdf(*[lines("x")] * 3)), token(bucket="c"), token(api="B"), token(attempt=1), token(first=2)]

    assert token() == token()  # although the bytes of the excerpt need not be the same
    assert len({token(), *others}) == 6
    assert all(re.fullmatch(r"[a-zA-Z0-9-_]{1,64}", one) for one in others)


def test_the_wait_grows_and_never_outlasts_the_time(textract: Textract) -> None:
    textract.fake.ends = lambda _: JobEnd(polls=9)

    textract.ocr.read_pages(THREE_PAGES, MediaType.PDF, [1, 2])

    assert textract.time.waits[:3] == [1.0, 1.5, 2.25]
    assert max(textract.time.waits) == 5.0
    assert textract.time.now < 60


def test_excerpts_are_made_in_a_process_of_their_own(textract: Textract) -> None:
    reader = SandboxedReader(Settings(read_seconds=60))
    ocr = TextractOcr(textract.settings, textract.clients, reader)

    reading = ocr.read_pages(THREE_PAGES, MediaType.PDF, [2])
    reader.close()

    assert texts_of(reading.pages) == {2: ["two"]}


def test_the_family_reads_with_textract(monkeypatch: pytest.MonkeyPatch) -> None:
    family = an_aws_family()
    with FakeTextract(lambda *_: (), lambda *_: None) as fake:
        monkeypatch.setenv("AWS_ENDPOINT_URL_TEXTRACT", fake.url)
        ocr = family.ocr()
        assert ocr is not None
        reading = ocr.read_pages(an_image(), MediaType.PNG, [1])

    assert texts_of(reading.pages) == {1: []}
