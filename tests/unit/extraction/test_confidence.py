"""What a value's strength, its rivals and its legibility do to its probability."""

from chalicelib.domain.invoice import FieldName
from chalicelib.domain.source import Source
from chalicelib.extraction.confidence import pictured_name_probability, probability


def test_a_rival_that_comes_near_takes_some_of_the_probability() -> None:
    alone = probability(FieldName.ISSUE_DATE, 0.8, 0.5, Source.TEXT)
    raced = probability(FieldName.ISSUE_DATE, 0.8, 0.0, Source.TEXT)

    assert raced < alone


def test_amounts_that_add_up_are_almost_certain_whatever_their_labels_say() -> None:
    assert probability(FieldName.TOTAL, 0.3, 0.0, Source.TEXT, adds_up=True) > 0.98


def test_what_a_picture_shows_is_less_certain_than_a_files_own_words() -> None:
    assert probability(FieldName.TOTAL, 1.0, 0.5, Source.OCR) < probability(FieldName.TOTAL, 1.0, 0.5, Source.TEXT)


def test_a_name_that_is_hard_to_read_is_doubted() -> None:
    clear = pictured_name_probability(0.7, 0.4, legibility=0.99)
    blurred = pictured_name_probability(0.7, 0.4, legibility=0.6)

    assert blurred < 0.5 < clear


def test_a_name_that_something_else_comes_near_to_is_doubted() -> None:
    assert pictured_name_probability(0.7, 0.0, 0.99) < 0.8 < pictured_name_probability(0.7, 0.4, 0.99)


def test_a_printed_name_that_nothing_comes_near_to_is_surer() -> None:
    alone = probability(FieldName.SUPPLIER_NAME, 0.7, 0.6, Source.TEXT)
    led = probability(FieldName.SUPPLIER_NAME, 0.7, 0.25, Source.TEXT)

    assert led < 0.85 < alone


def test_a_pictured_name_that_leads_clearly_and_is_legible_needs_no_person() -> None:
    assert pictured_name_probability(0.6, 0.4, legibility=0.99) >= 0.85
    assert pictured_name_probability(0.6, 0.4, legibility=0.49) < 0.5
