"""A document whose original was stored anew under the same key: which version is to be read."""

import hashlib
import logging

from chalicelib.domain.content import gives_way, is_duplicate
from chalicelib.domain.document import DocumentRef
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.transitions import renewed, reopened, versioned
from chalicelib.domain.upload import ref_of
from chalicelib.domain.versions import Age, age_of
from chalicelib.errors import NotFoundError, RejectedError
from chalicelib.pipeline.erase import RemoveRemains
from chalicelib.pipeline.withdraw_parts import WithdrawParts
from chalicelib.ports import Clock, DocumentStore, InvoiceStore

log = logging.getLogger("smart-invoice.versions")

_BEFORE_READING = frozenset({Status.AWAITING_UPLOAD, Status.RECEIVED})


class FollowVersion:
    """Move a row on to the version that an event names, if that is newer and says something else.

    What the sweeper finds in the bucket has a version, and no sequencer. Where there is none to compare by, the bucket
    itself is asked: of two versions the last one in it is the newer.
    """

    def __init__(self, documents: DocumentStore, invoices: InvoiceStore, clock: Clock) -> None:
        self._documents = documents
        self._invoices = invoices
        self._remains = RemoveRemains(documents, invoices)
        self._withdraw_parts = WithdrawParts(invoices, clock)

    def wanted(self, ref: DocumentRef, record: InvoiceRecord) -> DocumentRef:
        """The version to be read because of an event that names `ref`.

        Where the bucket is asked and its last version is neither the event's nor the row's, that one: the row is behind
        it in any case, and its own event may have been lost.
        """
        if not _is_for_the_bucket(ref, record):
            return ref
        last = self._last_version(ref.key)
        if last in {None, ref.version_id, record.document.version_id}:
            return ref
        return DocumentRef(key=ref.key, version_id=last)

    def age(self, ref: DocumentRef, record: InvoiceRecord) -> Age:
        """How old the version that `ref` names, a `wanted` one, is beside the one that the row is about.

        What is neither the row's nor the last one was replaced, and nobody has to read it any more.
        """
        if not _is_for_the_bucket(ref, record):
            return age_of(ref, record.document)
        return Age.NEWER if self._last_version(ref.key) == ref.version_id else Age.OLDER

    def named(self, record: InvoiceRecord) -> DocumentRef:
        """Where the document of a row is, in the version that it is about; the last one if it has heard of none."""
        ref = ref_of(record.document)
        last = self._last_version(ref.key) if ref.version_id is None else ref.version_id
        return ref.model_copy(update={"version_id": last})

    def __call__(self, record: InvoiceRecord, ref: DocumentRef) -> InvoiceRecord | None:
        """The record as it is stored after; `None` when there is nothing in the version that `ref` names any more.

        That version is newer than the record's.

        Other bytes open it again, with all attempts; whoever works on the old version loses it, and the further
        invoices in that are withdrawn. The same bytes
        leave it as it is: only the version is noted, and not even that while somebody is at work. A failed one is tried
        again for them, too: its sender asks for that. So is a duplicate whose first has let go of the content.
        """
        if record.status in _BEFORE_READING and record.document.sequencer is None and not record.attempts:
            return record  # the first event of all: what it names is noted by who claims it
        try:
            content = self._documents.get(ref)
        except NotFoundError:
            log.info("Skipped a version that is gone", extra={"invoice_id": record.invoice_id})
            return None
        except RejectedError:  # it cannot even be loaded, and is refused when it is read
            return self._renewed(record, ref, None)
        if hashlib.sha256(content).hexdigest() != record.document.sha256:
            return self._renewed(record, ref, content)
        if record.status is Status.PROCESSING:
            return record
        is_to_be_read = record.status is Status.FAILED or self._is_left(record)
        return self._invoices.save(versioned(reopened(record) if is_to_be_read else record, ref))

    def _is_left(self, record: InvoiceRecord) -> bool:
        """Whether this is a duplicate of what is no other's any more."""
        if record.document.sha256 is None or not is_duplicate(record):
            return False
        first = self._invoices.holder(record.document.sha256)
        return first is None or gives_way(first)

    def _renewed(self, record: InvoiceRecord, ref: DocumentRef, content: bytes | None) -> InvoiceRecord:
        log.info("Opened a new version of the document", extra={"invoice_id": record.invoice_id})
        digest = hashlib.sha256(content).hexdigest() if content is not None else None
        size = len(content) if content is not None else None
        self._remains.for_ocr(record)
        return self._withdraw_parts.letting_go(record, renewed(record, ref, digest, size))

    def _last_version(self, key: str) -> str | None:
        """The last version of a key; `None` where there is nothing, or the bucket keeps no versions."""
        first = next(iter(self._documents.listed(key)), None)
        return first.ref.version_id if first is not None and first.ref.key == key else None


def _is_for_the_bucket(ref: DocumentRef, record: InvoiceRecord) -> bool:
    """Whether both versions are known and differ, but not both of their sequencers."""
    known = record.document
    if known.version_id is None or ref.version_id in {None, known.version_id}:
        return False
    return ref.sequencer is None or known.sequencer is None


def is_newer(ref: DocumentRef, record: InvoiceRecord) -> bool:
    """Whether an event is about a version after the one that the record heard of."""
    return record.document.sequencer is not None and age_of(ref, record.document) is Age.NEWER


def is_older(ref: DocumentRef, record: InvoiceRecord) -> bool:
    """Whether an event is about a version before the record's."""
    return age_of(ref, record.document) is Age.OLDER
