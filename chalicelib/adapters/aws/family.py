"""The AWS family of adapters."""

from chalicelib.adapters.aws.checkpoints import S3Checkpoints
from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.adapters.aws.documents import S3DocumentStore
from chalicelib.adapters.aws.invoices import DynamoInvoiceStore
from chalicelib.adapters.aws.ledger import DynamoLedger
from chalicelib.adapters.aws.queue import SqsQueue
from chalicelib.adapters.aws.shared_state import DynamoSharedState
from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.once import Once
from chalicelib.ports import Clock, DocumentReader, LanguageModel, OcrEngine
from chalicelib.settings import Settings


class AwsAdapters:
    """Adapters over S3, DynamoDB and SQS; clients are made when they are first used."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clients = AwsClients()
        self._clock = clock or SystemClock()
        self._dead_letters = Once(lambda: SqsQueue(settings.dead_letter_queue_name, self._clients))
        self._reader = Once(self._make_reader)

    def documents(self) -> S3DocumentStore:
        """The bucket."""
        return S3DocumentStore(self._settings, self._clients)

    def invoices(self) -> DynamoInvoiceStore:
        """The table."""
        return DynamoInvoiceStore(self._settings, self._clients)

    def dead_letters(self) -> SqsQueue:
        """The queue that takes what `inference` could not do."""
        return self._dead_letters()

    def reader(self) -> DocumentReader:
        """The reader of documents, in a process of its own."""
        return self._reader()

    def ocr(self) -> OcrEngine | None:
        """No OCR engine yet: scans end in review."""
        return None

    def model(self) -> LanguageModel | None:
        """No language model yet."""
        return None

    def ledger(self) -> DynamoLedger:
        """The ledger, in the table."""
        return DynamoLedger(self._settings, self._clients)

    def shared_state(self) -> DynamoSharedState:
        """What all processes share, in the table."""
        return DynamoSharedState(self._settings, self._clients)

    def checkpoints(self) -> S3Checkpoints:
        """The answers of paid steps, in the bucket."""
        return S3Checkpoints(self._settings, self._clients)

    def clock(self) -> Clock:
        """The machine's time, and random ids."""
        return self._clock

    def _make_reader(self) -> DocumentReader:
        from chalicelib.adapters.sandbox.reader import SandboxedReader  # noqa: PLC0415 - only who reads loads it

        return SandboxedReader(self._settings)
