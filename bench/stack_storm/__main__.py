"""`python -m bench.stack_storm`: hold a storm, print the report, and fail when anything is not as it must be."""

import argparse
import logging
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from bench.processes import BUILD, BenchError
from bench.stack_storm.storm import Wishes, stack_storm

_SECONDS_BETWEEN_LINES = 5.0
_MOST_FAULTS = 0.5  # with more, hardly anything would ever end


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every document ended in its one right state and was paid for once, 1 when not, 2 when it broke off."""
    options = _parser().parse_args(arguments)
    logging.getLogger("smart-invoice").setLevel(logging.CRITICAL)
    wishes = Wishes(options.documents, options.kills, options.clients, options.faults, options.seed)
    console = Console(stderr=True)
    try:
        with console.status("A storm begins …") as status:
            storm = stack_storm(wishes, status.update if console.is_terminal else _now_and_then())
    except BenchError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Broken off; nothing is left of this storm.", file=sys.stderr)
        return 130
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(storm.model_dump_json(indent=2) + "\n", encoding="utf-8")
    print(*storm.lines(), sep="\n")
    return 0 if storm.is_right else 1


def _now_and_then() -> Callable[[str], None]:
    """Tells every few seconds how far it is, where no line can be written over."""
    told = 0.0

    def tell(text: str) -> None:
        nonlocal told
        if time.monotonic() - told > _SECONDS_BETWEEN_LINES:
            told = time.monotonic()
            print(text, file=sys.stderr, flush=True)

    return tell


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.stack_storm",
        description="Send documents through the local stack while everything fails that can; then look at every one.",
    )
    usual = Wishes()
    parser.add_argument(
        "--documents", type=_from(20, 5000), default=usual.documents, metavar="N", help="default: %(default)s"
    )
    parser.add_argument("--kills", type=_from(0, 20), default=usual.kills, metavar="N", help="default: %(default)s")
    parser.add_argument("--clients", type=_from(1, 64), default=usual.clients, metavar="N", help="default: %(default)s")
    parser.add_argument(
        "--faults", type=_share, default=usual.fault_share, metavar="SHARE", help="of all calls (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=usual.seed, metavar="N", help="of documents and dice (default: 1)")
    parser.add_argument(
        "--out", type=Path, default=BUILD / "storm.json", metavar="FILE", help="default: build/storm.json"
    )
    return parser


def _from(least: int, most: int) -> Callable[[str], int]:
    """A type for whole numbers within limits."""

    def number(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and least <= int(text[:9]) <= most):
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least} to {most}")
        return int(text[:9])

    return number


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= _MOST_FAULTS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share from 0 to {_MOST_FAULTS}")
    return share


if __name__ == "__main__":
    sys.exit(main())
