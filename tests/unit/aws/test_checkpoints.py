"""What S3 is told and answers, beyond the contract of `Checkpoints`."""

import boto3
import pytest

from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.errors import ConfigurationError
from tests.builders import an_id
from tests.wire import Wire, an_answer


def test_a_checkpoint_is_encrypted_and_lies_beside_what_else_belongs_to_its_invoice(family: AwsAdapters) -> None:
    family.checkpoints().save("01K9Q0000000000000000000AA", "ocr-1.json", b"{}")

    key = "derived/01K9Q0000000000000000000AA/ocr-1.json"
    head = boto3.client("s3").head_object(Bucket=family._settings.bucket_name, Key=key)
    assert head["ServerSideEncryption"] == "AES256"


def test_a_role_that_may_not_list_is_a_matter_of_configuration_and_no_missing_checkpoint(family: AwsAdapters) -> None:
    """S3 answers *forbidden* for what is missing. To take that for `None` would pay for a step again."""
    forbidden = an_answer(403, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")
    Wire(family._clients.s3(), "GetObject", [forbidden])

    with pytest.raises(ConfigurationError):
        family.checkpoints().load(an_id(), "ocr-1.json")
