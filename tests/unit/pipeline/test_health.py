"""The daily self-check."""

from pathlib import Path

from chalicelib.errors import UnavailableError
from chalicelib.pipeline.health import CheckHealth
from local.family import EmbeddedAdapters
from tests.builders import a_clock, a_completed_record, some_settings


class SilentQueue:
    """A queue that does not answer."""

    def send(self, body: str) -> None:
        """It does not."""
        raise UnavailableError("sqs_unavailable", "arn:aws:sqs did not answer")

    def depth(self) -> int:
        """Nor does this."""
        raise UnavailableError("sqs_unavailable", "arn:aws:sqs did not answer")


def test_what_does_not_answer_is_named_and_the_rest_is_counted_all_the_same(tmp_path: Path) -> None:
    family = EmbeddedAdapters(some_settings(tmp_path), a_clock())
    family.invoices().register(a_completed_record())

    report = CheckHealth(family.documents(), family.invoices(), SilentQueue(), family.parking(), family.clock())()

    assert (report.bucket, report.table, report.dead_letter_queue) == ("ok", "ok", "sqs_unavailable")
    assert (report.dead_letters, report.processed_in_24_hours) == (None, 1)
    assert not report.is_healthy
    family.close()


def test_only_the_last_day_counts(tmp_path: Path) -> None:
    clock = a_clock()
    family = EmbeddedAdapters(some_settings(tmp_path), clock)
    family.invoices().register(a_completed_record())
    clock.advance(hours=25)

    report = CheckHealth(family.documents(), family.invoices(), family.dead_letters(), family.parking(), clock)()

    assert (report.processed_in_24_hours, report.is_healthy) == (0, True)
    family.close()
