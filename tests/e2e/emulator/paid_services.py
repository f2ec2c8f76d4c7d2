"""Textract and Bedrock: the role's policy decides as AWS says it does, and a fake behind E2E_TEXTRACT or E2E_BEDROCK answers.

Converse needs `bedrock:InvokeModel`, on an inference profile and on the model behind it; Textract reads an object with
the permission of whoever names it. Both are said in the services' own IAM pages.
"""

import asyncio
import json
import os
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.parse import unquote
from urllib.request import Request, urlopen

import ministack.app
from ministack.core import iam_actions, router
from ministack.core.responses import get_account_id

from tests.e2e.emulator.journal import may

Answer = tuple[int, dict[str, str], bytes]

_TEXTRACT, _BEDROCK = "textract", "bedrock-runtime"
_CONVERSE = re.compile(r"/model/([^/]+)/converse")
_PROFILE = re.compile(r"(us|eu|apac|jp|au|global)\.(.+)")
_PATIENCE_SECONDS = 60


def install() -> None:
    """Add Textract, and put the fakes behind both."""
    router.SERVICE_PATTERNS[_TEXTRACT] = {"target_prefixes": ["Textract."], "credential_scope": _TEXTRACT}
    iam_actions.SERVICE_TO_IAM_NAMESPACE[_TEXTRACT] = _TEXTRACT
    ministack.app.SERVICE_HANDLERS[_TEXTRACT] = _forwarding("E2E_TEXTRACT", _what_textract_reads)
    ministack.app.SERVICE_HANDLERS[_BEDROCK] = _forwarding("E2E_BEDROCK", _the_model_behind)
    _name_actions_as_bedrock()


def _name_actions_as_bedrock() -> None:
    action_of, resource_of = iam_actions.extract_iam_action, iam_actions.extract_resource_arn

    def extract_iam_action(service: str, method: str, path: str, *rest: Any) -> Any:
        return "bedrock:InvokeModel" if _CONVERSE.fullmatch(path) else action_of(service, method, path, *rest)

    def extract_resource_arn(service: str, method: str, path: str, *rest: Any) -> Any:
        if _CONVERSE.fullmatch(path):
            return _model_arn(path, region=rest[-2])
        return resource_of(service, method, path, *rest)

    iam_actions.extract_iam_action = extract_iam_action
    iam_actions.extract_resource_arn = extract_resource_arn


def _model_arn(path: str, region: str) -> str:
    model = _model(path)
    if _PROFILE.fullmatch(model):
        return f"arn:aws:bedrock:{region}:{get_account_id()}:inference-profile/{model}"
    return f"arn:aws:bedrock:{region}::foundation-model/{model}"


def _model(path: str) -> str:
    found = _CONVERSE.fullmatch(path)
    return unquote(found[1]) if found else ""


def _the_model_behind(path: str, _body: bytes, region: str) -> tuple[str, str] | None:
    profile = _PROFILE.fullmatch(_model(path))
    return ("bedrock:InvokeModel", f"arn:aws:bedrock:{region}::foundation-model/{profile[2]}") if profile else None


def _what_textract_reads(_path: str, body: bytes, _region: str) -> tuple[str, str] | None:
    asked = json.loads(body or b"{}")
    named = (asked.get("Document") or asked.get("DocumentLocation") or {}).get("S3Object")
    return ("s3:GetObject", f"arn:aws:s3:::{named['Bucket']}/{named['Name']}") if named else None


def _forwarding(variable: str, needed: Callable[[str, bytes, str], tuple[str, str] | None]) -> Any:
    async def handle(method: str, path: str, headers: Mapping[str, str], body: bytes, _query: Any) -> Answer:
        region = router.extract_region(headers)
        if also := needed(path, body, region):
            action, resource = also
            if not may(router.extract_access_key_id(headers), action, resource):
                return 400, {"x-amzn-ErrorType": "AccessDeniedException"}, _refusal(action, resource)
        return await asyncio.to_thread(_asked, os.environ[variable] + path, method, headers, body)

    return handle


def _refusal(action: str, resource: str) -> bytes:
    return json.dumps({"__type": "AccessDeniedException", "message": f"not authorized: {action} on {resource}"}).encode()


def _asked(url: str, method: str, headers: Mapping[str, str], body: bytes) -> Answer:
    passed = {name: text for name, text in headers.items() if name in {"x-amz-target", "content-type"}}
    try:
        with urlopen(Request(url, body, passed, method=method), timeout=_PATIENCE_SECONDS) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except HTTPError as error:
        return error.code, dict(error.headers), error.read()
