"""`python -m bench`: measure, write `build/bench.json`, and print tables. Says nothing about what is fast enough."""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench.costs import costs
from bench.documents import documents
from bench.imports import import_time
from bench.load import load
from bench.machine import this_machine
from bench.package import package
from bench.pages import page_times
from bench.processes import BUILD, BenchError
from bench.report import Report, show
from bench.scans import scan_times
from bench.speed import compare
from bench.storm import storm

_PARTS = ("speed", "imports", "package", "pages", "scans", "costs", "storm", "load")
_IMPORT_ROUNDS = 10
_STORM_DOCUMENTS, _STORM_FAULTS = 1000, 0.2
_PIPED_WIDTH = 160


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure: 0 when all could be measured and the package holds what it should, else 1."""
    options = _parser().parse_args(arguments)
    logging.getLogger("smart-invoice").setLevel(logging.CRITICAL)  # the storm's faults are meant
    console = Console() if sys.stdout.isatty() else Console(width=_PIPED_WIDTH)
    progress = Console(stderr=True)
    with progress.status("Measuring …") as status:
        try:
            report = _measured(options, lambda step: status.update(f"{step} …"))
        except BenchError as error:
            print(error, file=sys.stderr)
            return 1
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(report.as_json(), encoding="utf-8")
    show(report, console)
    console.print(f"Written to {options.out}.")
    return 1 if report.package and report.package.faults else 0


def _measured(options: argparse.Namespace, tell: Callable[[str], None]) -> Report:
    parts = set(options.only or _PARTS)
    comparison = compare(documents(options.files), options.rounds, tell) if "speed" in parts else None
    tell("Time against pages")
    pages = page_times(options.rounds) if "pages" in parts else None
    tell("Scans")
    scans = scan_times() if "scans" in parts else None
    tell("Costs")
    spent = costs(tell) if "costs" in parts else None
    tell(f"Storm of {_STORM_DOCUMENTS} documents")
    stormed = storm(_STORM_DOCUMENTS, _STORM_FAULTS) if "storm" in parts else None
    loads = load(tell) if "load" in parts else None
    tell("Imports")
    imports = import_time(_IMPORT_ROUNDS) if "imports" in parts else None
    tell("Packaging")
    return Report(
        measured_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        machine=this_machine(),
        speed=comparison,
        imports=imports,
        package=package() if "package" in parts else None,
        pages=pages,
        scans=scans,
        costs=spent,
        storm=stormed,
        load=loads,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure speed, memory, imports and size.")
    parser.add_argument(
        "--files",
        nargs="+",
        type=Path,
        default=[],
        metavar="PATH",
        help="PDFs or folders of them, instead of the corpus",
    )
    parser.add_argument("--rounds", type=_count, default=5, metavar="N", help="of each program (default: %(default)s)")
    parser.add_argument("--only", nargs="+", choices=_PARTS, metavar="PART", help=f"of: {', '.join(_PARTS)}")
    parser.add_argument(
        "--out", type=Path, default=BUILD / "bench.json", metavar="FILE", help="default: build/bench.json"
    )
    return parser


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:4]) <= 100):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 100")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
