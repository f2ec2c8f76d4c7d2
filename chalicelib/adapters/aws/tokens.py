"""What is kept of clients' tokens, as rows of the table."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from chalicelib.adapters.aws import resources
from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.adapters.aws.rows import Row
from chalicelib.adapters.aws.table import MAX_KEYS, Table
from chalicelib.adapters.listing import timestamp
from chalicelib.domain.client_token import ClientToken
from chalicelib.errors import ConflictError, NotFoundError
from chalicelib.settings import Settings

_KIND = "token"
_ROW = "TOKEN"
_SHA256 = "sha256"
_TOKEN = "token"  # noqa: S105 - the name of an attribute


class DynamoTokenStore:
    """Tokens as rows `TOKEN#<sha256>`: the authorizer reads just one, as it is now. Lists go by the index of times."""

    def __init__(self, settings: Settings, clients: AwsClients) -> None:
        self._table = Table(settings, clients)

    def add(self, token: ClientToken) -> None:
        """Keep a new token."""
        try:
            self._table.write([self._table.new(_row(token))])
        except ConflictError as error:
            raise ConflictError("token_exists", "This token is there already.") from error

    def find(self, sha256: str) -> ClientToken | None:
        """The token with this hash as it is now, or `None`."""
        row = self._table.get(_key(sha256))
        return _from_row(row) if row else None

    def listed(self) -> tuple[ClientToken, ...]:
        """All tokens, the oldest first. What was added within the last second may be missing."""
        keys = self._keys()
        found: list[ClientToken] = []
        while some := list(islice(keys, MAX_KEYS)):
            found += [_from_row(row) for row in self._table.get_all(some)]
        return tuple(found)

    def replace(self, token: ClientToken) -> None:
        """Replace the token with the same hash; `NotFoundError` when there is none."""
        try:
            self._table.write([self._table.replaced(_row(token), _SHA256, {"S": token.sha256})])
        except ConflictError as error:
            raise NotFoundError("token_not_found", "This token is not there (any more).") from error

    def remove(self, sha256: str) -> None:
        """Remove the token with this hash; return if there is none."""
        if self._table.get(_key(sha256)) is None:
            return
        self._table.write([self._table.removed(_key(sha256), _SHA256, {"S": sha256})])

    def _keys(self) -> Iterator[Row]:
        request: Mapping[str, Any] = {
            "IndexName": resources.BY_TIME.name,
            "KeyConditionExpression": "#kind = :kind",
            "ExpressionAttributeNames": {"#kind": resources.KIND},
            "ExpressionAttributeValues": {":kind": {"S": _KIND}},
            "ProjectionExpression": f"{resources.PARTITION}, {resources.SORT}",
        }
        for answer in self._table.answers(request):
            yield from answer["Items"]


def _key(sha256: str) -> Row:
    return {resources.PARTITION: {"S": f"TOKEN#{sha256}"}, resources.SORT: {"S": _ROW}}


def _row(token: ClientToken) -> Row:
    texts = {
        resources.KIND: _KIND,
        resources.POSITION: f"{timestamp(token.created_at)}#{token.sha256}",
        _SHA256: token.sha256,
        _TOKEN: token.model_dump_json(),
    }
    return {**_key(token.sha256), **{name: {"S": text} for name, text in texts.items()}}


def _from_row(row: Mapping[str, Any]) -> ClientToken:
    return ClientToken.model_validate_json(row[_TOKEN]["S"])
