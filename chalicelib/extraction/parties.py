"""Supplier and buyer: told apart by label, place, VAT id, e-mail domain, legal form and footer."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from chalicelib.domain.geometry import around
from chalicelib.domain.invoice import FieldName
from chalicelib.domain.wording import phrase, tokens
from chalicelib.extraction.candidates import Candidate
from chalicelib.extraction.company_names import (
    SEPARATOR,
    has_legal_form,
    is_legal_form,
    is_name,
)
from chalicelib.extraction.domains import domain_weight, domains_of
from chalicelib.extraction.labels import FoundLabel, Place, find_labels
from chalicelib.extraction.layout import Cell, Rect, Sheet
from chalicelib.extraction.lexicon import lexicon
from chalicelib.extraction.party_blocks import (
    HALF_PAGE,
    Block,
    address_blocks,
    countries_in,
    is_town,
    labelled_blocks,
    opens_block,
)
from chalicelib.extraction.printed_names import headings_in, legibility_of_name, name_printed_in

_PERSONS = frozenset(
    {"inh", "inhaber", "inhaberin", "geschaftsfuhrer", "ceo", "director", "prop", "proprietor", "attn", "herr", "frau"}
    | {"mr", "mrs", "ms", "mme", "sr", "sra", "dhr", "mevr"}
)
_HEAD = (0.5, 0.2)  # of the page's height: how far the head of the first page goes, and of the others
_FOOT = 0.85
_LARGE = 1.7  # times the usual line
_SINGLE_WORD = 0.12  # one word may be anything
_LETTERHEAD = 0.09  # of the page's height: what stands above is the sender's
_ANOTHER = 0.35
_CLEARLY_LABELLED = 0.7
_LABELLED = 0.3  # what has a colon in it is a label and its value
_FOREIGN_DOMAIN = 0.25
_CONTACTS = frozenset({"phone", "fax", "email", "website", "supplier_tax_id", "supplier_registration"})


@dataclass(frozen=True)
class Parties:
    """Candidates for the names, the blocks they stand in, and the countries named (ISO 3166, with counts)."""

    candidates: tuple[Candidate, ...]
    blocks: tuple[Block, ...] = ()
    countries: Counter[str] = field(default_factory=Counter)

    def role_at(self, page: int, rect: Rect) -> str | None:
        """Whose block a place belongs to, or `None`."""
        return next((block.role for block in self.blocks if block.holds(page, rect)), None)


def find_parties(sheet: Sheet, labels: dict[int, list[FoundLabel]], languages: frozenset[str]) -> Parties:
    """Weigh every line that can be a company's name."""
    party_labels = {
        row: [label for label in found if opens_block(label)]
        for row, found in find_labels(sheet, languages, lexicon().parties).items()
    }
    blocks = tuple(labelled_blocks(sheet, party_labels, labels))
    names = _Names(sheet, labels, blocks, domains_of(sheet))
    supplier = names.without_addressees(names.suppliers())
    buyer = names.of_role("buyer")
    best = max(supplier, key=lambda one: one.strength, default=None)
    if not buyer and best and (window := names.addressed(best)):
        blocks = (*blocks, window)
        supplier = [one for one in supplier if one is best or not _stands_in(window, one)]
        buyer = [candidate] if (candidate := names.first_in(window)) else []
    buyers = [one for one in buyer if not best or phrase(one.value) != phrase(best.value)]
    supplier = _without_named(buyers, supplier)
    return Parties((*supplier, *buyers), blocks, countries_in(sheet))


def _without_named(buyers: Sequence[Candidate], found: Sequence[Candidate]) -> list[Candidate]:
    """A name that is clearly labelled as the buyer's is not the supplier's where it is printed once more."""
    labelled = {phrase(one.value) for one in buyers if one.strength >= _CLEARLY_LABELLED}
    return [one for one in found if phrase(one.value) not in labelled]


def _stands_in(block: Block, candidate: Candidate) -> bool:
    boxes = [place.cell.box_between(place.start, place.end) for place in block.lines]
    return candidate.page == block.page and any(
        abs(box.top - candidate.box.top) < 0.002 and box.left - 0.002 <= candidate.box.left <= box.right
        for box in boxes
    )


class _Names:
    """Weighs the lines of one document as names."""

    def __init__(
        self, sheet: Sheet, labels: dict[int, list[FoundLabel]], blocks: Sequence[Block], domains: Counter[str]
    ) -> None:
        self._sheet = sheet
        self._labels = labels
        self._blocks = blocks
        self._domains = domains
        self._first_row = {row.page: row.index for row in reversed(sheet.rows)}
        self._taken = {(place.cell.row, id(place.cell)): block.role for block in blocks for place in block.lines}

    def suppliers(self) -> list[Candidate]:
        """Every line that can be the supplier's name, with its weight."""
        found = [*self.of_role("supplier"), *self._unlabelled()]
        found = self._doubted_for_domain(found)
        counts = Counter(phrase(one.value) for one in found)
        return [
            replace(one, strength=min(0.98, one.strength + 0.05 * (min(counts[phrase(one.value)], 4) - 1)))
            for one in found
        ]

    def _doubted_for_domain(self, found: list[Candidate]) -> list[Candidate]:
        """Where the e-mail or website is that of another company on the page, a name without it may be a branch's."""
        own = [one for one in found if domain_weight(self._domains, tokens(one.value))]
        if not any(has_legal_form(tokens(one.value)) for one in own):
            return found
        return [one if one in own else replace(one, strength=max(0.0, one.strength - _FOREIGN_DOMAIN)) for one in found]

    def without_addressees(self, found: list[Candidate]) -> list[Candidate]:
        """Who heads an address without telephone, e-mail or tax id is written to, if anybody else could be writing."""
        for block in address_blocks(self._sheet):
            head = block[0]
            if head.rect.top < _LETTERHEAD or any(_is_contact(line) for line in block):
                continue
            written_to = [one for one in found if one.page == head.page and _is_in(one, block)]
            others = [one for one in found if one not in written_to and one.strength >= _ANOTHER]
            if written_to and others:
                found = [
                    replace(one, strength=max(0.0, one.strength - 0.4)) if one in written_to else one for one in found
                ]
        return found

    def of_role(self, role: str) -> list[Candidate]:
        """The first name in each block of a role."""
        return [found for block in self._blocks if block.role == role and (found := self.first_in(block))]

    def first_in(self, block: Block) -> Candidate | None:
        """The first line of a block that can be a name."""
        name = FieldName.SUPPLIER_NAME if block.role == "supplier" else FieldName.BUYER_NAME
        for nearness, place in zip((0.9, 0.8, 0.6), block.lines, strict=False):
            candidate = self._name(name, place, nearness * block.strength)
            if candidate:
                return candidate
        return None

    def addressed(self, supplier: Candidate) -> Block | None:
        """The address in the upper half that is not the supplier's: the one in the envelope's window."""
        for block in address_blocks(self._sheet):
            lines = block[1:] if _shares_name(block[0], supplier) and SEPARATOR.search(block[0].text) else block
            if len(lines) < 3 or any(_shares_name(line, supplier) for line in lines):
                continue
            if self._is_under(supplier, lines[0]):
                continue
            first, last = lines[0].rect, lines[-1].rect
            region = Rect(
                first.left, first.top, first.left + HALF_PAGE / 2, last.bottom + 1.5 * self._sheet.line_height
            )
            places = tuple(Place(line, 0, len(line.text), 0.9) for line in lines)
            found = Block("buyer", 0.6, places, lines[0].page, region)
            if self.first_in(found):
                return found
        return None

    def _is_under(self, supplier: Candidate, first: Cell) -> bool:
        """Whether an address begins right under the supplier's name: then it is his own."""
        gap = first.rect.top - supplier.box.bottom
        centre = first.box_between(0, len(first.text)).centre
        close = -0.5 * self._sheet.line_height < gap < 2.5 * self._sheet.line_height
        return supplier.page == first.page and close and supplier.box.left <= centre <= supplier.box.right

    def _unlabelled(self) -> Iterable[Candidate]:
        """Names anywhere on the first page, and at the head and foot of the others."""
        for row in self._sheet.rows:
            if _HEAD[row.page > 1] < row.rect.top < _FOOT:
                continue
            for cell in row.cells:
                role = self._taken.get((cell.row, id(cell)))
                if role in {"buyer", "ship_to"}:
                    continue
                if not name_printed_in(cell.text):
                    continue
                weight = self._place_weight(cell)
                candidate = self._name(FieldName.SUPPLIER_NAME, Place(cell, 0, len(cell.text), 1.0), weight)
                if candidate:
                    yield self._with_next_line(candidate, cell)

    def _with_next_line(self, candidate: Candidate, cell: Cell) -> Candidate:
        """On the next line, a legal form alone or what closes a bracket ends the name; large letters may go on."""
        following = self._sheet.rows[cell.row + 1].cells if cell.row + 1 < len(self._sheet.rows) else []
        for other in following:
            close = other.page == cell.page and other.rect.top - cell.rect.bottom < self._sheet.line_height
            if not close or other.rect.overlap(cell.rect) < 0.3:
                continue
            if is_legal_form(other.tokens):
                return _joined(candidate, other, 0.3)
            if _is_open(candidate.value) and _closes(other.text):
                return _joined(candidate, other, 0.0)
            if self._is_large(cell) and self._is_large(other) and not has_legal_form((*cell.tokens, *other.tokens)):
                return _joined(candidate, other, 0.1)
        return candidate

    def _is_large(self, cell: Cell) -> bool:
        return cell.rect.height > _LARGE * self._sheet.line_height and is_name(cell.text, cell.tokens)

    def _place_weight(self, cell: Cell) -> float:
        """At the top, in large letters, or in the footer."""
        height = cell.rect.top
        weight = 0.12
        if cell.page == 1:
            weight += 0.25 * max(0.0, 1 - height / 0.35)
            weight += 0.12 if cell.row - self._first_row[1] <= 1 else 0.0
        weight += 0.2 if cell.page == 1 and height < 0.3 and self._heads_address(cell) else 0.0
        large = cell.rect.height / self._sheet.line_height
        weight += min(0.2, 0.15 * max(0.0, large - 1.1))
        return weight + (0.05 if height > 0.85 else 0.0)

    def _heads_address(self, cell: Cell) -> bool:
        """Whether a town stands in one of the next lines below the cell, and nothing close above it."""
        above = self._sheet.rows[cell.row - 1].cells if cell.row else []
        if any(
            other.page == cell.page
            and other.rect.overlap(cell.rect) > 0.3
            and cell.rect.top - other.rect.bottom < self._sheet.line_height
            for other in above
        ):
            return False
        below = self._sheet.rows[cell.row + 1 : cell.row + 5]
        return any(
            is_town(other) and other.rect.overlap(cell.rect) > 0.3
            for row in below
            if row.page == cell.page
            for other in row.cells
        )

    def _name(self, field_name: FieldName, place: Place, weight: float) -> Candidate | None:
        found = name_printed_in(place.text)
        if not found:
            return None
        begin, close, words = place.start + found.start, place.start + found.end, found.words
        text = place.text[found.start : found.end]
        if self._is_label(place.cell, begin, close):
            return None
        strength = weight + (0.3 if found.has_legal_form else 0.0)
        strength += domain_weight(self._domains, words)
        strength -= 0.3 if words[0].text in _PERSONS else 0.0
        strength -= _SINGLE_WORD if len(words) == 1 else 0.0
        strength -= 0.2 if _is_code(words[0].text) else 0.0
        strength -= _LABELLED if ":" in text else 0.0
        strength -= 0.15 if any(word.text in lexicon().address for word in words) else 0.0
        named = Candidate.printed(field_name, found.value, place.cell, begin, close, max(0.0, min(0.98, strength)))
        return replace(named, legibility=legibility_of_name(place.cell, begin, text))

    def _is_label(self, cell: Cell, start: int, end: int) -> bool:
        covered = sum(
            min(end, label.end) - max(start, label.start)
            for label in self._labels.get(cell.row, [])
            if label.cell is cell and label.start < end and start < label.end
        )
        return covered > 0.5 * (end - start) or self._is_heading(cell, end - start)

    def _is_heading(self, cell: Cell, length: int) -> bool:
        """A title, a column's heading, a sum's label; a party's label only where it is all of the line."""
        return any(covered > share * length for covered, share in headings_in(cell.text))


def _is_code(word: str) -> bool:
    return any(map(str.isdigit, word)) and any(map(str.isalpha, word)) and len(word) > 3


def _is_open(text: str) -> bool:
    return text.rfind("(") > text.rfind(")")


def _closes(text: str) -> bool:
    return ")" in text and "(" not in text[: text.index(")")]


def _joined(candidate: Candidate, other: Cell, bonus: float) -> Candidate:
    text = " ".join(other.text.split())
    return replace(
        candidate,
        value=f"{candidate.value} {text}",
        text=f"{candidate.text} {other.text}",
        box=around([candidate.box, other.box_between(0, len(other.text))]),
        strength=min(0.98, candidate.strength + bonus),
    )


def _is_contact(line: Cell) -> bool:
    kinds = {meaning.concept for hit in line.hits(lexicon().labels) for meaning in hit.meanings}
    return "@" in line.text or "www" in line.text.lower() or bool(kinds & _CONTACTS)


def _is_in(candidate: Candidate, block: Sequence[Cell]) -> bool:
    boxes = [line.box_between(0, len(line.text)) for line in block]
    return any(abs(box.top - candidate.box.top) < 0.003 and abs(box.left - candidate.box.left) < 0.02 for box in boxes)


def _shares_name(cell: Cell, supplier: Candidate) -> bool:
    return " ".join(phrase(supplier.value)) in " ".join(word.text for word in cell.tokens)
