"""What S3 is told, beyond the contract of `DocumentStore`."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from chalicelib.adapters.aws import resources
from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.domain.document import DocumentRef, MediaType
from chalicelib.errors import ConfigurationError, RejectedError
from chalicelib.settings import Settings
from tests.builders import a_document
from tests.families import an_aws_family, aws_settings

KEY = "uploads/2026/11/23/01JDCJ5J3M8Q4V0W2X6Y7Z9A1B/invoice.pdf"
KMS_KEY = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"


def test_an_object_is_encrypted_and_knows_its_kind(family: AwsAdapters) -> None:
    family.documents().put(KEY, a_document(), MediaType.PDF)

    head = head_of(family._settings, KEY)
    assert (head["ServerSideEncryption"], head["ContentType"]) == ("AES256", "application/pdf")


def test_an_object_is_encrypted_with_the_configured_key(aws: None) -> None:
    family = an_aws_family(kms_key=KMS_KEY)

    family.documents().put(KEY, a_document(), MediaType.PDF)

    head = head_of(family._settings, KEY)
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", KMS_KEY)


def test_a_document_is_read_in_the_version_of_its_event(family: AwsAdapters) -> None:
    s3, bucket = boto3.client("s3"), family._settings.bucket_name
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=bucket, Key=KEY, Body=b"one")["VersionId"]
    family.documents().put(KEY, b"two", MediaType.PDF)

    assert family.documents().get(DocumentRef(key=KEY, version_id=version)) == b"one"
    assert family.documents().get(DocumentRef(key=KEY)) == b"two"


def test_an_object_larger_than_any_document_may_be_is_not_loaded(aws: None) -> None:
    family = an_aws_family(max_document_bytes=1000)
    family.documents().put(KEY, b"x" * 1001, MediaType.PDF)

    with pytest.raises(RejectedError, match="1,000 bytes") as told:
        family.documents().get(DocumentRef(key=KEY))

    assert told.value.code == "too_large"


def test_a_link_is_signed_for_the_buckets_region_and_ends_in_time(family: AwsAdapters) -> None:
    link = urlsplit(family.documents().link(KEY, "a.pdf", 300))
    query = parse_qs(link.query)

    assert link.hostname == f"{family._settings.bucket_name}.s3.eu-central-1.amazonaws.com"
    assert query["X-Amz-Expires"] == ["300"]
    assert query["response-content-disposition"] == ["attachment; filename=\"a.pdf\"; filename*=UTF-8''a.pdf"]


def test_f66_a_form_allows_one_key_one_kind_one_size_and_nothing_unencrypted_or_late(family: AwsAdapters) -> None:
    form = family.documents().upload_form(KEY, MediaType.PDF, max_bytes=50_000_000, seconds=900)
    policy = json.loads(base64.b64decode(form.fields["policy"]))
    conditions = policy["conditions"]

    assert {"key": KEY} in conditions
    assert {"bucket": family._settings.bucket_name} in conditions
    assert {"Content-Type": "application/pdf"} in conditions
    assert {"x-amz-server-side-encryption": "AES256"} in conditions
    assert ["content-length-range", 1, 50_000_000] in conditions
    assert not [condition for condition in conditions if "starts-with" in condition]
    left = datetime.fromisoformat(policy["expiration"]) - datetime.now(UTC)
    assert timedelta() < left <= timedelta(seconds=900)
    assert form.fields["x-amz-server-side-encryption"] == "AES256"
    assert form.url == f"https://{family._settings.bucket_name}.s3.eu-central-1.amazonaws.com/"


def test_a_form_asks_for_the_configured_key(aws: None) -> None:
    form = an_aws_family(kms_key=KMS_KEY).documents().upload_form(KEY, MediaType.PDF, max_bytes=100, seconds=900)

    assert form.fields["x-amz-server-side-encryption"] == "aws:kms"
    assert form.fields["x-amz-server-side-encryption-aws-kms-key-id"] == KMS_KEY


def test_a_missing_bucket_is_a_matter_of_configuration(aws: None) -> None:
    documents = AwsAdapters(aws_settings()).documents()

    for call in (documents.check, lambda: documents.put(KEY, b"x", MediaType.PDF)):
        with pytest.raises(ConfigurationError):
            call()
    with pytest.raises(ConfigurationError):
        documents.get(DocumentRef(key=KEY))


def head_of(settings: Settings, key: str) -> Any:
    """What S3 knows of an object."""
    return boto3.client("s3").head_object(Bucket=settings.bucket_name, Key=key)


def test_a_listed_document_names_its_newest_version(family: AwsAdapters) -> None:
    s3, bucket = boto3.client("s3"), family._settings.bucket_name
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"one")
    newest = s3.put_object(Bucket=bucket, Key=KEY, Body=b"two")["VersionId"]

    assert [one.ref for one in family.documents().listed("uploads/")] == [DocumentRef(key=KEY, version_id=newest)]


def test_a_document_in_a_bucket_without_versions_is_listed_as_its_event_names_it(family: AwsAdapters) -> None:
    family.documents().put(KEY, b"one", MediaType.PDF)

    assert [one.ref for one in family.documents().listed("uploads/")] == [DocumentRef(key=KEY)]


def test_a_deleted_document_is_not_listed(family: AwsAdapters) -> None:
    s3, bucket = boto3.client("s3"), family._settings.bucket_name
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"one")
    s3.delete_object(Bucket=bucket, Key=KEY)

    assert list(family.documents().listed("uploads/")) == []


def test_a_long_list_is_asked_for_page_by_page(family: AwsAdapters) -> None:
    s3, bucket = boto3.client("s3"), family._settings.bucket_name
    keys = [f"uploads/{number:04}.pdf" for number in range(1003)]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")

    assert [one.ref.key for one in family.documents().listed("uploads/")] == keys


def test_parked_messages_outlive_dead_letters_and_are_encrypted(family: AwsAdapters) -> None:
    dead, parked = (
        resource(family._settings)["Attributes"] for resource in (resources.dead_letter_queue, resources.parking_queue)
    )

    assert int(parked["MessageRetentionPeriod"]) == 14 * 86_400 > int(dead["MessageRetentionPeriod"])
    assert parked["SqsManagedSseEnabled"] == "true"
