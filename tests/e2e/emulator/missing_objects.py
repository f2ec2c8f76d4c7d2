"""What is not in a bucket: who may not list it gets 403 instead of 404, as the page of GetObject says."""

from collections.abc import Mapping
from typing import Any

import ministack.app
from ministack.core import router

from tests.e2e.emulator.journal import may

Answer = tuple[int, dict[str, str], bytes]

_FORBIDDEN = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


def install() -> None:
    """Look at S3's answers."""
    otherwise = ministack.app.SERVICE_HANDLERS["s3"]

    async def handle(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any) -> Answer:
        status, answered, content = await otherwise(method, path, headers, body, query)
        bucket, _, key = path.lstrip("/").partition("/")
        if status == 404 and key and method in {"GET", "HEAD"} and not _may_list(bucket, headers, query):
            return 403, {"Content-Type": "application/xml"}, b"" if method == "HEAD" else _FORBIDDEN
        return status, answered, content

    ministack.app.SERVICE_HANDLERS["s3"] = handle


def _may_list(bucket: str, headers: Mapping[str, str], query: Any) -> bool:
    return may(router.extract_access_key_id(headers, query), "s3:ListBucket", f"arn:aws:s3:::{bucket}")
