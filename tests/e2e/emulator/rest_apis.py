"""ImportRestApi and PutRestApi: ministack reads such documents from CloudFormation only."""

import json
from collections.abc import Mapping
from typing import Any

from ministack.services import apigateway_v1 as gateway

Answer = tuple[int, Mapping[str, str], bytes]


def install() -> None:
    """Take definitions by the API as well."""
    otherwise = gateway.handle_request

    async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Mapping[str, Any]) -> Answer:
        match [method, *path.strip("/").split("/")]:
            case ["POST", "restapis"] if "mode" in query:
                return _created(json.loads(body), query)
            case ["PUT", "restapis", api_id]:
                return _overwritten(api_id, json.loads(body))
            case ["PATCH", "restapis", api_id] if api_id in gateway._rest_apis:
                return _changed(await otherwise(method, path, headers, body, query), gateway._rest_apis[api_id])
        return await otherwise(method, path, headers, body, query)  # type: ignore[no-any-return]

    gateway.handle_request = handle_request


def _created(document: Mapping[str, Any], query: Mapping[str, Any]) -> Answer:
    types = query.get("endpointConfigurationTypes") or ["EDGE"]
    configuration = {"types": types if isinstance(types, list) else [types]}
    api = gateway._rest_apis[gateway._import_rest_api(document, {"endpointConfiguration": configuration})]
    return _finished(api, document, 201)


def _overwritten(api_id: str, document: Mapping[str, Any]) -> Answer:
    api = gateway._rest_apis.get(api_id)
    if api is None:
        return gateway._v1_error("NotFoundException", "Invalid API identifier specified", 404)  # type: ignore[no-any-return]
    root = next(one for one in gateway._resources[api_id].values() if one["path"] == "/")
    root["resourceMethods"] = {}
    gateway._resources[api_id] = {root["id"]: root}
    gateway._authorizers_v1[api_id] = {}
    schemes = gateway._import_security_schemes(api_id, document)
    for path, item in document["paths"].items():
        gateway._import_path_item(api_id, path, item, schemes, document.get("security"))
    return _finished(api, document, 200)


def _changed(answer: Answer, api: dict[str, Any]) -> Answer:
    """A size is sent as text, and none as an empty one; it is kept and given as a number."""
    size = str(api.get("minimumCompressionSize") or "")
    api["minimumCompressionSize"] = int(size) if size else None
    return answer if answer[0] >= 400 else gateway._v1_response(gateway._rest_api_view(api), answer[0])  # type: ignore[no-any-return]


def _finished(api: dict[str, Any], document: Mapping[str, Any], status: int) -> Answer:
    api["name"] = document["info"]["title"]
    api["binaryMediaTypes"] = sorted(set(document.get("x-amazon-apigateway-binary-media-types", ())))
    return gateway._v1_response(gateway._rest_api_view(api), status)  # type: ignore[no-any-return]
