"""Facts about the lexicons as data. They are read as JSON here, so that a slip shows where it was typed."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.wording import phrase

_FOLDER = Path(__file__).parents[3] / "chalicelib" / "extraction" / "lexicons"
_LANGUAGES = sorted(file.stem for file in _FOLDER.glob("*.json") if file.stem != "any")
_PATTERN = "en"
_INDEXED = ("titles", "labels", "parties", "amounts", "columns")  # a phrase means one thing in each of these

each_language = pytest.mark.parametrize("language", _LANGUAGES)


def test_sixteen_languages_are_known() -> None:
    wanted = {"cs", "da", "de", "en", "es", "fi", "fr", "hu", "it", "nl", "no", "pl", "pt", "ro", "sv", "tr"}

    assert wanted <= set(_LANGUAGES)


@each_language
def test_a_lexicon_is_named_by_its_language(language: str) -> None:
    assert _lexicon(language)["language"] == language


@each_language
def test_a_lexicon_has_the_keys_of_the_english_one(language: str) -> None:
    assert _keys(_lexicon(language)) == _keys(_lexicon(_PATTERN))


@each_language
def test_a_lexicon_names_twelve_months(language: str) -> None:
    months = _lexicon(language)["months"]

    assert len(months) == 12
    assert all(months)


@each_language
def test_phrases_are_lower_case_and_not_padded(language: str) -> None:
    printed = [text for _, texts in _lists(_lexicon(language)) for text in texts]

    assert [text for text in printed if text != text.lower() or text != text.strip()] == []


@each_language
def test_a_phrase_survives_normalisation(language: str) -> None:
    printed = [text for _, texts in _lists(_lexicon(language)) for text in texts]

    assert [text for text in printed if not _key(text)] == []


@each_language
def test_no_list_holds_a_phrase_twice(language: str) -> None:
    assert [f"{name}: {text}" for name, texts in _lists(_lexicon(language)) for text in _repeated(texts)] == []


@each_language
def test_a_phrase_of_two_concepts_is_weak_in_one(language: str) -> None:
    groups = {name: _lexicon(language)[name] for name in _INDEXED}

    assert [f"{name}: {' '.join(key)}" for name, group in groups.items() for key in _claimed_twice(group)] == []


@each_language
def test_words_that_are_counted_one_by_one_are_single_words(language: str) -> None:
    lexicon = _lexicon(language)
    words = [*lexicon["stopwords"], *(word for words in lexicon["amount_words"].values() for word in words)]

    assert [word for word in words if len(phrase(word)) != 1 or word.endswith("?")] == []


@each_language
def test_a_single_letter_is_no_word_of_an_address(language: str) -> None:
    letters = [word for word in _lexicon(language)["address"] if any(len(token) == 1 for token in phrase(word))]

    assert letters == []


@each_language
def test_the_amounts_that_decide_an_invoice_have_names(language: str) -> None:
    amounts = _lexicon(language)["amounts"]

    assert all(len(amounts[concept]) >= 10 for concept in ("subtotal", "tax", "total", "amount_due", "amount_paid"))


@each_language
def test_amount_phrases_hold_no_figures(language: str) -> None:
    """Figures are taken out of a text before its amounts are named, so such a phrase would never be found."""
    printed = [text for texts in _lexicon(language)["amounts"].values() for text in texts]

    assert [text for text in printed if any(token.isdigit() for token in phrase(text))] == []


def test_a_name_means_the_same_month_in_every_language() -> None:
    numbers: dict[str, set[int]] = {}
    for language in _LANGUAGES:
        for number, names in enumerate(_lexicon(language)["months"], start=1):
            for name in names:
                numbers.setdefault("".join(phrase(name)), set()).add(number)

    assert {name: found for name, found in numbers.items() if len(found) > 1} == {}


def test_a_name_means_one_country() -> None:
    countries: dict[tuple[str, ...], set[str]] = {}
    for code, names in _world()["countries"].items():
        for name in names:
            countries.setdefault(phrase(name), set()).add(code)

    assert () not in countries
    assert {name: codes for name, codes in countries.items() if len(codes) > 1} == {}


def test_every_country_has_a_currency() -> None:
    assert set(_world()["countries"]) == set(_world()["country_currency"])


def test_every_currency_spoken_of_is_listed() -> None:
    world = _world()
    spoken_of = {
        *world["country_currency"].values(),
        *world["currency_names"].values(),
        *world["zero_decimal_currencies"],
        *(code for codes in world["currency_symbols"].values() for code in codes),
    }

    assert spoken_of - set(world["currencies"]) == set()


def test_a_legal_form_is_listed_once() -> None:
    forms = _world()["legal_forms"]

    assert [form for form in forms if not phrase(form)] == []
    assert _repeated(forms) == []


def _lexicon(language: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((_FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return data


def _world() -> dict[str, Any]:
    return _lexicon("any")


def _keys(lexicon: dict[str, Any]) -> set[tuple[str, ...]]:
    names: set[tuple[str, ...]] = set()
    for name, value in lexicon.items():
        names |= {(name, inner) for inner in value} if isinstance(value, dict) else {(name,)}
    return names


def _lists(lexicon: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Every list of phrases, with where it stands: `labels.iban`."""
    for name, value in lexicon.items():
        if name == "months":
            yield from ((f"months.{number}", names) for number, names in enumerate(value, start=1))
        elif isinstance(value, dict):
            yield from ((f"{name}.{inner}", texts) for inner, texts in value.items())
        elif isinstance(value, list):
            yield name, value


def _key(text: str) -> tuple[str, ...]:
    return phrase(text.rstrip("?"))


def _repeated(texts: list[str]) -> list[str]:
    counts = Counter(_key(text) for text in texts)
    return [text for text in texts if counts[_key(text)] > 1]


def _claimed_twice(group: dict[str, list[str]]) -> list[tuple[str, ...]]:
    claims = Counter(_key(text) for texts in group.values() for text in texts if not text.endswith("?"))
    return [key for key, count in claims.items() if count > 1]
