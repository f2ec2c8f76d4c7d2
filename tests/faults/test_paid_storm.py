"""A storm of faults over paid readers: nothing lost, nothing paid twice, the ledger is the bill to the last digit."""

import pytest

from bench.storm import storm


@pytest.mark.parametrize("fault_share", [0.0, 0.2])
def test_the_ledger_equals_the_bill_after_a_storm(fault_share: float) -> None:
    outcome = storm(documents=40, fault_share=fault_share)

    assert (outcome.lost, outcome.done_twice, outcome.paid_twice) == (0, 0, 0)
    assert outcome.ledger_usd == outcome.billed_usd > 0


def test_what_is_complete_never_reaches_the_model_and_what_is_not_goes_to_a_person() -> None:
    outcome = storm(documents=20, fault_share=0.0)

    assert outcome.decisions == {"auto_approve": 10, "needs_review": 10}
    assert outcome.calls == 20 + 10
