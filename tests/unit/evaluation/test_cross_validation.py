"""Nothing is measured on a layout that it was learned from."""

from collections.abc import Callable, Sequence
from pathlib import Path

from chalicelib.domain.finding import Decision
from chalicelib.domain.invoice import FieldName
from chalicelib.domain.record import InvoiceRecord
from local.evaluation.calibration import Calibration, Isotonic
from local.evaluation.confidences import Confidences, calibrated, samples_of
from local.evaluation.corpus import Case, truth_of
from local.evaluation.cross_validation import by_layout, cross_validated
from local.evaluation.evidence import FEATURES, NO_EVIDENCE, Evidence
from local.evaluation.marking import Marked, kind_of, marked
from local.evaluation.measuring import measures
from local.evaluation.reading import Reading
from local.evaluation.scoring import Judgement, Verdict
from tests.builders import a_completed_record, a_value, an_invoice, an_outcome
from tests.evidence import a_rival

_TRUTH = {"total": "119.00", "tax": "19.00", "invoice_number": "RE-2026-0417"}


def a_case(layout: str, place: int = 1, **truth: str) -> Case:
    """A document of a layout, and its answers."""
    return Case(f"set/{layout}-{place}", Path("nowhere.pdf"), "born_digital_pdf", layout, truth_of(_TRUTH | truth))


def a_reading(total: str = "119.00", confidence: float = 0.9) -> Reading:
    """A reading that found a total."""
    value = a_value(total, confidence=confidence)
    record: InvoiceRecord = a_completed_record(outcome=an_outcome(invoice=an_invoice(total=value)))
    features = (confidence, *[0.5] * (len(FEATURES) - 1))
    return Reading(record, Evidence({FieldName.TOTAL: features}, {}, frozenset()))


class Forgetful:
    """A fitted part that remembers which layouts it learned from, and on which it was used."""

    name = "forgetful"

    def __init__(self) -> None:
        self.used: list[tuple[frozenset[str], str]] = []

    def learned(self, documents: Sequence[Marked]) -> Callable[[Marked], Reading]:
        """Note what was learned from and, later, what it was used on."""
        known = frozenset(one.case.layout for one in documents)

        def redo(one: Marked) -> Reading:
            self.used.append((known, one.case.layout))
            return one.reading

        return redo


def test_no_document_is_read_with_what_its_layout_taught() -> None:
    documents = [marked(a_case(layout, place), a_reading()) for layout in "abcdefg" for place in range(3)]
    part = Forgetful()

    found = cross_validated(part, documents, folds=3)

    apart = part.used[: len(documents)]
    assert all(layout not in known for known, layout in apart)
    assert [one.case.key for one in found.apart] == [one.case.key for one in documents]


def test_layouts_are_compared_one_by_one() -> None:
    documents = [marked(a_case("rare"), a_reading()), *(marked(a_case("often", n), a_reading()) for n in range(2))]

    compared = by_layout(cross_validated(Forgetful(), documents))

    assert [(one.layout, one.plain.documents) for one in compared] == [("often", 2), ("rare", 1)]


def test_samples_are_the_given_and_scored_values_that_were_read_from_pages() -> None:
    (sample,) = samples_of([marked(a_case("a"), a_reading(total="120.00"))])

    assert (sample.name, sample.is_right, sample.layout) == (FieldName.TOTAL, False, "a")


def test_confidences_learn_from_errors() -> None:
    documents = [
        marked(a_case(f"layout {n}"), a_reading("119.00" if n % 3 else "120.00", confidence=0.9)) for n in range(90)
    ]

    redo = Confidences().learned(documents)

    value = redo(documents[0]).record.outcome
    assert value is not None
    assert abs(value.invoice.fields[FieldName.TOTAL].confidence - 0.667) < 0.05


def test_less_confidence_changes_the_decision() -> None:
    doubtful = Calibration(features=FEATURES, groups={"rest": Isotonic(feature=0, points=((0.0, 0.3), (1.0, 0.4)))})

    outcome = calibrated(a_reading(), doubtful).record.outcome

    assert outcome is not None
    assert outcome.decision is Decision.NEEDS_REVIEW
    assert "unsure_total" in outcome.reasons


def test_without_any_value_to_learn_from_all_stays_as_it_is() -> None:
    one = marked(a_case("a"), Reading(a_completed_record()))

    assert Confidences().learned([one])(one) is one.reading


def test_an_approved_document_that_is_wrong_is_named() -> None:
    right, wrong = marked(a_case("a"), a_reading()), marked(a_case("b"), a_reading(total="120.00"))

    found = measures("all", [right, wrong])

    assert (found.approved.documents, found.approved.approved) == (2, 2)
    assert dict(found.approved.wrong) == {"set/b-1": ("total",)}
    assert found.macro_accuracy == (1 + 2 / 3) / 2


def test_errors_are_of_the_kind_that_says_where_to_look() -> None:
    case = a_case("a")
    seen = Evidence({}, {FieldName.TOTAL: (a_rival("120"), a_rival("119"))}, frozenset())
    printed = Evidence({}, {}, frozenset({"119"}))
    judgement = Judgement("total", Verdict.WRONG, "119.00", "120.00")

    assert kind_of(judgement, case, seen) == "wrong, right one not preferred"
    assert kind_of(judgement, case, printed) == "wrong, right one not labelled"
    assert kind_of(judgement, case, NO_EVIDENCE) == "wrong, right one not seen"
    assert kind_of(judgement._replace(verdict=Verdict.SPURIOUS), case, seen) == "spurious"
    assert kind_of(judgement._replace(verdict=Verdict.RIGHT), case, seen) is None
