"""The measurements as JSON, and as tables for people."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict
from rich import box
from rich.console import Console
from rich.table import Table

from bench.costs import CategoryCost, Costs
from bench.imports import ImportTime
from bench.load import Load
from bench.machine import Machine
from bench.package import Package
from bench.pages import PageTimes
from bench.scans import ScanTimes
from bench.speed import OURS, Comparison
from bench.storm import Storm


class Report(BaseModel):
    """Everything that was measured; parts that were not asked for are absent."""

    model_config = ConfigDict(frozen=True)

    measured_at: str
    machine: Machine
    speed: Comparison | None = None
    imports: ImportTime | None = None
    package: Package | None = None
    pages: PageTimes | None = None
    scans: ScanTimes | None = None

    costs: Costs | None = None
    storm: Storm | None = None
    load: tuple[Load, ...] | None = None

    def as_json(self) -> str:
        """The report as a file's text."""
        return self.model_dump_json(indent=2, exclude_none=True) + "\n"


def show(report: Report, console: Console) -> None:
    """Print tables of what was measured."""
    machine = report.machine
    console.print(f"{machine.processor}, {machine.cores} cores, {machine.system}, Python {machine.python}")
    if report.speed:
        _show_speed(report.speed, console)
    if report.costs:
        _show_costs(report.costs, console)
    if report.storm:
        _show_storm(report.storm, console)
    if report.load:
        _show_load(report.load, console)
    _show_rest(report, console)


def _show_costs(costs: Costs, console: Console) -> None:
    title = f"US dollars for 1,000 documents ({costs.origin}); the other: AnalyzeExpense and Haiku on every page"
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for name in ("", "documents", "pages", "no paid call", "ours", "the other", "share"):
        table.add_column(name, justify="left" if not name else "right")
    for name, cost in costs.by_category.items():
        table.add_row(name, *_cost_cells(cost))
    table.add_row("XML and born-digital", *_cost_cells(costs.with_words_of_their_own))
    table.add_row("all", *_cost_cells(costs.all_documents))
    console.print(table)


def _cost_cells(cost: CategoryCost) -> tuple[str, ...]:
    return (
        f"{cost.documents}",
        f"{cost.pages}",
        f"{cost.without_paid_call / max(1, cost.documents):.0%}",
        f"{cost.usd_per_thousand:.2f}",
        f"{cost.peer_usd_per_thousand:.2f}",
        f"{cost.share:.1%}",
    )


def _show_load(loads: Sequence[Load], console: Console) -> None:
    table = Table(title="Uploads of small e-invoices, local stack", box=box.SIMPLE_HEAD, title_justify="left")
    for name in ("clients", "accepted/s", "ms (median)", "ms (p95)", "accepted", "refused", "lost"):
        table.add_column(name, justify="right")
    for one in loads:
        figures = (f"{one.per_second:.0f}", f"{one.median_ms:.0f}", f"{one.p95_ms:.0f}")
        table.add_row(str(one.clients), *figures, str(one.accepted), str(one.refused), str(one.lost))
    console.print(table)


def _show_storm(storm: Storm, console: Console) -> None:
    console.print(
        f"Storm: {storm.documents} documents, {storm.fault_share:.0%} of the calls failed ({storm.calls} calls): lost "
        f"{storm.lost}, done twice {storm.done_twice}, paid twice {storm.paid_twice}; ledger ${storm.ledger_usd}, bill "
        f"${storm.billed_usd}: {'equal' if storm.ledger_usd == storm.billed_usd else 'NOT EQUAL'}.",
        markup=False,
    )


def _show_speed(speed: Comparison, console: Console) -> None:
    left_out = f"; {speed.left_out} without words of their own left out" if speed.left_out else ""
    title = f"{speed.documents} born-digital PDFs, {speed.pages} pages ({speed.origin}{left_out}); "
    table = Table(
        title=f"{title}one process, median of {speed.rounds} rounds", box=box.SIMPLE_HEAD, title_justify="left"
    )
    for name in ("", "documents/s", "slowest–fastest", "ms (median)", "ready s", "peak MB", "gave something"):
        table.add_column(name, justify="left" if not name else "right")
    for name, program in speed.programs.items():
        table.add_row(
            name,
            f"{program.documents_per_second:.1f}",
            f"{program.slowest_round:.1f}–{program.fastest_round:.1f}",
            f"{program.median_document_ms:.1f}",
            f"{program.ready_seconds:.2f}",
            f"{program.peak_mb:.0f}" if program.peak_mb else "–",
            f"{program.answered}/{speed.documents}",
        )
    console.print(table)
    for line in (*_conclusions(speed), *speed.notes):
        console.print(line, markup=False)


def _conclusions(speed: Comparison) -> Iterator[str]:
    shares = speed.programs[OURS].steps_share
    yield "where our time goes: " + ", ".join(f"{name} {share:.0%}" for name, share in shares.items())
    if speed.speed_ratio:
        yield f"documents a second, ours to invoice2data's: {speed.speed_ratio:.2f}"
    if speed.memory_ratio:
        yield f"peak memory, ours to invoice2data's: {speed.memory_ratio:.2f}"
    if speed.time_to_words_ratio:
        yield f"time of the whole extraction to that of reading the words alone: {speed.time_to_words_ratio:.1f}"


def _show_rest(report: Report, console: Console) -> None:
    table = Table(box=box.SIMPLE_HEAD, show_header=False)
    rows = (
        *_import_rows(report.imports),
        *_package_rows(report.package),
        *_page_rows(report.pages),
        *_scan_rows(report.scans),
    )
    for row in rows:
        table.add_row(*row)
    if rows:
        console.print(table)


def _import_rows(times: ImportTime | None) -> Iterator[tuple[str, str]]:
    if times:
        yield "import app", f"{times.app_ms:.0f} ms (median of {times.rounds}, empty environment)"
        yield "bare Chalice app with pydantic", f"{times.bare_ms:.0f} ms; ratio {times.ratio:.2f}"
        yield "loaded without need", f"{times.heavy_modules} of the AWS SDK, PDFium and the OCR engine"


def _package_rows(package: Package | None) -> Iterator[tuple[str, str]]:
    if package:
        yield "Lambda package", f"{package.zipped_mb:.1f} MB zipped, {package.unzipped_mb:.1f} MB unzipped"
        yield "files in it", f"{package.files:,}"
        yield "heaviest (zipped MB)", ", ".join(f"{name} {size:.1f}" for name, size in package.largest)
        yield "wrong with it", "; ".join(package.faults) or "nothing"


def _page_rows(times: PageTimes | None) -> Iterator[tuple[str, str]]:
    if times:
        for count, spent in times.by_pages.items():
            yield f"{count} pages" if count > 1 else "1 page", f"{spent:.0f} ms, {spent / count:.1f} ms a page"
        yield "growth", f"a page from 10 to 50 costs {times.growth:.2f} of one from 1 to 10"


def _scan_rows(scans: ScanTimes | None) -> Iterator[tuple[str, str]]:
    if scans:
        yield "scans, by OCR", f"{scans.documents}, {scans.answered} of them gave something"
        yield "time with OCR", f"{scans.seconds_a_document:.1f} s a document"
        yield "peak memory with OCR", f"{scans.peak_mb:.0f} MB" if scans.peak_mb else "–"
