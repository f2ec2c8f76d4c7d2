"""Whatever happens to its events and workers, a document ends, is read once, and its failure is on record."""

import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from chalicelib.domain.record import Status
from chalicelib.domain.transitions import claimed
from chalicelib.errors import UnavailableError
from tests.builders import a_clock, a_document
from tests.timed import TimedApi, a_letter, an_event_of, timed_api

_DOCUMENTS = 12


@pytest.fixture
def api(tmp_path: Path) -> Iterator[TimedApi]:
    """The app, its clock and its reader."""
    with timed_api(tmp_path, a_clock()) as timed:
        yield timed


@pytest.mark.parametrize("seed", range(8))
def test_every_document_ends_however_its_events_come(api: TimedApi, seed: int) -> None:
    dice = random.Random(seed)
    ids = [api.uploaded(a_document(f"{seed}-{number}")) for number in range(_DOCUMENTS)]
    api.lose_events()

    for _ in range(60):
        mishap = dice.choice([deliver, deliver, fail, crash, give_up, poison, sweep])
        mishap(api, dice.choice(ids))
        api.clock.advance(seconds=dice.choice([1, 60, 1200]))
    api.reader.trouble = None
    for _ in range(30):
        api.clock.advance(minutes=10)
        sweep(api, ids[0])
    api.work_off_dead_letters(most=200)

    ended = [api.record(invoice_id) for invoice_id in ids]
    assert {record.status for record in ended} <= {Status.COMPLETED, Status.REJECTED, Status.FAILED}
    assert all(record.problem is not None for record in ended if record.status is Status.FAILED)
    assert api.reader.read_well == sum(record.status is not Status.FAILED for record in ended)
    assert max(record.attempts for record in ended) <= 5
    assert api.adapters.dead_letters().depth() == 0


def deliver(api: TimedApi, invoice_id: str) -> None:
    """An event arrives, perhaps once more."""
    with suppress(UnavailableError):
        api.invoke("inference", an_event_of(api.record(invoice_id).document.key), api.clock.new_id())


def fail(api: TimedApi, invoice_id: str) -> None:
    """An event arrives while the reader is down."""
    api.reader.trouble = UnavailableError("down", "")
    deliver(api, invoice_id)
    api.reader.trouble = None


def crash(api: TimedApi, invoice_id: str) -> None:
    """A worker dies right after it has claimed the row."""
    record = api.record(invoice_id)
    if record.status in {Status.RECEIVED, Status.WAITING} and record.attempts < 5:
        api.adapters.invoices().save(claimed(record, api.clock.new_id(), api.clock.now()))


def give_up(api: TimedApi, invoice_id: str) -> None:
    """An event ends among the dead letters."""
    api.adapters.dead_letters().send(a_letter(an_event_of(api.record(invoice_id).document.key)))
    api.work_off_dead_letters(most=2)


def poison(api: TimedApi, invoice_id: str) -> None:
    """Something unreadable does."""
    api.adapters.dead_letters().send(f"poison {invoice_id}")


def sweep(api: TimedApi, _invoice_id: str) -> None:
    """The schedule runs."""
    with suppress(UnavailableError):
        api.swept()
