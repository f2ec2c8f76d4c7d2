"""Verdicts, tallies, and lines."""

import pytest

from local.evaluation.corpus import Line, truth_of
from local.evaluation.line_matching import LineTally, matched
from local.evaluation.scoring import Tally, Verdict, judged, tally


@pytest.mark.parametrize(
    ("truth", "value", "verdict"),
    [
        ({"total": "119.00"}, "119", Verdict.RIGHT),
        ({"total": "119.00"}, "120", Verdict.WRONG),
        ({"total": "119.00"}, None, Verdict.MISSING),
        ({"total": None}, None, Verdict.ABSENT),
        ({"total": "n/a"}, None, Verdict.ABSENT),
        ({"total": None}, "119", Verdict.SPURIOUS),
        ({"total": "119.00", "_alt": {"total": ["120.00"]}}, "120", Verdict.RIGHT),
        ({"total": None, "_alt": {"total": ["120.00"]}}, "120", Verdict.SPURIOUS),
    ],
)
def test_a_value_is_held_against_all_accepted_ones(
    truth: dict[str, object], value: str | None, verdict: Verdict
) -> None:
    (judgement,) = judged(truth_of(truth), {"total": value} if value else {})

    assert judgement.verdict is verdict


def test_a_field_without_an_answer_is_not_scored() -> None:
    assert list(judged(truth_of({}), {"total": "119.00"})) == []


def test_a_wrong_or_spurious_field_spoils_an_approval_and_a_missing_total_does() -> None:
    truth = truth_of({"total": "1", "iban": None, "tax": "1", "due_date": "2026-01-01"})

    spoiling = [one.field for one in judged(truth, {"iban": "X", "tax": "2"}) if one.spoils]

    assert sorted(spoiling) == ["iban", "tax", "total"]


def test_the_figures_of_a_tally() -> None:
    found = Tally(right=6, wrong=1, missing=2, spurious=1, absent=5)

    assert (found.printed, found.given) == (9, 8)
    assert found.precision == pytest.approx(0.75)
    assert found.recall == pytest.approx(6 / 9)
    assert found.f1 == pytest.approx(2 * 0.75 * (6 / 9) / (0.75 + 6 / 9))
    assert found.silent_error_rate == pytest.approx(0.25)


def test_where_nothing_is_to_be_found_there_is_no_figure() -> None:
    found = tally([])

    assert (found.precision, found.recall, found.f1, found.silent_error_rate) == (None, None, None, None)
    assert Tally(missing=3).f1 == 0.0


def test_lines_match_by_amount_and_description() -> None:
    printed = [Line("Oak board, planed", "100.00"), Line("Delivery", "12.50"), Line("Oil", "7.00")]
    found = [Line("Delivery", "12.5"), Line("oak board planed", "100"), Line("Wax for floors", "7.00")]

    assert matched(printed, found) == LineTally(1, 3, 3, 2, 0)


def test_a_line_is_matched_once() -> None:
    assert matched([Line("Oil", "7.00")], [Line("Oil", "7.00")] * 2).right == 1


def test_a_description_that_is_not_known_agrees_and_one_that_was_not_found_does_not() -> None:
    assert matched([Line(None, "7.00")], [Line("Oil", "7.00")]) == LineTally(1, 1, 1, 1, 1)
    assert matched([Line("Oil", "7.00")], [Line(None, "7.00")]).right == 0


def test_documents_without_known_lines_do_not_count() -> None:
    assert matched([], [Line("Oil", "7.00")]) == LineTally()
    assert LineTally().f1 is None
