"""The bucket of originals in S3."""

from collections.abc import Iterator
from typing import Any

from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.adapters.aws.failures import translated
from chalicelib.adapters.aws.objects import SERVICE, S3Objects
from chalicelib.adapters.presigning import attachment, exact_key
from chalicelib.domain.document import DocumentRef, MediaType
from chalicelib.ports import ListedDocument, UploadForm
from chalicelib.settings import Settings

_UNVERSIONED = "null"  # S3's own word for the version of what came into a bucket that kept none


class S3DocumentStore:
    """Originals as objects. S3 itself tells `inference` of those under `uploads/`."""

    def __init__(self, settings: Settings, clients: AwsClients) -> None:
        self._settings = settings
        self._client = clients.s3
        self._objects = S3Objects(settings, clients)

    def put(self, key: str, content: bytes, media_type: MediaType) -> None:
        """Store `content` under `key`, encrypted."""
        self._objects.put(key, content, media_type)

    def get(self, ref: DocumentRef) -> bytes:
        """The bytes of a document, in the version that `ref` names, if it names one.

        `NotFoundError` when there is none; `RejectedError("too_large", …)` when somebody put one into the bucket that
        no upload would have let through.
        """
        return self._objects.get(ref, self._settings.max_document_bytes)

    def exists(self, key: str) -> bool:
        """Whether something is stored under `key`."""
        return self._objects.exists(key)

    def delete(self, ref: DocumentRef) -> None:
        """Remove for good the version that `ref` names, or all versions; return if there is none."""
        self._objects.delete(ref)

    def delete_folder(self, folder: str) -> None:
        """Remove for good all versions of everything whose key begins with `folder`, which ends with `/`."""
        self._objects.delete_folder(folder)

    def listed(self, prefix: str, after: str = "") -> Iterator[ListedDocument]:
        """The newest versions of the documents under `prefix` that come after the key `after`, in the order of keys."""
        for version in self._objects.newest_versions(prefix, after):
            version_id = None if version["VersionId"] == _UNVERSIONED else version["VersionId"]
            ref = DocumentRef(key=version["Key"], version_id=version_id)
            yield ListedDocument(ref, version["LastModified"])

    def link(self, key: str, filename: str, seconds: int, version_id: str | None = None) -> str:
        """A presigned URL that downloads the document under the name `filename`, for `seconds`."""
        version: dict[str, Any] = {"VersionId": version_id} if version_id else {}
        with translated(SERVICE):
            return self._client().generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self._settings.bucket_name,
                    "Key": key,
                    "ResponseContentDisposition": attachment(filename),
                    "ResponseCacheControl": "private, no-store",
                    **version,
                },
                ExpiresIn=seconds,
            )

    def upload_form(self, key: str, media_type: MediaType, max_bytes: int, seconds: int) -> UploadForm:
        """A presigned POST for one document of 1 to `max_bytes` bytes under exactly `key`."""
        fields: dict[str, str] = {"Content-Type": media_type.value, **self._objects.encrypted_form_fields()}
        conditions: list[Any] = [{name: value} for name, value in fields.items()]
        with translated(SERVICE):
            form = self._client().generate_presigned_post(
                Bucket=self._settings.bucket_name,
                Key=exact_key(key),
                Fields=fields,
                Conditions=[*conditions, ["content-length-range", 1, max_bytes]],
                ExpiresIn=seconds,
            )
        return UploadForm(url=form["url"], fields=form["fields"])

    def check(self) -> None:
        """Return if the bucket answers; raise otherwise."""
        with translated(SERVICE):
            self._client().head_bucket(Bucket=self._settings.bucket_name)
