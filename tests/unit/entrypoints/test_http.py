"""What all replies have in common."""

import pytest
from chalice.app import Request, Response

from chalicelib.entrypoints.http import finished


def a_request(path: str) -> Request:
    """A `POST /invoices` that came to this path of a host."""
    return Request(
        {
            "multiValueQueryStringParameters": None,
            "headers": {},
            "pathParameters": None,
            "requestContext": {"httpMethod": "POST", "resourcePath": "/invoices", "path": path},
            "stageVariables": None,
            "body": "",
        }
    )


@pytest.mark.parametrize(
    ("path", "location"),
    [("/invoices", "/invoices/1"), ("/api/invoices", "/api/invoices/1"), ("/other", "/invoices/1")],
)
def test_a_location_is_a_path_of_the_host_with_the_gateways_stage(path: str, location: str) -> None:
    reply = finished(Response({}, {"Location": "/invoices/1"}, 202), a_request(path))

    assert reply.headers["Location"] == location


def test_a_link_to_another_host_stays_as_it_is() -> None:
    reply = finished(Response({}, {"Location": "https://bucket.example/a"}, 302), a_request("/api/invoices"))

    assert reply.headers["Location"] == "https://bucket.example/a"
