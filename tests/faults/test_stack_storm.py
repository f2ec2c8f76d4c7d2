"""The whole local stack in a storm: messages lost, doubled and in disorder, calls that fail, and `kill -9`."""

from bench.stack_storm.storm import Wishes, stack_storm


def test_every_document_of_a_storm_ends_right_once_and_is_paid_for_once() -> None:
    storm = stack_storm(Wishes(documents=40, kills=1, clients=4, seed=11))

    assert list(storm.mistakes()) == []
    assert (storm.documents, len(storm.under_way)) == (40, 1)
    assert min(storm.dropped, storm.doubled, storm.late, storm.unavailable) > 0
    assert 0.1 < storm.faults / storm.calls < 0.3
    assert storm.ends["completed auto_approve"] > 20
    assert storm.parked["unreadable_letter"] >= 2
