"""Chalice's record of what is deployed, mended by what is there.

Chalice finds functions and roles by name, but its REST API and event source mapping only by this record, and writes it
only when a whole deployment went well. Without it, a second API with another address comes to be, and on AWS the
mapping is refused.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from ops.names import API_HANDLER, Names

Resource = Mapping[str, Any]


class Api(NamedTuple):
    """A REST API that leads to the stage's function."""

    id: str
    created_at: datetime
    is_deployed: bool  # clients can call it


class EventMapping(NamedTuple):
    """What feeds a queue to a function."""

    id: str
    function: str  # name
    function_arn: str
    queue_arn: str


class Notification(NamedTuple):
    """What tells a function of new objects."""

    bucket: str
    function: str  # name
    function_arn: str


class Found(NamedTuple):
    """Everything of a stage that Chalice made, as AWS shows it: names with ARNs, and what belongs to them."""

    functions: Mapping[str, str] = {}
    roles: Mapping[str, str] = {}
    rules: tuple[str, ...] = ()
    apis: tuple[Api, ...] = ()
    mappings: tuple[EventMapping, ...] = ()
    notifications: tuple[Notification, ...] = ()


class Reconciled(NamedTuple):
    """The record for Chalice, and what there is twice and should go."""

    record: dict[str, Any]
    surplus_apis: tuple[str, ...] = ()
    surplus_mappings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def surplus(self) -> tuple[str, ...]:
        """What would be removed, for people."""
        apis = (f"the API {each}, because there is another for this stage" for each in self.surplus_apis)
        mappings = (
            f"the event mapping {each}, because there is another for its queue" for each in self.surplus_mappings
        )
        return (*apis, *mappings)


def reconciled(
    found: Found, recorded: Mapping[str, Any] | None, names: Names, address: str, used_apis: Collection[str] = ()
) -> Reconciled:
    """The record as it should be. `used_apis` are what earlier deployments made known to clients, latest first."""
    before: list[Resource] = list((recorded or {}).get("resources", []))
    api = _kept_api(found.apis, _recorded(before, "rest_api_id"), used_apis)
    mappings = _kept_mappings(found.mappings, _recorded(before, "event_uuid"))
    after = [*_rebuilt(found, mappings, names), *_unknown_kinds(before)]
    if api:
        after.append(_rest_api(api, address))
    return Reconciled(
        record={"resources": after, "schema_version": "2.0", "backend": "api"},
        surplus_apis=tuple(each.id for each in found.apis if api and each.id != api.id),
        surplus_mappings=tuple(each.id for each in found.mappings if each not in mappings),
        remarks=tuple(_remarks(before, after)),
    )


def _kept_api(apis: Collection[Api], recorded: Collection[str], used: Collection[str]) -> Api | None:
    """The one that clients know: recorded by Chalice, or by us, else deployed, else the oldest."""
    known = [*recorded, *used]
    ranked = sorted(
        apis,
        key=lambda api: (known.index(api.id) if api.id in known else len(known), not api.is_deployed, api.created_at),
    )
    return ranked[0] if ranked else None


def _kept_mappings(mappings: Collection[EventMapping], recorded: Collection[str]) -> tuple[EventMapping, ...]:
    """One for each function and queue, the recorded one first."""
    kept: dict[tuple[str, str], EventMapping] = {}
    for mapping in sorted(mappings, key=lambda each: (each.id not in recorded, each.id)):
        kept.setdefault((mapping.function, mapping.queue_arn), mapping)
    return tuple(kept.values())


def _rebuilt(found: Found, mappings: Collection[EventMapping], names: Names) -> Iterator[dict[str, Any]]:
    """In Chalice's order: it removes from the end, and what depends on a thing before the thing."""
    for role, arn in found.roles.items():
        yield {
            "name": f"{_role_handler(role, names)}_role",
            "resource_type": "iam_role",
            "role_arn": arn,
            "role_name": role,
        }
    for function, arn in found.functions.items():
        yield {"name": names.handler(function), "resource_type": "lambda_function", "lambda_arn": arn}
    for told in found.notifications:
        name = f"{names.handler(told.function)}-s3event"
        yield {"name": name, "resource_type": "s3_event", "bucket": told.bucket, "lambda_arn": told.function_arn}
    for each in mappings:
        yield {
            "name": f"{names.handler(each.function)}-sqs-event-source",
            "resource_type": "sqs_event",
            "queue_arn": each.queue_arn,
            "event_uuid": each.id,
            "queue": each.queue_arn.rsplit(":", 1)[-1],
            "lambda_arn": each.function_arn,
        }
    for rule in found.rules:
        yield {"name": rule.removeprefix(f"{names.prefix}-"), "resource_type": "cloudwatch_event", "rule_name": rule}


def _role_handler(role: str, names: Names) -> str:
    """A role is called after its handler, the API's too."""
    return role.removeprefix(f"{names.prefix}-") or API_HANDLER


def _rest_api(api: Api, address: str) -> dict[str, Any]:
    url = address.format(api=api.id)
    return {"name": "rest_api", "resource_type": "rest_api", "rest_api_id": api.id, "rest_api_url": url}


_LOOKED_FOR = {"iam_role", "lambda_function", "s3_event", "sqs_event", "cloudwatch_event", "rest_api"}


def _unknown_kinds(resources: Collection[Resource]) -> Iterator[dict[str, Any]]:
    """What is not looked for here is believed as it was recorded."""
    return (dict(each) for each in resources if each.get("resource_type") not in _LOOKED_FOR)


def _recorded(resources: Collection[Resource], key: str) -> list[str]:
    return [str(each[key]) for each in resources if key in each]


def _remarks(before: Collection[Resource], after: Collection[Resource]) -> Iterator[str]:
    was, now = {str(each["name"]) for each in before}, {str(each["name"]) for each in after}
    if lost := sorted(now - was):
        yield f"put back into Chalice's record: {', '.join(lost)}"
    if gone := sorted(was - now):
        yield f"taken out of Chalice's record, because it is not there any more: {', '.join(gone)}"
