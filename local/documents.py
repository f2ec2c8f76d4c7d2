"""The embedded bucket: a folder of originals."""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from chalicelib.adapters.presigning import exact_key
from chalicelib.domain.document import DocumentRef, MediaType
from chalicelib.domain.upload import PREFIX
from chalicelib.errors import NotFoundError
from chalicelib.ports import Clock, ListedDocument, UploadForm
from chalicelib.settings import Settings
from local.database import Database
from local.files import disk_errors, file_of, new_draft, publish, remove
from local.presigned import Download, Presigner, Upload
from local.queue import SqliteQueue
from local.s3_events import Creation, object_created

_UNKNOWN_TYPE = "application/octet-stream"
_VERSION = "%v-"  # begins what no segment of a key is called
_MICROSECONDS = 1_000_000
_LISTED_AT_ONCE = 1000  # as S3 does


class StoredObject(NamedTuple):
    """Where a stored document lies, and what its sender said it is."""

    path: Path
    media_type: str


class FolderDocumentStore:
    """Documents in `<data>/bucket/`, at paths that follow their keys; `presigner` makes and knows its links.

    Every version of an upload lies in `<data>/versions/`, too; the last one under both names.
    """

    def __init__(
        self, settings: Settings, database: Database, events: SqliteQueue, presigner: Presigner, clock: Clock
    ) -> None:
        self.presigner = presigner
        self._bucket = settings.bucket_name
        self._root = Path(settings.data_dir) / "bucket"
        self._versions = Path(settings.data_dir) / "versions"
        self._drafts = Path(settings.data_dir) / "drafts"
        self._database = database
        self._events = events
        self._clock = clock

    def put(self, key: str, content: bytes, media_type: MediaType) -> None:
        """Store `content` under `key`, and queue S3's event for keys under `uploads/`; both last once this returns."""
        draft = self.draft()
        with disk_errors(draft):
            draft.write_bytes(content)
        self.adopt(draft, key, media_type, event="ObjectCreated:Put")

    def get(self, ref: DocumentRef) -> bytes:
        """The bytes of a document, in the version that `ref` names, if it names one; `NotFoundError` without any."""
        path = self.find(ref.key, ref.version_id).path
        with disk_errors(path):
            return path.read_bytes()

    def exists(self, key: str) -> bool:
        """Whether something is stored under `key`."""
        return file_of(self._root, key).is_file()

    def delete(self, ref: DocumentRef) -> None:
        """Remove for good the version that `ref` names, or all versions; return if there is none."""
        last = file_of(self._root, ref.key)
        if ref.version_id is not None:
            version = self._version(ref.key, ref.version_id)
            if version.is_file() and last.is_file() and last.samefile(version):
                remove(last)
            remove(version)
            return
        for version in file_of(self._versions, ref.key).glob(f"{_VERSION}*"):
            remove(version)
        remove(last)
        with self._database.writing() as connection:
            connection.execute("DELETE FROM objects WHERE key = ?", (ref.key,))

    def delete_folder(self, folder: str) -> None:
        """Remove for good all versions of everything whose key begins with `folder`, which ends with `/`."""
        if not folder.endswith("/"):
            raise ValueError(f"{folder} is no folder")
        for root in (self._versions, self._root):
            remove(file_of(root, folder.removesuffix("/")))
        with self._database.writing() as connection:
            connection.execute("DELETE FROM objects WHERE substr(key, 1, ?) = ?", (len(folder), folder))

    def listed(self, prefix: str, after: str = "") -> Iterator[ListedDocument]:
        """The documents whose keys begin with `prefix` and come after `after`, by the bytes of their keys."""
        while page := self._keys(prefix, after):
            yield from filter(None, map(self._listed, page))
            after = page[-1]

    def link(self, key: str, filename: str, seconds: int, version_id: str | None = None) -> str:
        """A URL of the bucket server that downloads the document as `filename`, for `seconds`."""
        return self.presigner.link(
            Download(key, filename, version_id or ""), self._clock.now() + timedelta(seconds=seconds)
        )

    def upload_form(self, key: str, media_type: MediaType, max_bytes: int, seconds: int) -> UploadForm:
        """A form for the bucket server that stores one document of 1 to `max_bytes` bytes under exactly `key`."""
        upload = Upload(exact_key(key), media_type, max_bytes)
        return self.presigner.form(upload, self._clock.now() + timedelta(seconds=seconds))

    def check(self) -> None:
        """Return if documents can be written; raise otherwise."""
        draft = self.draft()
        with disk_errors(draft):
            draft.write_bytes(b"")
            draft.unlink()

    def find(self, key: str, version_id: str | None = None) -> StoredObject:
        """The file of a stored document, in that version or the last; `NotFoundError` when there is none."""
        path = self._version(key, version_id) if version_id else file_of(self._root, key)
        if not path.is_file():
            raise NotFoundError("document_not_found", "There is no document under this key.")
        with self._database.reading() as connection:
            row = connection.execute("SELECT media_type FROM objects WHERE key = ?", (key,)).fetchone()
        return StoredObject(path, row[0] if row else _UNKNOWN_TYPE)

    def draft(self) -> Path:
        """A new path to write a document to, before it is adopted."""
        return new_draft(self._drafts)

    def adopt(self, draft: Path, key: str, media_type: MediaType, event: str) -> None:
        """Move a written draft under `key`, and queue S3's `event` for keys under `uploads/`; both last on return."""
        path = file_of(self._root, key)
        try:
            created = self._creation(draft, key, event)
            if key.startswith(PREFIX):
                self._keep_version(draft, created)
            publish(draft, path)
        finally:
            draft.unlink(missing_ok=True)
        with self._database.writing() as connection:
            created = created._replace(sequence=_next_sequence(connection, created))
            connection.execute(
                "INSERT OR REPLACE INTO objects (key, media_type, sequence) VALUES (?, ?, ?)",
                (key, media_type, created.sequence),
            )
            if key.startswith(PREFIX):
                self._events.send_within(connection, object_created(created))

    def _version(self, key: str, version_id: str) -> Path:
        return file_of(self._versions, key) / f"{_VERSION}{Path(version_id).name}"

    def _keep_version(self, draft: Path, created: Creation) -> None:
        """Give the draft the name of its version, too."""
        second = self.draft()
        with disk_errors(second):
            second.hardlink_to(draft)
        publish(second, self._version(created.key, created.version_id))

    def _listed(self, key: str) -> ListedDocument | None:
        """The last version of a key, by the name that its event gave it; `None` when it is gone."""
        try:
            last = file_of(self._root, key).stat()
        except FileNotFoundError:
            return None
        ref = DocumentRef(key=key, version_id=self._version_id(key, last))
        return ListedDocument(ref, datetime.fromtimestamp(last.st_mtime, UTC))

    def _version_id(self, key: str, last: os.stat_result) -> str | None:
        """Which version a file is: its other name says so; `None` when it came before versions were kept."""
        for version in file_of(self._versions, key).glob(f"{_VERSION}*"):
            with suppress(FileNotFoundError):  # it was removed at this very moment
                if os.path.samestat(version.stat(), last):
                    return version.name.removeprefix(_VERSION)
        return None

    def _keys(self, prefix: str, after: str) -> list[str]:
        """The next keys; `substr` and not `LIKE`, for `%` and `_` are letters of keys like any other."""
        select = "SELECT key FROM objects WHERE key > ? AND substr(key, 1, ?) = ? ORDER BY key LIMIT ?"
        with self._database.reading() as connection:
            rows = connection.execute(select, (after, len(prefix), prefix, _LISTED_AT_ONCE)).fetchall()
        return [key for (key,) in rows]

    def _creation(self, draft: Path, key: str, event: str) -> Creation:
        """What the event will tell of the draft."""
        now = self._clock.now()
        with disk_errors(draft), draft.open("rb") as file:
            os.utime(draft, (now.timestamp(), now.timestamp()))  # so that the file's time is the clock's
            etag = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
            return Creation(
                event, self._bucket, key, draft.stat().st_size, etag, now, version_id=draft.name, sequence=0
            )


def _next_sequence(connection: sqlite3.Connection, created: Creation) -> int:
    """A number that grows from event to event of a key, even where the clock stands still or goes back."""
    row = connection.execute("SELECT sequence FROM objects WHERE key = ?", (created.key,)).fetchone()
    return max(int(created.time.timestamp() * _MICROSECONDS), row[0] + 1 if row else 0)
