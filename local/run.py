"""Start the whole system, send it the sample invoices over HTTP, and show what came out."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from chalicelib.bootstrap import services
from local.client import Client, Result
from local.http_server import PROJECT
from local.sample_table import sample_table
from local.samples import Expectation, expectations, mismatches
from local.serve import told_to_stop
from local.stack import Place, started

_LOG_NAME = "smart-invoice.log"
_PIPED_WIDTH = 200
_LONGEST = timedelta(days=7)


def run(place: Place, *, once: bool) -> int:
    """Send the samples, print the table, and (unless `once`) serve until told to stop.

    0 if every sample came out as expected, 1 if not; when it goes on serving, always 0.
    """
    console = Console() if sys.stdout.isatty() else Console(width=_PIPED_WIDTH)
    with told_to_stop() as stopping:
        stack = started(place)
        try:
            _log_to_file(place.data_dir / _LOG_NAME)
            with _token() as token:
                is_good = _send_samples(Client(place.url, stopping, token), console)
                if once or stopping.is_set():
                    return 0 if is_good else 1
                _say_where(place, token, console)
                stopping.wait()
        finally:
            stack.stop()
    return 0


@contextmanager
def _token() -> Iterator[str | None]:
    """A token for as long as this runs, where the API wants one (`INVOICES_AUTH=true`)."""
    if not services().settings.auth:
        yield None
        return
    adapters = services().adapters
    token = services().add_token(f"run-{adapters.clock().new_id().lower()}", _LONGEST)
    try:
        yield token.text
    finally:
        adapters.tokens().remove(token.kept.sha256)


def _send_samples(client: Client, console: Console) -> bool:
    wanted = expectations(PROJECT / "samples")
    results = _results(client, wanted, console)
    wrong = {name: mismatches(wanted[name], result) for name, result in results.items()}
    console.print(sample_table(results, wrong, console.width))
    for path, differences in wrong.items():
        for difference in differences:
            console.print(f"{path.name}: {difference}", style="red", markup=False, highlight=False)
    good = sum(not differences for differences in wrong.values())
    console.print(f"{good} of {len(wanted)} samples came out as expected.{_note_on_known(results)}")
    return good == len(wanted)


def _results(client: Client, wanted: dict[Path, Expectation], console: Console) -> dict[Path, Result]:
    results: dict[Path, Result] = {}
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        sending = progress.add_task("Sending samples", total=len(wanted))
        tickets = {}
        for path in wanted:
            tickets[path] = client.send(path)
            progress.advance(sending)
        reading = progress.add_task("Reading samples", total=len(wanted))
        for path, ticket in tickets.items():
            results[path] = client.result(ticket)
            progress.advance(reading)
    return results


def _note_on_known(results: dict[Path, Result]) -> str:
    known = sum(result.was_known for result in results.values())
    if not known:
        return ""
    return f" {known} had been sent before and were not read again (`make clean` forgets them)."


def _say_where(place: Place, token: str | None, console: Console) -> None:
    console.print(f"Serving on {place.url}; everything is kept in {place.data_dir}, the log in {_LOG_NAME}. Try:")
    header = f"-H 'Authorization: Bearer {token}' " if token else ""
    console.print(f"  curl {header}-F file=@samples/gb-stationer.pdf {place.url}/invoices", markup=False)
    console.print(f"  curl {header}{place.url}/invoices?limit=5", markup=False)
    console.print("Ctrl-C stops.")


def _log_to_file(path: Path) -> None:
    """Keep the log out of the table: it goes to a file beside the data."""
    stream = path.open("a", buffering=1, encoding="utf-8")
    for handler in logging.getLogger("smart-invoice").handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(stream)
