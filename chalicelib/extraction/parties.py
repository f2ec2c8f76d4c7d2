"""Supplier and buyer: told apart by label, place, VAT id, e-mail domain, legal form and footer."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from chalicelib.domain.geometry import Box
from chalicelib.domain.invoice import FieldName
from chalicelib.domain.wording import Token, phrase, tokens
from chalicelib.extraction.candidates import Candidate
from chalicelib.extraction.labels import FoundLabel, Place, find_labels
from chalicelib.extraction.layout import Cell, Rect, Row, Sheet
from chalicelib.extraction.lexicon import lexicon, world

_BLOCK_ROWS = 9
_MAX_NAME = 70
_SPLIT = re.compile(
    r"\s+[\-–—•·|*]\s+|\s{2,}|[|•·]|\s*;\s*|,\s*(?=\d|[A-ZÄÖÜ][\wäöüß.]*(?:stra|str\.|weg|platz|allee))"
)
_EMAIL = re.compile(r"[\w.+\-]+@([\w\-]+)(?:\.[\w\-]+)+", re.IGNORECASE)
_WEBSITE = re.compile(r"(?:https?://)?www\.([\w\-]+)\.[a-z.]{2,}", re.IGNORECASE)
_STATES = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
_POSTCODES = {
    "US": re.compile(rf"\b(?:{_STATES}),?\s+\d{{5}}(?:-\d{{4}})?\b"),
    "GB": re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s+\d[A-Z]{2}\b"),
    "CA": re.compile(r"\b[A-Z]\d[A-Z]\s?\d[A-Z]\d\b"),
    "AU": re.compile(r"\b(?:NSW|VIC|QLD|TAS|ACT|SA|WA|NT)\s+\d{4}\b"),
}
_FREE_MAIL = frozenset(
    {"gmail", "hotmail", "yahoo", "outlook", "gmx", "web", "icloud", "aol", "live", "mail", "t-online"}
)
_PERSONS = frozenset(
    {"inh", "inhaber", "inhaberin", "geschaftsfuhrer", "ceo", "director", "prop", "proprietor", "attn", "herr", "frau"}
    | {"mr", "mrs", "ms", "mme", "sr", "sra", "dhr", "mevr"}
)
_TRAILING = " .,:;-–—|/\\*_=#'\"“”«»"


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The lines under (or behind) a party label."""

    role: str  # supplier, buyer, ship_to
    label: FoundLabel
    lines: tuple[Place, ...]


@dataclass(frozen=True)
class Parties:
    """Candidates for the names, and the blocks they stand in."""

    candidates: tuple[Candidate, ...]
    blocks: tuple[Block, ...] = ()
    countries: Counter[str] = field(default_factory=Counter)

    def role_at(self, page: int, box: Box) -> str | None:
        """Whose block a place belongs to, or `None`."""
        for block in self.blocks:
            for place in block.lines:
                shape = place.cell.box_between(place.start, place.end)
                if place.cell.page == page and _touches(shape, box):
                    return block.role
        return None


def _touches(one: Box, other: Box) -> bool:
    return one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom


def find_parties(sheet: Sheet, labels: dict[int, list[FoundLabel]], languages: frozenset[str]) -> Parties:
    """Weigh every line that can be a company's name."""
    party_labels = {
        row: [label for label in found if _opens_block(label)]
        for row, found in find_labels(sheet, languages, lexicon().parties).items()
    }
    blocks = tuple(_blocks(sheet, party_labels, labels))
    names = _Names(sheet, labels, blocks, _domains(sheet))
    supplier = names.suppliers()
    buyer = names.of_role("buyer")
    best = max(supplier, key=lambda one: one.strength, default=None)
    if not buyer and best:
        buyer = names.addressed(best)
    buyers = [one for one in buyer if not best or phrase(one.value) != phrase(best.value)]
    return Parties((*supplier, *buyers), blocks, countries_in(sheet))


def _opens_block(label: FoundLabel) -> bool:
    """Party words are everyday words: they open a block at the start of a cell, alone or before a colon."""
    if label.start > 2:
        return False
    behind = label.cell.text[label.end :].lstrip(" )")
    return not behind or behind[0] in ":(" or not any(map(str.isalpha, behind))


def _blocks(
    sheet: Sheet, party_labels: dict[int, list[FoundLabel]], labels: dict[int, list[FoundLabel]]
) -> Iterable[Block]:
    for row in party_labels.values():
        for label in row:
            lines = tuple(_block_lines(label, sheet, party_labels, labels))
            if lines:
                yield Block(label.concept, label, lines)


def _block_lines(
    label: FoundLabel, sheet: Sheet, party_labels: dict[int, list[FoundLabel]], labels: dict[int, list[FoundLabel]]
) -> Iterable[Place]:
    behind = label.cell.text[label.end :]
    if any(character.isalpha() for character in behind):
        yield Place(label.cell, label.end, len(label.cell.text), 1.0)
    elif right := _right_value(label, sheet, party_labels, labels):
        yield Place(right, 0, len(right.text), 0.9)
    bottom, rect = label.rect.bottom, label.cell.rect
    for index in range(label.cell.row + 1, min(len(sheet.rows), label.cell.row + 1 + _BLOCK_ROWS)):
        row = sheet.rows[index]
        if row.page != label.cell.page:
            return
        cell = next((cell for cell in row.cells if _in_column(cell.rect, rect)), None)
        if cell is None:
            continue
        if cell.rect.top - bottom > 2.2 * sheet.line_height or _opens(cell, party_labels):
            return
        bottom = cell.rect.bottom
        yield from _line_places(cell, row)


def _line_places(cell: Cell, row: Row) -> Iterable[Place]:
    """A line of a block; `Name:  Halden & Moor` holds the name in the next cell, other labelled lines hold none."""
    behind = _behind_name_label(cell)
    if behind is not None and behind < len(cell.text):
        yield Place(cell, behind, len(cell.text), 0.95)
    elif behind is not None:
        place = row.cells.index(cell)
        if place + 1 < len(row.cells):
            right = row.cells[place + 1]
            yield Place(right, 0, len(right.text), 0.95)
    elif not cell.text.rstrip().endswith(":"):
        yield Place(cell, 0, len(cell.text), 0.9)


def _behind_name_label(cell: Cell) -> int | None:
    """Where the value behind `Name:` begins, or `None` when the cell does not begin so."""
    words = cell.tokens
    for size in (2, 1):
        if len(words) >= size and tuple(word.text for word in words[:size]) in world().name_labels:
            rest = cell.text[words[size - 1].end :]
            if not rest.strip(" .") or rest.lstrip(" .").startswith(":"):
                return words[size - 1].end + len(rest) - len(rest.lstrip(" .:"))
    return None


def _right_value(
    label: FoundLabel, sheet: Sheet, party_labels: dict[int, list[FoundLabel]], labels: dict[int, list[FoundLabel]]
) -> Cell | None:
    """`Supplier:  Halden & Moor`: the next cell, when the label ends in a colon and nothing stands below it."""
    row = sheet.rows[label.cell.row]
    place = row.cells.index(label.cell)
    if place + 1 >= len(row.cells) or not label.cell.text.rstrip().endswith(":"):
        return None
    right = row.cells[place + 1]
    close = right.rect.left - label.cell.rect.right < 0.25
    return right if close and not _opens(right, party_labels) and not _opens(right, labels) else None


def _in_column(cell: Rect, label: Rect) -> bool:
    return abs(cell.left - label.left) < 0.02 or (cell.left < label.right and cell.overlap(label) > 0.5)


def _opens(cell: Cell, labels: dict[int, list[FoundLabel]]) -> bool:
    return any(label.cell is cell and label.start <= 2 and not label.weak for label in labels.get(cell.row, []))


def _domains(sheet: Sheet) -> Counter[str]:
    """The names in web and e-mail addresses: `info@halden-moor.example` → `haldenmoor`."""
    found: Counter[str] = Counter()
    for cell in sheet.cells:
        if "@" not in cell.text and "www" not in cell.text.lower():
            continue
        for match in (*_EMAIL.finditer(cell.text), *_WEBSITE.finditer(cell.text)):
            name = match[1].lower()
            if name not in _FREE_MAIL:
                found["".join(phrase(name))] += 1
    return found


def countries_in(sheet: Sheet) -> Counter[str]:
    """The countries named on the pages, ISO 3166."""
    found: Counter[str] = Counter()
    names = world().countries
    for cell in sheet.cells:
        words = [token.text for token in cell.tokens]
        for size in (1, 2, 3):
            for start in range(len(words) - size + 1):
                country = names.get(tuple(words[start : start + size]))
                if country and (size > 1 or len(words[start]) > 2):
                    found[country] += 1
        for country, pattern in _POSTCODES.items():
            found[country] += len(pattern.findall(cell.text))
    return found


def _address_blocks(sheet: Sheet) -> Iterable[tuple[Cell, list[Cell]]]:
    """Lines that stand left-aligned under each other in the upper half of the first page, a postcode among them."""
    upper = [row for row in sheet.rows if row.page == 1 and row.rect.top < 0.45]
    used: set[int] = set()
    for place, row in enumerate(upper):
        for cell in row.cells:
            if id(cell) in used:
                continue
            block = _column_below(cell, upper[place + 1 :], sheet.line_height)
            used.update(map(id, block))
            if len(block) >= 3 and any(_is_town(line) for line in block[1:]):
                yield block[0], block


def _column_below(cell: Cell, rows: Sequence[Row], line_height: float) -> list[Cell]:
    block = [cell]
    for row in rows:
        below = next((one for one in row.cells if abs(one.rect.left - cell.rect.left) < 0.01), None)
        if row.rect.top - block[-1].rect.bottom > 1.6 * line_height:
            break
        if below is not None:
            block.append(below)
    return block


def _is_town(cell: Cell) -> bool:
    """`12345 Musterstadt`, `Leeds LS1 4AB`, `Redmond WA, 98052`."""
    words = cell.tokens
    digits = [word for word in words if word.text.isdigit() and 4 <= len(word.text) <= 6]
    letters = any(word.text.isalpha() and len(word.text) > 2 for word in words)
    return letters and len(words) <= 8 and (bool(digits) or any(p.search(cell.text) for p in _POSTCODES.values()))


def _shares_name(cell: Cell, supplier: Candidate) -> bool:
    return " ".join(phrase(supplier.value)) in " ".join(word.text for word in cell.tokens)


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
        counts = Counter(phrase(one.value) for one in found)
        return [_stronger(one, 0.05 * (min(counts[phrase(one.value)], 4) - 1)) for one in found]

    def of_role(self, role: str) -> list[Candidate]:
        """The first name in each block of a role."""
        name = FieldName.SUPPLIER_NAME if role == "supplier" else FieldName.BUYER_NAME
        found = []
        for block in self._blocks:
            if block.role != role:
                continue
            for nearness, place in zip((0.9, 0.8, 0.6), block.lines, strict=False):
                candidate = self._name(name, place, nearness * block.label.strength)
                if candidate:
                    found.append(candidate)
                    break
        return found

    def addressed(self, supplier: Candidate) -> list[Candidate]:
        """Who stands at the head of an address in the upper half that is not the supplier's: the window's address."""
        found = []
        for cell, lines in _address_blocks(self._sheet):
            if any(_shares_name(line, supplier) for line in lines):
                continue
            candidate = self._name(FieldName.BUYER_NAME, Place(cell, 0, len(cell.text), 1.0), 0.5)
            if candidate:
                found.append(candidate)
        return found[:1]

    def _unlabelled(self) -> Iterable[Candidate]:
        for row in self._sheet.rows:
            for cell in row.cells:
                role = self._taken.get((cell.row, id(cell)))
                if role in {"buyer", "ship_to"}:
                    continue
                weight = self._place_weight(cell)
                candidate = self._name(FieldName.SUPPLIER_NAME, Place(cell, 0, len(cell.text), 1.0), weight)
                if candidate:
                    yield candidate

    def _place_weight(self, cell: Cell) -> float:
        """At the top, in large letters, or in the footer."""
        height = cell.rect.top
        weight = 0.12
        if cell.page == 1:
            weight += 0.25 * max(0.0, 1 - height / 0.35)
            weight += 0.12 if cell.row - self._first_row[1] <= 1 else 0.0
        large = cell.rect.height / self._sheet.line_height
        weight += min(0.2, 0.15 * max(0.0, large - 1.1))
        return weight + (0.05 if height > 0.85 else 0.0)

    def _name(self, field_name: FieldName, place: Place, weight: float) -> Candidate | None:
        if place.text.rstrip().endswith(":"):
            return None
        start, end = name_in(place.text)
        text = place.text[start:end]
        words = tokens(text)
        if not is_name(text, words) or self._is_label(place.cell, place.start + start, place.start + end):
            return None
        strength = weight + (0.3 if has_legal_form(words) else 0.0)
        strength += self._domain_weight(words)
        strength -= 0.3 if words[0].text in _PERSONS else 0.0
        strength -= 0.15 if any(word.text in lexicon().address for word in words) else 0.0
        box = place.cell.box_between(place.start + start, place.start + end)
        return Candidate(
            field_name,
            " ".join(text.split()),
            text,
            place.cell.page,
            box,
            max(0.0, min(0.98, strength)),
            place.cell.source,
        )

    def _is_label(self, cell: Cell, start: int, end: int) -> bool:
        covered = sum(
            min(end, label.end) - max(start, label.start)
            for label in self._labels.get(cell.row, [])
            if label.cell is cell and label.start < end and start < label.end
        )
        return covered > 0.5 * (end - start) or self._is_heading(cell, end - start)

    def _is_heading(self, cell: Cell, length: int) -> bool:
        """A title, a column's heading, a sum's label; a party's label only where it is all of the line."""
        words = lexicon()
        for index, share in ((words.titles, 0.6), (words.columns, 0.6), (words.amounts, 0.6), (words.parties, 0.9)):
            hits = index.find(cell.tokens)
            covered = sum(cell.tokens[hit.end - 1].end - cell.tokens[hit.start].start for hit in hits)
            if covered > share * length:
                return True
        return False

    def _domain_weight(self, words: Sequence[Token]) -> float:
        joined = "".join(word.text for word in words)
        for domain in self._domains:
            if len(domain) >= 4 and (domain in joined or (joined in domain and len(joined) > 0.6 * len(domain))):
                return 0.25
            if words and len(words[0].text) >= 4 and words[0].text in domain:
                return 0.2
        return 0.0


def _stronger(candidate: Candidate, by: float) -> Candidate:
    return Candidate(
        candidate.field, candidate.value, candidate.text, candidate.page, candidate.box,
        min(0.98, candidate.strength + by), candidate.source,
    )  # fmt: skip


def name_in(text: str) -> tuple[int, int]:
    """Where the name in a line stands: up to its legal form, or up to the address that follows.

    >>> line = "Halden & Moor GmbH - Uferweg 40 - 12345 Musterstadt"
    >>> start, end = name_in(line)
    >>> line[start:end]
    'Halden & Moor GmbH'
    """
    start = len(text) - len(text.lstrip(_TRAILING + "\t"))
    cut = _SPLIT.search(text, start)
    end = cut.start() if cut else len(text)
    form_end = _legal_form_end(text[start:end])
    if form_end and any(character.isdigit() for character in text[start + form_end : end]):
        end = start + form_end
    while end > start and text[end - 1] in _TRAILING and not _ends_with_form(text[start:end]):
        end -= 1
    return start, end


def _ends_with_form(text: str) -> bool:
    return text.endswith(".") and has_legal_form(tokens(text)[-3:])


def _legal_form_end(text: str) -> int:
    words = tokens(text)
    forms = world().legal_forms
    best = 0
    for start in range(1, len(words)):
        for size in (4, 3, 2, 1):
            if start + size <= len(words) and tuple(word.text for word in words[start : start + size]) in forms:
                best = max(best, words[start + size - 1].end)
                break
    while best and best < len(text) and text[best] in ".)":
        best += 1
    return best


def has_legal_form(words: Sequence[Token]) -> bool:
    """Whether some of the words are a company's legal form (`GmbH`, `S.r.l.`, `Sdn Bhd`)."""
    forms = world().legal_forms
    names = [word.text for word in words]
    return any(
        tuple(names[start : start + size]) in forms
        for size in (1, 2, 3, 4)
        for start in range(0 if size > 1 else 1, len(names) - size + 1)
    )


def is_name(text: str, words: Sequence[Token]) -> bool:
    """Whether a line can be a name: letters, not too long, no address, amount, link or sentence."""
    letters = sum(character.isalpha() for character in text)
    digits = sum(character.isdigit() for character in text)
    if letters < 3 or len(text) > _MAX_NAME or digits > letters or "@" in text or "www." in text.lower():
        return False
    if len(words) > 9 or text.rstrip().endswith(":"):
        return False
    filler = sum(1 for word in words if word.text in lexicon().stopwords and len(word.text) > 1)
    return filler <= max(1, len(words) // 3) and not _is_place(words)


def _is_place(words: Sequence[Token]) -> bool:
    """`12345 Musterstadt`, `Germany`, `Musterstraße 4`."""
    names = tuple(word.text for word in words)
    if names in world().countries:
        return True
    numbers = [name for name in names if any(character.isdigit() for character in name)]
    return bool(numbers) and len(numbers) >= len(names) - 2 and not has_legal_form(words)
