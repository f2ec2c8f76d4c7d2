"""Uploads a second at the API of the local stack, and how long they take, with 1, 8 and 32 clients."""

import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from pydantic import BaseModel, ConfigDict

from bench.processes import PROJECT, BenchError, quiet_environment

_CLIENTS = (1, 8, 32)
_SECONDS = 6.0
_PATIENCE_SECONDS = 120.0
_HOST = "127.0.0.1"
XML = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>{number}</cbc:ID><cbc:IssueDate>2026-11-02</cbc:IssueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty><cac:Party><cac:PartyLegalEntity>
<cbc:RegistrationName>Fernlea Joinery Ltd</cbc:RegistrationName></cac:PartyLegalEntity>
</cac:Party></cac:AccountingSupplierParty>
<cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount currencyID="EUR">{total}</cbc:TaxExclusiveAmount>
<cbc:TaxInclusiveAmount currencyID="EUR">{total}</cbc:TaxInclusiveAmount>
<cbc:PayableAmount currencyID="EUR">{total}</cbc:PayableAmount></cac:LegalMonetaryTotal></Invoice>
"""
"""A small e-invoice, to be formatted with its number and total."""


class Load(BaseModel):
    """What so many clients at once got: accepted uploads a second, milliseconds, and how many were lost after all."""

    model_config = ConfigDict(frozen=True)

    clients: int
    accepted: int
    refused: int
    per_second: float
    median_ms: float
    p95_ms: float
    lost: int


def load(tell: Callable[[str], None]) -> tuple[Load, ...]:
    """Upload small e-invoices, each another, while the stack reads them; then ask for every one that was accepted."""
    with TemporaryDirectory() as folder:
        server = _Server(Path(folder) / "data")
        try:
            return tuple(_measured(server, clients, tell) for clients in _CLIENTS)
        finally:
            server.stop()


def _measured(server: "_Server", clients: int, tell: Callable[[str], None]) -> Load:
    tell(f"Load: {clients} clients")
    until = time.monotonic() + _SECONDS
    with ThreadPoolExecutor(clients) as pool:
        runs = list(pool.map(lambda client: _uploads(server.port, f"{clients}-{client}", until), range(clients)))
    spent = [seconds for run in runs for seconds, _ in run]
    accepted = [invoice_id for run in runs for _, invoice_id in run if invoice_id]
    tell(f"Load: {len(accepted)} uploads are looked for")
    ranks = quantiles(spent, n=20) if len(spent) > 1 else [spent[0]] * 19
    return Load(
        clients=clients,
        accepted=len(accepted),
        refused=len(spent) - len(accepted),
        per_second=len(accepted) / _SECONDS,
        median_ms=1000 * ranks[9],
        p95_ms=1000 * ranks[18],
        lost=_lost(server.port, accepted),
    )


def _uploads(port: int, client: str, until: float) -> list[tuple[float, str | None]]:
    """Seconds and invoice id (`None`: refused) of one upload after the other, over one connection."""
    connection = http.client.HTTPConnection(_HOST, port, timeout=30)
    found: list[tuple[float, str | None]] = []
    while time.monotonic() < until:
        body = XML.format(number=f"LOAD-{client}-{len(found)}", total="100.00").encode()
        begin = time.perf_counter()
        connection.request("POST", "/invoices", body, {"Content-Type": "application/xml"})
        reply = connection.getresponse()
        answer = json.loads(reply.read())
        found.append((time.perf_counter() - begin, answer.get("invoice_id") if reply.status == 202 else None))
    connection.close()
    return found


def _lost(port: int, accepted: Sequence[str]) -> int:
    """How many of them are not finished in the end."""
    connection = http.client.HTTPConnection(_HOST, port, timeout=30)
    until = time.monotonic() + _PATIENCE_SECONDS
    waiting = list(accepted)
    while waiting and time.monotonic() < until:
        waiting = [invoice_id for invoice_id in waiting if _status(connection, invoice_id) != "completed"]
        threading.Event().wait(0.5 if waiting else 0)
    connection.close()
    return len(waiting)


def _status(connection: http.client.HTTPConnection, invoice_id: str) -> str:
    connection.request("GET", f"/invoices/{invoice_id}")
    return str(json.loads(connection.getresponse().read()).get("status"))


class _Server:
    """`python -m local serve` in a process of its own."""

    def __init__(self, data_dir: Path) -> None:
        with socket.socket() as probe:
            probe.bind((_HOST, 0))
            self.port = int(probe.getsockname()[1])
        command = [sys.executable, "-m", "local", "serve", "--data", str(data_dir), "--port", str(self.port)]
        self._process = subprocess.Popen(
            command, cwd=PROJECT, env=quiet_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._wait()

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(30)

    def _wait(self) -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                with socket.create_connection((_HOST, self.port), 1):
                    return
            except OSError:
                threading.Event().wait(0.1)
        raise BenchError("The local stack did not start; try `python -m local serve` to see why.")
