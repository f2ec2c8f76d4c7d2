"""What must not be in a package, and what must."""

import io
import re
import zipfile
from collections.abc import Iterator

MOST_BYTES = 16_000_000
_FAILED_TO_INSTALL = "Could not install dependencies"
_UNWANTED = {
    "the AWS SDK, which Lambda has itself": ("boto3", "botocore", "s3transfer"),
    "the OCR engine of the local stack": ("rapidocr", "onnxruntime", "cv2", "opencv_python_headless", "numpy"),
    "what is not deployed": ("tests", "samples", "local", "ops", "bench"),
}
_WANTED = ("app.py", "chalice/app.py", "chalicelib/settings.py")


def faults(content: bytes, said: str) -> tuple[str, ...]:
    """Everything that is wrong with a package, in sentences; `said` is what Chalice printed while it made it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return tuple(_faults(archive, len(content), said))


def _faults(archive: zipfile.ZipFile, size: int, said: str) -> Iterator[str]:
    if _FAILED_TO_INSTALL in said:
        yield f"some requirements have no wheel for Lambda: {', '.join(_missing(said))}"
    names = archive.namelist()
    tops = {_top(name) for name in names}
    for what, unwanted in _UNWANTED.items():
        if inside := sorted(tops & set(unwanted)):
            yield f"{what} is in it: {', '.join(inside)}"
    yield from (f"{name} is missing" for name in _WANTED if name not in names)
    for name in names:
        if tag := _built_here(archive, name):
            yield f"{_top(name)} was compiled on this machine ({tag}) and may not run on Lambda"
    if size > MOST_BYTES:
        yield f"it has {size / 1e6:.1f} MB; {MOST_BYTES / 1e6:.0f} MB are the most"


def _missing(said: str) -> list[str]:
    """The requirements that Chalice names after its notice."""
    lines = said[said.index(_FAILED_TO_INSTALL) :].splitlines()[1:]
    return [line.strip() for line in lines if "==" in line] or ["see above"]


def _built_here(archive: zipfile.ZipFile, name: str) -> str | None:
    if not name.endswith(".dist-info/WHEEL"):
        return None
    found = re.search(r"^Tag: (.*-linux_\w+)$", archive.read(name).decode(), re.MULTILINE)
    return found[1] if found else None


def _top(name: str) -> str:
    """The package or distribution that a file belongs to, without version."""
    return re.sub(r"-[\d.]+\.(dist-info|data)$", "", name.split("/", maxsplit=1)[0])
