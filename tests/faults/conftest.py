"""What all tests of faults have in common."""

import pytest

pytest.register_assert_rewrite("tests.faults.killing.flows", "tests.faults.killing.stage")
