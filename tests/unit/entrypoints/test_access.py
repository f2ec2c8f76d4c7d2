"""What API Gateway is told about a client, and what is declared to it."""

import json
from typing import Any

import pytest
from chalice.app import AuthRequest, AuthResponse, Request, Response
from chalice.config import Config
from chalice.deploy.swagger import SwaggerGenerator

import app as app_module
from chalicelib.entrypoints import access
from chalicelib.settings import Settings
from local.http_server import PROJECT

_API = "arn:aws:execute-api:eu-central-1:123456789012:abc123/api"
_ROUTES = [(path, method) for path, methods in app_module.app.routes.items() for method in methods]


def told(client: str | None, path: str = "/GET/invoices") -> dict[str, Any]:
    """The authorizer's answer as API Gateway gets it."""
    request = AuthRequest("TOKEN", "Bearer …", _API + path)
    answer = access.policy(client, request)
    return answer.to_dict(request) if isinstance(answer, AuthResponse) else answer


def a_request(path: str, authorizer: dict[str, str] | None = None) -> Request:
    """A request as API Gateway sends it, with what its authorizer said."""
    context = {"httpMethod": "GET", "resourcePath": path, "path": path}
    return Request(
        {
            "multiValueQueryStringParameters": None,
            "headers": {},
            "pathParameters": None,
            "requestContext": context | ({"authorizer": authorizer} if authorizer is not None else {}),
            "stageVariables": None,
            "body": "",
        }
    )


@pytest.mark.parametrize(("path", "method"), _ROUTES)
def test_every_route_but_health_has_the_authorizer(path: str, method: str) -> None:
    wanted = None if path == "/health" else app_module.authorize

    assert app_module.app.routes[path][method].authorizer is wanted


def test_what_is_declared_to_the_gateway_wants_a_token_everywhere_but_for_health() -> None:
    functions = {"smart-invoice-dev-authorize": {"arn": "arn:aws:lambda:::function:smart-invoice-dev-authorize"}}
    deployed = {"api_handler_arn": _API, "api_handler_name": "smart-invoice-dev", "lambda_functions": functions}
    declared = SwaggerGenerator("eu-central-1", deployed).generate_swagger(app_module.app)

    open_routes = [
        path for path, methods in declared["paths"].items() for method in methods.values() if "security" not in method
    ]
    kept = declared["securityDefinitions"]["authorize"]["x-amazon-apigateway-authorizer"]
    assert open_routes == ["/health"]
    assert kept["type"] == "token"
    assert 0 <= kept["authorizerResultTtlInSeconds"] <= 300


def test_a_client_may_use_all_routes_for_the_answer_is_kept_for_all_of_them() -> None:
    answers = [told("an-erp", path) for path in ("/GET/invoices", "/DELETE/invoices/01M8", "/POST/uploads")]

    (statement,) = answers[0]["policyDocument"]["Statement"]
    assert answers[1:] == answers[:2]
    assert answers[0]["principalId"] == "an-erp"
    assert statement == {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": [f"{_API}/*/*"]}


def test_a_stranger_may_use_nothing_whatever_was_asked_for_first() -> None:
    answers = [told(None, path) for path in ("/GET/invoices", "/DELETE/invoices/01M8", "/POST/uploads")]

    (statement,) = answers[0]["policyDocument"]["Statement"]
    assert answers[1:] == answers[:2]
    assert statement == {"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": [f"{_API}/*/*"]}


@pytest.mark.parametrize("authorizer", [None, {}, {"principalId": ""}, {"client": "an-erp"}])
def test_the_app_itself_answers_nobody_whom_no_authorizer_has_seen(authorizer: dict[str, str] | None) -> None:
    reply = access.admitted(app_module.app, a_request("/invoices", authorizer), _secrets)

    assert reply.status_code == 401
    assert reply.body["error"]["code"] == "unauthorized"
    assert reply.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "asked", [a_request("/invoices", {"principalId": "an-erp"}), a_request("/health")], ids=["a client", "health"]
)
def test_the_app_answers_clients_and_says_to_all_that_it_lives(asked: Request) -> None:
    assert access.admitted(app_module.app, asked, _secrets).status_code == 200


def test_a_stage_is_shut_unless_it_says_otherwise() -> None:
    assert Settings.from_environment({"INVOICES_STAGE": "prod"}).auth is True


@pytest.mark.parametrize(("stage", "expected"), [("dev", True), ("staging", True), ("prod", True), ("local", False)])
def test_only_the_stage_of_one_machine_is_open(stage: str, expected: bool) -> None:
    """A variable of the shell that deploys must not open a stage: the file overrides it."""
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text())

    for function in ("api_handler", "authorize"):
        given = Config(stage, function, config_from_disk=config).environment_variables
        assert Settings.from_environment({"INVOICES_AUTH": str(not expected), **given}).auth is expected


def _secrets(_request: Request) -> Response:
    return Response({"invoices": []}, {}, 200)
