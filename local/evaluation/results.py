"""What an evaluation leaves in a folder: the predictions, every error, all figures, and the reliability plot."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from chalicelib.errors import ConfigurationError
from chalicelib.exports.invoice_json import invoice_document
from local.evaluation.confidences import calibration_of
from local.evaluation.cross_validation import Validated, by_layout
from local.evaluation.line_matching import LineTally
from local.evaluation.marking import Marked, kind_of
from local.evaluation.measuring import Approved, Measures, by_category, by_set, kinds_of_errors, measures, slowest
from local.evaluation.plot import reliability_plot
from local.evaluation.reliability import Reliability
from local.evaluation.scoring import Tally

_COLUMNS = ("document", "category", "layout", "field", "kind", "truth", "value", "confidence", "decision")


def write_results(out: Path, documents: Sequence[Marked], validated: Sequence[Validated] = ()) -> None:
    """Write `<set>/<id>.json` in the product's format, `errors.tsv`, `report.json` and `reliability.svg` into `out`.

    Cross-validated figures stand in the report, by layout too; `calibration.json` is then what all documents teach.
    Raises `ConfigurationError` when `out` cannot be written.
    """
    categories = by_category(documents)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for one in documents:
            _write_prediction(out, one)
        _write_errors(out / "errors.tsv", documents)
        _write_json(out / "report.json", report(documents, categories) | _validation(validated))
        if validated and (calibration := calibration_of(documents)):
            _write_json(out / "calibration.json", calibration.to_json())
        (out / "reliability.svg").write_text(reliability_plot(categories[-1].reliability), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError("out_unusable", f"{out} cannot be written: {error.strerror}.") from error


def report(documents: Sequence[Marked], categories: Sequence[Measures]) -> dict[str, Any]:
    """All figures, ready for JSON; shares are 0–1, and `null` where there is nothing to divide by."""
    return {
        "categories": {one.name: _measures(one) for one in categories},
        "sets": {one.name: _measures(one) for one in by_set(documents)},
        "errors": [
            {"field": field, "kind": kind, "count": count}
            for (field, kind), count in kinds_of_errors(documents).most_common()
        ],
        "slowest": [{"document": one.key, "timings_ms": dict(one.timings_ms)} for one in slowest(documents, 20)],
    }


def _write_prediction(out: Path, one: Marked) -> None:
    path = out / f"{one.case.key}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_json(path, invoice_document(one.record))


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _write_errors(path: Path, documents: Iterable[Marked]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(_COLUMNS)
        for one in documents:
            writer.writerows(_errors(one))


def _errors(one: Marked) -> Iterable[Sequence[object]]:
    case, outcome = one.case, one.record.outcome
    for judgement in one.judgements:
        if kind := kind_of(judgement, case, one.reading.evidence):
            field, _, truth, value = judgement
            decision = outcome.decision.value if outcome else ""
            yield case.key, case.category, case.layout, field, kind, truth, value, one.confidence(field), decision


def _measures(one: Measures) -> dict[str, Any]:
    return {
        "documents": one.documents,
        "layouts": one.layouts,
        "all_fields": _tally(one.fields),
        "fields": {field: _tally(counts) for field, counts in one.by_field.items()},
        "macro_f1": one.macro_f1,
        "macro_accuracy": one.macro_accuracy,
        "line_items": _lines(one.lines),
        "straight_through": _approved(one.approved),
        "calibration": _reliability(one.reliability),
    }


def _validation(validated: Iterable[Validated]) -> dict[str, Any]:
    return {"cross_validation": {one.name: _validated(one) for one in validated}}


def _validated(one: Validated) -> dict[str, Any]:
    return {
        "plain": _measures(measures("plain", one.plain)),
        "learned_from_all": _measures(measures("learned_from_all", one.flattered)),
        "cross_validated": _measures(measures("cross_validated", one.apart)),
        "layouts": {
            layout: {"plain": _measures(plain), "cross_validated": _measures(apart)}
            for layout, plain, apart in by_layout(one)
        },
    }


def _tally(counts: Tally) -> dict[str, Any]:
    shares = {name: getattr(counts, name) for name in ("precision", "recall", "f1", "silent_error_rate")}
    return {**counts._asdict(), "printed": counts.printed, **shares}


def _lines(counts: LineTally) -> dict[str, Any]:
    return {**counts._asdict(), "precision": counts.precision, "recall": counts.recall, "f1": counts.f1}


def _approved(found: Approved) -> dict[str, Any]:
    return {**found._asdict(), "rate": found.rate, "error_rate": found.error_rate}


def _reliability(found: Reliability) -> dict[str, Any]:
    return {**found._asdict(), "bins": [one._asdict() for one in found.bins]}
