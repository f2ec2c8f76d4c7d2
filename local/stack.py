"""The whole system on one machine: lock, bucket, event pump and API, started and stopped together."""

import os
import socket
import threading
from http.server import HTTPServer
from pathlib import Path
from typing import NamedTuple

from chalice.app import Chalice

from chalicelib.errors import ConfigurationError
from local.family import EmbeddedAdapters
from local.http_server import HOST, serve_app
from local.lambda_runtime import LambdaRuntime
from local.lock import DirectoryLock
from local.pump import Pace, Pump

FAMILY = "local.family:EmbeddedAdapters"


class Place(NamedTuple):
    """Where a stack lives: the port of its API, and its data folder."""

    port: int
    data_dir: Path

    @property
    def url(self) -> str:
        """The address of the API."""
        return f"http://{HOST}:{self.port}"


class Stack:
    """A running system. Make it with `started`, and `stop` it."""

    def __init__(self, lock: DirectoryLock, servers: list[HTTPServer], pump: Pump) -> None:
        self._lock = lock
        self._servers = servers
        self._pump = pump
        for server in servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        pump.start()

    def stop(self) -> None:
        """Stop: no new requests, then no new events; what is unfinished goes on at the next start."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._pump.stop()
        self._lock.release()


def started(place: Place, pace: Pace | None = None, family: str = FAMILY) -> Stack:
    """Start everything; `ConfigurationError` when the folder or a port is in use.

    `family` (`module:class`) is made of `EmbeddedAdapters`.
    """
    lock = DirectoryLock(place.data_dir)
    lock.acquire()
    use_environment(place, family)
    app, adapters = loaded_app(), current_adapters()
    servers: list[HTTPServer] = [serve_app(app, place.port), adapters.bucket_server()]
    return Stack(lock, servers, Pump(adapters, LambdaRuntime(app), pace))


def use_environment(place: Place, family: str) -> None:
    """Set what the app reads from the environment when it is imported."""
    bucket_port = _free_port(place.port + 1)
    os.environ.setdefault("INVOICES_AUTH", "false")  # `true` shuts the door here as well
    os.environ |= {
        "INVOICES_STAGE": "local",
        "INVOICES_ADAPTERS": family,
        "INVOICES_SHARES": "false",
        "INVOICES_DATA_DIR": str(place.data_dir),
        "INVOICES_BUCKET_URL": f"http://{HOST}:{bucket_port}",
    }


def loaded_app() -> Chalice:
    """The app; it is imported only now, for it reads its settings then."""
    import app  # noqa: PLC0415 - see above

    return app.app


def current_adapters() -> EmbeddedAdapters:
    """The adapters that the app's own services use."""
    from chalicelib.bootstrap import services  # noqa: PLC0415 - as late as the app

    adapters = services().adapters
    if not isinstance(adapters, EmbeddedAdapters):
        raise ConfigurationError(
            "bad_settings", f"The local stack needs INVOICES_ADAPTERS={FAMILY}, or a family made of it."
        )
    return adapters


def _free_port(wanted: int) -> int:
    """The wanted port if it is free, or else any other; links are made for the one that it is."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except (OSError, OverflowError):
                continue
            return int(probe.getsockname()[1])
    raise ConfigurationError("port_unusable", "There is no free port for the bucket.")
