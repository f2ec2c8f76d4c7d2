"""The embedded adapters for `chalice local --stage local`: they bring their own bucket server and event pump along.

Chalice's local server runs no event handlers. So the first request starts what does. Chalice's autoreload replaces the
process that serves; the lock on the data folder goes over to the new one as soon as the old one has ended.
"""

import logging
import threading
from pathlib import Path

from chalicelib.errors import SmartInvoiceError
from chalicelib.settings import Settings
from local.autoreload import ignore_what_is_written
from local.family import EmbeddedAdapters
from local.lambda_runtime import LambdaRuntime
from local.lock import DirectoryLock
from local.pump import Pump
from local.stack import loaded_app

log = logging.getLogger("smart-invoice.background")

_SECONDS_BETWEEN_TRIES = 1.0


class BackgroundAdapters(EmbeddedAdapters):
    """Adapters that process what is uploaded, from the moment they are made."""

    def __init__(self, settings: Settings) -> None:
        ignore_what_is_written(Path(settings.data_dir))
        super().__init__(settings)
        threading.Thread(target=self._run, args=(settings,), daemon=True, name="background").start()

    def _run(self, settings: Settings) -> None:
        lock = DirectoryLock(Path(settings.data_dir))
        while not lock.try_acquire():  # another process works on this folder, and processes what comes in here too
            threading.Event().wait(_SECONDS_BETWEEN_TRIES)
        Pump(self, LambdaRuntime(loaded_app())).start()
        try:
            self.bucket_server().serve_forever()
        except SmartInvoiceError:  # links will not work, but everything else does
            log.exception("No bucket server")
