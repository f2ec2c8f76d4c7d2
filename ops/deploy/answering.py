"""Whether a deployed API answers at all, before anything more is asked of it."""

import time
import urllib.error
import urllib.request

_TRIES, _PAUSE_SECONDS, _PATIENCE_SECONDS = 10, 2.0, 20.0


def answers(url: str) -> str | None:
    """`None` when `GET /health` of the API at `url` is answered with 200, else what came, after some tries.

    A new API needs a moment until all of API Gateway knows it.
    """
    problem: str | None = None
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_PAUSE_SECONDS)
        problem = _asked(f"{url}health")
        if problem is None:
            return None
    return problem


def _asked(url: str) -> str | None:
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE_SECONDS):  # noqa: S310 - our own API
            return None
    except urllib.error.HTTPError as error:
        return f"GET {url} is answered with {error.code}."
    except OSError as error:
        return f"GET {url} is not answered: {error}."
