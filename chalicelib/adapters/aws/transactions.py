"""Transactions on the table, repeated when they meet another one in the same row."""

import random
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.adapters.aws.failures import TRANSACTION_CONFLICT, translated
from chalicelib.adapters.once import Once
from chalicelib.errors import UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

SERVICE = "dynamodb"
TRIES = 5


class Transactions:
    """Writes all or nothing.

    A request that botocore repeats because the answer was lost is recognised by its token, instead of failing its own
    condition.
    """

    def __init__(self, client: "Once[DynamoDBClient]", tries: int = TRIES) -> None:
        self._client = client
        self._tries = tries

    def write(self, items: Sequence["TransactWriteItemTypeDef"]) -> None:
        """Write all or nothing; `ConflictError` when a condition does not hold.

        DynamoDB cancels one of two transactions that meet in a row, and botocore does not try that again: we do.
        """
        for attempt in range(1, self._tries + 1):
            try:
                with translated(SERVICE):
                    self._client().transact_write_items(TransactItems=items)
            except UnavailableError as error:
                if error.code != TRANSACTION_CONFLICT or attempt == self._tries:
                    raise
                pause(attempt)
            else:
                return


def pause(attempt: int) -> None:
    """Wait a while that grows with the attempts and differs between rivals."""
    time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - spreads rivals, hides nothing
