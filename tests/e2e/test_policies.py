"""Every statement of every policy is needed, and nothing else is: shown by taking one after the other away.

How it is done: with its whole policy, each function runs through flows that use all that is granted. Then one statement
is taken out, the flow that needs it runs again, and something else must come out, for want of just this statement.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest

from tests.e2e import flows
from tests.e2e.deployment import Deployment
from tests.e2e.environment import PROJECT
from tests.e2e.flows import Facts, Flow, Way
from tests.e2e.stack import Decision, Project

STAGE = "dev"

Policy = Mapping[str, Any]


def working(name: str, way: Way) -> Mapping[str, Flow]:
    """What everybody needs who reads documents: by statement, the flow that fails without it."""
    read, late = flows.reads(way), flows.removes_late_upload(way)
    return {
        "ReadOriginals": read,
        "ReadOriginals without version": flows.reads_without_version(way),
        "TellMissingFromForbidden": flows.reads_scan(way),
        "KeepDerived": flows.reads_large(way),
        "Erase": late,
        "FindVersions": late,
        "KeepRows": flows.reads_replaced(way),
        "KeepRows of several": flows.reads_several(way),
        "KeepRows while money is gone": flows.waits_for_money(way),
        "ListRows": read,
        "AskModels": flows.asks_models(way),
        "ReadScans": flows.reads_scans(way),
        **everywhere(name, read),
    }


def everywhere(name: str, flow: Flow) -> Mapping[str, Flow]:
    """What every function needs."""
    return {"WriteLogs": flows.writes_log(name, flow), "Trace": flows.sends_traces(name, flow)}


NEEDED_BY: Mapping[str, Mapping[str, Flow]] = {
    "api_handler": {
        "StoreAndHandOutOriginals": flows.takes_in,
        "StoreAndHandOutOriginals before an event": flows.hands_out_at_once,
        "StoreAndHandOutOriginals after it": flows.hands_out,
        "TellMissingFromForbidden": flows.stores_again,
        "ReadDerived": flows.shows_large,
        "Erase": flows.erases,
        "FindVersions": flows.erases,
        "KeepRows": flows.takes_in,
        "KeepRows of several": flows.erases_several,
        "ListRows": flows.lists,
        "ListRows of the ledger": flows.reports_costs,
        **everywhere("api_handler", flows.lists),
    },
    "authorize": {"FindToken": flows.lets_in, **everywhere("authorize", flows.lets_in)},
    "inference": {**working("inference", flows.by_event), "GiveUp": flows.gives_up},
    "reprocess": {
        **working("reprocess", flows.by_dead_letter),
        "TakeDeadLetters": flows.takes_dead_letters,
        "Park": flows.parks,
    },
    "sweep": {**working("sweep", flows.by_sweep), "ReadOriginals of a form": flows.reads_form(flows.by_sweep)},
    "health_check": {
        **dict.fromkeys(("TellMissingFromForbidden", "ReadRow", "CountRows", "AskQueues"), flows.checks_health),
        **everywhere("health_check", flows.checks_health),
    },
}
"""By function and statement; what comes after a statement's name tells apart several flows that use it."""


def policies(project: Path) -> Mapping[str, Policy]:
    """The functions with their policies, as `.chalice/` has them."""
    folder = project / ".chalice"
    named = json.loads((folder / "config.json").read_text(encoding="utf-8"))["stages"][STAGE]["lambda_functions"]
    return {name: json.loads((folder / one["iam_policy_file"]).read_text("utf-8")) for name, one in named.items()}


FUNCTIONS = list(policies(PROJECT))
STATEMENTS = [(name, one["Sid"]) for name, policy in policies(PROJECT).items() for one in policy["Statement"]]


class Usual(NamedTuple):
    """What comes out of every flow when everything is granted, and what all roles asked for meanwhile."""

    facts: Mapping[Flow, Facts]
    decisions: Mapping[str, Sequence[Decision]]


@pytest.fixture(scope="module")
def quiet(deployment: Deployment) -> Iterator[Deployment]:
    """A deployment that does nothing by itself: its bucket tells of no document, and nobody sweeps unasked."""
    told = deployment.told_of_documents({})
    boto3.client("events").disable_rule(Name=deployment.rule("sweep"))
    yield deployment
    deployment.clear()
    boto3.client("events").enable_rule(Name=deployment.rule("sweep"))
    deployment.told_of_documents(told)


@pytest.fixture(scope="module")
def usual(quiet: Deployment) -> Usual:
    """See there; each flow runs once, whoever needs it."""
    before = len(quiet.stack.journal())
    facts = {flow: _done(quiet, flow) for needed in NEEDED_BY.values() for flow in dict.fromkeys(needed.values())}
    return Usual(facts, {name: quiet.decisions(name, before) for name in FUNCTIONS})


def test_every_statement_has_a_flow_that_needs_it() -> None:
    sids = {(name, sid.split(" ")[0]) for name, needed in NEEDED_BY.items() for sid in needed}

    assert sorted(sids) == sorted(STATEMENTS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_deployed_with_its_policy(quiet: Deployment, project: Project, name: str) -> None:
    assert quiet.policy(name) == policies(project.folder)[name]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_nothing_is_refused_to_whoever_has_the_whole_policy(usual: Usual, name: str) -> None:
    assert usual.decisions[name]
    assert [decision for decision in usual.decisions[name] if decision.sid is None] == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_action_and_every_resource_of_a_policy_is_used(quiet: Deployment, usual: Usual, name: str) -> None:
    granted = [
        (one["Sid"], what) for one in quiet.policy(name)["Statement"] for what in (*one["Action"], *one["Resource"])
    ]
    used = {
        (one.sid, what) for one in usual.decisions[name] for sid, what in granted if sid == one.sid and _is(one, what)
    }

    assert [each for each in granted if each not in used] == []


@pytest.mark.parametrize(("name", "sid"), STATEMENTS)
def test_without_one_statement_something_fails(quiet: Deployment, usual: Usual, name: str, sid: str) -> None:
    flow, whole = NEEDED_BY[name][sid], quiet.policy(name)
    missing = next(one for one in whole["Statement"] if one["Sid"] == sid)
    before = len(quiet.stack.journal())
    quiet.put_policy(name, {**whole, "Statement": [one for one in whole["Statement"] if one != missing]})
    try:
        facts = _done(quiet, flow)
    finally:
        quiet.put_policy(name, whole)

    refused = [decision for decision in quiet.decisions(name, before) if decision.sid is None]
    assert facts != usual.facts[flow]
    assert refused
    assert {decision.action for decision in refused} <= set(missing["Action"])


def _done(deployment: Deployment, flow: Flow) -> Facts:
    facts = flow(deployment)
    deployment.clear()
    return facts


def _is(decision: Decision, what: str) -> bool:
    """Whether this is the action that was asked for, or a pattern of its resource."""
    return decision.action == what or fnmatchcase(decision.resource, what)
