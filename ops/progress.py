"""Steps with names, told one after the other: `3/8 provision … done, 3 changes`."""

from collections.abc import Callable, Sequence
from typing import NamedTuple


class Step(NamedTuple):
    """One thing to do. It may be done again at any time; it returns what it did, in a few words."""

    name: str
    run: Callable[[], str]


def walk(steps: Sequence[Step], before_each: Callable[[], object] = lambda: None) -> None:
    """Do every step in order, and print what each did; whatever stops one stops all."""
    for number, step in enumerate(steps, 1):
        print(f"{number}/{len(steps)} {step.name} … ", end="", flush=True)
        before_each()
        done = step.run()
        print(done, flush=True)


def agreed(question: str, *, without_asking: bool) -> bool:
    """Whether a person says yes; nobody there is a no."""
    if without_asking:
        return True
    try:
        return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False
