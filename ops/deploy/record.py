"""What is remembered of every deployment: enough to see who did what, and to do it again."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class State(StrEnum):
    """How far a deployment came. One that stands at `started` was stopped, or is under way."""

    STARTED = "started"
    DEPLOYED = "deployed"
    PASSED = "passed"
    FAILED = "failed"


class Package(BaseModel):
    """The zip that Lambda gets."""

    model_config = ConfigDict(frozen=True)

    source: str  # hash of what the zip is made from; the same on every machine
    sha256: str
    size: int  # bytes
    python: str  # python3.12
    architecture: str  # x86_64 or arm64


class Deployment(BaseModel):
    """One deployment, rollback or removal."""

    model_config = ConfigDict(frozen=True)

    schema_version: int = 1
    id: str  # sorts by time
    kind: str  # deploy, rollback
    build: str  # the id of the deployment that made this build: its own, or the one that a rollback puts back
    stage: str
    account: str
    region: str
    who: str
    started_at: datetime
    finished_at: datetime | None = None
    state: State = State.STARTED
    commit: str | None = None
    package: Package | None
    inputs: Mapping[str, str]  # path to text: Chalice's configuration, the policies, the requirements
    api_id: str | None = None
    api_url: str | None = None


def new_id(now: datetime, package: Package | None) -> str:
    """An id that sorts by time and shows the beginning of the package's hash."""
    return f"{now:%Y%m%d-%H%M%S}-{package.sha256[:8] if package else 'nothing'}"
