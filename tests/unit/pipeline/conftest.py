"""What all tests of use cases share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.pipeline.scene import Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """An empty table and bucket."""
    set_up = Scene(tmp_path)
    yield set_up
    set_up.adapters.close()
