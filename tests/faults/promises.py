"""What holds at every moment of the world in `machine.py`, and what holds when its trouble is over: I1 to I8.

They are those of the threat model, without I6 as it stands there: one installation serves one organisation, so that
nobody's documents have to be kept from somebody else. What is left of it: no row says what another document says.
"""

import hashlib
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from chalicelib.domain.charge import ChargeState
from chalicelib.domain.invoice import FieldName
from chalicelib.domain.record import FINAL, InvoiceRecord, Status
from chalicelib.domain.transitions import part_id
from chalicelib.domain.upload import derived_folder, ocr_folder, ref_of
from chalicelib.errors import NEVER_ANSWERED
from tests.faults.dying import MOST_INVOICES, invoices_on, number_on
from tests.faults.machine import BY_HAND, Stored, World

PAGE_USD = Decimal("0.0015")
_ENDS_RIGHT = frozenset({Status.COMPLETED, Status.REJECTED, Status.FAILED, Status.ERASED})
_NOT_LOST = frozenset({"document_missing", "upload_never_came", "internal_error"})


class Promises:
    """Looks at a world from time to time, and remembers what it saw."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._records: dict[str, InvoiceRecord] = {}  # as they are now
        self._seen: dict[str, InvoiceRecord] = {}  # as they were at the last look

    def are_kept(self) -> None:
        """Each of I1 to I8, at this moment."""
        self._records = self._world.records()
        for name in sorted(name for name in dir(self) if name.startswith("i") and name[1].isdigit()):
            getattr(self, name)()

    def i1_nothing_accepted_is_lost(self) -> None:
        """Every accepted document has a row and its original; a processed one that very version."""
        documents = self._world.living("documents")
        for invoice_id in self._world.accepted - self._by_hand() - self._records.keys():
            raise AssertionError(f"{invoice_id} has no row")
        for record in self._records.values():
            if record.invoice_id in self._world.accepted and record.status is not Status.ERASED:
                content = documents.get(ref_of(record.document))
                assert record.status is not Status.COMPLETED or _sha256(content) == record.document.sha256

    def i1_no_invoice_of_a_document_is_missing(self) -> None:
        """Of a document that is done, all invoices are there, of the same bytes, and none that is not in it.

        They may be there before it is; but no longer than the bytes are its own.
        """
        for record in self._records.values():
            version = self._version(record)
            done = [one for one in self._further(record) if one.status is Status.COMPLETED]
            assert {one.document.sha256 for one in done} <= {record.document.sha256}
            is_whole = record.status is Status.COMPLETED and not _missing(record)
            if is_whole and record.part_of is None and version is not None:
                pages = [one.document.page_range.first for one in done if one.document.page_range]
                assert pages == list(range(2, invoices_on(version.content) + 1))

    def i1_nothing_is_to_be_paid_of_a_document_that_failed(self) -> None:
        """Half of its invoices would look like all there are."""
        for record in self._records.values():
            if record.status is Status.FAILED and record.part_of is None:
                assert not [one for one in self._further(record) if one.status is Status.COMPLETED]

    def i2_nothing_is_done_twice(self) -> None:
        """Of one content there is one result at most for each page."""
        done = [_said_of(one) for one in self._records.values() if one.status is Status.COMPLETED]
        assert len(done) == len(set(done))

    def i2_nothing_is_bought_twice(self) -> None:
        """Each invoice buys each of its contents once, but for what a crash, silence or a paused worker took."""
        world = self._world
        again = sum(max(0, count - len(self._holders(one.content))) for one, count in world.ocr.billed.items())
        assert again <= world.ocr.lost + world.fuse.took + world.pauses

    def i3_the_ledger_is_the_bill(self) -> None:
        """What is booked is what was billed, and what may have been."""
        charges = self._world.charges()
        booked = sum((one.usd for one in charges), Decimal(0))
        billed = sum(count * len(one.pages) for one, count in self._world.ocr.billed.items()) * PAGE_USD
        unsure = (one.usd for one in charges if one.state in {ChargeState.RESERVED, ChargeState.UNKNOWN})
        assert billed <= booked <= billed + sum(unsure, Decimal(0))

    def i4_the_counters_are_the_sums_of_the_ledger(self) -> None:
        """Of every day."""
        ledger = self._world.living("ledger")
        for day in self._world.days():
            assert ledger.spending(day).day_usd == sum((one.usd for one in ledger.charges_on(day)), Decimal(0))

    def i5_no_day_costs_more_than_was_ever_allowed(self) -> None:
        """Whoever reserves at once."""
        assert self._world.living("ledger").spending(self._world.clock.now().date()).day_usd <= self._world.most

    def i6_no_row_says_what_another_document_says(self) -> None:
        """A result is that of the version, and the page, that the row names."""
        for record in self._records.values():
            version = self._version(record)
            if record.status is Status.COMPLETED and record.outcome is not None and version is not None:
                page = record.document.page_range.first if record.document.page_range else 1
                number = record.outcome.invoice.text(FieldName.INVOICE_NUMBER)
                assert number == number_on(version.content, page)

    def i7_what_has_ended_stays(self) -> None:
        """But for a failed one, a newer version, and a deletion that somebody asked for; no version comes back."""
        for invoice_id, record in self._records.items():
            before = self._seen.get(invoice_id)
            if before is not None:
                self._is_next(before, record)
        self._seen |= self._records

    def i7_deletion_wins(self) -> None:
        """Whoever was told that it is deleted never finds it again, nor any other invoice of the same document."""
        assert self._world.erased <= self._world.to_erase  # what stands in a document with others is refused
        for invoice_id in self._world.erased:
            first = self._records[invoice_id]
            for record in (first, *self._further(first)):
                assert record.status is Status.ERASED
                assert (record.document.key, record.document.sha256, record.outcome) == ("", None, None)

    def i8_nothing_is_tried_for_ever(self) -> None:
        """Neither by events nor by letters."""
        most = self._world.services.settings
        for record in self._records.values():
            assert record.attempts <= most.max_attempts
            assert record.redrives <= most.max_redrives

    def everything_has_ended_well(self) -> None:
        """When the trouble is over: right, with the newest version that was heard of, or gone without a trace."""
        self.are_kept()
        self._nothing_is_open()
        records = self._records
        for invoice_id, versions in self._world.versions.items():
            heard = [one for one in versions if self._world.is_heard(one)]
            if heard:
                self._has_ended_well(records[invoice_id], heard[-1])
        for record in records.values():
            if record.status is Status.ERASED:
                self._is_gone(record)
            if record.status is not Status.COMPLETED:
                assert not [one for one in self._further(record) if one.status is Status.COMPLETED]

    def _nothing_is_open(self) -> None:
        """Nothing waits, and nothing that was read without a paid reader has to stay like that; but for one reason."""
        missing = {reason for record in self._records.values() for reason in _missing(record)}
        assert missing <= {NEVER_ANSWERED}
        world = self._world
        assert not list(world.living("ledger").open_reservations(world.clock.now() - timedelta(hours=1)))
        open_ones = [one for one in world.records().values() if one.status not in _ENDS_RIGHT]
        assert not [one for one in open_ones if one.invoice_id in world.accepted]

    def _has_ended_well(self, record: InvoiceRecord, newest: Stored) -> None:
        if record.status is Status.ERASED:
            assert record.invoice_id in self._world.to_erase
            return
        assert self._world.version_of(record) >= newest.number
        version = self._version(record)
        assert version is not None
        assert record.document.sha256 == _sha256(version.content)
        problem = record.problem.code if record.problem else None
        if record.status is Status.REJECTED:
            assert problem == "duplicate_upload"
            first = self._world.living("invoices").holder(record.document.sha256 or "")
            assert first is not None
            assert first.invoice_id != record.invoice_id
        if record.status is Status.FAILED:
            assert problem not in _NOT_LOST

    def _is_gone(self, tombstone: InvoiceRecord) -> None:
        """Nothing of a deleted one is on the disk: no name, no byte, nothing derived, no letter."""
        invoice_id, world = tombstone.invoice_id, self._world
        assert tombstone.remains is None
        names = {str(path.relative_to(world.data_dir)) for path in _files(world.data_dir)}
        gone = [one for one in world.versions.get(invoice_id, ()) if world.is_heard(one)]
        late = [one for one in world.versions.get(invoice_id, ()) if not world.is_heard(one)]
        for one in gone:
            assert not any(str(one.ref.version_id) in name for name in names)
            self._is_nowhere(one.content, names)
        assert late or not any(f"/{invoice_id}/" in name for name in names)
        for name in (invoice_id, *_further_ids(invoice_id)):
            assert not any(derived_folder(name) in path for path in names)
        assert {one.status for one in self._further(tombstone)} <= {Status.ERASED}
        assert not any(f'"{invoice_id}"' in message.body for message in world.messages("parking"))

    def _is_nowhere(self, content: bytes, names: set[str]) -> None:
        world = self._world
        if any(not self._is_erased(invoice_id) for invoice_id in self._holders(content)):
            return
        holder = world.living("invoices").holder(_sha256(content))
        assert holder is None or holder.status is not Status.ERASED
        unheard = any(one.content == content for one in world.lost.values())
        if content not in world.ocr.crashed_at:
            assert not any(ocr_folder(_sha256(content)) in name for name in names)
        if not unheard:
            assert not any(
                path.read_bytes() == content for path in _files(world.data_dir) if "textract" not in str(path)
            )

    def _is_next(self, before: InvoiceRecord, now: InvoiceRecord) -> None:
        """Whether a row may have become what it is now."""
        if now.status is Status.ERASED:
            assert (now.part_of or now.invoice_id) in self._world.to_erase
            return
        old, new = self._world.version_of(before), self._world.version_of(now)
        assert new >= old
        if new == old and self._had_ended(before):
            assert now.status is before.status
            assert now.outcome == before.outcome or self._is_better(before, now)
        assert before.status is not Status.ERASED

    def _had_ended(self, before: InvoiceRecord) -> bool:
        """Whether its document had ended well with the version that it still has."""
        first_id = before.part_of or before.invoice_id
        then, now = self._seen[first_id], self._records[first_id]
        is_same = self._world.version_of(then) == self._world.version_of(now)
        return is_same and then.status in FINAL - {Status.FAILED}

    def _is_better(self, before: InvoiceRecord, now: InvoiceRecord) -> bool:
        """Whether what a paid reader was missing for was read again, and came out no worse; that costs anew."""
        first = self._seen[before.part_of or before.invoice_id]
        is_no_worse = len(_missing(now)) <= len(_missing(before))
        return bool(_missing(first)) and is_no_worse and _fields(now) >= _fields(before)

    def _version(self, record: InvoiceRecord) -> Stored | None:
        number = self._world.version_of(record)
        versions = self._world.versions.get(record.part_of or record.invoice_id, ())
        return next((one for one in versions if one.number == number), None)

    def _further(self, first: InvoiceRecord) -> list[InvoiceRecord]:
        """The rows of all other invoices in its document, those withdrawn or erased too."""
        if first.part_of is not None:
            return []
        if first.status is not Status.ERASED:
            return [record for record in self._records.values() if record.part_of == first.invoice_id]
        return [record for record in map(self._world.record, _further_ids(first.invoice_id)) if record is not None]

    def _holders(self, content: bytes) -> set[str]:
        """The invoices that had this content in one of their versions."""
        return {key for key, stored in self._world.versions.items() if any(one.content == content for one in stored)}

    def _is_erased(self, invoice_id: str) -> bool:
        record = self._world.record(invoice_id)
        return record is not None and record.status is Status.ERASED

    def _by_hand(self) -> set[str]:
        """The invoices that get their row by their event."""
        return {key for key, stored in self._world.versions.items() if any(one.ref.key in BY_HAND for one in stored)}


def _further_ids(first_id: str) -> list[str]:
    return [part_id(first_id, number) for number in range(2, MOST_INVOICES + 1)]


def _missing(record: InvoiceRecord) -> tuple[str, ...]:
    """Which paid readers could not be asked."""
    return record.outcome.degraded if record.outcome else ()


def _fields(record: InvoiceRecord) -> set[str]:
    return set(record.outcome.invoice.fields) if record.outcome else set()


def _said_of(record: InvoiceRecord) -> tuple[str | None, int]:
    pages = record.document.page_range
    return record.document.sha256, pages.first if pages else 1


def _files(folder: Path) -> list[Path]:
    return [path for part in ("bucket", "versions", "drafts") for path in (folder / part).rglob("*") if path.is_file()]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
