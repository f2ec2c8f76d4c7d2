"""The estimated share of one document in what all of them together cost: Lambda, DynamoDB, S3, API Gateway.

AWS bills these by month and account, so nobody can know the share exactly. What is assumed stands in `Work`, and leans
towards too much.
"""

from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from chalicelib.domain.usage import Usage

_MIB_PER_GB = 1024  # Lambda's GB is 1,024 MB
_BYTES_PER_GB = 2**30  # and so is that of S3
_MILLISECOND = Decimal("0.001")


class Work(NamedTuple):
    """What was done for one document.

    `seconds` of the function that read it, with `lambda_memory` MB. The rest is what a document needs as a rule: two
    requests from outside (it is sent, and its result is asked for), an invocation of 0.3 s and 512 MB for each, the
    reads and writes of its rows and charges, and its original and the kept answers in S3 for a year. Reads and writes
    are in DynamoDB's units of 4 and 1 KB, doubled in transactions: seven transactions of 20 items, with their indexes,
    are about 80, and each paid call is 16 more.
    """

    seconds: float
    byte_count: int = 0
    lambda_memory: int = 1769
    architecture: str = "x86_64"
    requests: int = 2
    request_seconds: float = 0.3
    request_memory: int = 512
    write_units: int = 100
    read_units: int = 20
    puts: int = 5
    gets: int = 5
    months: int = 12
    other_bytes: int = 200_000


def shares_of(work: Work) -> tuple[Usage, ...]:
    """What the document used, one `Usage` a service.

    >>> [usage.service for usage in shares_of(Work(seconds=1.5, byte_count=48_211))]
    ['lambda', 'dynamodb', 's3', 'apigateway']
    """
    return (
        Usage.of("lambda", work.architecture, gb_seconds=_gb_seconds(work), requests=1 + work.requests),
        Usage.of("dynamodb", "on_demand", write_units=work.write_units, read_units=work.read_units),
        Usage.of("s3", "Standard", write_units=work.puts, read_units=work.gets, gb_months=_gb_months(work)),
        Usage.of("apigateway", "rest", requests=work.requests),
    )


def _gb_seconds(work: Work) -> Decimal:
    """Lambda bills memory × time, each invocation rounded up to the millisecond."""
    reading = _billed(work.seconds) * work.lambda_memory
    asking = _billed(work.request_seconds) * work.request_memory * work.requests
    return (reading + asking) / _MIB_PER_GB


def _billed(seconds: float) -> Decimal:
    return Decimal(max(seconds, 0.0)).quantize(_MILLISECOND, ROUND_CEILING)


def _gb_months(work: Work) -> Decimal:
    return Decimal((work.byte_count + work.other_bytes) * work.months) / _BYTES_PER_GB
