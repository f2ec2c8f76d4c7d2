"""Which files `extract` reads, and where what they give is written."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from chalicelib.errors import RejectedError


class Task(NamedTuple):
    """One file, and the path of its JSON below the folder of results."""

    source: Path
    target: PurePath


def planned(paths: Sequence[Path], out: Path | None = None) -> list[Task]:
    """A task for every file: those given, and those in the folders given, however deep; hidden ones are left out.

    The tree below each given path is kept, as `<name>.json`; files that would share that name keep their endings in it.
    Results that lie in `out` already are not read. Raises `RejectedError("usage", …)` for paths that are not there, and
    when two files would be written to one place all the same.
    """
    found = dict(_found(paths, out.resolve() if out else None))
    short = Counter(_short(place) for place in found.values())
    tasks = [
        Task(source, _short(place) if short[_short(place)] == 1 else _long(place)) for source, place in found.items()
    ]
    return tasks if out is None else _without_clashes(tasks)


def target_of_part(task: Task, number: int, taken: Collection[PurePath]) -> PurePath:
    """Where the invoice `number` (from 1) of a file is written: `<name>.json`, `<name>.2.json`, `<name>.3.json`, …

    None of `taken`, where the first invoices of all files go: `<name>.2_.json` where there is another `<name>.2`, too.

    >>> target_of_part(Task(Path("a.pdf"), PurePath("a.json")), 2, {PurePath("a.json")}).as_posix()
    'a.2.json'
    """
    if number == 1:
        return task.target
    target = task.target.with_suffix(f".{number}.json")
    while target in taken:
        target = target.with_name(f"{target.stem}_.json")
    return target


def _found(paths: Iterable[Path], out: Path | None) -> Iterator[tuple[Path, PurePath]]:
    """Every file once, and its place in the tree."""
    seen = set()
    for path in paths:
        for source, place in _below(path):
            real = source.resolve()
            is_result = out is not None and real.is_relative_to(out) and real.suffix == ".json"
            if real in seen or is_result:
                continue
            seen.add(real)
            yield source, place


def _below(path: Path) -> Iterator[tuple[Path, PurePath]]:
    if path.is_file():
        yield path, PurePath(path.name)
    elif path.is_dir():
        for source in sorted(path.rglob("*")):
            place = source.relative_to(path)
            if source.is_file() and not any(part.startswith(".") for part in place.parts):
                yield source, place
    else:
        raise RejectedError("usage", f"There is no file or folder {path}.")


def _short(place: PurePath) -> PurePath:
    return place.with_name(place.stem + ".json")


def _long(place: PurePath) -> PurePath:
    return place.with_name(place.name + ".json")


def _without_clashes(tasks: list[Task]) -> list[Task]:
    """The tasks, if each has a target of its own (`a.pdf`, `a.xml` and `a.pdf.xml` need another look)."""
    taken = Counter(task.target for task in tasks)
    clashing = [task for task in tasks if taken[task.target] > 1]
    longer = {task: task._replace(target=task.target.parent / f"{task.source.name}.json") for task in clashing}
    changed = [longer.get(task, task) for task in tasks]
    if changed != tasks:
        return _without_clashes(changed)
    if clashing:
        first, second = (task.source for task in clashing[:2])
        raise RejectedError(
            "usage",
            f"{first} and {second} would both be written to {clashing[0].target}. Please extract them one after the "
            "other, into different folders.",
        )
    return tasks
