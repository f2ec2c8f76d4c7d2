"""A corpus: documents with known answers, each of a category and a layout."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.errors import ConfigurationError

FIELDS = (
    "supplier_name",
    "invoice_number",
    "issue_date",
    "due_date",
    "currency",
    "subtotal",
    "tax",
    "total",
    "supplier_tax_id",
    "purchase_order",
    "iban",
)
_ABSENT = frozenset({"", "null", "none", "n/a"})


class Line(NamedTuple):
    """One line item: what is compared of it."""

    description: str | None
    amount: str | None


class Truth(NamedTuple):
    """The right answers. A field that is not in `fields` is not scored; one without accepted values is not there.

    `lines` is empty where lines are not scored.
    """

    fields: Mapping[str, tuple[str, ...]]
    lines: tuple[Line, ...] = ()


class Case(NamedTuple):
    """One document of the corpus. Its `key` is `<set>/<id>`; documents of one `layout` look alike."""

    key: str
    path: Path
    category: str
    layout: str
    truth: Truth

    @property
    def set_name(self) -> str:
        """The set it belongs to."""
        return self.key.split("/", 1)[0]


def read_corpus(folder: Path, split: str) -> list[Case]:
    """The documents of a split (`dev`, `holdout`, `all`), by key.

    `folder` holds `docs/`, `truth/`, `split.json` and `meta.json`; `ConfigurationError` when one of them is missing.
    """
    splits = _json(folder / "split.json")
    names = ("dev", "holdout") if split == "all" else (split,)
    facts = {f"{one['set']}/{one['id']}": one for one in _json(folder / "meta.json")}
    keys = sorted(key for name in names for key in splits.get(name, ()))
    return [_case(folder, key, facts.get(key, {})) for key in keys]


def truth_of(answers: Mapping[str, Any]) -> Truth:
    """The truth in a file's words: `_alt` holds further accepted values by field.

    >>> truth_of({"total": "5.90", "iban": None, "_alt": {"total": ["5.9"]}}).fields
    {'total': ('5.90', '5.9'), 'iban': ()}
    """
    others = answers.get("_alt") or {}
    fields = {name: tuple(_accepted(answers[name], others.get(name) or ())) for name in FIELDS if name in answers}
    return Truth(fields, tuple(lines_of(answers.get("line_items"))))


def lines_of(items: object) -> Iterator[Line]:
    """The line items in a file's words."""
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield Line(given(item.get("description")), given(item.get("amount")))


def given(value: object) -> str | None:
    """A value as text, or `None` for what says that there is none.

    >>> given(" n/a "), given(12.5)
    (None, '12.5')
    """
    text = "" if value is None else str(value)
    return None if text.strip().lower() in _ABSENT else text


def _accepted(value: object, others: Sequence[object]) -> Iterator[str]:
    """All accepted values; none at all where the field is known to be absent."""
    first = given(value)
    if first is not None:
        yield first
        yield from (text for other in others if (text := given(other)) is not None)


def _case(folder: Path, key: str, facts: Mapping[str, Any]) -> Case:
    path = folder / facts["file"] if "file" in facts else _found(folder, key)
    truth = truth_of(_json(folder / "truth" / f"{key}.json"))
    return Case(key, path, str(facts.get("category", "unknown")), str(facts.get("layout", key)), truth)


def _found(folder: Path, key: str) -> Path:
    place = folder / "docs" / key
    files = sorted(path for path in place.parent.glob("*") if path.stem == place.name)
    if not files:
        raise ConfigurationError("bad_corpus", f"There is no document {key} in {folder / 'docs'}.")
    return files[0]


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            "bad_corpus",
            f"{path} cannot be read ({error.strerror}). A corpus needs docs/, truth/, split.json, meta.json.",
        ) from error
    except ValueError as error:
        raise ConfigurationError("bad_corpus", f"{path} holds no valid JSON.") from error
