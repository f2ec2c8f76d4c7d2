"""The contract of `Checkpoints`."""

from functools import partial

import pytest

from chalicelib.ports import Adapters, Checkpoints
from tests.at_once import at_once
from tests.builders import an_id

INVOICE = "01K9Q0000000000000000000AA"


def test_what_was_never_kept_is_none(checkpoints: Checkpoints) -> None:
    assert checkpoints.load(INVOICE, "ocr-1.json") is None


@pytest.mark.parametrize("content", [b"", b"{}", bytes(range(256)) * 10_000], ids=["empty", "json", "large"])
def test_what_was_kept_comes_back_byte_for_byte(checkpoints: Checkpoints, content: bytes) -> None:
    checkpoints.save(INVOICE, "ocr-1.json", content)

    assert checkpoints.load(INVOICE, "ocr-1.json") == content


def test_the_last_to_be_kept_stays(checkpoints: Checkpoints) -> None:
    checkpoints.save(INVOICE, "ocr-1.json", b"first, and longer")
    checkpoints.save(INVOICE, "ocr-1.json", b"second")

    assert checkpoints.load(INVOICE, "ocr-1.json") == b"second"


def test_other_names_and_other_invoices_are_apart(checkpoints: Checkpoints) -> None:
    checkpoints.save(INVOICE, "ocr-1.json", b"here")

    assert checkpoints.load(INVOICE, "ocr-2.json") is None
    assert checkpoints.load(INVOICE, "ocr") is None
    assert checkpoints.load(an_id(), "ocr-1.json") is None


def test_of_many_kept_at_once_one_stays_whole(checkpoints: Checkpoints) -> None:
    contents = [bytes([number]) * 100_000 for number in range(8)]

    at_once([partial(checkpoints.save, INVOICE, "ocr-1.json", content) for content in contents])

    assert checkpoints.load(INVOICE, "ocr-1.json") in contents


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "A", "ü", "a b", "a\n", "-a", "x" * 101, "outcome-0-a.json"]
)
def test_a_name_of_other_letters_is_a_mistake_of_the_program(checkpoints: Checkpoints, name: str) -> None:
    with pytest.raises(ValueError, match="checkpoint"):
        checkpoints.save(INVOICE, name, b"x")
    with pytest.raises(ValueError, match="checkpoint"):
        checkpoints.load(INVOICE, name)


@pytest.mark.parametrize("invoice_id", [f"{INVOICE}-2", "..", "a b"])
def test_any_invoice_has_a_place_of_its_own(checkpoints: Checkpoints, invoice_id: str) -> None:
    checkpoints.save(invoice_id, "ocr-1.json", b"here")

    assert checkpoints.load(invoice_id, "ocr-1.json") == b"here"
    assert checkpoints.load(INVOICE, "ocr-1.json") is None


def test_checkpoints_are_no_uploads(family: Adapters) -> None:
    family.checkpoints().save(INVOICE, "ocr-1.json", b"here")

    assert family.documents().exists(f"derived/{INVOICE}/ocr-1.json")
    assert family.checkpoints().load(INVOICE, "ocr-1.json") == b"here"
