"""Answers of paid steps as objects in the bucket, beside the original."""

from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.adapters.aws.objects import S3Objects
from chalicelib.adapters.derived import checkpoint_key
from chalicelib.domain.document import DocumentRef
from chalicelib.errors import NotFoundError
from chalicelib.settings import Settings


class S3Checkpoints:
    """Objects under `derived/<invoice_id>/`."""

    def __init__(self, settings: Settings, clients: AwsClients) -> None:
        self._objects = S3Objects(settings, clients)

    def load(self, invoice_id: str, name: str) -> bytes | None:
        """What was kept under this name, or `None`."""
        try:
            return self._objects.get(DocumentRef(key=checkpoint_key(invoice_id, name)))
        except NotFoundError:
            return None

    def save(self, invoice_id: str, name: str, content: bytes) -> None:
        """Keep `content`; it is durable once this has returned."""
        self._objects.put(checkpoint_key(invoice_id, name), content, "application/json")
