"""The course of a storm: documents are sent, the process is killed, what waits is settled; then comes the audit."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench.stack_storm.adapters import OBJECTS
from bench.stack_storm.audit import Evidence, audited
from bench.stack_storm.bill import Bill
from bench.stack_storm.clients import Client, Sending
from bench.stack_storm.journal import Journal
from bench.stack_storm.junk import throw_junk
from bench.stack_storm.papers import Paper, papers
from bench.stack_storm.process import ServerProcess
from bench.stack_storm.report import Counts, StackStorm, reported
from bench.stack_storm.standing import Outside, Standing
from bench.stack_storm.troubles import FolderOfObjects
from bench.stack_storm.weather import Weather

_LOOK_SECONDS = 0.1
_QUIET_SECONDS = 2.5  # without any change, and everybody waits for time to pass
_JUMP = timedelta(minutes=16)  # a claim is lost after 15
_LAST_JUMP = timedelta(minutes=61)  # a reservation is forgotten after 60
_MOST_JUMPS, _MOST_JUMPS_IN_VAIN = 40, 4
_MOST_SENT_AGAIN = 3
_BUSY = ("received", "processing")

Tell = Callable[[str], None]


class Wishes(NamedTuple):
    """How large the storm is. The same `seed` gives the same documents, and the same dice for what goes wrong."""

    documents: int = 500
    kills: int = 3
    clients: int = 8
    fault_share: float = 0.2
    seed: int = 1


def stack_storm(wishes: Wishes, tell: Tell = lambda _: None) -> StackStorm:
    """Hold a storm on a new data folder; `tell` hears how far it is. `BenchError` when it cannot be held."""
    begin = time.monotonic()
    sent = papers(wishes.documents, wishes.seed)
    bill = Bill(sent, wishes.fault_share, wishes.seed)
    with TemporaryDirectory() as folder, bill.open(FolderOfObjects(Path(folder) / "notes" / OBJECTS)):
        storm = _Storm(Path(folder), wishes, tell)
        with closing(storm):
            evidence = storm.run(sent, bill)
            return reported(evidence, audited(evidence), storm.counts(bill, time.monotonic() - begin))


class _Storm:
    """One storm in a folder."""

    def __init__(self, folder: Path, wishes: Wishes, tell: Tell) -> None:
        self._wishes = wishes
        self._tell = tell
        self._data_dir = folder / "data"
        self._weather = Weather(seed=wishes.seed, folder=folder / "notes", fault_share=wishes.fault_share)
        self._dice = random.Random(wishes.seed)  # noqa: S311 - weather, no secret
        self._journal = Journal(self._weather.folder)
        self._server = ServerProcess(self._data_dir, folder / "server.log")
        self._outside = Outside(self._data_dir)
        self._client = Client(self._server.port)
        self._jumps = self._sent_again = 0

    def run(self, sent: Sequence[Paper], bill: Bill) -> Evidence:
        """Send everything, let it end, and gather what there is to know."""
        self._server.start(self._weather)
        sendings = self._send(sent)
        self._settle("What was left is swept up")
        for _ in range(_MOST_SENT_AGAIN):
            sendings = self._with_failed_sent_again(sendings)
        self._jump(_LAST_JUMP)
        self._settle("Reservations are settled", lambda standing: standing.is_settled and not standing.reserved)
        documents = {one.invoice_id: self._client.invoice(one.invoice_id) for one in sendings if one.invoice_id}
        self._server.stop()
        notes = list(self._journal.notes())
        return Evidence(sendings, documents, notes, bill.entries, self._server.kills, self._later())

    def counts(self, bill: Bill, seconds: float) -> Counts:
        """What the storm did so far, in so many seconds."""
        calls = self._journal.calls()
        return Counts(
            seed=self._wishes.seed,
            calls=calls.made + bill.calls,
            faults=calls.failed + bill.faults,
            jumps=self._jumps,
            sent_again=self._sent_again,
            seconds=seconds,
        )

    def close(self) -> None:
        """Leave nothing behind."""
        self._server.close()
        self._outside.close()
        self._journal.close()

    def _send(self, sent: Sequence[Paper]) -> list[Sending]:
        """All documents, by several clients at once, while the process is killed now and then."""
        may_send = threading.Event()

        def send(paper: Paper) -> Sending:
            may_send.wait()
            return self._client.send(paper)

        with ThreadPoolExecutor(self._wishes.clients) as pool:
            futures = [pool.submit(send, paper) for paper in sent]
            try:
                self._watch(futures, may_send)
            finally:
                may_send.set()
                pool.shutdown(cancel_futures=True)
            return [future.result() for future in futures]

    def _watch(self, futures: Sequence["Future[Sending]"], may_send: threading.Event) -> None:
        """Kill the process when so many documents have ended; let clients send while not too much is under way."""
        kills = list(self._kills())
        most = max(10, self._wishes.documents // 10)
        for standing, is_quiet in self._looks():
            done = sum(future.done() for future in futures)
            self._tell(f"{done} of {len(futures)} sent, {standing.ended} ended, {len(self._server.kills)} kills")
            busy = standing.events + sum(standing.rows.get(status, 0) for status in _BUSY)
            (may_send.set if busy < most else may_send.clear)()
            if kills and (standing.ended >= kills[0] or (is_quiet and done == len(futures))):
                kills.pop(0)
                self._kill(standing)
            elif not kills and done == len(futures):
                return

    def _kills(self) -> Iterator[int]:
        """After how many ended documents the process is killed, each time."""
        for number in range(self._wishes.kills):
            share = (number + 0.2 + 0.4 * self._dice.random()) / self._wishes.kills
            yield int(share * self._wishes.documents)

    def _kill(self, standing: Standing) -> None:
        threading.Event().wait(self._dice.random() / 2)
        self._server.kill()
        self._journal.note("kill", how=f"{standing.open} under way")
        throw_junk(self._outside.adapters, len(self._server.kills))
        self._start(timedelta(0))

    def _start(self, ahead: timedelta) -> None:
        weather = self._weather
        seconds = weather.ahead_seconds + ahead.total_seconds()
        self._weather = weather.model_copy(update={"life": weather.life + 1, "ahead_seconds": seconds})
        self._server.start(self._weather)

    def _jump(self, ahead: timedelta) -> None:
        """Let time pass: stop, and start with the clock ahead. Nobody is at work meanwhile who could lose a claim."""
        self._server.stop()
        self._jumps += 1
        self._start(ahead)

    def _settle(self, what: str, is_done: Callable[[Standing], bool] = lambda standing: standing.is_settled) -> None:
        """Wait until everything has ended, and let time pass where everybody waits for it; not for ever in vain."""
        in_vain, last = 0, None
        for _ in range(_MOST_JUMPS):
            standing = next(one for one, is_quiet in self._told_looks(what) if is_quiet or is_done(one))
            in_vain, last = (in_vain + 1 if standing == last else 0), standing
            if is_done(standing) or in_vain == _MOST_JUMPS_IN_VAIN:
                return
            self._jump(_JUMP)

    def _told_looks(self, what: str) -> Iterator[tuple[Standing, bool]]:
        for standing, is_quiet in self._looks():
            self._tell(f"{what}: {standing.open} open, {standing.reserved} reserved, {self._jumps} jumps of the clock")
            yield standing, is_quiet

    def _looks(self) -> Iterator[tuple[Standing, bool]]:
        """How things stand, again and again; and whether nothing has happened for a while."""
        before, since = self._outside.standing(), time.monotonic()
        while True:
            threading.Event().wait(_LOOK_SECONDS)
            standing = self._outside.standing()
            if standing != before:
                before, since = standing, time.monotonic()
            yield standing, time.monotonic() - since > _QUIET_SECONDS

    def _with_failed_sent_again(self, sendings: Sequence[Sending]) -> list[Sending]:
        """The same, after the clients have sent again what we failed at and said might succeed."""
        failed = [sending for sending in sendings if self._is_to_be_sent_again(sending)]
        again = {sending.paper.name: self._again(sending) for sending in failed}
        if again:
            self._settle("What had failed was sent again")
        return [again.get(sending.paper.name, sending) for sending in sendings]

    def _is_to_be_sent_again(self, sending: Sending) -> bool:
        if not sending.invoice_id:
            return False
        document = self._client.invoice(sending.invoice_id)
        return document.get("status") == "failed" and bool(document["error"]["retryable"])

    def _again(self, sending: Sending) -> Sending:
        self._sent_again += 1
        invoice_id = self._client.send_again(sending.paper)
        if invoice_id == sending.invoice_id:
            return sending
        return replace(sending, invoice_id=invoice_id, replaced=(*sending.replaced, sending.invoice_id))

    def _later(self) -> Outside:
        """The data folder, by the clock of the last process."""
        self._outside.close()
        self._outside = Outside(self._data_dir, self._weather.ahead_seconds)
        return self._outside
