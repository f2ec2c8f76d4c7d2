"""The fake Textract has the real one's limits, shapes and bill: otherwise it would prove nothing."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from chalicelib.domain.document import MediaType
from chalicelib.domain.usage import Unit, Usage
from chalicelib.errors import UnavailableError, UncertainError
from chalicelib.ports import Depth
from chalicelib.settings import Settings
from local.fakes.faults import CUT, LOST, Fault, always, an_error, planned
from local.fakes.textract import FakeTextract, words_by
from local.fakes.textract_shapes import line_items, summary_field
from local.ocr import EmbeddedOcr
from tests.aws_shapes import check_textract_answer
from tests.builders import an_image
from tests.corpus import CORPUS, needs_corpus
from tests.families import moto
from tests.papers import a_pdf, a_picture, encoded, lines
from tests.textract import a_textract, texts_of, words_of

TWO_PAGES = a_pdf(lines("one"), lines("two"))
OBJECTS = {"two.pdf": TWO_PAGES, "one.pdf": a_pdf(lines("one")), "a.png": an_image(), "a.txt": b"Hello there!"}


@pytest.fixture
def fake() -> Iterator[FakeTextract]:
    """A fake with some objects in its bucket."""
    with FakeTextract(words_of, lambda _, key: OBJECTS.get(key), check=check_textract_answer) as made:
        yield made
    assert made.problems == []


def client_of(fake: FakeTextract, *, validated: bool = True) -> Any:
    config = Config(retries={"mode": "standard", "total_max_attempts": 1}, parameter_validation=validated)
    return boto3.client(
        "textract", endpoint_url=fake.url, region_name="eu-central-1", config=config,
        aws_access_key_id="x", aws_secret_access_key="x",
    )  # fmt: skip


def at(key: str) -> dict[str, Any]:
    return {"S3Object": {"Bucket": "bucket", "Name": key}}


def refusal(call: Any, **given: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**given)
    return str(caught.value.response["Error"]["Code"])


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"Bytes": OBJECTS["one.pdf"]}, "UnsupportedDocumentException"),
        ({"Bytes": an_image() + bytes(5 * 1024 * 1024)}, "DocumentTooLargeException"),
        ({"Bytes": an_image()[:40]}, "BadDocumentException"),
        (at("two.pdf"), "UnsupportedDocumentException"),
        (at("a.txt"), "UnsupportedDocumentException"),
        (at("nothing"), "InvalidS3ObjectException"),
    ],
)
def test_what_the_real_one_refuses_is_refused_and_free(fake: FakeTextract, document: Any, code: str) -> None:
    assert refusal(client_of(fake).analyze_expense, Document=document) == code
    assert fake.billed == {}


def test_a_token_is_one_job_and_paid_once(fake: FakeTextract) -> None:
    client = client_of(fake)
    asked = {"DocumentLocation": at("two.pdf"), "ClientRequestToken": "t"}

    ids = {client.start_expense_analysis(**asked)["JobId"] for _ in range(3)}

    assert len(ids) == 1
    assert fake.billed == {"AnalyzeExpense": 2}


def test_a_token_for_something_else_is_refused(fake: FakeTextract) -> None:
    client = client_of(fake)
    client.start_expense_analysis(DocumentLocation=at("two.pdf"), ClientRequestToken="t")

    code = refusal(client.start_expense_analysis, DocumentLocation=at("one.pdf"), ClientRequestToken="t")

    assert code == "IdempotentParameterMismatchException"


@pytest.mark.parametrize("token", ["a b", "x" * 65])
def test_a_token_of_another_form_is_refused(fake: FakeTextract, token: str) -> None:
    code = refusal(
        client_of(fake, validated=False).start_expense_analysis,
        DocumentLocation=at("two.pdf"),
        ClientRequestToken=token,
    )

    assert code == "InvalidParameterException"


def test_a_job_of_one_api_is_unknown_to_the_other(fake: FakeTextract) -> None:
    client = client_of(fake)
    job_id = client.start_expense_analysis(DocumentLocation=at("two.pdf"))["JobId"]

    assert refusal(client.get_document_text_detection, JobId=job_id) == "InvalidJobIdException"


def test_answers_come_in_parts_as_small_as_asked(fake: FakeTextract) -> None:
    client = client_of(fake)
    job_id = client.start_document_text_detection(DocumentLocation=at("two.pdf"))["JobId"]
    client.get_document_text_detection(JobId=job_id)

    blocks: list[Any] = []
    more: dict[str, str] = {}
    while True:
        answer = client.get_document_text_detection(JobId=job_id, MaxResults=2, **more)
        blocks += answer["Blocks"]
        if "NextToken" not in answer:
            break
        more = {"NextToken": answer["NextToken"]}

    assert [block["Text"] for block in blocks if block["BlockType"] == "WORD"] == ["one", "two"]
    assert len({block["Id"] for block in blocks}) == len(blocks)


def test_expenses_are_what_the_test_says(fake: FakeTextract) -> None:
    told = {
        "SummaryFields": [summary_field("TOTAL", "119.00", currency="EUR")],
        "LineItemGroups": line_items([summary_field("ITEM", "Bolts")]),
    }
    with FakeTextract(words_of, lambda *_: None, expenses=lambda _: told, check=check_textract_answer) as other:
        (document,) = client_of(other).analyze_expense(Document={"Bytes": an_image()})["ExpenseDocuments"]

    assert document["SummaryFields"] == told["SummaryFields"]
    assert document["LineItemGroups"] == told["LineItemGroups"]
    assert other.problems == []


def test_an_answer_out_of_shape_is_told() -> None:
    odd = {"SummaryFields": [{"Type": {"Text": 7}}]}
    with FakeTextract(words_of, lambda *_: None, expenses=lambda _: odd, check=check_textract_answer) as other:
        assert refusal(client_of(other).analyze_expense, Document={"Bytes": an_image()}) == "InternalServerError"

    assert len(other.problems) == 1


def test_faults_are_planned_by_call(fake: FakeTextract) -> None:
    fake.plan = planned({("DetectDocumentText", 2): an_error("ThrottlingException", 500)})
    detect = client_of(fake).detect_document_text

    detect(Document={"Bytes": an_image()})
    code = refusal(detect, Document={"Bytes": an_image()})
    detect(Document={"Bytes": an_image()})

    assert code == "ThrottlingException"
    assert fake.billed == {"DetectDocumentText": 2}


def test_only_what_is_done_is_billed(fake: FakeTextract) -> None:
    for fault, pages in ((CUT, 0), (LOST, 1)):
        fake.plan = always("AnalyzeExpense", fault=fault)
        with pytest.raises(Exception, match="Connection was closed"):
            client_of(fake).analyze_expense(Document={"Bytes": an_image()})
        assert fake.billed["AnalyzeExpense"] == pages


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize(
    "path", sorted((CORPUS / "textract" / "analyze_expense").glob("*.json")), ids=lambda path: path.stem
)
def test_real_answers_can_be_replayed(path: Any) -> None:
    found = json.loads(path.read_text(encoding="utf-8"))
    recorded = found[0] if isinstance(found, list) else found
    members = {name: recorded[name] for name in ("DocumentMetadata", "ExpenseDocuments")}
    answers = {("AnalyzeExpense", an_image()): members}

    with moto(), a_textract(recorded=lambda operation, content: answers.get((operation, content))) as textract:
        reading = textract.ocr.read_pages(an_image(), MediaType.PNG, [1], Depth.FIELDS)

    documents = members["ExpenseDocuments"]
    count = sum(len(document.get("SummaryFields", ())) for document in documents)
    assert len(reading.hints.fields) + len(reading.hints.others) >= count
    assert reading.usage.count(Unit.PAGES) == members["DocumentMetadata"]["Pages"]


@pytest.mark.ocr
def test_whole_documents_are_answered_with_the_words_that_stand_there() -> None:
    engine = EmbeddedOcr(Settings(ocr_seconds=600))
    picture = encoded(a_picture("Invoice number 4711", "Amount due 1,234.56 EUR"))

    with moto(), a_textract(reader=words_by(engine)) as textract:
        reading = textract.ocr.read_pages(picture, MediaType.PNG, [1], Depth.FIELDS)
    engine.close()

    assert texts_of(reading.pages) == {1: ["Invoice", "number", "4711", "Amount", "due", "1,234.56", "EUR"]}


def test_what_was_told_and_what_is_uncertain_is_what_was_billed_after_a_storm() -> None:
    """One call in five goes wrong; every document is asked for until it is read."""
    chance = random.Random(4711)
    faults: list[Fault | None] = [LOST, CUT, an_error("ThrottlingException", 500), an_error("InternalServerError", 500)]
    plan = {
        (operation, nth): chance.choice(faults)
        for operation in OPERATIONS
        for nth in range(200)
        if chance.random() < 0.2
    }
    documents = [a_pdf(*[lines(f"document {number}")] * (1 + number % 3)) for number in range(24)]

    with moto(), a_textract(plan=lambda operation, nth: plan.get((operation, nth))) as textract:
        depths = (Depth.WORDS, Depth.FIELDS)
        jobs = [(document, 1 + number % 3, depths[number % 2]) for number, document in enumerate(documents)]
        with ThreadPoolExecutor(4) as threads:
            used = [
                usage
                for told in threads.map(lambda job: asked_until_read(textract.again(), *job), jobs)
                for usage in told
            ]
        fake = textract.fake

    told = Counter[str]()
    for usage in used:
        told[usage.operation] += int(usage.count(Unit.PAGES))
    undone = sum(1 for (operation, nth), fault in plan.items() if fault is CUT and nth <= fake.calls[operation])
    assert fake.billed.total() <= told.total() <= fake.billed.total() + undone


OPERATIONS = ("DetectDocumentText", "AnalyzeExpense", "StartDocumentTextDetection", "StartExpenseAnalysis")


def asked_until_read(ocr: Any, content: bytes, pages: int, depth: Depth) -> list[Usage]:
    """What a ledger would count: the usage of the answer, and the estimate of every uncertain call before it."""
    used: list[Usage] = []
    while True:
        try:
            return [*used, ocr.read_pages(content, MediaType.PDF, range(1, pages + 1), depth).usage]
        except UncertainError:
            used.append(ocr.estimate(pages, depth))
        except UnavailableError:
            continue
