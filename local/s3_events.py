"""The events that S3 sends when an object was created, as it sends them."""

import json
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote_plus

_REGION = "local"
_OWNER = {"principalId": "local"}


class Creation(NamedTuple):
    """What happened: `name` is S3's (`ObjectCreated:Put`, `ObjectCreated:Post`); `etag` the MD5 of the content.

    `sequence` is greater than that of every earlier event of the same key.
    """

    name: str
    bucket: str
    key: str
    byte_count: int
    etag: str
    time: datetime
    version_id: str
    sequence: int


def object_created(creation: Creation) -> str:
    """The notification as JSON text, with the key encoded as in a form (`+` is a space)."""
    when = creation.time.astimezone(UTC)
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": _REGION,
        "eventTime": when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z",
        "eventName": creation.name,
        "userIdentity": _OWNER,
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "inference",
            "bucket": {
                "name": creation.bucket,
                "ownerIdentity": _OWNER,
                "arn": f"arn:aws:s3:::{creation.bucket}",
            },
            "object": {
                "key": quote_plus(creation.key, safe="/"),
                "size": creation.byte_count,
                "eTag": creation.etag,
                "versionId": creation.version_id,
                "sequencer": f"{creation.sequence:018X}",
            },
        },
    }
    return json.dumps({"Records": [record]})
