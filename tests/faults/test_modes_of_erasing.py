"""Where each way to fail that has to do with erasing, versions and schemas is tested, or why it cannot happen.

The names are those of the project's list of failure modes.
"""

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

SHOWN_BY: Mapping[str, tuple[str, ...]] = {
    # events of one key out of order
    "F3": (
        "unit/pipeline/test_versions.py::test_sequencers_of_different_lengths_have_one_order",
        "unit/pipeline/test_versions.py::test_the_newest_version_stands_at_the_end_whatever_the_order",
        "unit/pipeline/test_versions.py::test_an_older_event_is_skipped",
    ),
    # the object removed while it is processed
    "F6": ("unit/pipeline/test_versions.py::test_an_object_removed_before_it_is_read_ends_with_a_reason",),
    # the object overwritten between event and reading
    "F11": (
        "unit/pipeline/test_versions.py::test_what_is_read_is_the_version_that_the_event_names",
        "unit/pipeline/test_versions.py::test_bytes_that_differ_from_what_was_sent_are_read_under_their_own_hash",
    ),
    # an item above 400 KB
    "F58": (
        "contract/test_invoice_store.py::test_an_outcome_of_any_size_comes_back",
        "unit/aws/test_invoices.py::test_a_larger_outcome_becomes_an_object_and_the_row_points_to_it",
        "contract/test_erasing.py::test_erasing_an_invoice_leaves_nothing_in_any_version",
    ),
    # what has expired and is still there: no row is left to DynamoDB's TTL; what ends is compared with the clock
    "F59": (
        "unit/pipeline/test_process.py::test_another_delivery_takes_over_when_a_claim_is_old",
        "unit/pipeline/test_process.py::test_a_second_delivery_leaves_the_document_to_the_one_at_work",
    ),
    # floats, NaN, empty texts
    "F60": (
        "contract/test_invoice_store.py::test_any_record_comes_back_as_it_was_stored",
        "contract/test_invoice_store.py::test_amounts_keep_their_digits",
        "unit/aws/test_invoices.py::test_no_amount_is_stored_as_a_number",
    ),
    # a zombie writes after it has lost its claim
    "F61": (
        "unit/pipeline/test_process.py::test_who_lost_the_claim_meanwhile_throws_its_result_away",
        "unit/pipeline/test_versions.py::test_whoever_works_on_the_old_version_loses_to_the_new_one",
        "unit/pipeline/test_erase.py::test_a_zombie_does_not_bring_it_back_and_what_it_wrote_is_removed",
        "contract/test_erasing.py::test_a_zombie_cannot_save_over_a_tombstone",
    ),
    # a crash between row and object
    "F71": (
        "unit/pipeline/test_receive.py::test_a_row_whose_document_was_never_stored_gets_it_with_the_next_try",
        "functional/test_events.py::test_an_object_that_came_without_a_row_gets_one_whatever_its_key",
    ),
    # a bad deployment is taken back: the older version meets rows of the newer one
    "F83": (
        "contract/test_rows_of_other_versions.py::test_a_row_of_a_newer_schema_is_shown_and_listed",
        "contract/test_rows_of_other_versions.py::test_a_row_of_a_newer_schema_is_not_changed_by_this_version",
        "contract/test_erasing.py::test_what_a_newer_version_wrote_beside_stays_when_this_one_saves",
    ),
    # a deployment in the middle of processing: the newer version goes on
    "F84": (
        "contract/test_rows_of_other_versions.py::test_what_the_version_before_began_is_finished_by_this_one",
        "contract/test_rows_of_other_versions.py::test_a_row_of_the_schema_before_is_read_shown_listed_and_saved",
    ),
}

CANNOT_HAPPEN: Mapping[str, str] = {
    "F19": "one deployment serves one organisation: there is no other whose data could be left in a process",
}


@pytest.mark.parametrize("mode", SHOWN_BY)
def test_each_mode_is_shown_by_tests_that_exist(mode: str) -> None:
    for test in SHOWN_BY[mode]:
        path, _, name = test.partition("::")
        tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
        assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, test


def test_no_mode_is_both_tested_and_impossible() -> None:
    assert not set(SHOWN_BY) & set(CANNOT_HAPPEN)
    assert all(CANNOT_HAPPEN.values())
