"""What each amount is said to be: by the words left of it, before it in its cell, or above it in its column."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.domain.wording import Token
from chalicelib.extraction.amounts import Amount, Figures
from chalicelib.extraction.layout import Cell, Row, Sheet
from chalicelib.extraction.lexicon import Hit, lexicon, world

_COLUMN_REACH = 14  # rows
_FIXED = frozenset(
    {
        "amount_paid",
        "change",
        "prior_balance",
        "discount",
        "shipping",
        "tip",
        "charges",
        "rounding",
        "ignore",
        "tax_base",
    }
)


@dataclass(frozen=True, slots=True)
class Label:
    """What a text says an amount is: a concept of the lexicon's `amounts`, and how sure that is (0–1)."""

    concept: str
    strength: float


@dataclass(frozen=True, slots=True, eq=False)
class LabelledAmount:
    """An amount and what it is said to be. `in_column` tells that the words stand above it and not beside it."""

    amount: Amount
    label: Label
    words: str
    in_column: bool = False


@dataclass(frozen=True)
class LabelReader:
    """Reads labels in the languages of one document."""

    languages: frozenset[str]

    def label_of(self, tokens: Sequence[Token]) -> Label | None:
        """What a text says, or `None` when it says nothing about amounts."""
        words = [token for token in tokens if not token.text.isdigit()]
        if not words or len(words) > 18:
            return None
        roles = self._roles(words)
        hits = [hit for hit in lexicon().amounts.find(words) if hit.concept(self.languages)]
        hit = max(hits, key=self._worth, default=None)
        concept = hit.concept(self.languages) if hit else None
        if self._is_contained_tax(words):
            return Label("tax", 0.85)
        meaning = _meaning(concept, hit is not None and self._is_weak(hit), roles)
        if meaning is None:
            return None
        covered = sum(found.end - found.start for found in hits) if hits else 1
        strength = meaning.strength * (0.4 + 0.6 * min(1.0, covered / self._telling(words)))
        return Label(meaning.concept, round(strength, 3))

    def _is_contained_tax(self, words: Sequence[Token]) -> bool:
        """`GST 6 % included in total` is a tax; `Total incl. GST` is not."""
        known = lexicon().roles
        roles = [set(known.get(word.text, {})) for word in words]
        taxes = [place for place, found in enumerate(roles) if "tax" in found]
        included = [place for place, found in enumerate(roles) if "including" in found]
        sums = [place for place, found in enumerate(roles) if "sum" in found and "tax" not in found]
        return bool(taxes and included and sums) and taxes[0] < included[0] < sums[0]

    def _roles(self, words: Iterable[Token]) -> set[str]:
        known = lexicon().roles
        return {
            role for word in words for role, languages in known.get(word.text, {}).items() if languages & self.languages
        }

    def _is_weak(self, hit: Hit) -> bool:
        fitting = [meaning for meaning in hit.meanings if meaning.language in self.languages]
        return all(meaning.weak for meaning in fitting)

    def _worth(self, hit: Hit) -> tuple[bool, int, int]:
        return (not self._is_weak(hit), hit.end - hit.start, hit.start)

    def _telling(self, words: Sequence[Token]) -> int:
        """How many of the words say something: not the articles, currencies, signs and single letters."""
        filler = lexicon().stopwords
        codes = world().currencies
        return max(
            1,
            sum(
                1
                for word in words
                if len(word.text) > 1
                and word.text.upper() not in codes
                and not filler.get(word.text, set()) & self.languages
            ),
        )


def _meaning(concept: str | None, weak: bool, roles: set[str]) -> Label | None:  # noqa: FBT001 - a fact, not a switch
    if concept in _FIXED and concept is not None:
        return Label(concept, 0.5 if weak else 0.9)
    modified = _modified(concept, roles)
    if modified:
        return modified
    if concept is not None:
        return Label(concept, 0.6 if weak else 0.95)
    if "sum" in roles and "tax" in roles:
        return Label("tax", 0.6)
    if "sum" in roles and "net" in roles:
        return Label("subtotal", 0.6)
    return Label("total", 0.35) if "sum" in roles else None


def _modified(concept: str | None, roles: set[str]) -> Label | None:
    """`excl.`, `incl.`, `net`, `gross`, `due` say more than the noun they stand with."""
    summing = "sum" in roles or concept in {"total", "subtotal", "amount_due"}
    if "tax" in roles and "excluding" in roles and "including" not in roles and concept != "tax":
        return Label("subtotal", 0.9)
    if "tax" in roles and "including" in roles and "excluding" not in roles and (summing or "gross" in roles):
        return Label("total", 0.95)
    if concept == "total" and "net" in roles and "gross" not in roles:
        return Label("subtotal", 0.75)
    if concept == "total" and "tax" in roles and not roles & {"including", "excluding", "gross"}:
        return Label("tax", 0.8)
    if "gross" in roles and summing:
        return Label("total", 0.95)
    if concept in {"total", "subtotal"} and "due" in roles:
        return Label("amount_due", 0.9)
    return None


def label_amounts(sheet: Sheet, figures: Figures, reader: LabelReader) -> list[LabelledAmount]:
    """Say of each amount what it is, as far as words beside or above it tell."""
    labelled: list[LabelledAmount] = []
    for row in sheet.rows:
        amounts = [amount for amount in figures.amounts.get(row.index, []) if not amount.is_percent]
        if amounts:
            labelled.extend(_label_row(sheet, figures, row, amounts, reader))
    return labelled


def _label_row(
    sheet: Sheet, figures: Figures, row: Row, amounts: Sequence[Amount], reader: LabelReader
) -> Iterable[LabelledAmount]:
    summing_row = _row_says(row, amounts[0], reader)
    several = len([amount for amount in amounts if amount.looks_like_money]) > 1
    for amount in amounts:
        beside = words_beside(row, amount, figures)
        label = reader.label_of(beside)
        if several and (summing_row or not beside):
            above = _words_above(sheet, figures, amount)
            column = reader.label_of(above)
            if column and column.concept in {"subtotal", "tax", "total", "tax_base"}:
                strength = column.strength * (0.9 if summing_row else 0.55)
                yield LabelledAmount(amount, Label(column.concept, strength), _text(above), in_column=True)
                continue
        if label:
            yield LabelledAmount(amount, label, _text(beside))
        elif not beside and (above := _words_above(sheet, figures, amount, reach=2)):
            stacked = reader.label_of(above)
            if stacked:
                yield LabelledAmount(
                    amount, Label(stacked.concept, stacked.strength * 0.8), _text(above), in_column=True
                )


def _row_says(row: Row, first: Amount, reader: LabelReader) -> bool:
    """Whether the words at the row's start call it a sum or a tax."""
    words = [token for cell in row.cells for token in cell.tokens if cell.rect.left <= first.rect.left]
    label = reader.label_of(words[:10])
    return label is not None and label.concept in {"total", "subtotal", "tax", "amount_due"}


def _text(tokens: Iterable[Token]) -> str:
    return " ".join(token.text for token in tokens)


def words_beside(row: Row, amount: Amount, figures: Figures) -> list[Token]:
    """The words before the amount in its cell and the few behind it, or else those of the next cell to its left."""
    others = [other for other in figures.amounts.get(row.index, []) if other.cell is amount.cell]
    begin = max((other.outer_end for other in others if other.end <= amount.start), default=0)
    end = min((other.outer_start for other in others if other.start >= amount.end), default=len(amount.cell.text))
    before = _lettered(
        token for token in amount.cell.tokens if begin <= token.start and token.end <= amount.outer_start
    )
    behind = _lettered(token for token in amount.cell.tokens if amount.outer_end <= token.start and token.end <= end)
    if before:
        return before + behind[:4]
    left = _cell_to_the_left(row, amount.cell)
    return (left + behind[:4]) if left else behind[:4]


def _cell_to_the_left(row: Row, cell: Cell) -> list[Token]:
    place = row.cells.index(cell)
    for other in reversed(row.cells[:place]):
        words = _lettered(other.tokens)
        if words:
            return words
    return []


def _lettered(tokens: Iterable[Token]) -> list[Token]:
    """The tokens that say something: no numbers, no currencies."""
    codes = world().currencies
    return [
        token
        for token in tokens
        if token.text.upper() not in codes
        and any(c.isalpha() for c in token.text)
        and token.text not in {"rm", "rs", "kr"}
    ]


def _words_above(sheet: Sheet, figures: Figures, amount: Amount, reach: int = _COLUMN_REACH) -> list[Token]:
    """The heading of the amount's column: the next cell above without amounts, and the lines that belong to it."""
    rect = amount.rect
    heading: list[Cell] = []
    for index in range(amount.row - 1, max(-1, amount.row - 1 - reach), -1):
        row = sheet.rows[index]
        if row.page != amount.page:
            break
        above = next((cell for cell in row.cells if cell.rect.overlap(rect) > 0.3), None)
        if above is None:
            continue
        if _has_amounts(figures, above):
            if heading:
                break
            continue
        if heading and heading[-1].rect.top - above.rect.bottom > 0.8 * sheet.line_height:
            break
        heading.append(above)
        if len(heading) == 3:
            break
    return [token for cell in reversed(heading) for token in cell.tokens]


def _has_amounts(figures: Figures, cell: Cell) -> bool:
    return any(amount.cell is cell for amount in figures.amounts.get(cell.row, []))
