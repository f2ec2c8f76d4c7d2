"""Chalice's record, mended by what is in the account."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ops.deploy.reconcile import Api, EventMapping, Found, Notification, reconciled
from ops.names import Names

NAMES = Names("dev")
ADDRESS = "https://{api}.execute-api.eu-central-1.amazonaws.com/dev/"
LAMBDA = "arn:aws:lambda:eu-central-1:123456789012:function:"
QUEUE = "arn:aws:sqs:eu-central-1:123456789012:smart-invoice-dev-inference-dlq"
FIRST, SECOND = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)

EVERYTHING = Found(
    functions={
        "smart-invoice-dev": f"{LAMBDA}smart-invoice-dev",
        "smart-invoice-dev-inference": f"{LAMBDA}smart-invoice-dev-inference",
        "smart-invoice-dev-reprocess": f"{LAMBDA}smart-invoice-dev-reprocess",
    },
    roles={"smart-invoice-dev-api_handler": "arn:role"},
    rules=("smart-invoice-dev-sweep-event",),
    apis=(Api("api1", FIRST, is_deployed=True),),
    mappings=(EventMapping("uuid1", "smart-invoice-dev-reprocess", f"{LAMBDA}smart-invoice-dev-reprocess", QUEUE),),
    notifications=(Notification("bucket", "smart-invoice-dev-inference", f"{LAMBDA}smart-invoice-dev-inference"),),
)
# What chalice 1.34 wrote after deploying the same things.
CHALICES = [
    {
        "name": "api_handler_role",
        "resource_type": "iam_role",
        "role_arn": "arn:role",
        "role_name": "smart-invoice-dev-api_handler",
    },
    {"name": "api_handler", "resource_type": "lambda_function", "lambda_arn": f"{LAMBDA}smart-invoice-dev"},
    {"name": "inference", "resource_type": "lambda_function", "lambda_arn": f"{LAMBDA}smart-invoice-dev-inference"},
    {"name": "reprocess", "resource_type": "lambda_function", "lambda_arn": f"{LAMBDA}smart-invoice-dev-reprocess"},
    {
        "name": "inference-s3event",
        "resource_type": "s3_event",
        "bucket": "bucket",
        "lambda_arn": f"{LAMBDA}smart-invoice-dev-inference",
    },
    {
        "name": "reprocess-sqs-event-source",
        "resource_type": "sqs_event",
        "queue_arn": QUEUE,
        "event_uuid": "uuid1",
        "queue": "smart-invoice-dev-inference-dlq",
        "lambda_arn": f"{LAMBDA}smart-invoice-dev-reprocess",
    },
    {"name": "sweep-event", "resource_type": "cloudwatch_event", "rule_name": "smart-invoice-dev-sweep-event"},
    {
        "name": "rest_api",
        "resource_type": "rest_api",
        "rest_api_id": "api1",
        "rest_api_url": "https://api1.execute-api.eu-central-1.amazonaws.com/dev/",
    },
]


def a_record(*resources: dict[str, Any]) -> dict[str, Any]:
    """Chalice's record of these."""
    return {"resources": list(resources), "schema_version": "2.0", "backend": "api"}


def test_a_lost_record_is_rebuilt_as_chalice_would_have_written_it() -> None:
    assert reconciled(EVERYTHING, None, NAMES, ADDRESS).record == a_record(*CHALICES)


def test_a_record_that_is_right_stays_as_it_is_without_remarks() -> None:
    mended = reconciled(EVERYTHING, a_record(*CHALICES), NAMES, ADDRESS)

    assert mended.record == a_record(*CHALICES)
    assert mended.remarks == mended.surplus_apis == mended.surplus_mappings == ()


def test_what_is_not_there_any_more_leaves_the_record() -> None:
    mended = reconciled(Found(), a_record(*CHALICES), NAMES, ADDRESS)

    assert mended.record["resources"] == []
    assert len(mended.remarks) == 1
    assert "rest_api" in mended.remarks[0]


def test_kinds_that_are_not_looked_for_are_believed() -> None:
    layer = {"name": "layer", "resource_type": "lambda_layer", "layer_version_arn": "arn:layer"}

    assert layer in reconciled(EVERYTHING, a_record(layer), NAMES, ADDRESS).record["resources"]


TWO = (Api("older", FIRST, is_deployed=True), Api("newer", SECOND, is_deployed=True))
HALF = (Api("half", FIRST, is_deployed=False), Api("whole", SECOND, is_deployed=True))


@pytest.mark.parametrize(
    ("apis", "recorded", "used", "kept"),
    [
        pytest.param(TWO, None, (), "older", id="the oldest, which clients know longest"),
        pytest.param(TWO, "newer", (), "newer", id="the recorded one"),
        pytest.param(TWO, None, ("newer",), "newer", id="the one that was made known"),
        pytest.param(TWO, "older", ("newer",), "older", id="the recorded one before the one made known"),
        pytest.param(TWO, "gone", (), "older", id="a recorded one that is gone does not count"),
        pytest.param(HALF, None, (), "whole", id="a deployed one before an unfinished one"),
    ],
)
def test_of_two_apis_the_one_in_use_is_kept(
    apis: tuple[Api, ...], recorded: str | None, used: tuple[str, ...], kept: str
) -> None:
    record = a_record({"name": "rest_api", "resource_type": "rest_api", "rest_api_id": recorded}) if recorded else None

    mended = reconciled(Found(apis=apis), record, NAMES, ADDRESS, used)

    assert [each["rest_api_id"] for each in mended.record["resources"]] == [kept]
    assert mended.surplus_apis == tuple(api.id for api in apis if api.id != kept)


@pytest.mark.parametrize(("recorded", "kept"), [(None, "a"), ("b", "b"), ("gone", "a")])
def test_of_two_mappings_of_one_queue_the_recorded_one_is_kept(recorded: str | None, kept: str) -> None:
    two = tuple(EventMapping(name, "smart-invoice-dev-reprocess", "arn", QUEUE) for name in ("b", "a"))
    record = a_record({"name": "x", "resource_type": "sqs_event", "event_uuid": recorded}) if recorded else None

    mended = reconciled(Found(mappings=two), record, NAMES, ADDRESS)

    assert [each["event_uuid"] for each in mended.record["resources"]] == [kept]
    assert set(mended.surplus_mappings) == {"a", "b"} - {kept}


def test_mappings_of_other_queues_are_not_surplus() -> None:
    two = tuple(EventMapping(name, "smart-invoice-dev-reprocess", "arn", f"{QUEUE}-{name}") for name in ("a", "b"))

    assert reconciled(Found(mappings=two), None, NAMES, ADDRESS).surplus_mappings == ()
