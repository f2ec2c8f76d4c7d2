"""The one place of wiring: settings and a family of adapters become use cases, each when it is first asked for."""

import gc
import importlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.errors import ConfigurationError
from chalicelib.pipeline.authorize import Authorize
from chalicelib.pipeline.backlog import CountBacklog
from chalicelib.pipeline.erase import Erase, FinishErasing
from chalicelib.pipeline.find import FindInvoice, LinkToDocument, ListInvoices, ShowInvoice
from chalicelib.pipeline.health import CheckHealth
from chalicelib.pipeline.manage_tokens import AddToken, RevokeTokens
from chalicelib.pipeline.receive import Receive
from chalicelib.pipeline.remembering import SharedFacts
from chalicelib.pipeline.request_upload import RequestUpload
from chalicelib.pipeline.settle_forgotten import SettleForgotten
from chalicelib.pipeline.switches import Switches
from chalicelib.ports import Adapters, Clock
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.costs.ladder import Permissions
    from chalicelib.domain.job import Job
    from chalicelib.pipeline.interpret import Interpret, Interpretation
    from chalicelib.pipeline.paying import Purse
    from chalicelib.pipeline.process import Process
    from chalicelib.pipeline.report_costs import ReportCosts
    from chalicelib.pipeline.reprocess import Reprocess
    from chalicelib.pipeline.reprocess_degraded import ReprocessDegraded
    from chalicelib.pipeline.resume import Resume
    from chalicelib.pipeline.sweep import Sweep

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
    def clock(self) -> Clock:
        """Time and ids, the same for all."""
        return self.adapters.clock()

    @property
    def authorize(self) -> Authorize:
        """Who is asking?"""
        return Authorize(self.adapters.tokens(), self.adapters.clock())

    @property
    def add_token(self) -> AddToken:
        """Make a token for a client."""
        return AddToken(self.adapters.tokens(), self.adapters.clock())

    @property
    def revoke_tokens(self) -> RevokeTokens:
        """Let a client in no longer."""
        return RevokeTokens(self.adapters.tokens(), self.adapters.clock())

    @property
    def receive(self) -> Receive:
        """Take in a document that came with the request."""
        documents, invoices, clock = self.adapters.documents(), self.adapters.invoices(), self.adapters.clock()
        return Receive(documents, invoices, clock, self.settings, self.switches.check_uploads)

    @property
    def request_upload(self) -> RequestUpload:
        """Let a client store a large document itself."""
        documents, invoices, clock = self.adapters.documents(), self.adapters.invoices(), self.adapters.clock()
        return RequestUpload(documents, invoices, clock, self.settings, self.switches.check_uploads)

    @property
    def find(self) -> FindInvoice:
        """One invoice."""
        return FindInvoice(self.adapters.invoices())

    @property
    def show(self) -> ShowInvoice:
        """One invoice, with its cost."""
        return ShowInvoice(self.find, self.adapters.ledger())

    @property
    def erase(self) -> Erase:
        """Delete an invoice for good."""
        return Erase(self.adapters.documents(), self.adapters.invoices(), self.adapters.clock())

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
        """Bytes to a decided invoice; a purse pays."""
        return self._interpret(self._permissions)

    @property
    def interpret_for_free(self) -> "Callable[[bytes], Interpretation]":
        """Bytes to a decided invoice, without storing anything, and with what costs nothing."""
        from chalicelib.pipeline.interpret import free_interpretation  # noqa: PLC0415 - see the class

        gc.set_threshold(_NEW_OBJECTS)
        return free_interpretation(self.adapters.reader(), self.adapters.ocr(), self.adapters.clock(), self.settings)

    def purse_of(self, job: "Job") -> "Purse":
        """What pays for one run over one document."""
        from chalicelib.pipeline.paying import Purse  # noqa: PLC0415 - see the class

        adapters = self.adapters
        return Purse(job, adapters.ledger(), adapters.checkpoints(), self.switches, adapters.clock(), self.settings)

    @property
    def process(self) -> "Process":
        """Read an uploaded document and store what it says."""
        from chalicelib.pipeline.process import Process  # noqa: PLC0415 - see the class

        documents, invoices = self.adapters.documents(), self.adapters.invoices()
        return Process(documents, invoices, self.interpret, self.purse_of, self.adapters.clock(), self.settings)

    @property
    def reprocess(self) -> "Reprocess":
        """Try again what failed."""
        from chalicelib.pipeline.park import Park  # noqa: PLC0415 - see the class
        from chalicelib.pipeline.reprocess import Reprocess  # noqa: PLC0415 - see the class

        clock = self.adapters.clock()
        park = Park(self.adapters.parking(), clock)
        return Reprocess(self.adapters.invoices(), self.process, park, clock, self.settings)

    @cached_property
    def switches(self) -> Switches:
        """Mode, level and breakers; the same object for all, because it remembers what it read."""
        adapters = self.adapters
        backlog = CountBacklog(adapters.invoices(), self.settings.max_backlog)
        return Switches(adapters.shared_state(), adapters.ledger(), adapters.clock(), self.settings, backlog)

    @cached_property
    def report_costs(self) -> "ReportCosts":
        """What was spent."""
        from chalicelib.pipeline.report_costs import ReportCosts  # noqa: PLC0415 - see the class

        adapters = self.adapters
        return ReportCosts(adapters.ledger(), adapters.invoices(), self.switches, adapters.clock())

    @property
    def resume(self) -> "Resume":
        """Go on with what waits."""
        from chalicelib.pipeline.resume import Resume  # noqa: PLC0415 - see the class

        facts = SharedFacts(self.adapters.shared_state())
        return Resume(self.adapters.invoices(), self.process, facts, self.adapters.clock(), self.settings)

    @property
    def reprocess_degraded(self) -> "ReprocessDegraded":
        """Read again what came out worse than it could have."""
        from chalicelib.pipeline.degraded import Degraded  # noqa: PLC0415 - see the class
        from chalicelib.pipeline.reprocess_degraded import ReadAgain, ReprocessDegraded  # noqa: PLC0415 - see the class

        documents, invoices, clock = self.adapters.documents(), self.adapters.invoices(), self.adapters.clock()
        degraded = Degraded(invoices, SharedFacts(self.adapters.shared_state()), clock, self.settings)
        read_again = ReadAgain(documents, invoices, self.interpret, self.purse_of, clock)
        return ReprocessDegraded(degraded, read_again, self.switches.permissions, clock)

    @property
    def settle_forgotten(self) -> SettleForgotten:
        """Settle what nobody settled."""
        return SettleForgotten(self.adapters.ledger(), self.adapters.invoices(), self.adapters.clock())

    @property
    def sweep(self) -> "Sweep":
        """Bring order into what was left behind."""
        from chalicelib.pipeline.find_lost_uploads import FindLostUploads  # noqa: PLC0415 - see the class
        from chalicelib.pipeline.sweep import Sweep  # noqa: PLC0415 - see the class
        from chalicelib.pipeline.take_up import TakeUp  # noqa: PLC0415 - see the class

        adapters, process, settings = self.adapters, self.process, self.settings
        documents, clock, facts = adapters.documents(), adapters.clock(), SharedFacts(adapters.shared_state())
        take_up = TakeUp(adapters.invoices(), documents, process, facts, clock, settings)
        find_lost_uploads = FindLostUploads(documents, process, facts, clock, settings)
        finish_erasing = FinishErasing(documents, adapters.invoices(), facts, clock)
        return Sweep(self.settle_forgotten, finish_erasing, take_up, find_lost_uploads, self.resume)

    @property
    def check_health(self) -> CheckHealth:
        """The daily self-check."""
        adapters = self.adapters
        queues = adapters.dead_letters(), adapters.parking()
        return CheckHealth(adapters.documents(), adapters.invoices(), *queues, adapters.clock())

    def _permissions(self) -> "Permissions":
        """What may be paid for now. What asks for it only then looks into the table."""
        return self.switches.permissions()

    def _interpret(self, permissions: "Callable[[], Permissions]") -> "Interpret":
        from chalicelib.pipeline.asking import Ask  # noqa: PLC0415 - see the class
        from chalicelib.pipeline.interpret import Interpret  # noqa: PLC0415 - see the class
        from chalicelib.pipeline.looking import Look  # noqa: PLC0415 - see the class

        gc.set_threshold(_NEW_OBJECTS)
        look = Look(self.adapters.ocr(), permissions, self.settings)
        ask = Ask(self.adapters.model(), permissions, self.settings)
        return Interpret(self.adapters.reader(), look, ask, self.adapters.clock())


class CurrentServices:
    """Call it for the services of this process; they are wired at the first call, from the environment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._services: Services | None = None

    def __call__(self) -> Services:
        """The services; `ConfigurationError` when the settings are wrong or name no family of adapters."""
        with self._lock:
            if self._services is None:
                self._services = wired(Settings.from_environment(os.environ))
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


def wired(settings: Settings) -> Services:
    """The use cases on the family of adapters that the settings name; `ConfigurationError` when there is none."""
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
