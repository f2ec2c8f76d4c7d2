"""What DynamoDB is asked for shared facts, beyond the contract of `SharedState`."""

from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.domain.shared_state import SharedFact
from tests.wire import Wire


def test_a_fact_is_read_with_one_request_and_never_behind(family: AwsAdapters) -> None:
    saved = family.shared_state().save(SharedFact(name="mode", value="{}"))
    wire = Wire(family._clients.dynamodb(), "GetItem", [])

    assert family.shared_state().load("mode") == saved
    (request,) = wire.requests
    assert request["ConsistentRead"] is True
