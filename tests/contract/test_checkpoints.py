"""Every `Checkpoints` obeys these."""

import pytest

from chalicelib.errors import ConfigurationError
from chalicelib.ports import Adapters, Checkpoints
from tests.builders import an_id


@pytest.fixture
def checkpoints(family: Adapters) -> Checkpoints:
    """The answers of paid steps."""
    return family.checkpoints()


def test_what_was_kept_comes_back(checkpoints: Checkpoints) -> None:
    invoice_id = an_id()

    checkpoints.save(invoice_id, "words-2f1a-1-2", b'{"pages": []}')

    assert checkpoints.load(invoice_id, "words-2f1a-1-2") == b'{"pages": []}'
    assert checkpoints.load(invoice_id, "words-2f1a-1") is None
    assert checkpoints.load(an_id(), "words-2f1a-1-2") is None


def test_the_last_one_counts(checkpoints: Checkpoints) -> None:
    invoice_id = an_id()

    checkpoints.save(invoice_id, "model-1", b"pending")
    checkpoints.save(invoice_id, "model-1", b"answer")

    assert checkpoints.load(invoice_id, "model-1") == b"answer"


@pytest.mark.parametrize("name", ["", "../x", "a/b", "A", "x" * 300])
def test_a_name_is_never_another_place(checkpoints: Checkpoints, name: str) -> None:
    with pytest.raises(ConfigurationError):
        checkpoints.save(an_id(), name, b"")
