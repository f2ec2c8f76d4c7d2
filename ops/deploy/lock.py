"""Only one deployment of a stage at a time: what a lock says, and what may be done about it."""

import os
import socket
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

LIFETIME = timedelta(minutes=30)  # longer than any step takes; each step begins it anew


class Lock(BaseModel):
    """Who is deploying, from where, and until when that counts."""

    model_config = ConfigDict(frozen=True)

    token: str
    owner: str
    place: str  # the machine, its boot and process namespace
    process: int
    taken_at: datetime
    expires_at: datetime


class Verdict(Enum):
    """What a lock means for somebody who wants it."""

    FREE = "free"
    EXPIRED = "expired"
    ABANDONED = "abandoned"
    HELD = "held"


def verdict(lock: Lock | None, place: str, now: datetime, *, alive: bool) -> Verdict:
    """Whether a lock counts: not when it has run out, nor when it was taken here by a process that is no more."""
    if lock is None:
        return Verdict.FREE
    if lock.expires_at <= now:
        return Verdict.EXPIRED
    if lock.place == place and not alive:
        return Verdict.ABANDONED
    return Verdict.HELD


def this_place() -> str:
    """What tells this machine's processes from all others': a process number means something only here."""
    return "/".join((socket.gethostname(), _boot(), _namespace()))


def is_alive(process: int) -> bool:
    """Whether there is such a process here."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:  # not Linux
        return ""


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:  # as above
        return ""
