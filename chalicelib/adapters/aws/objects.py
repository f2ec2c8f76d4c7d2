"""Objects in the bucket, encrypted at rest."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.adapters.aws.failures import translated
from chalicelib.domain.document import DocumentRef
from chalicelib.errors import NotFoundError, RejectedError
from chalicelib.settings import Settings

SERVICE = "s3"


class S3Objects:
    """Bytes under keys of `settings.bucket_name`."""

    def __init__(self, settings: Settings, clients: AwsClients) -> None:
        self._bucket = settings.bucket_name
        self._kms_key = settings.kms_key
        self._client = clients.s3

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Store `content` under `key`."""
        with translated(SERVICE):
            self._client().put_object(
                Bucket=self._bucket, Key=key, Body=content, ContentType=content_type, **self._encryption()
            )

    def get(self, ref: DocumentRef, max_bytes: int | None = None) -> bytes:
        """The bytes of an object; `NotFoundError` when there is none, `RejectedError` when it is above `max_bytes`."""
        version: dict[str, Any] = {"VersionId": ref.version_id} if ref.version_id else {}
        with translated(SERVICE):
            answer = self._client().get_object(Bucket=self._bucket, Key=ref.key, **version)
        if max_bytes is not None and answer["ContentLength"] > max_bytes:
            answer["Body"].close()
            raise RejectedError(
                "too_large", f"This file is larger than {max_bytes:,} bytes. Please send a smaller one."
            )
        with translated(SERVICE):
            return answer["Body"].read()

    def exists(self, key: str) -> bool:
        """Whether there is an object under `key`."""
        try:
            with translated(SERVICE):
                self._client().head_object(Bucket=self._bucket, Key=key)
        except NotFoundError:
            return False
        return True

    def delete(self, ref: DocumentRef) -> None:
        """Remove for good the version that `ref` names, or all of them; return if there is none."""
        if ref.version_id is not None:
            self._delete_version(ref.key, ref.version_id)
            return
        for key, version_id in self._versions(ref.key):
            if key == ref.key:
                self._delete_version(key, version_id)

    def delete_folder(self, folder: str) -> None:
        """Remove for good all versions of everything whose key begins with `folder`, which ends with `/`."""
        if not folder.endswith("/"):
            raise ValueError(f"{folder} is no folder")
        for key, version_id in self._versions(folder):
            self._delete_version(key, version_id)

    def newest_versions(self, prefix: str, after: str) -> Iterator[Mapping[str, Any]]:
        """The newest version of each object below `prefix` that is not deleted and comes after the key `after`.

        Versions, and not just objects: the event of one names its version, and so do the ids that are made from it.
        """
        following: dict[str, Any] = {"KeyMarker": after} if after else {}
        while True:
            with translated(SERVICE):
                answer = self._client().list_object_versions(Bucket=self._bucket, Prefix=prefix, **following)
            yield from (version for version in answer.get("Versions", ()) if version["IsLatest"])
            if not answer["IsTruncated"]:
                return
            following = {"KeyMarker": answer["NextKeyMarker"], "VersionIdMarker": answer["NextVersionIdMarker"]}

    def encrypted_form_fields(self) -> dict[str, str]:
        """What a presigned form has to say so that its object is encrypted."""
        names = {"ServerSideEncryption": "x-amz-server-side-encryption"}
        names["SSEKMSKeyId"] = "x-amz-server-side-encryption-aws-kms-key-id"
        return {names[name]: value for name, value in self._encryption().items() if name in names}

    def _delete_version(self, key: str, version_id: str) -> None:
        """Remove one version; without a version id, S3 would only put a marker before it."""
        with suppress(NotFoundError), translated(SERVICE):
            self._client().delete_object(Bucket=self._bucket, Key=key, VersionId=version_id)

    def _versions(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Key and id of all versions and markers under a prefix; a bucket without versions names its own `null`."""
        pages = iter(self._client().get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix))
        while True:
            with translated(SERVICE):
                page = next(pages, None)
            if page is None:
                return
            for one in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                yield one["Key"], one["VersionId"]

    def _encryption(self) -> dict[str, Any]:
        """The parameters that encrypt an object: with the configured KMS key, or else with S3's own."""
        if self._kms_key is None:
            return {"ServerSideEncryption": "AES256"}
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self._kms_key, "BucketKeyEnabled": True}
