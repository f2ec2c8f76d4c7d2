"""Answers of paid steps, as objects of the bucket."""

from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.adapters.aws.objects import S3Objects
from chalicelib.adapters.checkpoint_keys import checkpoint_key
from chalicelib.domain.document import DocumentRef
from chalicelib.errors import NotFoundError
from chalicelib.settings import Settings


class S3Checkpoints:
    """Checkpoints under `derived/<invoice_id>/`.

    A role without `s3:ListBucket` gets *forbidden* for what is missing: that is `ConfigurationError`, and not `None`.
    """

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
        self._objects.put(checkpoint_key(invoice_id, name), content, "application/octet-stream")
