"""The confidences as a fitted part: learned from which of the given values were right."""

from collections.abc import Callable, Iterable, Sequence

from chalicelib.domain.invoice import FieldName, Invoice
from chalicelib.validation.decision import decide
from local.evaluation.calibrating import Sample, fit
from local.evaluation.calibration import Calibration
from local.evaluation.evidence import FEATURES
from local.evaluation.marking import Marked
from local.evaluation.reading import Reading
from local.evaluation.scoring import Verdict


class Confidences:
    """A `Fitted` part: a calibration over the features of every value that was read from a page."""

    name = "confidences, learned anew"

    def learned(self, documents: Sequence[Marked]) -> Callable[[Marked], Reading]:
        """Learn a calibration; a document then gets its confidences, and the decision that follows from them."""
        calibration = calibration_of(documents)
        return lambda one: calibrated(one.reading, calibration) if calibration else one.reading


def calibration_of(documents: Iterable[Marked]) -> Calibration | None:
    """The calibration that these documents give, or `None` where no value has features."""
    samples = list(samples_of(documents))
    return fit(samples, FEATURES) if samples else None


def samples_of(documents: Iterable[Marked]) -> Iterable[Sample]:
    """Every given and scored value that has features."""
    for one in documents:
        for judgement in one.judgements:
            name = FieldName(judgement.field)
            features = one.reading.evidence.features.get(name)
            if judgement.is_given and features is not None:
                yield Sample(name, features, judgement.verdict is Verdict.RIGHT, one.case.layout)


def calibrated(reading: Reading, calibration: Calibration) -> Reading:
    """The same values with other confidences, decided anew."""
    outcome, features = reading.record.outcome, reading.evidence.features
    if outcome is None or reading.record.problem is not None:
        return reading
    invoice = _with_confidences(
        outcome.invoice, {name: calibration.apply(name, found) for name, found in features.items()}
    )
    decision, reasons = decide(invoice, outcome.findings)
    changed = outcome.model_copy(update={"invoice": invoice, "decision": decision, "reasons": reasons})
    return reading._replace(record=reading.record.model_copy(update={"outcome": changed}))


def _with_confidences(invoice: Invoice, confidences: dict[FieldName, float]) -> Invoice:
    fields = {
        name: value.model_copy(update={"confidence": confidences[name]}) if name in confidences else value
        for name, value in invoice.fields.items()
    }
    return invoice.model_copy(update={"fields": fields})
