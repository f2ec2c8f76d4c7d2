"""Every error of ours, arranged by what the caller should do about it.

| error | what the caller does |
|---|---|
| `RejectedError` | tells the sender: the document is at fault, and trying again will not help |
| `NotFoundError` | tells the client: there is no such thing |
| `ConflictError` | reads again and decides anew: somebody else was faster |
| `UnavailableError` | tries again later: a service is down, slow or busy |
| `UncertainError` | the same, but counts the price: it may have been done and billed |
| `PendingError` | the same: what was ordered is not ready, and is not ordered twice |
| `BudgetExhaustedError` | does without what costs money, until the next day or month |
| `ConfigurationError` | calls an operator, and waits: nothing but a change of settings or rights will help |
| `DefectError` | the same, but tries it a few times only: it is we who asked for something that makes no sense |
"""


class SmartInvoiceError(Exception):
    """What all of our errors have in common: a stable code for programs and a sentence for people."""

    retryable = False

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return (type(self), (self.code, self.message))

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class RejectedError(SmartInvoiceError):
    """The document or the request is at fault; the message says what its sender can do."""


class NotFoundError(SmartInvoiceError):
    """There is no such invoice or document."""


class ConflictError(SmartInvoiceError):
    """The row was changed by somebody else since it was read."""

    retryable = True


class UnavailableError(SmartInvoiceError):
    """A service did not answer, or asked us to slow down: the same call may succeed later."""

    retryable = True


class UncertainError(UnavailableError):
    """The call was sent and no answer came: it may have been done, and billed."""


class PendingError(UnavailableError):
    """It was ordered, will be billed once, and is not ready yet: asking again fetches the same."""


NEVER_ANSWERED = "never_answered"


class BudgetExhaustedError(SmartInvoiceError):
    """It would cost more than is left of a budget; `code` is `day_budget`, `month_budget` or `invoice_budget`.

    With `never_answered`, it was paid for twice already, and no answer was ever seen. `retry_seconds` is when it may
    succeed, as far as that is known. With `uploads_paused` no new documents are taken until then.
    """

    retryable = True

    def __init__(self, code: str, message: str, retry_seconds: int | None = None) -> None:
        super().__init__(code, message)
        self.retry_seconds = retry_seconds

    @property
    def is_for_good(self) -> bool:
        """Whether no new day or month makes it possible: what is used up is what one invoice may cost."""
        return self.code in {"invoice_budget", NEVER_ANSWERED}

    def __reduce__(self) -> tuple[type, tuple[str, str, int | None]]:  # type: ignore[override]  # one argument more
        return (type(self), (self.code, self.message, self.retry_seconds))


class ConfigurationError(SmartInvoiceError):
    """A setting, a permission or a resource is missing or wrong: an operator has to act."""


class DefectError(ConfigurationError):
    """We asked for something that makes no sense, or got an answer that nobody has heard of: a bug, in short.

    It may be due to one document, so it says nothing of the service and each time counts as an attempt.
    """

    retryable = True
