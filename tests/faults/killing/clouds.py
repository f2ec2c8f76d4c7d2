"""Where everything lies that outlives a process: a folder, or AWS as a moto server plays it. Both look the same here."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import boto3

from chalicelib.domain.dead_letter import ParkedLetter
from chalicelib.domain.document import DocumentRef
from chalicelib.entrypoints.events import uploaded_documents
from chalicelib.ports import Adapters
from chalicelib.settings import Settings
from local.family import EmbeddedAdapters
from tests.builders import some_settings
from tests.families import aws_settings, create_resources
from tests.faults.killing.worker import WarmAwsAdapters, adapters_of


class Cloud(Protocol):
    """One empty world, of which nobody else knows."""

    settings: Settings

    def watching(self, minutes: float = 0) -> Any:
        """The adapters of somebody who only looks, in a `with`."""

    def events(self) -> list[DocumentRef]:
        """What the bucket told of since it was asked last."""

    def keys(self) -> list[str]:
        """The keys of everything in the bucket, once for each version."""

    def parked(self) -> list[ParkedLetter]:
        """What is in the parking queue."""


class Folder:
    """The embedded adapters in a folder."""

    def __init__(self, data_dir: Path) -> None:
        self.settings = some_settings(data_dir, switch_seconds=0.001)

    @contextmanager
    def watching(self, minutes: float = 0) -> Iterator[EmbeddedAdapters]:
        """The adapters."""
        adapters = adapters_of(self.settings, minutes)
        assert isinstance(adapters, EmbeddedAdapters)
        yield adapters
        adapters.close()

    def events(self) -> list[DocumentRef]:
        """Taken from their queue."""
        with self.watching() as adapters:
            messages = adapters.events().receive(60, max=100)
            for message in messages:
                adapters.events().delete(message.receipt)
        return [ref for message in messages for ref in uploaded_documents(json.loads(message.body))]

    def keys(self) -> list[str]:
        """A version that is the last one as well has two names."""
        roots = [Path(self.settings.data_dir) / name for name in ("bucket", "versions")]
        return [str(path.relative_to(root)) for root in roots for path in root.rglob("*") if path.is_file()]

    def parked(self) -> list[ParkedLetter]:
        """Looked at, and left."""
        with self.watching() as adapters:
            bodies = [message.body for message in adapters.parking().receive(0, max=100)]
        return [ParkedLetter.model_validate_json(body) for body in bodies]


class MotoStage:
    """A stage in AWS; its bucket keeps versions."""

    def __init__(self) -> None:
        self.settings = aws_settings(switch_seconds=0.001)
        create_resources(self.settings)
        versions: Any = {"Status": "Enabled"}
        boto3.client("s3").put_bucket_versioning(Bucket=self.settings.bucket_name, VersioningConfiguration=versions)
        self._sequence = itertools.count(1)
        self._told: set[str] = set()

    @contextmanager
    def watching(self, minutes: float = 0) -> Iterator[Adapters]:
        """The adapters."""
        adapters = adapters_of(self.settings, minutes)
        assert isinstance(adapters, WarmAwsAdapters)
        yield adapters  # type: ignore[misc]  # its roles are the very classes

    def events(self) -> list[DocumentRef]:
        """Made up from the versions: moto tells nobody."""
        new = [one for one in self._versions() if one["VersionId"] not in self._told]
        self._told |= {one["VersionId"] for one in new}
        return [
            DocumentRef(key=one["Key"], version_id=one["VersionId"], sequencer=f"{next(self._sequence):016X}")
            for one in sorted(new, key=lambda one: one["LastModified"])
            if one["Key"].startswith("uploads/")
        ]

    def keys(self) -> list[str]:
        """Markers count as well."""
        return [one["Key"] for one in self._versions()]

    def parked(self) -> list[ParkedLetter]:
        """Looked at, and left."""
        queues = boto3.client("sqs")
        url = queues.get_queue_url(QueueName=self.settings.parking_queue_name)["QueueUrl"]
        answer = queues.receive_message(QueueUrl=url, VisibilityTimeout=0, MaxNumberOfMessages=10)
        return [ParkedLetter.model_validate_json(message["Body"]) for message in answer.get("Messages", [])]

    def _versions(self) -> list[Any]:
        listed = boto3.client("s3").list_object_versions(Bucket=self.settings.bucket_name)
        return [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]
