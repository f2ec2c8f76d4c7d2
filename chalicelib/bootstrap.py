"""The one place of wiring: settings and a family of adapters become use cases, each when it is first asked for."""

import gc
import importlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chalicelib.errors import ConfigurationError
from chalicelib.pipeline.find import FindInvoice, LinkToDocument, ListInvoices
from chalicelib.pipeline.health import CheckHealth
from chalicelib.pipeline.receive import Receive
from chalicelib.pipeline.request_upload import RequestUpload
from chalicelib.ports import Adapters
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from chalicelib.pipeline.interpret import Interpret
    from chalicelib.pipeline.process import Process
    from chalicelib.pipeline.reprocess import Reprocess

# A page makes thousands of objects and hardly a cycle: looking for those at every 700, as Python does, costs a tenth.
_NEW_OBJECTS = 5000


class Services:
    """The use cases. They are small and made anew at each call; what is costly, the adapters keep.

    What reads invoices is imported when it is first asked for: an upload does not wait for it.
    """

    def __init__(self, settings: Settings, adapters: Adapters) -> None:
        self.settings = settings
        self.adapters = adapters

    @property
    def receive(self) -> Receive:
        """Take in a document that came with the request."""
        return Receive(self.adapters.documents(), self.adapters.invoices(), self.adapters.clock(), self.settings)

    @property
    def request_upload(self) -> RequestUpload:
        """Let a client store a large document itself."""
        return RequestUpload(self.adapters.documents(), self.adapters.invoices(), self.adapters.clock(), self.settings)

    @property
    def find(self) -> FindInvoice:
        """One invoice."""
        return FindInvoice(self.adapters.invoices())

    @property
    def list_invoices(self) -> ListInvoices:
        """Many invoices."""
        return ListInvoices(self.adapters.invoices())

    @property
    def link_to_document(self) -> LinkToDocument:
        """A link to an original."""
        return LinkToDocument(self.find, self.adapters.documents(), self.settings.link_seconds)

    @property
    def interpret(self) -> "Interpret":
        """Bytes to a decided invoice, without storing anything."""
        from chalicelib.pipeline.interpret import Interpret  # noqa: PLC0415 - see the class

        gc.set_threshold(_NEW_OBJECTS)
        return Interpret(self.adapters.reader(), self.adapters.ocr(), self.adapters.clock(), self.settings)

    @property
    def process(self) -> "Process":
        """Read an uploaded document and store what it says."""
        from chalicelib.pipeline.process import Process  # noqa: PLC0415 - see the class

        documents, invoices = self.adapters.documents(), self.adapters.invoices()
        return Process(documents, invoices, self.interpret, self.adapters.clock(), self.settings)

    @property
    def reprocess(self) -> "Reprocess":
        """Try again what failed."""
        from chalicelib.pipeline.reprocess import Reprocess  # noqa: PLC0415 - see the class

        return Reprocess(self.adapters.invoices(), self.process)

    @property
    def check_health(self) -> CheckHealth:
        """The daily self-check."""
        adapters = self.adapters
        return CheckHealth(adapters.documents(), adapters.invoices(), adapters.dead_letters(), adapters.clock())


class CurrentServices:
    """Call it for the services of this process; they are wired at the first call, from the environment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._services: Services | None = None

    def __call__(self) -> Services:
        """The services; `ConfigurationError` when the settings are wrong or name no family of adapters."""
        with self._lock:
            if self._services is None:
                self._services = _wired(Settings.from_environment(os.environ))
            return self._services

    @contextmanager
    def replaced_by(self, replacement: Services) -> Iterator[Services]:
        """Use other services within a `with` block, in every thread."""
        before = self._exchange(replacement)
        try:
            yield replacement
        finally:
            self._exchange(before)

    def _exchange(self, other: Services | None) -> Services | None:
        with self._lock:
            before, self._services = self._services, other
            return before


def _wired(settings: Settings) -> Services:
    module, _, name = settings.adapters.partition(":")
    try:
        family = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            "bad_settings", f"INVOICES_ADAPTERS={settings.adapters} cannot be loaded: {error}"
        ) from error
    adapters: Adapters = family(settings)
    return Services(settings, adapters)


services = CurrentServices()
