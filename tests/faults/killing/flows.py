"""What may be killed: each flow prepares a world, names the process that dies in it, and what AWS does afterwards."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from bench.paid import a_picture
from chalicelib.bootstrap import Services
from chalicelib.costs.mode import ModeName
from chalicelib.domain.charge import ChargeState, Limits
from chalicelib.domain.dead_letter import DeadLetter, UnreadableLetter
from chalicelib.domain.document import DocumentRef, MediaType
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.transitions import postponed
from chalicelib.domain.upload import ocr_folder
from local.fakes.faults import an_error
from tests.builders import a_charge, a_problem, an_id
from tests.bundles import a_pdf_of, an_invoice_page
from tests.faults.killing.stage import Stage
from tests.papers import a_pdf, a_scan

PLAIN = a_pdf_of([an_invoice_page()])
SCAN = a_picture(1)
BUNDLE = a_pdf_of([an_invoice_page(f"INV-104{day}", day=f"{day} March 2026", net=100 + day) for day in (2, 4, 6)])
ANOTHER = a_pdf_of([an_invoice_page("INV-2001", day="8 March 2026", net=300)])
A_THIRD = a_pdf_of([an_invoice_page("INV-3001", day="9 March 2026", net=350)])
ID = "the-delivery"  # Lambda keeps it when it tries again

Recovery = Callable[[], None]


class Flow:
    """One use case, `use_case(*given)`, and what comes after a process that died in it.

    `recoveries` are methods: each alone must bring everything to its right end, with the sweeps that come after.
    `ends` are the invoices and their statuses then, `contents` the originals that must be there.
    """

    use_case: ClassVar[str] = "process"
    recoveries: ClassVar[tuple[str, ...]] = ("again", "letter", "swept")
    is_on_aws_only: ClassVar[bool] = False
    settings: ClassVar[Mapping[str, Any]] = {"shares": False}  # three bookings a document, all alike
    is_scan_complete: ClassVar[bool] = True  # so that nothing is asked for but the words
    last_sweep: ClassVar[float] = 100  # minutes from the beginning: whatever was reserved is forgotten by then
    paid_once_more: ClassVar[frozenset[str]] = frozenset({"ocr.read_pages", "model.answer"})
    """The ports whose call is made and paid once more when the process dies before its answer is kept."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.given: tuple[Any, ...] = ()
        self.ends: dict[str, Status] = {}
        self.contents: dict[str, bytes] = {}
        self.ref = DocumentRef(key="")

    def prepare(self) -> None:
        """Everything that was done before."""

    def again(self) -> None:
        """The same delivery, as Lambda repeats it."""
        self.stage.deliver(self.ref, ID)

    def letter(self) -> None:
        """Lambda gave up, and its dead letter comes."""
        self.stage.letter(self.ref, ID, minutes=30)

    def swept(self) -> None:
        """Nothing comes any more, and the schedule finds it."""
        self.stage.sweep(20, 30)

    def once_more(self) -> None:
        """What must not change anything now."""
        self.stage.deliver(self.ref, "another-delivery", minutes=90)

    def check(self) -> None:
        """What is true at the end of this flow only."""

    def received(self, content: bytes, name: str = "invoice.pdf") -> InvoiceRecord:
        """A client sent it, and nobody has read it."""
        record: InvoiceRecord = self.stage.done("receive", content, name).record
        (self.ref,) = self.stage.cloud.events()
        self.contents[record.invoice_id] = content
        return record

    def delivered(self, record: InvoiceRecord, *statuses: Status) -> None:
        """It is this document that is read, and its invoices end like this."""
        self.given = (self.ref, ID)
        ids = [record.invoice_id, *(f"{record.invoice_id}-{number}" for number in range(2, len(statuses) + 1))]
        self.ends = dict(zip(ids, statuses, strict=True))


class Receiving(Flow):
    """`POST /invoices`; a client that hears nothing sends it again."""

    use_case = "receive"
    recoveries = ("again", "swept", "silence")

    def prepare(self) -> None:
        """A document."""
        self.given = (PLAIN, "invoice.pdf")

    def again(self) -> None:
        """The client repeats, and the event arrives."""
        self._sent()
        for ref in self.stage.cloud.events():
            self.ref = ref
            self.stage.deliver(ref, ID)

    def swept(self) -> None:
        """The client repeats, and the event gets lost."""
        self._sent()
        self.ref = self.stage.cloud.events()[-1]
        super().swept()

    def silence(self) -> None:
        """The client does not come back, and every event gets lost: what it began ends with a reason."""
        super().swept()
        for row in self.stage.rows().values():
            has_come = self.stage.original(row) is not None
            self.ends[row.invoice_id] = Status.COMPLETED if has_come else Status.FAILED
            self.ref = DocumentRef(key=row.document.key)

    def once_more(self) -> None:
        """Nothing was begun, if there is no row."""
        if self.ends:
            super().once_more()

    def _sent(self) -> None:
        record = self.stage.done(self.use_case, *self.given).record
        self.ends, self.contents = {record.invoice_id: Status.COMPLETED}, {record.invoice_id: PLAIN}


class AskingForAForm(Flow):
    """`POST /uploads`; a client that hears nothing asks again, and uses the second form."""

    use_case = "request_upload"
    recoveries = ("again", "swept")

    def prepare(self) -> None:
        """A name."""
        self.given = ("invoice.pdf", MediaType.PDF)

    def again(self) -> None:
        """The upload comes, and its event."""
        self._uploaded()
        self.stage.deliver(self.ref, ID)

    def swept(self) -> None:
        """The upload comes, and its event gets lost."""
        self._uploaded()
        super().swept()

    def _uploaded(self) -> None:
        self.ends = dict.fromkeys(self.stage.rows(), Status.FAILED)  # the form that nobody ever had
        record = self.stage.done(self.use_case, *self.given).record
        self.ref = self.stage.put(record.document.key, PLAIN)
        self.ends[record.invoice_id], self.contents[record.invoice_id] = Status.COMPLETED, PLAIN


class ReadingWhatHasNoRow(Flow):
    """The event of an object that somebody put there by hand; and the shares of what all documents cost together."""

    settings: ClassVar[Mapping[str, Any]] = {}

    def prepare(self) -> None:
        """Under a key of today, so that the sweep looks there."""
        self.ref = self.stage.put(f"uploads/{datetime.now(UTC):%Y/%m/%d}/by-hand/invoice.pdf", PLAIN)
        self.given = (self.ref, ID)

    def check(self) -> None:
        """There is one, and it is read."""
        (row,) = self.stage.rows().values()
        assert (row.status, row.document.key) == (Status.COMPLETED, self.ref.key)


class Paying(Flow):
    """A scan: words of Textract, a model, and fields of Textract."""

    is_scan_complete = False

    def prepare(self) -> None:
        """Received."""
        self.delivered(self.received(SCAN, "scan.png"), Status.COMPLETED)

    def check(self) -> None:
        """All three were bought, and what they said is there."""
        steps = {charge.step for charge in self.stage.charges(list(self.ends)) if charge.state is ChargeState.SETTLED}
        assert steps == {"ocr", "model", "expense"}


class PayingForAJob(Flow):
    """A scan of two pages, which Textract reads as a job: the same token is the same job, and is paid once."""

    is_on_aws_only = True
    paid_once_more: ClassVar[frozenset[str]] = frozenset()

    def prepare(self) -> None:
        """Received."""
        pages = a_pdf(a_scan(), a_scan())
        self.delivered(self.received(pages, "scan.pdf"), Status.COMPLETED)


class ReadingDegradedAgain(Flow):
    """A scan that was read while no model might be asked, and the model and fields of Textract that it lacks."""

    use_case = "reprocess_degraded"
    recoveries = ("again", "event")
    is_scan_complete = False

    def prepare(self) -> None:
        """Read by rules alone; then models may be asked again."""
        record = self.received(SCAN, "scan.png")
        switches = Services(self.stage.cloud.settings, self.stage.cloud.adapters).switches
        switches.set_mode(ModeName.RULES_ONLY, "the bill looks odd", "anna", datetime.now(UTC) + timedelta(hours=1))
        self.stage.deliver(self.ref, "before")
        assert self._missing(record) == ("mode_rules_only",)
        switches.set_mode(ModeName.AUTO)
        self.delivered(record, Status.COMPLETED)
        self.given = ()

    def again(self) -> None:
        """Somebody asks for it again, more than once: the first run may go on behind where the last was killed."""
        for minutes in (30, 40):
            self.stage.done(self.use_case, minutes=minutes)

    def event(self) -> None:
        """The event comes once more before that."""
        self.stage.deliver(self.ref, "late")
        self.again()

    def check(self) -> None:
        """All was bought, nobody is missing any more, and nobody holds it."""
        (invoice_id,) = self.ends
        steps = {charge.step for charge in self.stage.charges([invoice_id]) if charge.state is ChargeState.SETTLED}
        row = self.stage.row(invoice_id)
        assert (steps, self._missing(row), row.claim) == ({"ocr", "model", "expense"}, (), None)

    def _missing(self, record: InvoiceRecord) -> tuple[str, ...]:
        outcome = self.stage.row(record.invoice_id).outcome
        return outcome.degraded if outcome else ()


class SeveralInvoices(Flow):
    """Three invoices in one file."""

    def prepare(self) -> None:
        """Received."""
        self.delivered(self.received(BUNDLE), *[Status.COMPLETED] * 3)

    def check(self) -> None:
        """Each has its own number."""
        rows = self.stage.rows().values()
        numbers = {row.outcome.invoice.text("invoice_number") for row in rows if row.outcome}  # type: ignore[arg-type]  # names are texts
        assert numbers == {"INV-1042", "INV-1044", "INV-1046"}
        assert {row.parts for row in rows if row.part_of is None} == {3}


class NewVersion(Flow):
    """Another document under the key of three invoices that were read: one is left of them."""

    recoveries = ("again", "letter")  # the event is all that tells of it, and is never lost with a worker

    def prepare(self) -> None:
        """Read, and stored anew."""
        record = self.received(BUNDLE)
        self.stage.deliver(self.ref, "before")
        self.stage.cloud.adapters.documents().put(
            f"{ocr_folder(str(record.document.sha256))}1.pdf", b"x", "application/pdf"
        )
        self.ref = self.stage.put(record.document.key, ANOTHER)
        self.delivered(record, Status.COMPLETED, Status.REJECTED, Status.REJECTED)
        self.contents = {record.invoice_id: ANOTHER}
        self._old = str(record.document.sha256)

    def check(self) -> None:
        """Nothing of the old version is left."""
        rows = self.stage.rows()
        first, *others = [rows[invoice_id] for invoice_id in self.ends]
        assert first.outcome is not None
        assert first.outcome.invoice.text("invoice_number") == "INV-2001"  # type: ignore[arg-type]  # names are texts
        assert (first.parts, first.document.sequencer) == (1, self.ref.sequencer)
        assert {row.problem.code for row in others if row.problem} == {"superseded"}
        assert self.stage.cloud.adapters.invoices().holder(self._old) is None
        assert not [key for key in self.stage.cloud.stored() if key.startswith("derived/textract/")]


class Erasing(Flow):
    """`DELETE` of three invoices in one file, with all that lies beside them."""

    use_case = "erase"
    recoveries = ("again", "event", "swept")

    def prepare(self) -> None:
        """Read, and with answers and pages beside it."""
        record = self.received(BUNDLE)
        self.stage.deliver(self.ref, "before")
        self._sha256 = str(record.document.sha256)
        self.stage.cloud.adapters.checkpoints().save(record.invoice_id, "words-1.json", b"{}")
        self.stage.cloud.adapters.documents().put(f"{ocr_folder(self._sha256)}1.pdf", b"x", "application/pdf")
        self.given, self.contents = (record.invoice_id,), {}

    def again(self) -> None:
        """The client asks again."""
        self.stage.done(self.use_case, *self.given)

    def event(self) -> None:
        """A late event is the only one that comes; where nothing was erased yet, the client asks again."""
        if self.stage.row(*self.given).status is not Status.ERASED:
            self.again()
        self.stage.deliver(self.ref, "late")

    def swept(self) -> None:
        """Nobody comes; where nothing was erased yet, the client asks again."""
        if self.stage.row(*self.given).status is not Status.ERASED:
            self.again()
        super().swept()

    def check(self) -> None:
        """Tombstones, and nothing else."""
        tombstones = [self.stage.row(f"{self.given[0]}{part}") for part in ("", "-2", "-3")]
        assert {(row.status, row.remains, row.document.key) for row in tombstones} == {(Status.ERASED, None, "")}
        assert self.stage.cloud.stored() == []
        assert self.stage.cloud.adapters.invoices().holder(self._sha256) is None


class OriginalGone(Flow):
    """A failed document whose letter comes: it is parked."""

    use_case = "reprocess"
    recoveries = ("again",)

    def prepare(self) -> None:
        """Received, and its original removed."""
        self._record = self.received(PLAIN)
        self.stage.cloud.adapters.documents().delete(DocumentRef(key=self.ref.key))
        self.given = (DeadLetter(self.ref, "letter", ID),)
        self.ends, self.contents = {self._record.invoice_id: Status.FAILED}, {}

    def again(self) -> None:
        """The queue brings the letter again."""
        self.stage.letter(self.ref, ID, minutes=30)

    def check(self) -> None:
        """It may be parked twice, and is never lost."""
        parked = self.stage.cloud.parked()
        assert {(one.invoice_id, one.code) for one in parked} == {(self._record.invoice_id, "document_missing")}
        assert len(parked) in {1, 2}


class Redriving(OriginalGone):
    """The same when the original is there again, and somebody moves the letter back."""

    def prepare(self) -> None:
        """Failed; the original is there by now."""
        super().prepare()
        self.stage.deliver(self.ref, "before")
        self.ref = self.stage.put(self.ref.key, PLAIN)
        self.given = (DeadLetter(self.ref, "moved-back", ID),)
        self.ends = {self._record.invoice_id: Status.COMPLETED}
        self.contents = {self._record.invoice_id: PLAIN}

    def check(self) -> None:
        """Nothing is parked."""
        assert self.stage.cloud.parked() == []


class ParkingPoison(Flow):
    """A message that nobody can read, too long for one of the queue."""

    use_case = "reprocess"
    recoveries = ("again",)
    _BODY = "x" * 200_000 + "y"

    def prepare(self) -> None:
        """The message."""
        self.given = (UnreadableLetter("poison", self._BODY),)

    def again(self) -> None:
        """The queue brings it again."""
        self.stage.done(self.use_case, *self.given)

    def once_more(self) -> None:
        """It was deleted."""

    def check(self) -> None:
        """All of it is there."""
        pieces = {one.piece: one.body or "" for one in self.stage.cloud.parked()}
        assert "".join(pieces[number] for number in sorted(pieces)) == self._BODY


class Refused(Flow):
    """Textract refuses for want of a right: its breaker opens, and the document waits until that was mended."""

    paid_once_more = frozenset()  # a refusal is free

    def prepare(self) -> None:
        """Received."""
        self.delivered(self.received(SCAN, "scan.png"), Status.COMPLETED)
        self.stage.paid.refused = an_error("AccessDeniedException")

    def again(self) -> None:
        """It is mended before Lambda tries again."""
        self.stage.paid.refused = None
        super().again()

    def letter(self) -> None:
        """Or before the letter comes."""
        self.stage.paid.refused = None
        super().letter()

    def swept(self) -> None:
        """Or afterwards."""
        self.stage.paid.refused = None
        super().swept()


class Sweeping(Flow):
    """The schedule, with something of each kind to do."""

    use_case = "sweep"
    recoveries = ("swept",)
    last_sweep = 160

    def prepare(self) -> None:
        """A day's leftovers."""
        self.given = ("sweep",)
        self._erased()
        waiting, unattended = self.received(PLAIN), self.received(A_THIRD)
        form = self.stage.done("request_upload", "never.pdf", MediaType.PDF).record
        by_hand = self.stage.put(f"uploads/{datetime.now(UTC):%Y/%m/%d}/{an_id()}/lost.pdf", ANOTHER)
        self.ends = dict.fromkeys((waiting.invoice_id, unattended.invoice_id), Status.COMPLETED)
        self.ends[form.invoice_id] = Status.FAILED
        self.ends[by_hand.key.split("/")[4]] = Status.COMPLETED
        self.stage.cloud.adapters.invoices().save(
            postponed(waiting, a_problem("waiting_for_service"), waiting.received_at)
        )
        self.stage.cloud.adapters.ledger().reserve(
            a_charge(invoice_id=waiting.invoice_id, state=ChargeState.RESERVED, at=waiting.received_at), _FREELY
        )

    def swept(self) -> None:
        """The next ones."""
        self.stage.sweep(130)

    def once_more(self) -> None:
        """And one more."""
        self.stage.sweep(200)

    def check(self) -> None:
        """The forgotten reservation counts in full."""
        charges = {charge.charge_id: charge for charge in self.stage.charges(list(self.ends))}
        assert charges["ocr-1-1"].state is ChargeState.UNKNOWN
        assert self.stage.row(self._tombstone).remains is None

    def _erased(self) -> None:
        """An erasure that a crash has cut short after the tombstone."""
        self._tombstone = self.received(BUNDLE).invoice_id
        self.stage.run("erase", self._tombstone, last=1)
        self.contents = {}


_FREELY = Limits(day_usd=Decimal(1), month_usd=Decimal(1), invoice_usd=Decimal(1))

FLOWS: Mapping[str, type[Flow]] = {
    "receiving": Receiving,
    "asking-for-a-form": AskingForAForm,
    "reading-what-has-no-row": ReadingWhatHasNoRow,
    "paying": Paying,
    "paying-for-a-job": PayingForAJob,
    "reading-degraded-again": ReadingDegradedAgain,
    "several-invoices": SeveralInvoices,
    "new-version": NewVersion,
    "erasing": Erasing,
    "original-gone": OriginalGone,
    "redriving": Redriving,
    "parking-poison": ParkingPoison,
    "refused": Refused,
    "sweeping": Sweeping,
}
