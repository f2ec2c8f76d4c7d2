"""The server process of a storm: started, killed with everything it started, and started again on the same data."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from bench.processes import PROJECT, BenchError, quiet_environment
from bench.stack_storm.weather import VARIABLE, Weather

HOST = "127.0.0.1"
_START_SECONDS, _STOP_SECONDS = 60.0, 60.0
_PAUSE_SECONDS = 0.05
_NO_BREAKERS = 10**9  # failures: each document shall meet the faults, not a closed door
_AMPLE_USD = "100000"
_SETTINGS = {  # minutes become seconds; how long a worker may have a document stays as it is
    "INVOICES_LOST_SECONDS": "4",
    "INVOICES_RETRY_LOST_SECONDS": "10",
    "INVOICES_BREAKER_FAILURES": str(_NO_BREAKERS),
    "INVOICES_DAY_LIMIT_USD": _AMPLE_USD,
    "INVOICES_MONTH_LIMIT_USD": _AMPLE_USD,
    "INVOICES_LOG_LEVEL": "WARNING",
}
_AWS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")
_ENDPOINTS = ("AWS_ENDPOINT_URL_TEXTRACT", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME")


class ServerProcess:
    """One process after the other on one data folder, at one port. `kills` are the times at which one was killed."""

    def __init__(self, data_dir: Path, log: Path) -> None:
        self.kills: list[float] = []
        self.port = _free_port()
        self._command = [sys.executable, "-m", "bench.stack_storm.server", str(data_dir), str(self.port)]
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, weather: Weather) -> None:
        """Start one, and wait until it answers; `BenchError` when it does not."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=PROJECT,
                env=_environment(weather),
                stdin=subprocess.PIPE,  # which ends with this process, however that ends
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a group of its own, for `kill`
            )
        self._await_answer(self._process)

    def kill(self) -> None:
        """`kill -9` for the process and all it started."""
        self._end(signal.SIGKILL)
        self.kills.append(time.time())

    def stop(self) -> None:
        """Ask it to stop; `BenchError` when it does not, or not well."""
        status = self._end(signal.SIGTERM)
        if status:
            raise BenchError(f"The server ended with status {status} when it was asked to stop:\n{self._last_lines()}")

    def close(self) -> None:
        """Leave nothing behind."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        if number == signal.SIGKILL:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise BenchError(f"The server of the storm did not stop in a minute:\n{self._last_lines()}") from None
        finally:
            if process.stdin:
                process.stdin.close()
        return process.returncode

    def _await_answer(self, process: "subprocess.Popen[bytes]") -> None:
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            if process.poll() is not None:
                raise BenchError(f"The server of the storm did not start:\n{self._last_lines()}")
            if _answers(self.port):
                return
            threading.Event().wait(_PAUSE_SECONDS)
        raise BenchError(f"The server of the storm did not answer:\n{self._last_lines()}")

    def _last_lines(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")[-3000:]


def _environment(weather: Weather) -> dict[str, str]:
    given = {name: os.environ[name] for name in (*_AWS, *_ENDPOINTS)}
    return {**quiet_environment(), **given, **_SETTINGS, VARIABLE: weather.model_dump_json()}


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _free_port() -> int:
    """A port behind which there is room for the bucket's, which is the next one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind((HOST, 0))
            port = int(first.getsockname()[1])
            try:
                second.bind((HOST, port + 1))
            except (OSError, OverflowError):
                continue
            return port
