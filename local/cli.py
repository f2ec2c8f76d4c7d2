"""The command line: `python -m local run | serve | extract | evaluate`."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from chalicelib.errors import SmartInvoiceError

_DEFAULT_PORT = 8000
_DEFAULT_DATA = ".local"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, and return the process's exit status."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except SmartInvoiceError as error:
        print(error.message, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever reads the output has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _run(options: argparse.Namespace) -> int:
    # Each command is imported only when it was asked for: `--help` and `extract` need no server.
    if options.command == "extract":
        from local.extract import extract  # noqa: PLC0415

        return extract(options.paths, options.out, options.jobs, options.format)
    if options.command == "evaluate":
        return _evaluate(options)
    from local.serve import serve  # noqa: PLC0415
    from local.stack import Place  # noqa: PLC0415

    place = Place(options.port, options.data)
    if options.command == "serve":
        return serve(place, options.doubled_events)
    from local.run import run  # noqa: PLC0415

    return run(place, once=options.once)


def _evaluate(options: argparse.Namespace) -> int:
    from local.evaluation.evaluate import Wishes, evaluate  # noqa: PLC0415
    from local.evaluation.explain import explain  # noqa: PLC0415

    if options.explain:
        return explain(options.explain, options.corpus, options.out, options.cache)
    if not options.corpus:
        print("Please name a corpus to evaluate, or a document to --explain.", file=sys.stderr)
        return 2
    wishes = Wishes(
        options.corpus, options.split, options.jobs, options.out, options.cache, options.cv, options.markdown
    )
    return evaluate(wishes)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description="Smart Invoice on one machine.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="start everything, send the sample invoices, show what came out, and serve")
    run.add_argument("--once", action="store_true", help="end after the samples: 0 if all came out as expected, else 1")
    serve = commands.add_parser("serve", help="start everything and serve; the log goes to standard output")
    serve.add_argument(
        "--doubled-events", type=_share, default=0.0, metavar="SHARE", help="share of events that come twice"
    )
    for command in (run, serve):
        command.add_argument("--port", type=_port, default=_DEFAULT_PORT, help="of the API (default: %(default)s)")
        command.add_argument(
            "--data",
            type=Path,
            default=Path(_DEFAULT_DATA),
            metavar="DIR",
            help="where all is kept (default: %(default)s)",
        )
    _add_extract(commands.add_parser("extract", help="read files and folders, without any server"))
    _add_evaluate(commands.add_parser("evaluate", help="read documents with known answers, and say what was right"))
    return parser


def _add_extract(extract: argparse.ArgumentParser) -> None:
    extract.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a document, or a folder of them")
    extract.add_argument("--out", type=Path, metavar="DIR", help="write one JSON file an invoice, in the same folders")
    extract.add_argument(
        "--jobs", type=_jobs, default=os.cpu_count() or 1, metavar="N", help="processes (default: all cores)"
    )
    extract.add_argument(
        "--format", choices=("json", "table", "csv"), help="what to print (default: json without --out)"
    )


def _add_evaluate(evaluate: argparse.ArgumentParser) -> None:
    evaluate.add_argument(
        "corpus", nargs="?", type=Path, metavar="CORPUS", help="a folder with docs/, truth/, split.json and meta.json"
    )
    evaluate.add_argument("--split", choices=("dev", "holdout", "all"), default="dev", help="default: %(default)s")
    evaluate.add_argument("--cv", action="store_true", help="also show what is fitted cross-validated by layout")
    evaluate.add_argument(
        "--jobs", type=_jobs, default=os.cpu_count() or 1, metavar="N", help="processes (default: all cores)"
    )
    evaluate.add_argument("--out", type=Path, metavar="DIR", help="write predictions, errors, figures and plot there")
    evaluate.add_argument("--cache", type=Path, metavar="DIR", help="keep there what the readers read, for next time")
    evaluate.add_argument("--markdown", action="store_true", help="print the tables of docs/accuracy.md")
    evaluate.add_argument(
        "--explain", metavar="FILE", help="show how one document (a file, or its name in the corpus) was read, as HTML"
    )


def _port(text: str) -> int:
    return _number(text, 1, 65534, "a port from 1 to 65534")


def _jobs(text: str) -> int:
    return _number(text, 1, 256, "a number from 1 to 256")


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share from 0 to below 1")
    return share


def _number(text: str, least: int, most: int, meaning: str) -> int:
    if not (text.isascii() and text.isdecimal() and least <= int(text[:6]) <= most):
        raise argparse.ArgumentTypeError(f"{text!r} is not {meaning}")
    return int(text[:6])
