"""Every statement of every policy is needed, and nothing else is: shown by taking one after the other away.

How it is done: with its whole policy, each function runs through flows that use all that is granted. Then one statement
is taken out, the flow that needs it runs again, and something else must come out of it, for want of just this statement.
"""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import boto3
import pytest

from tests.e2e import flows
from tests.e2e.deployment import Deployment
from tests.e2e.environment import PROJECT
from tests.e2e.flows import Facts, Flow, Way
from tests.e2e.stack import Decision

STAGE = "dev"


def working(name: str, way: Way) -> Mapping[str, Flow]:
    """What everybody needs who reads documents: by statement, the flow that fails without it."""
    read = flows.reads(way)
    return {
        "ReadOriginals": read,
        "ReadOriginals without version": flows.reads_without_version(way),
        "TellMissingFromForbidden": flows.reads_scans(way),
        "KeepDerived": flows.reads_large(way),
        "Erase": flows.removes_late_upload(way),
        "FindVersions": flows.removes_late_upload(way),
        "KeepRows": flows.reads_replaced(way),
        "KeepRows while money is gone": flows.waits_for_money(way),
        "ListRows": read,
        "AskModels": flows.asks_model(way),
        "ReadScans": flows.reads_scans(way),
        **everywhere(name, read),
    }


def everywhere(name: str, flow: Flow) -> Mapping[str, Flow]:
    """What every function needs."""
    return {"WriteLogs": flows.writes_log(name, flow), "Trace": flows.sends_traces(name, flow)}


NEEDED_BY: Mapping[str, Mapping[str, Flow]] = {
    "api_handler": {
        "StoreAndHandOutOriginals": flows.takes_in,
        "StoreAndHandOutOriginals read": flows.hands_out,
        "ReadDerived": flows.shows_large,
        "Erase": flows.erases,
        "FindVersions": flows.erases,
        "KeepRows": flows.takes_in,
        "ListRows": flows.lists,
        "ListRows of the ledger": flows.reports_costs,
        **everywhere("api_handler", flows.lists),
    },
    "authorize": {"ReadRow": flows.lets_in, **everywhere("authorize", flows.lets_in)},
    "inference": {**working("inference", flows.by_event), "GiveUp": flows.gives_up},
    "reprocess": {
        **working("reprocess", flows.by_dead_letter),
        "TakeDeadLetters": flows.takes_dead_letters,
        "Park": flows.parks,
    },
    "sweep": working("sweep", flows.by_sweep),
    "health_check": {
        **dict.fromkeys(("TellMissingFromForbidden", "ReadRow", "CountRows", "AskQueues"), flows.checks_health),
        **everywhere("health_check", flows.checks_health),
    },
}
"""By function and statement; what comes after a statement's name tells apart several flows that use it."""

# What this emulator cannot be made to need. Each is named in docs/how-to/test-a-deployment.md.
UNSEEN: frozenset[tuple[str, str]] = frozenset()


def policies() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The functions with their policies, as `.chalice/` has them."""
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    for name, settings in config["stages"][STAGE]["lambda_functions"].items():
        yield name, json.loads((PROJECT / ".chalice" / settings["iam_policy_file"]).read_text(encoding="utf-8"))


POLICIES = dict(policies())
STATEMENTS = [(name, one["Sid"]) for name, policy in POLICIES.items() for one in policy["Statement"]]


@pytest.fixture(scope="module")
def quiet(deployment: Deployment) -> Iterator[Deployment]:
    """A deployment whose bucket tells nobody of new documents: the flows do."""
    s3, bucket = boto3.client("s3"), deployment.settings.bucket_name
    told = s3.get_bucket_notification_configuration(Bucket=bucket)
    told.pop("ResponseMetadata", None)  # type: ignore[misc]
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    yield deployment
    deployment.clear()
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=told)


@pytest.fixture(scope="module")
def usual(quiet: Deployment) -> Mapping[str, Mapping[str, tuple[Facts, list[Decision]]]]:
    """What comes out of every flow when everything is granted, and what its function's role asked for meanwhile."""
    return {
        name: {sid: _done(quiet, name, flow) for sid, flow in needed.items()} for name, needed in NEEDED_BY.items()
    }


def test_every_statement_has_a_flow_that_needs_it() -> None:
    sids = {(name, sid.split(" ")[0]) for name, needed in NEEDED_BY.items() for sid in needed}

    assert sorted(sids | UNSEEN) == sorted(STATEMENTS)


@pytest.mark.parametrize("name", POLICIES)
def test_a_function_is_deployed_with_its_policy(quiet: Deployment, name: str) -> None:
    assert quiet.policy(name) == POLICIES[name]


@pytest.mark.parametrize("name", POLICIES)
def test_nothing_is_refused_to_whoever_has_the_whole_policy(
    usual: Mapping[str, Mapping[str, tuple[Facts, list[Decision]]]], name: str
) -> None:
    asked = [decision for _, decisions in usual[name].values() for decision in decisions]

    assert asked
    assert [decision for decision in asked if decision.sid is None] == []


@pytest.mark.parametrize("name", POLICIES)
def test_every_action_and_every_resource_of_a_policy_is_used(
    usual: Mapping[str, Mapping[str, tuple[Facts, list[Decision]]]], name: str
) -> None:
    asked = {decision for _, decisions in usual[name].values() for decision in decisions}
    unused = [
        (statement["Sid"], what)
        for statement in POLICIES[name]["Statement"]
        for what in (*statement["Action"], *statement["Resource"])
        if not any(
            decision.sid == statement["Sid"] and (decision.action == what or fnmatchcase(decision.resource, what))
            for decision in asked
        )
    ]

    assert unused == []


@pytest.mark.parametrize(("name", "sid"), STATEMENTS)
def test_without_one_statement_something_fails(
    quiet: Deployment, usual: Mapping[str, Mapping[str, tuple[Facts, list[Decision]]]], name: str, sid: str
) -> None:
    flow, (facts, _) = NEEDED_BY[name][sid], usual[name][sid]
    whole = POLICIES[name]
    missing = next(one for one in whole["Statement"] if one["Sid"] == sid)
    quiet.put_policy(name, {**whole, "Statement": [one for one in whole["Statement"] if one != missing]})
    try:
        other, decisions = _done(quiet, name, flow)
    finally:
        quiet.put_policy(name, whole)

    assert other != facts
    refused = [decision for decision in decisions if decision.sid is None]
    assert refused
    assert {decision.action for decision in refused} <= set(missing["Action"])


def _done(deployment: Deployment, name: str, flow: Flow) -> tuple[Facts, list[Decision]]:
    before = len(deployment.stack.journal())
    facts = flow(deployment)
    asked = deployment.decisions(name, before)
    deployment.clear()
    return facts, asked
