"""What AWS says, as sentences that say what to do."""

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
)

from ops.aws.failures import missing_permission, told
from ops.command import OpsError

DENIED = (
    "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: lambda:CreateFunction on resource: "
    "arn:aws:lambda:eu-central-1:123456789012:function:smart-invoice-dev because no identity-based policy allows it"
)
CHALICES = f"""ERROR - While sending your chalice handler code to Lambda to create_function
function "smart-invoice-dev", received the following error:

 An error occurred (AccessDeniedException) when calling the CreateFunction operation: {DENIED}
"""


def refused(code: str, message: str = "") -> str:
    """The sentence for an error of AWS."""
    error = ClientError({"Error": {"Code": code, "Message": message}}, "CreateFunction")
    with pytest.raises(OpsError) as caught, told():
        raise error
    return str(caught.value)


@pytest.mark.parametrize(
    ("code", "message", "sentence"),
    [
        ("AccessDeniedException", DENIED, "the permission lambda:CreateFunction on arn:aws:lambda:eu-central-1"),
        ("AccessDenied", "Access Denied", "the permission for CreateFunction is missing (Access Denied)"),
        ("ExpiredToken", "", "Your sign-in has expired. Please sign in"),
        ("InvalidClientTokenId", "", "does not know these credentials"),
        ("ThrottlingException", "", "asks for fewer calls (CreateFunction: ThrottlingException). Please wait"),
        ("TooManyRequestsException", "", "Please wait a minute and run this again"),
        ("Strange", "Something else.", "AWS refused CreateFunction: Strange: Something else."),
    ],
)
def test_what_aws_refuses_is_told_with_what_to_do(code: str, message: str, sentence: str) -> None:
    assert sentence in refused(code, message)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (NoCredentialsError(), "no credentials for AWS, or they have run out. Please sign in"),
        (NoRegionError(), "export AWS_REGION="),
        (ProfileNotFound(profile="work"), "(work) could not be found. Please correct AWS_PROFILE"),
        (
            EndpointConnectionError(endpoint_url="https://x"),
            "Please check the network, the region",
        ),
        (BotoCoreError(), "AWS could not be asked"),
    ],
)
def test_what_keeps_aws_from_being_asked_is_told_with_what_to_do(error: BotoCoreError, sentence: str) -> None:
    with pytest.raises(OpsError) as caught, told():
        raise error

    assert sentence in str(caught.value)


def test_a_permission_that_chalice_lacks_is_named_from_what_it_prints() -> None:
    assert "lambda:CreateFunction" in (missing_permission(CHALICES) or "")
    assert missing_permission("Creating deployment package.") is None
