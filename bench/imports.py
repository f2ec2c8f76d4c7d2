"""Time to import `app`, beside an app that has nothing but Chalice and one pydantic model."""

import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from pydantic import BaseModel, ConfigDict

from bench.processes import PROJECT, BenchError

_BARE = """
from chalice import Chalice
from pydantic import BaseModel

app = Chalice(app_name="bare")


class Greeting(BaseModel):
    text: str


@app.route("/")
def index():
    return Greeting(text="hello").model_dump()
"""
_CLOCK = "import time; begin = time.perf_counter(); import app; print(time.perf_counter() - begin)"
_HEAVY = ("boto3", "botocore.session", "pypdfium2", "rapidocr")
_LOADED = f"import sys, app; print(sum(name in sys.modules for name in {_HEAVY}))"


class ImportTime(BaseModel):
    """Milliseconds, medians of fresh processes with an empty environment; `ratio` is ours to the bare one's.

    `heavy_modules` counts what must not be loaded before it is needed: the AWS SDK, PDFium, the OCR engine.
    """

    model_config = ConfigDict(frozen=True)

    app_ms: float
    bare_ms: float
    rounds: int
    heavy_modules: int
    ratio: float


def import_time(rounds: int) -> ImportTime:
    """Measure both in turn; the first import of each, which writes byte code, does not count."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "app.py").write_text(_BARE, encoding="utf-8")
        places = {"app": PROJECT, "bare": Path(folder)}
        times: dict[str, list[float]] = {name: [] for name in places}
        for _ in range(rounds + 1):
            for name, place in places.items():
                times[name].append(_answer(_CLOCK, place))
    middle = {name: 1000 * median(found[1:]) for name, found in times.items()}
    heavy = int(_answer(_LOADED, PROJECT))
    mine, bare = middle["app"], middle["bare"]
    return ImportTime(app_ms=mine, bare_ms=bare, ratio=mine / bare, rounds=rounds, heavy_modules=heavy)


def _answer(code: str, place: Path) -> float:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=place, env={}, capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode:
        raise BenchError(f"app cannot be imported in {place}:\n{done.stderr.strip()[-2000:]}")
    return float(done.stdout)
