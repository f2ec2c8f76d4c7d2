"""Looking: what of a stage is in the account, whatever any record says."""

import json
import re
from collections.abc import Collection, Iterator

from botocore.exceptions import ClientError

from ops.aws.account import Account
from ops.aws.failures import code_of
from ops.deploy.reconcile import Api, EventMapping, Found, Notification
from ops.names import APP, Names, of_stage

_API_OF_ARN = re.compile(r":execute-api:[^:]*:[^:]*:(\w+)/")


def found(account: Account, stage: str, stages: Collection[str], bucket: str | None) -> Found:
    """Everything of a stage that Chalice makes. `bucket` is where its notifications are."""
    names = Names(stage)
    functions = _functions(account, stage, stages)
    return Found(
        functions=functions,
        roles=_roles(account, stage, stages),
        rules=_rules(account, stage, stages),
        apis=tuple(_apis(account, functions.get(names.prefix), names)),
        mappings=tuple(_mappings(account, stage, stages)),
        notifications=tuple(_notifications(account, bucket, functions)) if bucket else (),
    )


def _functions(account: Account, stage: str, stages: Collection[str]) -> dict[str, str]:
    pages = account.functions.get_paginator("list_functions").paginate()
    arns = {each["FunctionName"]: each["FunctionArn"] for page in pages for each in page["Functions"]}
    return {name: arns[name] for name in of_stage(arns, stage, stages)}


def _roles(account: Account, stage: str, stages: Collection[str]) -> dict[str, str]:
    pages = account.iam.get_paginator("list_roles").paginate()
    arns = {each["RoleName"]: each["Arn"] for page in pages for each in page["Roles"] if _for_lambda(each)}
    return {name: arns[name] for name in of_stage(arns, stage, stages)}


def _for_lambda(role: object) -> bool:
    """Roles of the stacks may begin with the same name; Chalice's are for Lambda alone."""
    return "lambda.amazonaws.com" in json.dumps(role, default=str)


def _rules(account: Account, stage: str, stages: Collection[str]) -> tuple[str, ...]:
    pages = account.events.get_paginator("list_rules").paginate(NamePrefix=Names(stage).prefix)
    rules = [each["Name"] for page in pages for each in page["Rules"] if each["Name"].endswith("-event")]
    return of_stage(rules, stage, stages)


def _apis(account: Account, function_arn: str | None, names: Names) -> Iterator[Api]:
    """APIs called like the app whose methods lead to the stage's function, or which may call it."""
    allowed = _apis_in_policy(account, names.prefix) if function_arn else set()
    for page in account.gateway.get_paginator("get_rest_apis").paginate():
        for api in page["items"]:
            if api["name"] == APP and (api["id"] in allowed or _leads_to(account, api["id"], names.prefix)):
                yield Api(api["id"], api["createdDate"], _is_deployed(account, api["id"]))


def _apis_in_policy(account: Account, function: str) -> set[str]:
    try:
        policy = account.functions.get_policy(FunctionName=function)["Policy"]
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            return set()
        raise
    return set(_API_OF_ARN.findall(policy))


def _leads_to(account: Account, api: str, function: str) -> bool:
    pages = account.gateway.get_paginator("get_resources").paginate(restApiId=api, embed=["methods"])
    marker = f":function:{function}/"
    return any(marker in json.dumps(page.get("items", []), default=str) for page in pages)


def _is_deployed(account: Account, api: str) -> bool:
    return bool(account.gateway.get_stages(restApiId=api)["item"])


def _mappings(account: Account, stage: str, stages: Collection[str]) -> Iterator[EventMapping]:
    """All are listed, because a mapping stays when somebody deletes its function."""
    pages = account.functions.get_paginator("list_event_source_mappings").paginate()
    for each in (mapping for page in pages for mapping in page["EventSourceMappings"]):
        name = each["FunctionArn"].split(":")[6]
        if each.get("State") != "Deleting" and of_stage([name], stage, stages):
            yield EventMapping(each["UUID"], name, each["FunctionArn"], each["EventSourceArn"])


def _notifications(account: Account, bucket: str, functions: dict[str, str]) -> Iterator[Notification]:
    by_arn = {arn: name for name, arn in functions.items()}
    try:
        told = account.s3.get_bucket_notification_configuration(Bucket=bucket)
    except ClientError as error:
        if code_of(error) == "NoSuchBucket":
            return
        raise
    for each in told.get("LambdaFunctionConfigurations", []):
        if name := by_arn.get(each["LambdaFunctionArn"]):
            yield Notification(bucket, name, each["LambdaFunctionArn"])
