"""What a text says by itself."""

from chalicelib.extraction.lexicon import beginnings, lexicon
from chalicelib.extraction.phrases import phrases_in


def concepts(text: str) -> list[str]:
    return [meaning.concept for hit in phrases_in(text).of(lexicon().labels) for meaning in hit.meanings]


def test_a_label_is_found_wherever_it_stands() -> None:
    assert "invoice_number" in concepts("Invoice number 4711")
    assert "invoice_number" in concepts("see our invoice number")


def test_a_label_is_found_although_it_is_cut_or_misread() -> None:
    assert "invoice_number" in concepts("Rechnungs nummer 4711")
    assert "invoice_number" in concepts("lnvoice number 4711")


def test_a_text_without_labels_has_none() -> None:
    assert concepts("1.234,56") == []


def test_the_same_text_is_looked_through_once() -> None:
    assert phrases_in("Invoice number 4711") is phrases_in("Invoice number 4711")


def test_a_phrase_can_begin_with_a_word_with_two_words_or_with_a_misread_one() -> None:
    assert beginnings(["beleg", "datum", "lnvoice"]) >= {"beleg", "datum", "belegdatum", "invoice"}
