"""What API Gateway is told to answer by itself, on moto's."""

import json
from collections.abc import Iterator

import boto3
import pytest

from ops.aws.account import Account
from ops.aws.gateway_replies import REPLIES, set_replies
from tests.families import moto


@pytest.fixture
def account() -> Iterator[Account]:
    """An account without anything."""
    with moto():
        yield Account()


def an_api(account: Account) -> str:
    """An API with a stage `dev`, as a deployment leaves it."""
    gateway = account.gateway
    api = gateway.create_rest_api(name="smart-invoice")["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    gateway.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    gateway.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
    gateway.create_deployment(restApiId=api, stageName="dev")
    return api


def test_a_reply_has_the_shape_of_all_errors_and_the_status_that_it_means(account: Account) -> None:
    api = an_api(account)

    set_replies(account, api, "dev")

    denied = account.gateway.get_gateway_response(restApiId=api, responseType="ACCESS_DENIED")
    error = json.loads(denied["responseTemplates"]["application/json"])["error"]
    assert denied["statusCode"] == "401"
    assert set(error) == {"code", "message", "retryable", "request_id"}
    assert (error["code"], error["request_id"]) == ("unauthorized", "$context.requestId")
    assert denied["responseParameters"]["gatewayresponse.header.WWW-Authenticate"] == "'Bearer'"


def test_the_replies_take_effect_by_a_deployment_and_again_by_another(account: Account) -> None:
    api = an_api(account)
    before = account.gateway.get_stage(restApiId=api, stageName="dev")["deploymentId"]

    set_replies(account, api, "dev")
    first = account.gateway.get_stage(restApiId=api, stageName="dev")["deploymentId"]
    set_replies(account, api, "dev")

    assert first != before
    assert len(account.gateway.get_gateway_responses(restApiId=api)["items"]) == len(REPLIES)


def test_all_are_replies_that_api_gateway_knows() -> None:
    client = boto3.client("apigateway", region_name="eu-central-1")
    known = client.meta.service_model.shape_for("GatewayResponseType").enum  # type: ignore[attr-defined]  # of a StringShape

    assert set(REPLIES) <= set(known)


@pytest.mark.parametrize("kind", sorted(REPLIES))
def test_no_message_has_what_api_gateway_would_fill_in(kind: str) -> None:
    """In a template, `$` begins a variable."""
    reply = {str(name): reply for name, reply in REPLIES.items()}[kind]

    assert reply.body().count("$") == 1
    assert "'" not in "".join(text.strip("'") for text in reply.parameters().values())
