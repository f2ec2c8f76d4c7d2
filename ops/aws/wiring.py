"""What Chalice leaves out, set after each deployment: dead letters, throttling, usage plan, log retention.

Everything here may be done again at any time, and survives a plain `chalice deploy`.
"""

import base64
import time
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from ops.aws.account import Account
from ops.aws.failures import code_of
from ops.command import OpsError
from ops.names import Names

if TYPE_CHECKING:
    from mypy_boto3_apigateway.type_defs import PatchOperationTypeDef, UsagePlanTypeDef

_RETRIES = 2  # Lambda's own, after which the event goes to the dead-letter queue
_ROLE_TRIES, _ROLE_PAUSE_SECONDS = 6, 5.0
_EVENT_SECONDS = 6 * 3600  # Lambda's most: an upload must not get lost because much else is waiting


class Throttle(NamedTuple):
    """How much may be asked of the API: requests a second and at once by all together, and a day by each API key."""

    rate: float = 20.0
    burst: int = 40
    day: int = 20_000


def dead_letters(account: Account, names: Names, queue_arn: str) -> str:
    """What `inference` cannot do goes to the queue after two more tries.

    AWS checks whether the function's role may send there, and knows a new role only after some seconds.
    """
    for attempt in range(_ROLE_TRIES):
        try:
            _put_dead_letters(account, names, queue_arn)
        except ClientError as error:
            if code_of(error) != "InvalidParameterValueException" or attempt == _ROLE_TRIES - 1:
                raise
            time.sleep(_ROLE_PAUSE_SECONDS)
        else:
            break
    return "dead letters"


def throttle(account: Account, api: str, stage: str, limits: Throttle) -> str:
    """No more than this reaches the functions, whoever asks."""
    account.gateway.update_stage(
        restApiId=api,
        stageName=stage,
        patchOperations=[
            {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": str(limits.rate)},
            {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": str(limits.burst)},
        ],
    )
    return "throttling"


def usage_plan(account: Account, name: str, api_stage: str, limits: Throttle) -> str:
    """A plan for clients with an API key: the same rate, and so much a day. `api_stage` is `<API's id>:<stage>`.

    API Gateway counts with it only where a route asks for a key (Chalice's `api_key_required`); what comes back says
    whether one does. An existing plan gets what of this it does not say yet.
    """
    api, stage = api_stage.split(":")
    plan = next((plan for plan in _plans(account) if plan.get("name") == name), None)
    if plan is None:
        account.gateway.create_usage_plan(
            name=name,
            apiStages=[{"apiId": api, "stage": stage}],
            throttle={"rateLimit": limits.rate, "burstLimit": limits.burst},
            quota={"limit": limits.day, "period": "DAY"},
        )
    elif patches := list(_patches(plan, api_stage, limits)):
        account.gateway.update_usage_plan(usagePlanId=plan["id"], patchOperations=patches)
    return "usage plan" if _asks_for_keys(account, api) else "usage plan (no route asks for an API key, so none counts)"


def remove_usage_plan(account: Account, name: str) -> bool:
    """Take the plan away, first from its APIs; whether there was one."""
    plans = [plan for plan in _plans(account) if plan.get("name") == name]
    for plan in plans:
        for each in plan.get("apiStages", []):
            _leave(account, plan["id"], f"{each['apiId']}:{each['stage']}")
        account.gateway.delete_usage_plan(usagePlanId=plan["id"])
    return bool(plans)


def keep_logs(account: Account, functions: Collection[str], days: int) -> str:
    """Logs of every function end some day. A group that has a term already keeps it: the stack's counts."""
    for function in functions:
        group = f"/aws/lambda/{function}"
        if not _log_group(account, group):
            _create_log_group(account, group)
        if not _retention(account, group):
            account.logs.put_retention_policy(logGroupName=group, retentionInDays=days)
    return "log retention"


def sleeping_mappings(account: Account, mappings: Collection[str]) -> tuple[str, ...]:
    """Mappings that a person has disabled. They stay so, for there was a reason; but it must not be forgotten."""
    states = {each: account.functions.get_event_source_mapping(UUID=each).get("State") for each in mappings}
    return tuple(
        f"{each} takes nothing from its queue; to go on: aws lambda update-event-source-mapping --uuid {each} --enabled"
        for each, state in states.items()
        if state in {"Disabled", "Disabling"}
    )


def check_code(account: Account, functions: Collection[str], sha256: str) -> None:
    """Every function runs this very package; `OpsError` names those that do not."""
    expected = base64.b64encode(bytes.fromhex(sha256)).decode()
    other = [name for name in functions if _code_hash(account, name) != expected]
    if other:
        raise OpsError(f"Other code than this package runs in {', '.join(other)}. Please deploy again.")


def remove_surplus(account: Account, apis: Collection[str], mappings: Collection[str]) -> None:
    """Remove what there is twice."""
    for api in apis:
        _leave_plans(account, api)
        account.gateway.delete_rest_api(restApiId=api)
    for mapping in mappings:
        account.functions.delete_event_source_mapping(UUID=mapping)


def _patches(plan: "UsagePlanTypeDef", api_stage: str, limits: Throttle) -> Iterator["PatchOperationTypeDef"]:
    """What makes a plan that of this stage of an API, with these limits."""
    if not any(f"{each['apiId']}:{each['stage']}" == api_stage for each in plan.get("apiStages", [])):
        yield {"op": "add", "path": "/apiStages", "value": api_stage}
    rates, quota = plan.get("throttle", {}), plan.get("quota", {})
    if float(rates.get("rateLimit", 0)) != limits.rate:
        yield {"op": "replace", "path": "/throttle/rateLimit", "value": f"{limits.rate:.15g}"}
    if int(rates.get("burstLimit", 0)) != limits.burst:
        yield {"op": "replace", "path": "/throttle/burstLimit", "value": str(limits.burst)}
    if (int(quota.get("limit", 0)), quota.get("period")) != (limits.day, "DAY"):
        yield {"op": "replace", "path": "/quota/limit", "value": str(limits.day)}
        yield {"op": "replace", "path": "/quota/period", "value": "DAY"}


def _asks_for_keys(account: Account, api: str) -> bool:
    pages = account.gateway.get_paginator("get_resources").paginate(restApiId=api, embed=["methods"])
    resources = [resource for page in pages for resource in page.get("items", [])]
    return any(
        method.get("apiKeyRequired") for each in resources for method in each.get("resourceMethods", {}).values()
    )


def _leave_plans(account: Account, api: str) -> None:
    """API Gateway keeps an API that a usage plan names."""
    for plan in _plans(account):
        for each in plan.get("apiStages", []):
            if each["apiId"] == api:
                _leave(account, plan["id"], f"{api}:{each['stage']}")


def _leave(account: Account, plan: str, api_stage: str) -> None:
    account.gateway.update_usage_plan(
        usagePlanId=plan, patchOperations=[{"op": "remove", "path": "/apiStages", "value": api_stage}]
    )


def _put_dead_letters(account: Account, names: Names, queue_arn: str) -> None:
    account.functions.put_function_event_invoke_config(
        FunctionName=names.function("inference"),
        MaximumRetryAttempts=_RETRIES,
        MaximumEventAgeInSeconds=_EVENT_SECONDS,
        DestinationConfig={"OnFailure": {"Destination": queue_arn}},
    )


def _code_hash(account: Account, function: str) -> str:
    return account.functions.get_function_configuration(FunctionName=function)["CodeSha256"]


def _plans(account: Account) -> Iterator["UsagePlanTypeDef"]:
    for page in account.gateway.get_paginator("get_usage_plans").paginate():
        yield from page.get("items", [])


def _log_group(account: Account, group: str) -> bool:
    groups = account.logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    return any(each["logGroupName"] == group for each in groups)


def _retention(account: Account, group: str) -> int | None:
    groups = account.logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    return next((each.get("retentionInDays") for each in groups if each["logGroupName"] == group), None)


def _create_log_group(account: Account, group: str) -> None:
    try:
        account.logs.create_log_group(logGroupName=group)
    except ClientError as error:
        if code_of(error) != "ResourceAlreadyExistsException":  # the function made it meanwhile
            raise
