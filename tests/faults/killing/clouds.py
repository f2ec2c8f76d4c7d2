"""Where everything lies that outlives a process: a folder, or AWS as a moto server plays it. Both look alike here."""

import itertools
import json
from pathlib import Path
from typing import Any, Protocol

import boto3

from chalicelib.domain.dead_letter import ParkedLetter
from chalicelib.domain.document import DocumentRef
from chalicelib.entrypoints.events import uploaded_documents
from chalicelib.settings import Settings
from tests.builders import some_settings
from tests.families import aws_settings, create_resources
from tests.faults.killing.worker import MovedClock, PaidEmbeddedAdapters, WarmAwsAdapters


class Cloud(Protocol):
    """One empty world, of which nobody else knows."""

    settings: Settings

    adapters: Any
    """Of somebody who only looks."""

    def events(self) -> list[DocumentRef]:
        """What the bucket told of since it was asked last."""

    def stored(self) -> list[str]:
        """The keys of everything in the bucket, once for each version."""

    def parked(self) -> list[ParkedLetter]:
        """What is in the parking queue."""

    def close(self) -> None:
        """Nobody looks any more."""


class Folder:
    """The embedded adapters in a folder."""

    def __init__(self, data_dir: Path, **given: Any) -> None:
        self.settings = some_settings(data_dir, switch_seconds=0.001, **given)
        self.adapters = PaidEmbeddedAdapters(self.settings, MovedClock(0))

    def events(self) -> list[DocumentRef]:
        """Taken from their queue."""
        queue = self.adapters.events()
        messages = queue.receive(60, max=100)
        for message in messages:
            queue.delete(message.receipt)
        return [ref for message in messages for ref in uploaded_documents(json.loads(message.body))]

    def stored(self) -> list[str]:
        """A version that is the last one as well has two names."""
        roots = [Path(self.settings.data_dir) / name for name in ("bucket", "versions")]
        return [str(path.relative_to(root)) for root in roots for path in root.rglob("*") if path.is_file()]

    def parked(self) -> list[ParkedLetter]:
        """Looked at by somebody to whom none of it lies in the future, and left."""
        late = PaidEmbeddedAdapters(self.settings, MovedClock(1_000))
        bodies = [message.body for message in late.parking().receive(0, max=100)]
        late.close()
        return [ParkedLetter.model_validate_json(body) for body in bodies]

    def close(self) -> None:
        """Close the database."""
        self.adapters.close()


class MotoStage:
    """A stage in AWS; its bucket keeps versions."""

    def __init__(self, **given: Any) -> None:
        self.settings = aws_settings(switch_seconds=0.001, **given)
        create_resources(self.settings)
        versions: Any = {"Status": "Enabled"}
        boto3.client("s3").put_bucket_versioning(Bucket=self.settings.bucket_name, VersioningConfiguration=versions)
        self.adapters = WarmAwsAdapters(self.settings, MovedClock(0))
        self._sequence = itertools.count(1)
        self._told: set[str] = set()

    def events(self) -> list[DocumentRef]:
        """Made up from the versions: moto tells nobody."""
        new = [one for one in self._versions() if one["VersionId"] not in self._told]
        self._told |= {one["VersionId"] for one in new}
        return [
            DocumentRef(key=one["Key"], version_id=one["VersionId"], sequencer=f"{next(self._sequence):016X}")
            for one in sorted(new, key=lambda one: one["LastModified"])
            if one["Key"].startswith("uploads/")
        ]

    def stored(self) -> list[str]:
        """Markers count as well."""
        return [one["Key"] for one in self._versions()]

    def parked(self) -> list[ParkedLetter]:
        """Looked at, and left."""
        queues = boto3.client("sqs")
        url = queues.get_queue_url(QueueName=self.settings.parking_queue_name)["QueueUrl"]
        answer = queues.receive_message(QueueUrl=url, VisibilityTimeout=0, MaxNumberOfMessages=10)
        return [ParkedLetter.model_validate_json(message["Body"]) for message in answer.get("Messages", [])]

    def close(self) -> None:
        """There is nothing to close."""

    def _versions(self) -> list[Any]:
        listed = boto3.client("s3").list_object_versions(Bucket=self.settings.bucket_name)
        return [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]
