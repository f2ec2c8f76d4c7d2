"""A model's answer, checked against everything: its shape, and that each value stands in the document.

A value that is not printed is dropped, however likely it sounds. What is left are hints, which meet the rules.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from chalicelib.domain.document import ReadDocument
from chalicelib.domain.finding import Finding, Severity
from chalicelib.domain.geometry import around
from chalicelib.domain.hint import Hint, HintedLine, Hints
from chalicelib.domain.invoice import AMOUNT_FIELDS, DATE_FIELDS, FieldName
from chalicelib.domain.question import Question
from chalicelib.domain.source import Source
from chalicelib.extraction.amounts import Figures, find_figures
from chalicelib.extraction.asking import LINE_PARTS, LINES, MOST_LINES
from chalicelib.extraction.dates import PrintedDate, find_dates
from chalicelib.extraction.hinted_amounts import read_amount
from chalicelib.extraction.layout import Cell
from chalicelib.extraction.shown_words import ShownWord, numbered
from chalicelib.extraction.whereabouts import Stretch, Whereabouts

_CONFIDENCE = 0.8  # a model gives none of its own
_LONGEST = 300  # characters
_MOST_WORDS = 60


@dataclass(frozen=True)
class Heard:
    """What is left of an answer as hints; and for each field that was `dropped` a finding that names it."""

    hints: Hints
    dropped: tuple[Finding, ...] = ()


def hints_of(answer: object, question: Question, read: ReadDocument) -> Heard:
    """The values of an answer that were asked for and stand in the document; never raises, whatever the answer is.

    `read` is the document that `question` was made of.
    """
    if not isinstance(answer, Mapping):
        return Heard(Hints())  # no object, and so no values
    asked = _asked(question)
    grounds = _Grounds(read)
    hints: list[Hint] = []
    dropped: list[str] = []
    for name in asked:
        if (entry := _entry(answer.get(name.value))) is None:
            dropped += [name.value] if answer.get(name.value) is not None else []
        elif hint := grounds.hint(name, *entry):
            hints.append(hint)
        else:
            dropped.append(name.value)
    lines, is_whole = _lines(answer, question, grounds)
    dropped += [] if is_whole else ["line_items"]
    return Heard(Hints(fields=tuple(hints), lines=lines), tuple(map(_not_in_document, dropped)))


def _not_in_document(name: str) -> Finding:
    return Finding(
        code="not_in_document",
        message=f"A language model gave a {name.replace('_', ' ')} that is not printed; it was not used.",
        severity=Severity.INFO,
        fields=(name,),
    )


def _asked(question: Question) -> list[FieldName]:
    known = {name.value: name for name in FieldName}
    return [known[name] for name in question.schema["properties"] if name in known]


class _Entry(NamedTuple):
    value: str
    numbers: tuple[int, ...]


def _entry(given: Any) -> _Entry | None:
    """A value and the numbers of its words, if the shape is right."""
    value, words = (given.get("value"), given.get("words")) if isinstance(given, Mapping) else (None, None)
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST:
        return None
    return _Entry(value, _numbers(words))


def _numbers(words: Any) -> tuple[int, ...]:
    """The numbers in a list; wrong ones only make that the value is looked for elsewhere."""
    listed = words[:_MOST_WORDS] if isinstance(words, list | tuple) else ()
    return tuple(one for one in listed if isinstance(one, int) and not isinstance(one, bool))


def _lines(answer: Mapping[str, Any], question: Question, grounds: "_Grounds") -> tuple[tuple[HintedLine, ...], bool]:
    """The lines, all or none: a table with a line missing adds up to something else."""
    given = answer.get(LINES) if LINES in question.schema["properties"] else None
    if given is None:
        return (), True
    if not isinstance(given, list) or len(given) > MOST_LINES:
        return (), False
    lines = [grounds.line(one) for one in given]
    whole = tuple(line for line in lines if line is not None)
    return (whole, True) if len(whole) == len(lines) else ((), False)


class _Grounds:
    """Looks for answers among the words of one document."""

    def __init__(self, read: ReadDocument) -> None:
        self._sheet, lines = numbered(read.pages)
        self._words = {word.number: word for line in lines for cell in line.cells for word in cell}
        self._places = Whereabouts(self._sheet)
        self._figures: Figures = find_figures(self._sheet)

    def hint(self, name: FieldName, value: str, numbers: tuple[int, ...]) -> Hint | None:
        """A hint with the printed text, from the words that were named or the only other place; else nothing."""
        words = self._named(numbers)
        place = self._in_words(name, value, words) or self._anywhere(name, value)
        if place is None:
            return None
        return Hint(name, place.text, Source.MODEL, _CONFIDENCE, place.page, place.box)

    def line(self, given: Any) -> HintedLine | None:
        """A line whose every part stands among its words."""
        if not isinstance(given, Mapping):
            return None
        words = self._named(_numbers(given.get("words")))
        parts = {part: given[part] for part in LINE_PARTS if part in given and given[part] not in (None, "")}
        if not words or "amount" not in parts or not all(self._is_part(*part, words) for part in parts.items()):
            return None
        box = around(word.word.box for word in words)
        return HintedLine(Source.MODEL, _CONFIDENCE, words[0].page, box, **parts)

    def _is_part(self, part: str, value: Any, words: list[ShownWord]) -> bool:
        if not isinstance(value, str) or len(value) > _LONGEST:
            return False
        if part == "description":
            return bool(self._places.among(value, (word.word for word in words), words[0].page))
        return bool(self._amounts(value, words))

    def _named(self, numbers: Iterable[int]) -> list[ShownWord]:
        """The words of these numbers, in reading order, if they stand on one page."""
        found = [self._words[number] for number in sorted(set(numbers)) if number in self._words]
        return found if len({word.page for word in found}) == 1 else []

    def _in_words(self, name: FieldName, value: str, words: list[ShownWord]) -> Stretch | None:
        if not words:
            return None
        if name in AMOUNT_FIELDS:
            return next(iter(self._amounts(value, words)), None)
        if name in DATE_FIELDS:
            return next(iter(self._dates(value, words)), None)
        return next(iter(self._places.among(value, (word.word for word in words), words[0].page)), None)

    def _anywhere(self, name: FieldName, value: str) -> Stretch | None:
        """The only place where it stands."""
        if name in AMOUNT_FIELDS:
            found = list(self._amounts(value, None))
        elif name in DATE_FIELDS:
            found = list(self._dates(value, None))
        else:
            found = self._places.find(value)
        return found[0] if len(found) == 1 else None

    def _amounts(self, value: str, words: list[ShownWord] | None) -> list[Stretch]:
        wanted = {abs(number) for number in _readings(value, self._figures) if number is not None}
        return [
            Stretch(((amount.cell, amount.start, amount.end),))
            for amount in self._figures.all_amounts()
            if abs(amount.value) in wanted and _holds(amount.cell, amount.start, amount.end, words)
        ]

    def _dates(self, value: str, words: list[ShownWord] | None) -> Iterator[Stretch]:
        wanted = {day for printed in find_dates(value)[:1] for day in _days(printed)}
        for row in self._figures.dates.values():
            for cell, printed in row:
                if wanted & _days(printed) and _holds(cell, printed.start, printed.end, words):
                    yield Stretch(((cell, printed.start, printed.end),))


def _readings(value: str, figures: Figures) -> Iterator[Any]:
    """What a number may be: in the document's notation, or as a plain decimal."""
    yield read_amount(value.replace("%", ""), figures.mark)
    yield read_amount(value.replace("%", ""), None)


def _days(printed: PrintedDate) -> set[date]:
    return {day for day in (printed.day_first, printed.month_first) if day}


def _holds(cell: Cell, start: int, end: int, words: list[ShownWord] | None) -> bool:
    """Whether one of the words is part of a stretch of a cell; always, where any place will do."""
    if words is None:
        return True
    own = {id(word) for word in cell.words_between(start, end)}
    return any(id(word.word) in own for word in words)
