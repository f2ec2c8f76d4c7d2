"""The AWS family of adapters."""

from typing import TYPE_CHECKING

from chalicelib.adapters.aws.checkpoints import S3Checkpoints
from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.adapters.aws.documents import S3DocumentStore
from chalicelib.adapters.aws.invoices import DynamoInvoiceStore
from chalicelib.adapters.aws.ledger import DynamoLedger
from chalicelib.adapters.aws.queue import SqsQueue
from chalicelib.adapters.aws.shared_state import DynamoSharedState
from chalicelib.adapters.aws.tokens import DynamoTokenStore
from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.once import Once
from chalicelib.ports import Clock, DocumentReader, LanguageModel, OcrEngine
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from chalicelib.adapters.sandbox.reader import SandboxedReader


class AwsAdapters:
    """Adapters over S3, DynamoDB and SQS; clients are made when they are first used."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clients = AwsClients()
        self._clock = clock or SystemClock()
        self._dead_letters = Once(lambda: SqsQueue(settings.dead_letter_queue_name, self._clients))
        self._parking = Once(lambda: SqsQueue(settings.parking_queue_name, self._clients))
        self._reader = Once(self._make_reader)
        self._ocr = Once(self._make_ocr)
        self._model = Once(self._make_model)

    def documents(self) -> S3DocumentStore:
        """The bucket."""
        return S3DocumentStore(self._settings, self._clients)

    def invoices(self) -> DynamoInvoiceStore:
        """The table."""
        return DynamoInvoiceStore(self._settings, self._clients)

    def dead_letters(self) -> SqsQueue:
        """The queue that takes what `inference` could not do."""
        return self._dead_letters()

    def parking(self) -> SqsQueue:
        """The queue that keeps what `reprocess` cannot do either."""
        return self._parking()

    def reader(self) -> DocumentReader:
        """The reader of documents, in a process of its own."""
        return self._reader()

    def ocr(self) -> OcrEngine | None:
        """Textract, unless the settings say that it must not be used: then scans end in review."""
        return self._ocr() if self._settings.textract else None

    def model(self) -> LanguageModel | None:
        """Bedrock, unless the settings name no model: then none is asked."""
        return self._model() if self._settings.models else None

    def ledger(self) -> DynamoLedger:
        """The ledger, in the table."""
        return DynamoLedger(self._settings, self._clients)

    def shared_state(self) -> DynamoSharedState:
        """What all processes share, in the table."""
        return DynamoSharedState(self._settings, self._clients)

    def tokens(self) -> DynamoTokenStore:
        """The tokens of clients, in the table."""
        return DynamoTokenStore(self._settings, self._clients)

    def checkpoints(self) -> S3Checkpoints:
        """The answers of paid steps, in the bucket."""
        return S3Checkpoints(self._settings, self._clients)

    def clock(self) -> Clock:
        """The machine's time, and random ids."""
        return self._clock

    def _make_reader(self) -> "SandboxedReader":
        from chalicelib.adapters.sandbox.reader import SandboxedReader  # noqa: PLC0415 - only who reads loads it

        return SandboxedReader(self._settings)

    def _make_ocr(self) -> OcrEngine:
        from chalicelib.adapters.aws.textract import TextractOcr  # noqa: PLC0415 - as above

        return TextractOcr(self._settings, self._clients, self._reader())

    def _make_model(self) -> LanguageModel:
        from chalicelib.adapters.aws.bedrock import BedrockModel  # noqa: PLC0415 - as above

        return BedrockModel(self._settings, self._clients)
