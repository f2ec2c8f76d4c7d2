"""The deployed API as a client sees it, over HTTP."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, NamedTuple

_PATIENCE_SECONDS = 35.0  # API Gateway itself gives up after 29


class Reply(NamedTuple):
    """What came back; status 0 and the reason when nothing did."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object in it, empty when there is none."""
        try:
            found = json.loads(self.content)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def code(self) -> str | None:
        """The code of an error in the app's own shape."""
        error = self.body.get("error")
        return str(error.get("code")) if isinstance(error, dict) else None

    def described(self) -> str:
        """For a sentence: status and code, or the beginning of what came instead."""
        if not self.status:
            return f"no answer ({self.content.decode(errors='replace')})"
        told = self.code or self.content[:200].decode(errors="replace")
        return f"{self.status} {told}".strip()


class ApiClient:
    """Calls the API at `url`, with a token unless a call says otherwise."""

    def __init__(self, url: str, token: str | None) -> None:
        self.url = url.rstrip("/")
        self._token = token

    def call(
        self, method: str, path: str, body: bytes | None = None, media_type: str = "", token: str | None = ""
    ) -> Reply:
        """Send a request; `token` is another one for it, `None` for none."""
        used = self._token if token == "" else token
        headers = {"Authorization": f"Bearer {used}"} if used else {}
        if media_type:
            headers["Content-Type"] = media_type
        return fetched(urllib.request.Request(self.url + path, body, headers, method=method))  # noqa: S310 - an operator's


def fetched(request: urllib.request.Request) -> Reply:
    """The answer to a request, whatever it is; links are not followed."""
    try:
        with _opener.open(request, timeout=_PATIENCE_SECONDS) as answer:
            return Reply(answer.status, dict(answer.headers), answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, dict(error.headers), error.read())
    except OSError as error:
        return Reply(0, {}, str(getattr(error, "reason", None) or error).encode())


class _Staying(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Show where a link leads instead of following it with our token."""


_opener = urllib.request.build_opener(_Staying)
