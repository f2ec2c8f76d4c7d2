"""The adapters of a server in a storm: the embedded ones, with Amazon's paid readers, and trouble everywhere."""

import os
from datetime import datetime, timedelta
from typing import Any

from bench.paid import Objects, PaidAdapters
from bench.stack_storm.journal import Journal
from bench.stack_storm.troubles import FolderOfObjects, NotedCheckpoints, NotedInvoices, Stormy, StormyQueue
from bench.stack_storm.weather import VARIABLE, Fates, Weather
from chalicelib.adapters.clock import SystemClock
from chalicelib.settings import Settings
from local.bucket_server import BucketServer
from local.queue import SqliteQueue

OBJECTS = "objects"  # the folder of what OCR reads from S3


class ClockAhead(SystemClock):
    """The machine's clock, some seconds ahead."""

    def __init__(self, seconds: float) -> None:
        self._ahead = timedelta(seconds=seconds)

    def now(self) -> datetime:
        """The present moment, as if so much more time had passed."""
        return super().now() + self._ahead


class StormyAdapters(PaidAdapters):
    """Adapters in the weather that the environment names. Events and dead letters are those of Lambda, S3 and SQS."""

    def __init__(self, settings: Settings) -> None:
        self._weather = Weather.model_validate_json(os.environ[VARIABLE])
        self._journal = Journal(self._weather.folder)
        self._fates = Fates(self._weather)
        objects = self._stormy(OBJECTS, Objects(FolderOfObjects(self._weather.folder / OBJECTS)))
        super().__init__(settings, objects, ClockAhead(self._weather.ahead_seconds))

    def documents(self) -> Any:
        """The bucket."""
        return self._stormy("documents", super().documents())

    def bucket_server(self) -> BucketServer:
        """The bucket's own server, behind which nothing fails."""
        return BucketServer(super().documents(), self._clock, self._settings.bucket_url)

    def invoices(self) -> Any:
        """The table."""
        return self._stormy("invoices", NotedInvoices(self._database(), self._journal))

    def ledger(self) -> Any:
        """The ledger."""
        return self._stormy("ledger", super().ledger())

    def shared_state(self) -> Any:
        """What all processes share."""
        return self._stormy("facts", super().shared_state())

    def checkpoints(self) -> Any:
        """The kept answers."""
        return self._stormy("checkpoints", NotedCheckpoints(self._settings, self._journal))

    def parking(self) -> Any:
        """The queue for a person."""
        return self._stormy("parking", SqliteQueue(self._database(), self._settings.parking_queue_name, self._clock))

    def _queue(self, name: str) -> SqliteQueue:
        return StormyQueue(self._database(), name, self._clock, self._weather, self._journal)

    def _stormy(self, role: str, inner: Any) -> Any:
        return Stormy(role, inner, self._fates, self._journal)
