"""What the fakes have in common at the wire: HTTP on loopback, with answers that break off as planned."""

import socket
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler


class WireHandler(BaseHTTPRequestHandler):
    """One call."""

    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def reply(self, status: int, body: bytes, headers: Mapping[str, str], kept: float | None = None) -> None:
        """Send an answer; with `kept`, only that share of its body (0: nothing at all), and then break off."""
        with suppress(OSError):  # nobody waits any more
            if kept != 0:
                self.send_response(status)
                for name, text in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(body if kept is None else body[: int(len(body) * kept)])
        if kept is not None:
            self.break_off()

    def break_off(self) -> None:
        """End the connection."""
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
