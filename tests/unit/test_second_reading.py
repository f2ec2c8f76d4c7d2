"""What the OCR's process makes of two readings of one line."""

import numpy as np
import pytest

from chalicelib.domain.document import Word
from local.recognition import _Line, _words
from local.second_reading import agree, is_worth_rereading

CORNERS = np.array([[0, 0], [200, 0], [200, 20], [0, 20]], float)


def words_of(text: str, again: str | None) -> dict[str, float]:
    places = np.stack([CORNERS / (10, 1) + (12 * place, 0) for place in range(len(text.replace(" ", "")))])
    read: list[Word] = list(_words([_Line(text, 0.98, CORNERS, places, again)], 300, 40))
    return {word.text: word.confidence for word in read}


def test_words_that_both_models_read_alike_stay_certain() -> None:
    assert words_of("Halden Moor", "HALDEN MOOR") == {"Halden": 0.98, "Moor": 0.98}


def test_a_word_that_the_second_model_reads_differently_is_doubted_alone() -> None:
    assert words_of("Halden Mcor", "Halden Moor") == {"Halden": 0.98, "Mcor": 0.49}


def test_a_line_that_was_not_read_again_keeps_its_certainty() -> None:
    assert words_of("Halden Moor", None) == {"Halden": 0.98, "Moor": 0.98}


@pytest.mark.parametrize(
    ("word", "line"), [("Łódź", "lodz"), ("Straße", "STRASSE 4"), ("d.o.o.", "Moor doo"), ("&", "")]
)
def test_accents_case_and_marks_are_no_disagreement(word: str, line: str) -> None:
    assert agree(word, line)


def test_lines_of_digits_are_not_read_again() -> None:
    assert not is_worth_rereading("Tel. 0761 555 010")
