"""Who may come in: what API Gateway is told about a token, and whom the app itself answers."""

from collections.abc import Callable
from typing import Any

from chalice.app import AuthRequest, AuthResponse, Chalice, Request, Response

from chalicelib.domain.record import Problem
from chalicelib.entrypoints.http import error_response

UNAUTHORIZED = Problem(
    code="unauthorized",
    message="Please send a valid token, as in: Authorization: Bearer si_… Whoever runs this installation makes one.",
)


def policy(client: str | None, request: AuthRequest) -> AuthResponse | dict[str, Any]:
    """What API Gateway may let through: everything for a client, nothing for anybody else.

    API Gateway keeps the answer for all requests with the same token, whatever their path. So it must not be about the
    path that was asked for first.
    """
    if client is not None:
        return AuthResponse(routes=["*"], principal_id=client)
    stage = "/".join(request.method_arn.split("/")[:2])
    denied = {"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": [f"{stage}/*/*"]}
    return {"principalId": "nobody", "policyDocument": {"Version": "2012-10-17", "Statement": [denied]}, "context": {}}


def admitted(app: Chalice, request: Request, get_response: Callable[[Request], Response]) -> Response:
    """The app's reply; 401 for whoever comes to a route with an authorizer, and was not seen by it.

    API Gateway lets nobody through to here without. This holds even when its configuration was changed by hand.
    """
    route = app.routes.get(request.path, {}).get(request.method)
    if route is not None and route.authorizer is not None and client_of(request) is None:
        return unauthorized()
    return get_response(request)


def client_of(event: Any) -> str | None:
    """The name of the client that a request comes from, as the authorizer told it."""
    context = getattr(event, "context", None)
    authorizer = context.get("authorizer") if isinstance(context, dict) else None
    return str(authorizer["principalId"]) if authorizer and authorizer.get("principalId") else None


def unauthorized() -> Response:
    """401: no token, or none that is valid. Why not is not said."""
    response = error_response(401, UNAUTHORIZED)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response
