"""Signed, expiring links and upload forms of the embedded bucket: S3's presigned GET and POST in small."""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, quote, unquote, urlencode

from chalicelib.domain.document import MediaType
from chalicelib.errors import ConfigurationError, RejectedError
from chalicelib.ports import UploadForm

_FILE_NAME = "bucket.key"
_SECRET_BYTES = 32


class Download(NamedTuple):
    """What a valid link allows: to read `key`, in that version or the last, and save it as `filename`."""

    key: str
    filename: str
    version_id: str = ""


class Upload(NamedTuple):
    """What a valid form allows: to store 1 to `max_bytes` bytes of kind `media_type` under `key`."""

    key: str
    media_type: MediaType
    max_bytes: int


class Presigner:
    """Makes links and forms that point to `base_url`, and knows its own again."""

    def __init__(self, secret: bytes, base_url: str) -> None:
        self._secret = secret
        self._base_url = base_url.rstrip("/")

    def link(self, download: Download, expires: datetime) -> str:
        """A URL that is good for one document until `expires`."""
        until = str(int(expires.timestamp()))
        query = {
            "filename": download.filename,
            "versionId": download.version_id,
            "expires": until,
            "signature": self._signature("GET", *download, until),
        }
        return f"{self._base_url}/{quote(download.key)}?{urlencode(query)}"

    def download(self, path: str, query: str, now: datetime) -> Download:
        """What the link with this path and query allows; `RejectedError` when it is not ours or too old."""
        given = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
        download = Download(unquote(path.removeprefix("/")), given.get("filename", ""), given.get("versionId", ""))
        until = given.get("expires", "")
        self._verify(given.get("signature", ""), "GET", *download, until)
        _refuse_after(datetime.fromtimestamp(int(until), UTC), now)
        return download

    def form(self, upload: Upload, expires: datetime) -> UploadForm:
        """A form that is good for one document until `expires`; its fields are named as S3's are."""
        policy = base64.b64encode(json.dumps([*upload, expires.timestamp()]).encode()).decode()
        fields = {
            "key": upload.key,
            "Content-Type": upload.media_type,
            "policy": policy,
            "x-amz-signature": self._signature("POST", policy),
        }
        return UploadForm(url=f"{self._base_url}/", fields=fields)

    def upload(self, fields: Mapping[str, str], now: datetime) -> Upload:
        """What a form with these fields allows; `RejectedError` when it is not ours, too old or was changed."""
        policy = fields.get("policy", "")
        self._verify(fields.get("x-amz-signature", ""), "POST", policy)
        key, media_type, max_bytes, expires = json.loads(base64.b64decode(policy))
        _refuse_after(datetime.fromtimestamp(expires, UTC), now)
        if (fields.get("key"), fields.get("Content-Type")) != (key, media_type):
            raise RejectedError("form_changed", "Send the fields of the upload form exactly as they were given.")
        return Upload(key, MediaType(media_type), max_bytes)

    def _signature(self, *parts: str) -> str:
        return hmac.new(self._secret, json.dumps(parts).encode(), hashlib.sha256).hexdigest()

    def _verify(self, signature: str, *parts: str) -> None:
        if not hmac.compare_digest(signature.encode(), self._signature(*parts).encode()):
            raise RejectedError(
                "bad_signature", "This link or form was not made here, or was changed; ask for a new one."
            )


def secret_of(data_dir: Path) -> bytes:
    """The secret of a data directory, readable by its owner only; it is made when there is none yet."""
    path = data_dir / _FILE_NAME
    try:
        if not path.exists():
            _make_secret(path)
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError("data_dir_unusable", f"{path} cannot be used: {error.strerror}.") from error


def _make_secret(path: Path) -> None:
    """Write a secret whole or not at all, and never over one that another process has just made."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(_SECRET_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _refuse_after(expires: datetime, now: datetime) -> None:
    if now >= expires:
        raise RejectedError("link_expired", "This link or form has expired; ask for a new one.")
