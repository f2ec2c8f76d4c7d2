"""What AWS says when it does not want to, as a sentence that says what to do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

from ops.command import OpsError

_SIGN_IN = "Please sign in (aws sso login, aws configure, or the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)"
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_UNKNOWN = {"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidAccessKeyId"}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "Forbidden", "403"}
_SLOWER = {"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"}
_ACTION = re.compile(r"not authorized to perform:?\s+([a-zA-Z0-9-]+:\w+)(?: on resource:?\s+(\S+))?")


@contextmanager
def told() -> Iterator[None]:
    """Turn what boto3 raises into an `OpsError`."""
    try:
        yield
    except ClientError as error:
        raise OpsError(_refused(error)) from error
    except BotoCoreError as error:
        raise OpsError(_unreachable(error)) from error


def missing_permission(text: str) -> str | None:
    """The sentence about a permission that is missing, where `text` (an error of AWS, or Chalice's about one) has it.

    >>> missing_permission("User: arn:x is not authorized to perform: iam:CreateRole on resource: arn:y because …")
    'You may not do that: the permission iam:CreateRole on arn:y is missing. Please ask whoever manages the account.'
    """
    found = _ACTION.search(text)
    if not found:
        return None
    where = f" on {found[2]}" if found[2] else ""
    return f"You may not do that: the permission {found[1]}{where} is missing. Please ask whoever manages the account."


def code_of(error: ClientError) -> str:
    """AWS's short name of an error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _refused(error: ClientError) -> str:
    code, message = code_of(error), str(error.response.get("Error", {}).get("Message", ""))
    if code in _EXPIRED:
        return f"Your sign-in has expired. {_SIGN_IN} again."
    if code in _UNKNOWN:
        return f"AWS does not know these credentials ({code}). {_SIGN_IN}."
    if code in _DENIED:
        return missing_permission(message) or _unnamed_permission(error, message)
    if code in _SLOWER:
        return f"AWS asks for fewer calls ({error.operation_name}: {code}). Please wait a minute and run this again."
    return f"AWS refused {error.operation_name}: {code}: {message}"


def _unnamed_permission(error: ClientError, message: str) -> str:
    return f"You may not do that: the permission for {error.operation_name} is missing ({message})."


def _unreachable(error: BotoCoreError) -> str:
    if isinstance(error, NoCredentialsError | PartialCredentialsError | SSOError | TokenRetrievalError):
        return f"There are no credentials for AWS, or they have run out. {_SIGN_IN}."
    if isinstance(error, NoRegionError):
        return "No region is set. Please set one, for example: export AWS_REGION=eu-central-1"
    if isinstance(error, ProfileNotFound):
        return f"{error}. Please correct AWS_PROFILE."
    if isinstance(error, EndpointConnectionError):
        return f"{error} Please check the network, the region, and AWS_ENDPOINT_URL."
    return f"AWS could not be asked: {error}"
