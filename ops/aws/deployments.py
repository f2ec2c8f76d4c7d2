"""The bucket of deployments: records, packages, Chalice's own record, and the lock."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from os import getpid
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import ClientError

from ops.aws.failures import code_of
from ops.command import OpsError
from ops.deploy.lock import LIFETIME, Lock, Verdict, is_alive, this_place, verdict
from ops.deploy.record import Deployment

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_RECORDS, _PACKAGES, _CHALICE, _LOCK = "records/", "packages/", "chalice/deployed.json", "lock.json"
_MISSING = {"NoSuchKey", "404", "NoSuchBucket", "NotFound"}
_TAKEN = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}


class Deployments:
    """The records of one stage. Where the bucket is not there yet, there are none."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        self._s3, self.bucket = s3, bucket

    def exist(self) -> bool:
        """Whether the bucket is there."""
        try:
            self._s3.head_bucket(Bucket=self.bucket)
        except ClientError as error:
            if code_of(error) in _MISSING:
                return False
            raise
        return True

    def history(self, most: int = 50) -> tuple[Deployment, ...]:
        """The latest deployments, newest first."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=_RECORDS)
        keys = sorted((item["Key"] for page in pages for item in page.get("Contents", [])), reverse=True)
        return tuple(Deployment.model_validate_json(self._body(key) or b"") for key in keys[:most])

    def keep(self, deployment: Deployment) -> None:
        """Write a record, or write it anew."""
        self._put(f"{_RECORDS}{deployment.id}.json", deployment.model_dump_json(indent=1).encode())

    def keep_package(self, sha256: str, content: bytes) -> None:
        """Store a package under its hash."""
        if self._etag(_package_key(sha256)) is None:
            self._put(_package_key(sha256), content)

    def package(self, sha256: str) -> bytes:
        """A package; `OpsError` where it is not kept any more, or is not what it was."""
        content = self._body(_package_key(sha256))
        if content is None or hashlib.sha256(content).hexdigest() != sha256:
            raise OpsError(f"{_package_key(sha256)} in {self.bucket} is gone or damaged. Please deploy another build.")
        return content

    def chalice(self) -> dict[str, Any] | None:
        """Chalice's record of what it has deployed."""
        body = self._body(_CHALICE)
        return dict(json.loads(body)) if body else None

    def keep_chalice(self, record: dict[str, Any]) -> None:
        """Store Chalice's record."""
        self._put(_CHALICE, json.dumps(record, indent=1).encode())

    @contextmanager
    def locked(self, owner: str, *, by_force: bool = False) -> Iterator["Held"]:
        """Keep others out; `OpsError` that names whoever is at work, unless `by_force` throws them out."""
        held = self._take(owner, by_force=by_force)
        try:
            yield held
        finally:
            held.release()

    def _take(self, owner: str, *, by_force: bool) -> "Held":
        found, etag = self._lock()
        said = verdict(found, this_place(), datetime.now(UTC), alive=bool(found and is_alive(found.process)))
        if found and said is Verdict.HELD and not by_force:
            raise OpsError(_held(found))
        return Held(self._s3, self.bucket, owner).taken_after(etag)

    def _lock(self) -> tuple[Lock | None, str | None]:
        try:
            found = self._s3.get_object(Bucket=self.bucket, Key=_LOCK)
        except ClientError as error:
            if code_of(error) in _MISSING:
                return None, None
            raise
        return Lock.model_validate_json(found["Body"].read()), found["ETag"]

    def _etag(self, key: str) -> str | None:
        try:
            return self._s3.head_object(Bucket=self.bucket, Key=key)["ETag"]
        except ClientError as error:
            if code_of(error) in _MISSING:
                return None
            raise

    def _body(self, key: str) -> bytes | None:
        try:
            return self._s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if code_of(error) in _MISSING:
                return None
            raise

    def _put(self, key: str, body: bytes) -> None:
        self._s3.put_object(Bucket=self.bucket, Key=key, Body=body)


class Held:
    """A lock that is ours until it runs out; `renew` begins its time anew."""

    def __init__(self, s3: "S3Client", bucket: str, owner: str) -> None:
        self._s3, self._bucket, self._owner, self._token = s3, bucket, owner, uuid4().hex
        self._etag: str | None = None

    def taken_after(self, etag: str | None) -> "Held":
        """Take it, where it is still as it was seen: free, or with this `etag`."""
        self._write(etag)
        return self

    def renew(self) -> None:
        """Begin its time anew; `OpsError` where somebody has taken it meanwhile."""
        self._write(self._etag)

    def release(self) -> None:
        """Let others in. One that somebody took by force is theirs, and stays."""
        try:
            self._s3.delete_object(Bucket=self._bucket, Key=_LOCK, IfMatch=self._etag or "")
        except ClientError as error:
            if code_of(error) not in _TAKEN | _MISSING:
                raise

    def _write(self, etag: str | None) -> None:
        now = datetime.now(UTC)
        lock = Lock(
            token=self._token,
            owner=self._owner,
            place=this_place(),
            process=getpid(),
            taken_at=now,
            expires_at=now + LIFETIME,
        )
        body = lock.model_dump_json().encode()
        try:
            if etag is None:
                done = self._s3.put_object(Bucket=self._bucket, Key=_LOCK, Body=body, IfNoneMatch="*")
            else:
                done = self._s3.put_object(Bucket=self._bucket, Key=_LOCK, Body=body, IfMatch=etag)
        except ClientError as error:
            if code_of(error) in _TAKEN | _MISSING:
                raise OpsError("Somebody else has just begun to deploy this stage. Please wait for them.") from None
            raise
        self._etag = done["ETag"]


def _package_key(sha256: str) -> str:
    return f"{_PACKAGES}{sha256}.zip"


def _held(lock: Lock) -> str:
    return (
        f"{lock.owner} has been deploying this stage since {lock.taken_at:%H:%M} UTC. Please wait until that is done; "
        f"if it was stopped, its lock runs out at {lock.expires_at:%H:%M} UTC, and --break-lock ends it at once."
    )
