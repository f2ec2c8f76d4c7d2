"""The page that explains one reading: one HTML file that needs nothing else, and runs nothing."""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import NamedTuple

from chalicelib.domain.document import Page, ReadDocument
from chalicelib.domain.finding import Finding
from chalicelib.domain.invoice import FieldName, Invoice, LineItem, Value
from chalicelib.domain.record import InvoiceRecord
from local.evaluation.drawing import LAYERS, Mark, colour_of, overlay
from local.evaluation.evidence import Rival, chosen_of
from local.evaluation.marking import invoice_of
from local.evaluation.scoring import Judgement, Verdict

_MOST_RIVALS = 6
_STYLE = """
body{font:14px/1.4 system-ui,sans-serif;margin:0;color:#222;background:#f4f4f2}
header,.layers{padding:8px 16px;background:#fff;border-bottom:1px solid #ddd}
h1{font-size:18px;margin:0 0 4px}h2{font-size:15px;margin:20px 0 6px}
main{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:16px;padding:16px}
figure{position:relative;margin:0 0 16px;background:#fff;border:1px solid #ccc}
figure img{display:block;width:100%}figure svg{position:absolute;inset:0;width:100%;height:100%}
.blank{padding-top:var(--height)}
rect{fill:none;stroke:var(--colour);vector-effect:non-scaling-stroke;pointer-events:all}
.values rect{stroke-width:2.5;fill:var(--colour);fill-opacity:.14}.candidates rect{stroke-width:1;stroke-opacity:.4}
.labels rect{stroke-width:1;stroke-dasharray:3 2}.columns rect{stroke-width:1;fill:var(--colour);fill-opacity:.12}
.parties rect{stroke-width:1.5;stroke-dasharray:8 4}
table{border-collapse:collapse;width:100%;background:#fff}
td,th{border:1px solid #ddd;padding:3px 6px;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:#eee;font-weight:600}.figure{text-align:right;font-variant-numeric:tabular-nums}
.swatch{display:inline-block;width:10px;height:10px;margin-right:6px;background:var(--colour)}
.chosen{font-weight:600}.right{color:#17692b}.wrong,.spurious,.missing,.error{color:#a3161b}.warning{color:#8a5a00}
"""
_SECURITY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


class Explanation(NamedTuple):
    """What is to be explained. `judgements` is empty where the right answers are not known."""

    name: str
    record: InvoiceRecord
    read: ReadDocument | None
    rivals: Mapping[FieldName, tuple[Rival, ...]]
    marks: Sequence[Mark]
    pictures: Mapping[int, bytes]
    languages: Sequence[str]
    judgements: Mapping[str, Judgement]


def explanation_page(what: Explanation) -> str:
    """The HTML. Everything that came from the document is escaped."""
    toggles = "".join(
        f'<input type="checkbox" id="show-{layer}" checked><label for="show-{layer}">{layer}</label> '
        for layer in LAYERS
    )
    hiding = "".join(f"body:has(#show-{layer}:not(:checked)) .{layer}{{display:none}}" for layer in LAYERS)
    figures = "".join(_figure(page, what) for page in (what.read.pages if what.read else ()))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_SECURITY}">'
        f"<title>{escape(what.name)}</title><style>{_STYLE}{hiding}</style></head><body>"
        f"{_head(what)}<div class='layers'>{toggles}</div>"
        f"<main><section>{figures or _no_pages()}</section><section>{_tables(what)}</section></main></body></html>\n"
    )


def _figure(page: Page, what: Explanation) -> str:
    picture = what.pictures.get(page.number)
    height = 100 * page.height / page.width if page.width else 100
    shown = (
        f'<img alt="page {page.number}" src="data:image/jpeg;base64,{b64encode(picture).decode()}">'
        if picture
        else f'<div class="blank" style="--height:{height:.1f}%"></div>'
    )
    return f"<figure>{shown}{overlay(page, what.marks)}</figure>"


def _no_pages() -> str:
    return "<p>There are no pages to show: nothing was read from any.</p>"


def _head(what: Explanation) -> str:
    record = what.record
    facts: list[str] = []
    if record.problem:
        facts.append(f"{record.problem.code}: {record.problem.message}")
    if record.outcome:
        facts.append(f"{record.outcome.decision.value} {', '.join(record.outcome.reasons)}")
        facts.append(f"type: {invoice_of(record).document_type.value}")
    if what.languages:
        facts.append(f"languages: {', '.join(what.languages)}")
    if record.outcome:
        steps = ", ".join(f"{step} {spent}" for step, spent in record.outcome.timings_ms.items())
        facts.append(f"milliseconds: {steps}")
    return f"<header><h1>{escape(what.name)}</h1>{'<br>'.join(map(escape, facts))}</header>"


def _tables(what: Explanation) -> str:
    invoice = invoice_of(what.record)
    findings = what.record.outcome.findings if what.record.outcome else ()
    return "".join(
        (
            _fields(invoice, what.judgements),
            _rivals(invoice, what.rivals),
            _findings(findings),
            _taxes(invoice),
            _lines(invoice.line_items),
        )
    )


def _fields(invoice: Invoice, judgements: Mapping[str, Judgement]) -> str:
    names = [name for name in FieldName if name in invoice.fields or _is_missing(judgements.get(name.value))]
    columns = ["field", "value", "confidence", "source", "text", "checks", *(["truth"] if judgements else [])]
    rows = [_field_row(name, invoice.fields.get(name), judgements) for name in names]
    return _table("Fields", columns, rows)


def _field_row(name: FieldName, value: Value | None, judgements: Mapping[str, Judgement]) -> str:
    cells = [_swatch(name) + escape(name.value)]
    if value is None:
        cells += ["–", "", "", "", ""]
    else:
        text = f"{value.text} (page {value.page})" if value.page else value.text
        shown = [value.value, f"{value.confidence:.3f}", value.source.value, text, ", ".join(value.checks)]
        cells += map(escape, shown)
    if judgements:
        cells.append(_truth(judgements.get(name.value)))
    return "".join(f"<td>{cell}</td>" for cell in cells)


def _truth(judgement: Judgement | None) -> str:
    if judgement is None:
        return ""
    truth = "" if judgement.truth is None or judgement.verdict is Verdict.RIGHT else f" {judgement.truth}"
    return f'<span class="{judgement.verdict.value}">{escape(judgement.verdict.value + truth)}</span>'


def _is_missing(judgement: Judgement | None) -> bool:
    return judgement is not None and judgement.verdict is Verdict.MISSING


def _rivals(invoice: Invoice, rivals: Mapping[FieldName, tuple[Rival, ...]]) -> str:
    rows = []
    for name in FieldName:
        found = rivals.get(name, ())
        value = invoice.fields.get(name)
        chosen = chosen_of(name, value, found) if value else None
        shown = found[:_MOST_RIVALS] if chosen is None or chosen in found[:_MOST_RIVALS] else (*found[:5], chosen)
        rows += [_rival_row(name, rival, is_chosen=rival is chosen) for rival in shown]
    return _table("Candidates, the strongest first", ["field", "value", "strength", "places", "page", "text"], rows)


def _rival_row(name: FieldName, rival: Rival, *, is_chosen: bool) -> str:
    mark = ' class="chosen"' if is_chosen else ""
    shown = [rival.value, f"{rival.strength:.3f}", str(rival.times), str(rival.page), rival.text]
    cells = [_swatch(name) + escape(name.value), *map(escape, shown)]
    return "".join(f"<td{mark}>{cell}</td>" for cell in cells)


def _findings(findings: Iterable[Finding]) -> str:
    rows = [
        f'<td class="{finding.severity.value}">{escape(finding.code)}</td><td>{escape(finding.message)}</td>'
        f"<td>{escape(', '.join(finding.fields))}</td>"
        for finding in findings
    ]
    return _table("Findings", ["code", "what", "fields"], rows)


def _taxes(invoice: Invoice) -> str:
    rows = [_cells(tax.rate, tax.base, tax.amount) for tax in invoice.taxes]
    return _table("Taxes", ["rate", "base", "amount"], rows)


def _lines(items: Iterable[LineItem]) -> str:
    columns = ["description", "code", "quantity", "unit", "price", "amount", "tax", "page"]
    rows = [
        _cells(
            item.description, item.product_code, item.quantity, item.unit, item.unit_price, item.amount, item.tax_rate,
            item.page,
        )
        for item in items
    ]  # fmt: skip
    return _table("Line items", columns, rows)


def _cells(*values: object) -> str:
    texts = ["" if value is None else str(value) for value in values]
    return "".join(f"<td>{escape(text)}</td>" for text in texts)


def _table(title: str, columns: Sequence[str], rows: Sequence[str]) -> str:
    """A table of rows whose cells are ready; nothing where there are none."""
    if not rows:
        return ""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<h2>{escape(title)}</h2><table><tr>{head}</tr>{body}</table>"


def _swatch(name: FieldName) -> str:
    return f'<span class="swatch" style="--colour:{colour_of(name)}"></span>'
