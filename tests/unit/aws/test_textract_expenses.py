"""AnalyzeExpense's answers as hints: every type, every oddity, and nothing lost."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.aws.textract_expenses import hints_of
from chalicelib.adapters.aws.textract_fields import FIELDS
from chalicelib.adapters.aws.textract_words import all_blocks, pages_of, sheets_of
from chalicelib.domain.geometry import Box
from chalicelib.domain.hint import Hint, HintedLine, Hints, OtherHint
from chalicelib.domain.invoice import FieldName
from chalicelib.domain.source import Source
from local.fakes.textract_shapes import line_items, summary_field

A_BOX = Box(0.1, 0.2, 0.3, 0.05)


def expenses(*documents: dict[str, Any]) -> dict[str, Any]:
    """An answer of AnalyzeExpense."""
    return {"DocumentMetadata": {"Pages": 1}, "ExpenseDocuments": list(documents)}


def read(*fields: dict[str, Any], rows: tuple[list[dict[str, Any]], ...] = (), pages: int = 1) -> Hints:
    """The hints of one expense document."""
    return hints_in(
        expenses({"ExpenseIndex": 1, "SummaryFields": list(fields), "LineItemGroups": line_items(*rows)}), pages
    )


def hints_in(answer: dict[str, Any], pages: int = 1) -> Hints:
    """The hints of an answer about so many pages, which are the pages 11, 12, … of our document."""
    numbers = range(11, 11 + pages)
    return hints_of(answer, sheets_of(all_blocks(answer), numbers, [(595.0, 842.0)] * pages))


def in_group(field: dict[str, Any], *types: str, name: str = "g") -> dict[str, Any]:
    return {**field, "GroupProperties": [{"Types": list(types), "Id": name}]}


def fields_of(hints: Hints) -> list[tuple[str, str]]:
    return [(hint.field.value, hint.text) for hint in hints.fields]


def kinds_of(hints: Hints) -> list[tuple[str, str]]:
    return [(other.kind, other.text) for other in hints.others]


@pytest.mark.parametrize(("kind", "name"), FIELDS.items())
def test_every_type_with_a_field_of_ours_becomes_a_hint(kind: str, name: FieldName) -> None:
    hints = read(summary_field(kind, "some text", box=A_BOX, confidence=0.5))

    (hint,) = hints.fields
    assert hint == Hint(name, "some text", Source.TEXTRACT, 0.5, 11, hint.box)
    assert hint.box is not None
    assert tuple(hint.box) == pytest.approx(tuple(A_BOX))
    assert hints.others == ()


@pytest.mark.parametrize("kind", ["OTHER", "RECEIVER_PHONE", "ORDER_DATE", "ADDRESS_BLOCK", "SOMETHING_NEW"])
def test_every_other_type_is_kept(kind: str) -> None:
    field = {**summary_field(kind, "text", confidence=0.5), "LabelDetection": {"Text": "Label"}}

    hints = read(field)

    (other,) = hints.others
    assert (other.kind, other.text, other.label, other.page, other.confidence) == (kind, "text", "Label", 11, 0.5)
    assert other.box is not None
    assert hints.fields == ()


def test_the_lower_of_both_confidences_counts() -> None:
    field = summary_field("TOTAL", "119.00", confidence=0.9)
    field["Type"]["Confidence"] = 61.0

    assert read(field).fields[0].confidence == pytest.approx(0.61)


def test_a_hint_knows_its_label() -> None:
    field = {**summary_field("TOTAL", "119.00"), "LabelDetection": {"Text": "Amount"}}

    assert read(field).fields[0].label == "Amount"


@pytest.mark.parametrize(
    ("types", "name"),
    [
        (["VENDOR"], "supplier_name"),
        (["VENDOR_SUPPLIER"], "supplier_name"),
        (["RECEIVER"], "buyer_name"),
        (["RECEIVER_BILL_TO"], "buyer_name"),
        (["RECEIVER_SOLD_TO"], "buyer_name"),
        (["RECEIVER", "RECEIVER_SHIP_TO"], "buyer_name"),
    ],
)
def test_a_name_belongs_to_the_party_of_its_group(types: list[str], name: str) -> None:
    assert fields_of(read(in_group(summary_field("NAME", "Halden"), *types))) == [(name, "Halden")]


@pytest.mark.parametrize("types", [[], ["RECEIVER_SHIP_TO"], ["VENDOR_REMIT_TO"], ["VENDOR", "RECEIVER"], ["NEW"]])
def test_a_name_of_neither_party_is_no_field(types: list[str]) -> None:
    hints = read(in_group(summary_field("NAME", "Halden"), *types))

    assert hints.fields == ()
    assert (hints.others[0].kind, hints.others[0].group) == ("NAME", ", ".join(sorted(types)))


@pytest.mark.parametrize("street", ["STREET", "STREET_ADDRESS"])
def test_an_address_of_which_only_parts_are_named_is_put_together(street: str) -> None:
    parts = [
        in_group(summary_field("CITY", "Paris", box=Box(0.2, 0.2, 0.1, 0.02), confidence=0.7), "VENDOR"),
        in_group(summary_field(street, "1 rue Haute", box=Box(0.1, 0.1, 0.2, 0.02)), "VENDOR"),
        in_group(summary_field("ZIP_CODE", "75001", box=Box(0.1, 0.2, 0.05, 0.02)), "VENDOR"),
        in_group(summary_field("CITY", "Lyon", box=Box(0.6, 0.2, 0.05, 0.02)), "RECEIVER"),
    ]

    hints = read(*parts)

    assert fields_of(hints) == [("supplier_address", "1 rue Haute\n75001\nParis"), ("buyer_address", "Lyon")]
    assert hints.fields[0].confidence == pytest.approx(0.7)
    assert hints.fields[0].box is not None
    assert tuple(hints.fields[0].box) == pytest.approx((0.1, 0.1, 0.2, 0.12))
    assert len(hints.others) == 4


def test_an_address_that_is_named_whole_is_not_put_together() -> None:
    whole = in_group(summary_field("ADDRESS", "1 rue Haute, Paris"), "VENDOR")

    hints = read(whole, in_group(summary_field("CITY", "Paris"), "VENDOR"))

    assert fields_of(hints) == [("supplier_address", "1 rue Haute, Paris")]
    assert kinds_of(hints) == [("CITY", "Paris")]


def test_the_brazilian_real_gets_its_iso_code() -> None:
    assert read(summary_field("TOTAL", "R$ 119,00", currency="BZR")).currency == "BRL"


def test_the_currency_of_most_amounts_counts_and_the_others_are_kept() -> None:
    fields = [summary_field("TOTAL", text, currency=code) for text, code in (("1", "USD"), ("2", "EUR"), ("3", "EUR"))]

    hints = read(*fields)

    assert hints.currency == "EUR"
    assert kinds_of(hints) == [("CURRENCY", "USD")]


def test_without_currency_codes_there_is_no_currency() -> None:
    assert read(summary_field("TOTAL", "1")).currency is None


def test_duplicates_are_all_kept() -> None:
    hints = read(summary_field("TOTAL", "1"), summary_field("TOTAL", "1"), summary_field("TOTAL", "2"))

    assert fields_of(hints) == [("total", "1"), ("total", "1"), ("total", "2")]


@pytest.mark.parametrize("missing", ["Geometry", "Confidence", "Text"])
def test_a_value_that_lacks_something_is_kept_all_the_same(missing: str) -> None:
    field = summary_field("TOTAL", "119.00", box=A_BOX)
    del field["ValueDetection"][missing]

    hints = read(field)

    told: list[Hint | OtherHint] = [*hints.fields, *hints.others]
    assert [one.page for one in told] == [11]
    assert [one.box is None for one in told] == [missing == "Geometry"]


def test_a_field_with_a_label_and_no_value_is_kept() -> None:
    label = {"Text": "Total", "Confidence": 90.0}

    (other,) = read({"Type": {"Text": "TOTAL"}, "LabelDetection": label, "PageNumber": 1}).others

    assert (other.kind, other.text, other.label, other.page) == ("TOTAL", "", "Total", 11)


def test_a_field_on_a_page_that_was_not_sent_has_no_place() -> None:
    (hint,) = read(summary_field("TOTAL", "119.00", page=5)).fields

    assert (hint.page, hint.box) == (None, None)


def test_page_numbers_are_those_of_the_document() -> None:
    hints = read(summary_field("TOTAL", "1", page=2), summary_field("TAX", "2", page=1), pages=2)

    assert [(hint.field, hint.page) for hint in hints.fields] == [(FieldName.TOTAL, 12), (FieldName.TAX, 11)]


def test_several_expense_documents_are_counted() -> None:
    documents = [{"SummaryFields": [summary_field("TOTAL", text)]} for text in ("1", "2")]

    named = hints_in(expenses({**documents[0], "ExpenseIndex": 3}, {**documents[1], "ExpenseIndex": 7}))
    unnamed = hints_in(expenses(*documents))

    assert [(hint.text, hint.invoice) for hint in named.fields] == [("1", 3), ("2", 7)]
    assert [(hint.text, hint.invoice) for hint in unnamed.fields] == [("1", 1), ("2", 2)]


def test_a_line_item_is_one_line_with_its_row() -> None:
    row = [
        summary_field("ITEM", "Bolts", box=Box(0.1, 0.5, 0.2, 0.02)),
        summary_field("PRODUCT_CODE", "B-7"),
        summary_field("QUANTITY", "3", confidence=0.6),
        summary_field("UNIT_PRICE", "2.00"),
        summary_field("PRICE", "6.00"),
        summary_field("EXPENSE_ROW", "B-7 Bolts 3 2.00 6.00"),
    ]

    hints = read(rows=(row,))

    (line,) = hints.lines
    assert line == HintedLine(
        Source.TEXTRACT,
        confidence=0.6,
        page=11,
        box=Box(0.0, 0.0, 1.0, 1.0),
        description="Bolts",
        product_code="B-7",
        quantity="3",
        unit_price="2.00",
        amount="6.00",
        row="B-7 Bolts 3 2.00 6.00",
    )
    assert hints.others == ()


def test_what_a_line_has_no_place_for_is_kept() -> None:
    row = [summary_field("ITEM", "Bolts"), summary_field("ITEM", "Nuts"), summary_field("OTHER", "blue")]

    hints = read(rows=(row,))

    assert [line.description for line in hints.lines] == ["Bolts"]
    assert kinds_of(hints) == [("ITEM", "Nuts"), ("OTHER", "blue")]
    assert {other.group for other in hints.others} == {"LINE_ITEM"}


def test_an_answer_without_summary_fields_gives_its_lines() -> None:
    hints = hints_in(expenses({"LineItemGroups": line_items([summary_field("ITEM", "Bolts")])}))

    assert (len(hints.fields), len(hints.lines)) == (0, 1)


_junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def _odd(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A structure of which any member may be missing or of any type."""
    return st.fixed_dictionaries({}, optional={name: one | _junk for name, one in members.items()}) | _junk


_edges = st.floats(-1, 2)
_geometries = _odd(
    BoundingBox=_odd(Left=_edges, Top=_edges, Width=_edges, Height=_edges),
    Polygon=st.lists(_odd(X=_edges, Y=_edges), max_size=5),
)
_detections = _odd(Text=st.text(max_size=8), Confidence=st.floats(-10, 200), Geometry=_geometries)
_kinds = st.sampled_from([*FIELDS, "NAME", "ADDRESS", "CITY", "STREET", "ITEM", "PRICE", "EXPENSE_ROW", "OTHER", ""])
_groups = st.lists(
    _odd(Types=st.lists(st.sampled_from(["VENDOR", "RECEIVER", "X"])), Id=st.text(max_size=3)), max_size=2
)
_fields = _odd(
    Type=_odd(Text=_kinds, Confidence=st.floats(0, 100)),
    ValueDetection=_detections,
    LabelDetection=_detections,
    PageNumber=st.integers(-1, 4),
    Currency=_odd(Code=st.sampled_from(["USD", "BZR", ""])),
    GroupProperties=_groups,
)
_blocks = _odd(
    BlockType=st.sampled_from(["PAGE", "LINE", "WORD"]),
    Id=st.text(max_size=3),
    Page=st.integers(-1, 4),
    Text=st.text(max_size=8),
    Confidence=st.floats(-10, 200),
    Geometry=_geometries,
)
_items = _odd(LineItemExpenseFields=st.lists(_fields, max_size=4))
_documents = _odd(
    ExpenseIndex=st.integers(-1, 5),
    SummaryFields=st.lists(_fields, max_size=4),
    LineItemGroups=st.lists(_odd(LineItems=st.lists(_items, max_size=2)), max_size=2),
    Blocks=st.lists(_blocks, max_size=8),
)
_answers = st.fixed_dictionaries(
    {},
    optional={
        "ExpenseDocuments": st.lists(_documents, max_size=2) | _junk,
        "Blocks": st.lists(_blocks, max_size=8) | _junk,
    },
)


@settings(deadline=None)
@given(_answers)
def test_f42_whatever_textract_answers_is_understood_or_left_out_and_never_breaks(answer: dict[str, Any]) -> None:
    blocks = all_blocks(answer)
    sheets = sheets_of(blocks, [11, 12], [(595.0, 842.0)] * 2)
    pages, hints = pages_of(blocks, sheets), hints_of(answer, sheets)

    told: list[Hint | HintedLine | OtherHint] = [*hints.fields, *hints.lines, *hints.others]
    confidences = [word.confidence for page in pages for word in page.words] + [one.confidence for one in told]
    boxes = [word.box for page in pages for word in page.words] + [one.box for one in told if one.box]
    assert all(0 <= confidence <= 1 for confidence in confidences)
    assert all(-1e-9 <= edge <= 1 + 1e-9 for box in boxes for edge in (box.left, box.top, box.right, box.bottom))
    assert {page.number for page in pages} | {one.page for one in told} <= {11, 12, None}
    assert all(one.invoice >= 1 for one in told)
