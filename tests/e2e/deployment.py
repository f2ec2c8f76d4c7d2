"""A deployed stage, as its clients, its functions and its operators see it."""

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import boto3

from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.domain.document import DocumentRef
from chalicelib.domain.record import InvoiceRecord
from chalicelib.settings import Settings
from tests.builders import an_id
from tests.e2e.environment import ACCOUNT, REGION
from tests.e2e.stack import Decision, Stack


class Reply(NamedTuple):
    """What the API answered."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        """The content as JSON."""
        return json.loads(self.content)


class Outcome(NamedTuple):
    """What a function returned, or the error that it ended with; and its request id."""

    returned: Any
    error: str | None


class Deployment:
    """One stage on a running stack."""

    def __init__(self, stack: Stack, settings: Settings, api_url: str) -> None:
        self.stack = stack
        self.settings = settings
        self.stage = settings.stage
        self.api_url = api_url
        self.adapters = AwsAdapters(settings)
        self.token = ""
        self._roles: dict[str, str] = {}

    def call(self, method: str, path: str, content: bytes | None = None, **headers: str) -> Reply:
        """Send a request to the API."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        if self.token:
            named.setdefault("Authorization", f"Bearer {self.token}")
        return fetched(urllib.request.Request(self.api_url + path, content, named, method=method))

    def send(self, content: bytes, media_type: str = "application/octet-stream") -> Reply:
        """Send a document to the API."""
        return self.call("POST", "/invoices", content, Content_Type=media_type)

    def function(self, name: str) -> str:
        """The name of a function on AWS."""
        return f"smart-invoice-{self.stage}" + ("" if name == "api_handler" else f"-{name}")

    def rule(self, name: str) -> str:
        """The name of the rule that calls a function on schedule."""
        function = self.function(name)
        rules = boto3.client("events").list_rules(NamePrefix=function)["Rules"]
        assert len(rules) == 1, rules
        return rules[0]["Name"]

    def role(self, name: str) -> str:
        """The name of a function's role."""
        if name not in self._roles:
            self._roles[name] = self._role(name)
        return self._roles[name]

    def _role(self, name: str) -> str:
        config = boto3.client("lambda").get_function_configuration(FunctionName=self.function(name))
        return config["Role"].rpartition("/")[2]

    def invoke(self, name: str, event: Mapping[str, Any]) -> Outcome:
        """Call a function and wait for its end."""
        answer = boto3.client("lambda").invoke(FunctionName=self.function(name), Payload=json.dumps(event))
        payload = json.loads(answer["Payload"].read() or b"null")
        return Outcome(payload, answer.get("FunctionError") and str(payload))

    def invoke_later(self, name: str, event: Mapping[str, Any]) -> None:
        """Call a function as S3 does: Lambda tries three times, and then gives up."""
        boto3.client("lambda").invoke(
            FunctionName=self.function(name), Payload=json.dumps(event), InvocationType="Event"
        )

    def parked(self) -> int:
        """How many messages wait for a person."""
        return self.adapters.parking().depth()

    def is_denied(self, name: str, after: int) -> bool:
        """Whether anything was refused to a function after so many lines of the journal."""
        return any(decision.sid is None for decision in self.decisions(name, after))

    def printed(self, name: str) -> list[str]:
        """The lines in a function's log group."""
        logs, group = boto3.client("logs"), f"/aws/lambda/{self.function(name)}"
        try:
            pages = list(logs.get_paginator("filter_log_events").paginate(logGroupName=group))
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"] for page in pages for event in page["events"]]

    def policy(self, name: str) -> dict[str, Any]:
        """The policy of a function's role, as it is deployed."""
        role = self.role(name)
        return dict(boto3.client("iam").get_role_policy(RoleName=role, PolicyName=role)["PolicyDocument"])  # type: ignore[arg-type]

    def put_policy(self, name: str, policy: Mapping[str, Any]) -> None:
        """Give a function's role this policy instead, from now on."""
        role = self.role(name)
        boto3.client("iam").put_role_policy(RoleName=role, PolicyName=role, PolicyDocument=json.dumps(policy))

    def decisions(self, name: str, after: int = 0) -> list[Decision]:
        """What a function's role asked for, after so many lines of the journal."""
        role = self.role(name)
        return [decision for decision in self.stack.journal()[after:] if decision.role == role]

    def store(self, content: bytes, key: str | None = None) -> DocumentRef:
        """Put a document into the bucket, as a client's form would; nothing is sent to `inference` by this itself."""
        key = key or f"uploads/{datetime.now(UTC):%Y/%m/%d}/{an_id()}/document"
        stored = boto3.client("s3").put_object(Bucket=self.settings.bucket_name, Key=key, Body=content)
        return DocumentRef(key=key, version_id=stored.get("VersionId"))

    def record(self, invoice_id: str) -> InvoiceRecord | None:
        """The row of an invoice."""
        return self.adapters.invoices().load(invoice_id)

    def versions(self, prefix: str = "") -> list[Mapping[str, Any]]:
        """Everything in the bucket below a prefix, in all versions."""
        listed = boto3.client("s3").list_object_versions(Bucket=self.settings.bucket_name, Prefix=prefix)
        return [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]

    def clear(self) -> None:
        """Forget all documents and rows; the client keeps its token."""
        for one in self.versions():
            boto3.client("s3").delete_object(
                Bucket=self.settings.bucket_name, Key=one["Key"], VersionId=one["VersionId"]
            )
        table = boto3.resource("dynamodb").Table(self.settings.table_name)
        for row in table.scan()["Items"]:
            if not str(row["pk"]).startswith("TOKEN#"):
                table.delete_item(Key={"pk": row["pk"], "sk": row["sk"]})


class _Staying(urllib.request.HTTPRedirectHandler):
    """Follows no link: where it leads to is looked at first."""

    def redirect_request(self, *_: Any) -> None:
        """Stay."""


def fetched(request: urllib.request.Request) -> Reply:
    """The answer to a request, whatever its status."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Staying)
    try:
        with opener.open(request, timeout=60) as answer:
            return Reply(answer.status, dict(answer.headers), answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, dict(error.headers), error.read())


def uploaded_event(deployment: Deployment, ref: DocumentRef) -> dict[str, Any]:
    """The event by which S3 tells of a stored document."""
    stored = {"key": ref.key, **({"versionId": ref.version_id} if ref.version_id else {})}
    return {
        "Records": [
            {
                "eventName": "ObjectCreated:Put",
                "s3": {"bucket": {"name": deployment.settings.bucket_name}, "object": stored},
            }
        ]
    }


def dead_letter_event(deployment: Deployment, body: str) -> dict[str, Any]:
    """The event by which SQS hands over a message of the dead-letter queue."""
    queue = deployment.settings.dead_letter_queue_name
    message = {
        "messageId": str(uuid.uuid4()),
        "receiptHandle": "handle",
        "body": body,
        "attributes": {"SentTimestamp": str(int(datetime.now(UTC).timestamp() * 1000))},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}",
    }
    return {"Records": [message]}


def given_up(event: Mapping[str, Any]) -> str:
    """What Lambda sends to the dead-letter queue of an event that `inference` failed at three times."""
    return json.dumps({"requestContext": {"requestId": str(uuid.uuid4())}, "requestPayload": event})


SCHEDULED: Mapping[str, Any] = {
    "id": "e2e",
    "version": "0",
    "account": ACCOUNT,
    "region": REGION,
    "source": "aws.events",
    "detail-type": "Scheduled Event",
    "time": "2026-11-24T06:00:00Z",
    "resources": [],
    "detail": {},
}
