"""The embedded family of adapters: everything in one data directory, nothing on the network."""

from pathlib import Path

from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.once import Once
from chalicelib.ports import Clock, DocumentReader, LanguageModel, OcrEngine
from chalicelib.settings import Settings
from local.bucket_server import BucketServer
from local.checkpoints import FolderCheckpoints
from local.database import Database
from local.documents import FolderDocumentStore
from local.invoices import SqliteInvoiceStore
from local.ledger import SqliteLedger
from local.presigned import Presigner, secret_of
from local.queue import SqliteQueue
from local.shared_state import SqliteSharedState
from local.tokens import SqliteTokenStore

EVENTS_QUEUE = "events"


class EmbeddedAdapters:
    """Adapters over `settings.data_dir`; each is made when it is first asked for, once."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._database = Once(lambda: Database(Path(settings.data_dir)))
        self._documents = Once(self._make_documents)
        self._reader = Once(self._make_reader)
        self._ocr = Once(self._make_ocr)

    def documents(self) -> FolderDocumentStore:
        """The bucket, in `<data>/bucket/`."""
        return self._documents()

    def invoices(self) -> SqliteInvoiceStore:
        """The table, in `<data>/invoices.sqlite`."""
        return SqliteInvoiceStore(self._database())

    def dead_letters(self) -> SqliteQueue:
        """The queue that takes what `inference` could not do."""
        return self._queue(self._settings.dead_letter_queue_name)

    def parking(self) -> SqliteQueue:
        """The queue that keeps what `reprocess` cannot do either."""
        return self._queue(self._settings.parking_queue_name)

    def events(self) -> SqliteQueue:
        """The S3 events that wait for `inference`."""
        return self._queue(EVENTS_QUEUE)

    def bucket_server(self) -> BucketServer:
        """A server for the bucket's links and forms at `settings.bucket_url`, which begins with `serve_forever()`."""
        return BucketServer(self.documents(), self._clock, self._settings.bucket_url)

    def reader(self) -> DocumentReader:
        """The reader of documents, in a process of its own."""
        return self._reader()

    def ocr(self) -> OcrEngine | None:
        """The embedded OCR engine."""
        return self._ocr()

    def model(self) -> LanguageModel | None:
        """No language model on this machine."""
        return None

    def ledger(self) -> SqliteLedger:
        """The ledger, in `<data>/invoices.sqlite`."""
        return SqliteLedger(self._database())

    def shared_state(self) -> SqliteSharedState:
        """What all processes share, in `<data>/invoices.sqlite`."""
        return SqliteSharedState(self._database())

    def tokens(self) -> SqliteTokenStore:
        """The tokens of clients, in `<data>/invoices.sqlite`."""
        return SqliteTokenStore(self._database())

    def checkpoints(self) -> FolderCheckpoints:
        """The answers of paid steps, in `<data>/bucket/derived/`."""
        return FolderCheckpoints(self._settings)

    def clock(self) -> Clock:
        """The machine's time, and random ids."""
        return self._clock

    def close(self) -> None:
        """Close the database; the adapters must not be used after."""
        self._database().close()

    def _queue(self, name: str) -> SqliteQueue:
        return SqliteQueue(self._database(), name, self._clock)

    def _make_documents(self) -> FolderDocumentStore:
        database = self._database()
        presigner = Presigner(secret_of(Path(self._settings.data_dir)), self._settings.bucket_url)
        return FolderDocumentStore(self._settings, database, self.events(), presigner, self._clock)

    def _make_reader(self) -> DocumentReader:
        from chalicelib.adapters.sandbox.reader import SandboxedReader  # noqa: PLC0415 - only who reads loads it

        return SandboxedReader(self._settings)

    def _make_ocr(self) -> OcrEngine:
        from local.ocr import EmbeddedOcr  # noqa: PLC0415 - its engine takes a second and 200 MB to load

        return EmbeddedOcr(self._settings)
