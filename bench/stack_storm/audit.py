"""After the storm: is every document there, right, and paid for once?"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from bench.stack_storm.bill import Entry
from bench.stack_storm.clients import Sending
from bench.stack_storm.journal import Note
from bench.stack_storm.junk import dead_junk
from bench.stack_storm.papers import Truth
from bench.stack_storm.standing import Outside
from chalicelib.domain.charge import Charge, ChargeState
from chalicelib.domain.dead_letter import ParkedLetter
from chalicelib.domain.document import DocumentRef
from chalicelib.domain.record import PROCESSED, InvoiceRecord, Status
from chalicelib.errors import NotFoundError

_NEVER_CAME, _DUPLICATE, _GIVEN_UP = "upload_never_came", "duplicate_upload", "never_answered"
_MOST_UNSEEN = 2  # answers; what was perhaps billed twice and never seen is not bought a third time
_UNDER_WAY_SECONDS = 0.5  # a call of a process that was just killed may still reach its service

Documents = Mapping[str, Mapping[str, Any]]
"""The invoice documents of the API, by invoice."""


class Evidence(NamedTuple):
    """What the audit goes by.

    What the clients know, what the API says of each of their documents, what the processes noted, what the services
    billed, when a process was killed, and the data folder.
    """

    sendings: Sequence[Sending]
    documents: Documents
    notes: Sequence[Note]
    bill: Sequence[Entry]
    kills: Sequence[float]
    outside: Outside


class Findings(NamedTuple):
    """What is wrong, as sentences, and what is to be told.

    `bought_again` counts the answers that were bought a second time, by what had taken the first; `parked` the messages
    for a person, by their codes.
    """

    lost: list[str]
    wrong: list[str]
    done_twice: list[str]
    charged_twice: list[str]
    not_the_bill: list[str]
    left_behind: list[str]
    bought_again: Counter[str]
    parked: Counter[str]
    ends: Counter[str]
    billed_usd: Decimal
    settled_usd: Decimal
    unknown_usd: Decimal


def audited(evidence: Evidence) -> Findings:
    """Look at everything that the storm left."""
    records, charges = evidence.outside.records(), evidence.outside.charges()
    by_content = _by_content(records, charges)
    repeats = list(_repeats(evidence, records))
    return Findings(
        lost=list(_lost(evidence, records)),
        wrong=list(_wrong(evidence, by_content)),
        done_twice=list(_done_twice(evidence, records)),
        charged_twice=[f"{what}: billed again without a reason" for what, reason in repeats if not reason],
        not_the_bill=[*_not_the_bill(evidence.bill, by_content), *_wrong_sums(evidence.outside, charges)],
        left_behind=list(_left_behind(evidence.outside, len(evidence.kills))),
        bought_again=Counter(reason for _, reason in repeats if reason),
        parked=Counter(ParkedLetter.model_validate_json(body).code for body in evidence.outside.parked()),
        ends=Counter(_end_of(document) for document in evidence.documents.values()),
        billed_usd=_billed(evidence.bill, charges),
        settled_usd=_sum(charges, ChargeState.SETTLED),
        unknown_usd=_sum(charges, ChargeState.UNKNOWN),
    )


def _lost(evidence: Evidence, records: Mapping[str, InvoiceRecord]) -> Iterator[str]:
    """Documents that were accepted and have no row, no end, or no original."""
    for sending in evidence.sendings:
        record = records.get(sending.invoice_id)
        if sending.refusal:
            continue
        if record is None:
            yield f"{sending.paper.name}: no row {sending.invoice_id}"
        elif record.status not in PROCESSED:
            yield f"{sending.paper.name}: still {record.status}"
        elif _original(evidence.outside, record) != sending.paper.content:
            yield f"{sending.paper.name}: its original is not what was sent"


def _original(outside: Outside, record: InvoiceRecord) -> bytes | None:
    try:
        return outside.adapters.documents().get(DocumentRef(key=record.document.key))
    except NotFoundError:
        return None


def _wrong(evidence: Evidence, by_content: Mapping[str, Sequence[Charge]]) -> Iterator[str]:
    """Documents that ended otherwise than they must, by what the API says of them."""
    completed = {
        sending.paper.sha256
        for sending in evidence.sendings
        if _is_as(evidence.documents.get(sending.invoice_id, {}), sending.paper.truth)
    }
    for sending in evidence.sendings:
        paper, document = sending.paper, evidence.documents.get(sending.invoice_id, {})
        is_copy = paper.by_form and paper.sha256 in completed and _code(document) == _DUPLICATE
        if sending.refusal:
            if sending.refusal != paper.truth.code:
                yield f"{paper.name}: refused with {sending.refusal} instead of {paper.truth}"
        elif not (_is_as(document, paper.truth) or is_copy or _is_given_up(document, by_content.get(paper.sha256, ()))):
            yield f"{paper.name} ({paper.kind}): {_end_of(document)} instead of {paper.truth}"


def _is_as(document: Mapping[str, Any], truth: Truth) -> bool:
    fields: Mapping[str, Any] = document.get("fields", {})
    found = Truth(
        status=document.get("status", ""),
        code=_code(document),
        decision=document.get("decision", ""),
        number=fields.get("invoice_number", {}).get("value", ""),
        total=fields.get("total", {}).get("value", ""),
    )
    return found == truth


def _is_given_up(document: Mapping[str, Any], charges: Sequence[Charge]) -> bool:
    """Whether the storm took two answers for it, so that a third was rightly not bought."""
    unseen = sum(charge.state is ChargeState.UNKNOWN and charge.step == "ocr" for charge in charges)
    return document.get("status") == Status.FAILED and _code(document) == _GIVEN_UP and unseen >= _MOST_UNSEEN


def _done_twice(evidence: Evidence, records: Mapping[str, InvoiceRecord]) -> Iterator[str]:
    """Documents with two results, results that were saved twice, and rows that nobody asked for."""
    results = Counter(record.document.sha256 for record in records.values() if record.status is Status.COMPLETED)
    yield from (f"{sha256}: {count} results" for sha256, count in results.items() if count > 1)
    ended = Counter(
        invoice_id for invoice_id, _ in {(note.of, note.how) for note in evidence.notes if note.what == "ended"}
    )
    yield from (f"{invoice_id}: ended {count} times" for invoice_id, count in ended.items() if count > 1)
    known = {one for sending in evidence.sendings for one in (sending.invoice_id, *sending.replaced)}
    unused = [record for record in records.values() if record.invoice_id not in known]
    allowed = sum(sending.unanswered + len(sending.left) for sending in evidence.sendings)
    strange = [record for record in unused if not record.problem or record.problem.code != _NEVER_CAME]
    yield from (f"{record.invoice_id}: {record.status}, and nobody sent it" for record in strange)
    if len(unused) > allowed:
        yield f"{len(unused)} forms were never used, and only {allowed} were asked for in vain"


def _repeats(evidence: Evidence, records: Mapping[str, InvoiceRecord]) -> Iterator[tuple[str, str]]:
    """Every answer that was billed again for the same document, and what had taken the one before ("": nothing)."""
    ids = defaultdict(set)
    for record in records.values():
        ids[record.document.sha256].add(record.invoice_id)
    by_question = defaultdict(list)
    for entry in evidence.bill:
        by_question[entry.sha256, entry.usage.operation].append(entry)
    for (sha256, operation), entries in by_question.items():
        ordered = sorted(entries, key=lambda entry: entry.at)
        notes = [note for note in evidence.notes if note.of in ids[sha256]]
        for before, after in pairwise(ordered):
            yield f"{sha256[:8]} {operation}", _taken_by(before, after, notes, evidence.kills)


def _taken_by(before: Entry, after: Entry, notes: Sequence[Note], kills: Sequence[float]) -> str:
    """What became of an answer that was bought again."""
    if before.is_unseen:
        return "silence"
    between = [note for note in notes if before.at <= note.at <= after.at]
    kept = [note.at for note in between if note.what == "kept" and note.how == before.usage.operation]
    for kill in kills:
        if before.at <= kill + _UNDER_WAY_SECONDS and kill <= after.at and not any(at <= kill for at in kept):
            return "kill"
    if any(note.what == "unavailable" and note.how.startswith("checkpoints.") for note in between):
        return "no copy"
    return ""


def _not_the_bill(bill: Sequence[Entry], by_content: Mapping[str, list[Charge]]) -> Iterator[str]:
    """Documents for which the ledger has less than was billed, or is sure of more."""
    billed = defaultdict(list)
    for entry in bill:
        billed[entry.sha256].append(entry)
    for sha256 in billed.keys() | by_content.keys():
        charges = by_content.get(sha256, [])
        usd = _billed(billed[sha256], charges)
        settled, unknown = _sum(charges, ChargeState.SETTLED), _sum(charges, ChargeState.UNKNOWN)
        if not settled <= usd <= settled + unknown:
            yield f"{sha256[:8]}: billed ${usd}, settled ${settled}, unknown ${unknown}"


def _wrong_sums(outside: Outside, charges: Sequence[Charge]) -> Iterator[str]:
    """Days whose sum is not that of their charges."""
    for day in {charge.day for charge in charges}:
        booked = sum((charge.usd for charge in charges if charge.day == day), Decimal(0))
        counted = outside.adapters.ledger().spending(day).day_usd
        if booked != counted:
            yield f"{day}: charges of ${booked} are counted as ${counted}"


def _left_behind(outside: Outside, kills: int) -> Iterator[str]:
    """What is not at its end: messages, reservations, and what should have been put aside."""
    standing = outside.standing()
    parked = {ParkedLetter.model_validate_json(body).body for body in outside.parked()}
    for junk in (body for number in range(1, kills + 1) for body in dead_junk(number)):
        if junk not in parked:
            yield f"the message {junk} was not parked"
    if standing.events or standing.dead_letters:
        yield f"{standing.events} events and {standing.dead_letters} dead letters are still in their queues"
    if standing.reserved:
        yield f"{standing.reserved} reservations are open"


def _by_content(records: Mapping[str, InvoiceRecord], charges: Sequence[Charge]) -> Mapping[str, list[Charge]]:
    """The charges of all invoices with the same content."""
    found: dict[str, list[Charge]] = defaultdict(list)
    for charge in charges:
        found[records[charge.invoice_id].document.sha256 or ""].append(charge)
    return found


def _billed(entries: Sequence[Entry], charges: Sequence[Charge]) -> Decimal:
    """The price of what was billed, by the prices of the day of the charges."""
    if not entries:
        return Decimal(0)
    day = charges[0].day if charges else max(entry.day for entry in entries)
    return sum((entry.usd(day) for entry in entries), Decimal(0))


def _sum(charges: Sequence[Charge], state: ChargeState) -> Decimal:
    return sum((charge.usd for charge in charges if charge.state is state), Decimal(0))


def _code(document: Mapping[str, Any]) -> str:
    return str(document.get("error", {}).get("code", ""))


def _end_of(document: Mapping[str, Any]) -> str:
    parts = (document.get("status", "nothing"), document.get("decision"), _code(document))
    return " ".join(str(part) for part in parts if part)
