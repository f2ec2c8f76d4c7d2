"""What the figures were measured on."""

import os
import platform
from pathlib import Path

from pydantic import BaseModel, ConfigDict


class Machine(BaseModel):
    """The facts that a reader needs to compare figures; nothing that names a machine or a person."""

    model_config = ConfigDict(frozen=True)

    system: str
    processor: str
    cores: int
    python: str


def this_machine() -> Machine:
    """The machine that runs this."""
    return Machine(
        system=f"{platform.system()} {platform.machine()}",
        processor=_processor(),
        cores=os.cpu_count() or 1,
        python=platform.python_version(),
    )


def _processor() -> str:
    """The model's name, where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or "unknown")
