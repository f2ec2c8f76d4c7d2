"""The samples are made from data, are the same every time, and hold nothing real."""

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray
from stdnum import iban
from stdnum.at import uid as austrian_vat
from stdnum.au import abn
from stdnum.be import vat as belgian_vat
from stdnum.ch import uid as swiss_uid
from stdnum.de import vat as german_vat
from stdnum.es import cif
from stdnum.fr import siret, tva
from stdnum.gb import vat as british_vat
from stdnum.ie import vat as irish_vat
from stdnum.in_ import gstin
from stdnum.it import iva
from stdnum.jp import cn
from stdnum.nl import btw

from chalicelib.domain.finding import Decision
from chalicelib.domain.invoice import DocumentType, FieldName
from samples.make_samples import write_samples
from samples.making.bill import Bill, Party
from samples.making.catalogue import Sample, all_samples
from samples.making.expected import compact, fields_of

FOLDER = Path(__file__).parents[2] / "samples"
SAMPLES = all_samples()
PICTURES = ("au-scan.pdf", "gb-receipt.jpg")  # their bytes hang on the processor and the versions of two rasterisers
UNLIKE_THEIR_PAGE = (*PICTURES, "de-factur-x-mismatch.pdf", "be-ubl.xml", "de-xrechnung-credit.xml")
DRAWN = [
    pytest.param(sample.filename, sample.bill, id=sample.filename)
    for sample in SAMPLES
    if sample.bill and sample.filename not in UNLIKE_THEIR_PAGE
]
REJECTION_CODES = {"empty", "encrypted", "truncated", "not_a_document", "not_an_invoice"}
IS_VALID: dict[str, Callable[[str], bool]] = {
    "GB": british_vat.is_valid,
    "DE": german_vat.is_valid,
    "FR": tva.is_valid,
    "ES": cif.is_valid,
    "IT": iva.is_valid,
    "NL": btw.is_valid,
    "IE": irish_vat.is_valid,
    "AT": austrian_vat.is_valid,
    "CH": swiss_uid.is_valid,
    "IN": gstin.is_valid,
    "JP": lambda number: bool(cn.is_valid(number.removeprefix("T"))),
    "BE": belgian_vat.is_valid,
    "AU": abn.is_valid,
}


def name_of(sample: Sample) -> str:
    return sample.filename


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder)
    return folder


def expected() -> dict[str, Any]:
    entries: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
    return entries


def bills() -> list[Bill]:
    return [sample.bill for sample in SAMPLES if sample.bill]


def parties() -> Iterator[Party]:
    for bill in bills():
        yield bill.supplier
        if bill.buyer:
            yield bill.buyer


def words_on(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def without_spaces(text: str) -> str:
    return re.sub(r"\s", "", text)


def picture(content: bytes) -> NDArray[np.uint8]:
    if content.startswith(b"%PDF"):
        document = pypdfium2.PdfDocument(content)
        try:
            return np.array(document[0].render(scale=1).to_numpy())
        finally:
            document.close()
    return np.asarray(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR), dtype=np.uint8)


@pytest.mark.parametrize(
    "filename",
    [*(sample.filename for sample in SAMPLES if sample.filename not in PICTURES), "expected.json", "README.md"],
)
def test_making_a_sample_again_gives_the_committed_bytes(made: Path, filename: str) -> None:
    assert (made / filename).read_bytes() == (FOLDER / filename).read_bytes()


@pytest.mark.parametrize("filename", PICTURES)
def test_making_a_picture_again_gives_what_looks_the_same(made: Path, filename: str) -> None:
    again, committed = (picture((folder / filename).read_bytes()).astype(int) for folder in (made, FOLDER))

    assert again.shape == committed.shape
    assert np.abs(again - committed).mean() < 3  # of 255 grey levels


def test_the_samples_stay_small() -> None:
    assert sum((FOLDER / sample.filename).stat().st_size for sample in SAMPLES) < 4_000_000


def test_every_sample_has_an_expectation_and_every_expectation_a_sample() -> None:
    assert set(expected()) == {sample.filename for sample in SAMPLES}


def test_expectations_use_the_words_of_the_invoice_document() -> None:
    for entry in expected().values():
        if "rejected" in entry:
            assert entry["rejected"] in REJECTION_CODES
        else:
            assert set(entry["fields"]) <= set(FieldName)
            DocumentType(entry["document_type"])
            Decision(entry["decision"])


@pytest.mark.parametrize("sample", [sample for sample in SAMPLES if sample.bill], ids=name_of)
def test_expected_amounts_add_up_unless_the_sample_is_about_that(sample: Sample) -> None:
    entry = expected()[sample.filename]
    amounts = {
        name: Decimal(entry["fields"].get(name, 0)) for name in ("subtotal", "tax", "total", "discount", "charges")
    }
    adjusted = sum(Decimal(item["amount"]) for item in entry["line_items"]) + amounts["charges"] - amounts["discount"]
    is_receipt = entry["document_type"] == "receipt"

    assert adjusted == (amounts["total"] if is_receipt else amounts["subtotal"])
    bases = [Decimal(tax["base"]) for tax in entry["taxes"]]
    assert sum(bases) == amounts["subtotal"] or bases == [amounts["subtotal"]] * 2  # India taxes one base twice
    assert sum(Decimal(tax["amount"]) for tax in entry["taxes"]) == amounts["tax"]
    assert (amounts["subtotal"] + amounts["tax"] == amounts["total"]) == (sample.filename != "gb-wrong-total.pdf")


def test_every_tax_id_has_valid_check_digits() -> None:
    checked = [(party.country, compact(party.tax_id)) for party in parties() if party.tax_id]

    assert [number for country, number in checked if not IS_VALID[country](str(number))] == []
    assert {country for country, _ in checked} == set(IS_VALID)


def test_every_iban_has_valid_check_digits() -> None:
    ibans = [bill.bank.iban for bill in bills() if bill.bank]

    assert len(ibans) >= 10
    assert [number for number in ibans if not iban.is_valid(number)] == []


def test_the_french_establishment_number_is_valid() -> None:
    assert [
        p.registration for p in parties() if p.country == "FR" and p.registration and not siret.is_valid(p.registration)
    ] == []


@pytest.mark.parametrize(("filename", "bill"), DRAWN)
def test_every_expected_field_stands_on_the_page(filename: str, bill: Bill) -> None:
    page = without_spaces(words_on((FOLDER / filename).read_bytes()))

    for name, printed in as_printed(bill).items():
        assert without_spaces(printed) in page, name


def as_printed(bill: Bill) -> dict[str, str]:
    """Every expected field in the notation of the page, but the currency, which may be a sign."""
    values = fields_of(bill)
    amounts = {"subtotal", "tax", "total", "discount", "charges", "amount_paid", "amount_due"} & set(values)
    shown = {name: bill.notation.amount(Decimal(values[name])) for name in amounts}
    if len(bill.taxes) > 1:  # then the page may show each tax and leave their sum to the reader
        shown["tax"] = bill.notation.amount(bill.taxes[-1].amount)
    days = {"issue_date": bill.issued, "due_date": bill.due, "delivery_date": bill.delivered}
    shown |= {name: bill.notation.date(day) for name, day in days.items() if day}
    skipped = {"currency", "period_start", "period_end", "supplier_tax_id", "buyer_tax_id"}
    return {name: value for name, value in (values | shown).items() if name not in skipped}


@pytest.mark.parametrize(("filename", "bill"), DRAWN)
def test_every_line_stands_on_the_page(filename: str, bill: Bill) -> None:
    page = without_spaces(words_on((FOLDER / filename).read_bytes()))

    for line in bill.lines:
        assert without_spaces(line.description) in page
        assert bill.notation.amount(bill.amount_of(line)).replace("\u202f", "") in page


def test_the_mismatching_page_shows_another_total_than_its_xml() -> None:
    content = (FOLDER / "de-factur-x-mismatch.pdf").read_bytes()

    assert b"<ram:GrandTotalAmount>3256.79</ram:GrandTotalAmount>" in content
    assert "3.256,79" not in words_on(content)


def test_a_factur_x_is_attached_in_both_ways_readers_look_for() -> None:
    content = (FOLDER / "de-factur-x.pdf").read_bytes()
    document = pypdfium2.PdfDocument(content)
    attachments = [document.get_attachment(n) for n in range(document.count_attachments())]
    names = [attachment.get_name() for attachment in attachments]
    document.close()

    assert names == ["factur-x.xml"]
    assert re.search(rb"/AF \[", content)


def test_the_narrow_spaces_and_the_rupee_survive_on_the_page() -> None:
    assert "5\u202f630,40" in words_on((FOLDER / "fr-upholsterer.pdf").read_bytes())
    assert "₹ 12,34,567.00" in words_on((FOLDER / "in-lakhs.pdf").read_bytes())


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_no_sample_names_a_domain_that_may_be_real(sample: Sample) -> None:
    content = (FOLDER / sample.filename).read_bytes()
    is_page = content.startswith(b"%PDF") and not sample.filename.startswith("bad-")
    text = words_on(content) if is_page else content.decode("utf-8", "ignore")
    if sample.filename.endswith(".jpg"):
        text = ""

    found = re.findall(r"(?:@|www\.)([\w.-]+\.\w+)", text)
    assert [domain for domain in found if not re.fullmatch(r"(\w+\.)?example\.com", domain)] == []
