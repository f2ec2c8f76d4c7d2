"""What API Gateway answers by itself, in the words and the shape of the app's own errors (docs/api.md).

Chalice cannot say them, and takes them away with each deployment; so this comes after each.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from chalicelib.domain.record import Problem
from chalicelib.entrypoints.access import UNAUTHORIZED
from chalicelib.entrypoints.http import problem_of_status
from ops.aws.account import Account

if TYPE_CHECKING:
    from mypy_boto3_apigateway.literals import GatewayResponseTypeType

_TOO_MANY = Problem(
    code="too_many_requests", message="These are too many requests at once. Please slow down.", retryable=True
)
_UNAVAILABLE = Problem(
    code="unavailable", message="The service did not answer in time. Please try again in a moment.", retryable=True
)
_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
_CHALLENGE = {"WWW-Authenticate": "Bearer"}
_LATER = {"Retry-After": "5"}


class GatewayReply(NamedTuple):
    """One reply; without `status` it keeps the one that it has."""

    problem: Problem
    status: int | None = None
    headers: Mapping[str, str] = {}

    def body(self) -> str:
        """The template of its body: the shape of all errors, with API Gateway's id of the request."""
        return json.dumps({"error": self.problem.model_dump() | {"request_id": "$context.requestId"}})

    def parameters(self) -> dict[str, str]:
        """Its headers as API Gateway takes them: fixed texts in quotes."""
        return {f"gatewayresponse.header.{name}": f"'{text}'" for name, text in {**_HEADERS, **self.headers}.items()}


# A token that is denied is no token: 401, whatever API Gateway thinks of it. An unknown path is 404.
REPLIES: Mapping["GatewayResponseTypeType", GatewayReply] = {
    "UNAUTHORIZED": GatewayReply(UNAUTHORIZED, 401, _CHALLENGE),
    "ACCESS_DENIED": GatewayReply(UNAUTHORIZED, 401, _CHALLENGE),
    "MISSING_AUTHENTICATION_TOKEN": GatewayReply(problem_of_status(404), 404),
    "RESOURCE_NOT_FOUND": GatewayReply(problem_of_status(404), 404),
    "REQUEST_TOO_LARGE": GatewayReply(problem_of_status(413), 413),
    "UNSUPPORTED_MEDIA_TYPE": GatewayReply(problem_of_status(415), 415),
    "THROTTLED": GatewayReply(_TOO_MANY, 429, _LATER),
    "QUOTA_EXCEEDED": GatewayReply(_TOO_MANY, 429, _LATER),
    "INTEGRATION_TIMEOUT": GatewayReply(_UNAVAILABLE, 504, _LATER),
    "INTEGRATION_FAILURE": GatewayReply(_UNAVAILABLE, 504, _LATER),
    "DEFAULT_4XX": GatewayReply(problem_of_status(400)),
    "DEFAULT_5XX": GatewayReply(problem_of_status(500)),
}


def set_replies(account: Account, api: str, stage: str) -> str:
    """Set all replies of an API, and put them into effect in its stage. It may be done again at any time."""
    for kind, reply in REPLIES.items():
        status = {"statusCode": str(reply.status)} if reply.status else {}
        account.gateway.put_gateway_response(
            restApiId=api,
            responseType=kind,
            responseParameters=reply.parameters(),
            responseTemplates={"application/json": reply.body()},
            **status,
        )
    traced = account.gateway.get_stage(restApiId=api, stageName=stage).get("tracingEnabled", False)
    account.gateway.create_deployment(restApiId=api, stageName=stage, tracingEnabled=traced)
    return "replies of the gateway"
