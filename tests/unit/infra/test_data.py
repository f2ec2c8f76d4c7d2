"""`infra/data.yaml`: nothing is lost, nothing is open, and all of it is what the adapters expect."""

import json
import re
from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest

from chalicelib.adapters.aws import resources
from chalicelib.adapters.clock import SystemClock
from chalicelib.domain.upload import OCR_FOLDER, PREFIX, derived_folder
from chalicelib.settings import Settings
from local.http_server import PROJECT
from ops.grants import GRANTS, function_name
from tests.templates import ACCOUNT, Template

SETTINGS = Settings(stage="prod")
KEEPING = {
    "AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy",
    "AWS::KMS::Key", "AWS::KMS::Alias", "AWS::Logs::LogGroup",
}  # fmt: skip
PRODS = "210987654321"
DAY = 86_400


@pytest.fixture(scope="module")
def data() -> Template:
    """The template as most people deploy it."""
    return Template("data", Stage="prod")


@pytest.fixture(scope="module")
def optional() -> Template:
    """The template with every option."""
    return Template(
        "data",
        Stage="prod",
        CustomerKey="true",
        ReplicaRegion="eu-west-1",
        ReplicaKey="arn:aws:kms:eu-west-1:123456789012:key/x",
        ArchiveAfterDays="365",
        AlarmEmail="ops@example.com",
        CriticalUrl="https://example.com/page",
        ReaderAccount=PRODS,
    )


def timeouts() -> dict[str, int]:
    """The timeout of every function (seconds), as Chalice reads it."""
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    of = {name: one.get("lambda_timeout") for name, one in config["lambda_functions"].items()}
    return {name: of.get(name) or config["lambda_timeout"] for name in GRANTS}


def rules(template: Template, bucket: str = "Bucket") -> dict[str, dict[str, Any]]:
    """The lifecycle rules of a bucket."""
    return {rule["Id"]: rule for rule in template[bucket]["LifecycleConfiguration"]["Rules"]}


def denied(statements: list[dict[str, Any]], **asked: str) -> bool:
    """Whether a request whose context is `asked` (`SecureTransport`, `TlsVersion`) is denied."""
    return any(
        statement["Effect"] == "Deny" and statement["Principal"] == "*" and _applies(statement["Condition"], asked)
        for statement in statements
    )


def _applies(condition: dict[str, dict[str, str]], asked: dict[str, str]) -> bool:
    ((operator, ((key, limit),)),) = [(operator, tuple(keys.items())) for operator, keys in condition.items()]
    value = asked.get(key.partition(":")[2])
    if value is None:
        return False
    return value == limit if operator == "Bool" else operator == "NumericLessThan" and float(value) < float(limit)


# Names


def test_everything_has_the_name_that_the_app_looks_for(data: Template) -> None:
    assert data["Bucket"]["BucketName"] == f"{SETTINGS.bucket_name}-{ACCOUNT}"
    assert data["Table"]["TableName"] == SETTINGS.table_name
    assert data["DeadLetterQueue"]["QueueName"] == SETTINGS.dead_letter_queue_name
    assert data["ParkingQueue"]["QueueName"] == SETTINGS.parking_queue_name
    assert data["DeploymentsBucket"]["BucketName"] == f"smart-invoice-prod-deployments-{ACCOUNT}"
    topics = {topic["TopicName"] for topic in data.of_type("AWS::SNS::Topic").values()}
    assert topics == {"smart-invoice-prod-critical", "smart-invoice-prod-warning"}


def test_its_outputs_are_those_that_a_deployment_reads(data: Template) -> None:
    assert set(data.outputs) >= {
        "Bucket",
        "DeploymentsBucket",
        "Table",
        "DeadLetterQueueUrl",
        "ParkingQueueUrl",
        "CriticalTopic",
        "WarningTopic",
    }


@pytest.mark.parametrize("name", ["data", "monitoring", "replica"])
def test_a_template_is_as_small_as_cloudformation_takes_it(name: str) -> None:
    assert len(Template(name, Stage="prod").text.encode()) <= 51_200


# The table and the queues are what the adapters and their tests use


def test_the_table_is_the_one_that_the_adapters_were_tested_with(data: Template) -> None:
    wanted = resources.table(SETTINGS)

    assert {name: data["Table"][name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("DeadLetterQueue", resources.dead_letter_queue(SETTINGS)),
        ("ParkingQueue", resources.parking_queue(SETTINGS)),
    ],
)
def test_a_queue_is_the_one_that_the_adapters_were_tested_with(
    data: Template, name: str, wanted: dict[str, Any]
) -> None:
    shown = {key: str(data[name][key]).lower() for key in wanted["Attributes"]}

    assert (data[name]["QueueName"], shown) == (wanted["QueueName"], wanted["Attributes"])


def test_a_dead_letter_stays_hidden_for_six_times_the_timeout_of_reprocess(data: Template) -> None:
    assert data["DeadLetterQueue"]["VisibilityTimeout"] >= 6 * timeouts()["reprocess"]


def test_a_dead_letter_that_nobody_can_park_is_parked_before_it_expires(data: Template) -> None:
    queue, parking = data["DeadLetterQueue"], data["ParkingQueue"]
    redrive = queue["RedrivePolicy"]
    parked_after = redrive["maxReceiveCount"] * queue["VisibilityTimeout"]

    assert 2 * DAY < parked_after < queue["MessageRetentionPeriod"] == 4 * DAY  # reprocess itself parks after two days
    assert parking["MessageRetentionPeriod"] == 14 * DAY
    assert redrive["deadLetterTargetArn"] == "ParkingQueue.Arn"
    assert parking["RedriveAllowPolicy"]["sourceQueueArns"] == [
        f"arn:aws:sqs:eu-central-1:{ACCOUNT}:smart-invoice-prod-inference-dlq"
    ]


def test_the_table_comes_back_from_mistakes_and_costs_nothing_unused(data: Template) -> None:
    table = data["Table"]

    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["DeletionProtectionEnabled"] is True
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_what_holds_data_stays_when_its_stack_goes(optional: Template) -> None:
    kept = {name: one for name, one in optional.resources.items() if one["Type"] in KEEPING}

    assert {one["Type"] for one in kept.values()} == KEEPING
    assert len(kept) >= 17
    assert {one["DeletionPolicy"] for one in kept.values()} == {"RetainExceptOnCreate"}
    assert {one["UpdateReplacePolicy"] for one in kept.values()} == {"Retain"}


def test_the_table_which_nothing_could_take_back_is_made_when_all_else_is(optional: Template) -> None:
    """Otherwise a first creation that failed could not be rolled back. A subscription has nobody to wait for."""
    before: set[str] = set()
    names = ["Table"]
    while names:
        waits_for = set(awaited(optional.source["Resources"][names.pop()])) & set(optional.resources) - before
        before |= waits_for
        names += waits_for

    others = {name for name, one in optional.resources.items() if one["Type"] != "AWS::SNS::Subscription"}
    assert before == others - {"Table"}


def awaited(node: Any) -> Iterator[str]:
    """What a resource waits for: by `DependsOn`, or because it names it."""
    if isinstance(node, dict):
        on = node.get("DependsOn", [])
        yield from [on] if isinstance(on, str) else on
        yield from [str(node["Ref"])] if "Ref" in node else []
        yield from [str(node["Fn::GetAtt"][0])] if "Fn::GetAtt" in node else []
        yield from re.findall(r"\$\{(\w+)", str(node.get("Fn::Sub", "")))
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from awaited(child)


def test_the_table_can_be_freed_for_good_by_a_parameter() -> None:
    assert Template("data", Stage="prod", Protected="false")["Table"]["DeletionProtectionEnabled"] is False


# Nobody else reads it


@pytest.mark.parametrize("name", ["Bucket", "DeploymentsBucket"])
def test_a_bucket_is_private_versioned_and_encrypted(data: Template, optional: Template, name: str) -> None:
    bucket = data[name]

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert _encryption(bucket) == {"SSEAlgorithm": "AES256"}
    assert _encryption(optional[name]) == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "Key.Arn"}


def _encryption(bucket: dict[str, Any]) -> Any:
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    return rule["ServerSideEncryptionByDefault"]


@pytest.mark.parametrize("bucket", ["Bucket", "DeploymentsBucket"])
def test_a_bucket_answers_over_todays_tls_only(data: Template, bucket: str) -> None:
    policies = data.of_type("AWS::S3::BucketPolicy").values()
    (policy,) = [one for one in policies if one["Bucket"] == bucket]
    statements = policy["PolicyDocument"]["Statement"]

    assert denied(statements, SecureTransport="false")
    assert denied(statements, SecureTransport="true", TlsVersion="1.1")
    assert not denied(statements, SecureTransport="true", TlsVersion="1.2")
    assert {action for one in statements for action in [one["Action"]]} == {"s3:*"}
    assert all(one["Resource"] == [f"{bucket}.Arn", f"{bucket}.Arn/*"] for one in statements)


@pytest.mark.parametrize("queue", ["DeadLetterQueue", "ParkingQueue"])
def test_a_queue_answers_over_tls_only_and_is_encrypted(data: Template, optional: Template, queue: str) -> None:
    policies = data.of_type("AWS::SQS::QueuePolicy").values()
    (policy,) = [one for one in policies if one["Queues"] == [queue]]

    assert denied(policy["PolicyDocument"]["Statement"], SecureTransport="false")
    assert not denied(policy["PolicyDocument"]["Statement"], SecureTransport="true")
    assert (data[queue]["SqsManagedSseEnabled"], data[queue].get("KmsMasterKeyId")) == (True, None)
    assert (optional[queue].get("SqsManagedSseEnabled"), optional[queue]["KmsMasterKeyId"]) == (None, "Key.Arn")


@pytest.mark.parametrize("topic", ["CriticalTopic", "WarningTopic"])
def test_a_topic_takes_our_alarms_and_budgets_and_nobody_elses(data: Template, topic: str) -> None:
    policies = data.of_type("AWS::SNS::TopicPolicy").values()
    (policy,) = [one["PolicyDocument"]["Statement"] for one in policies if one["Topics"] == [topic]]
    allowed = {one["Principal"]["Service"]: one["Condition"] for one in policy if one["Effect"] == "Allow"}

    assert denied(policy, SecureTransport="false")
    assert set(allowed) == {"cloudwatch.amazonaws.com", "budgets.amazonaws.com"}
    assert all(one["StringEquals"] == {"aws:SourceAccount": ACCOUNT} for one in allowed.values())
    assert allowed["cloudwatch.amazonaws.com"]["ArnLike"]["aws:SourceArn"].endswith(":alarm:smart-invoice-prod-*")


def test_alarms_can_be_published_on_the_encrypted_topics(data: Template) -> None:
    """AWS's own key for SNS would keep CloudWatch from publishing, without a word."""
    statements = data["Key"]["KeyPolicy"]["Statement"]
    (alarms,) = [one for one in statements if one["Sid"] == "AlarmsAndBudgetsArePublished"]

    assert {topic["KmsMasterKeyId"] for topic in data.of_type("AWS::SNS::Topic").values()} == {"Key"}
    assert {"kms:Decrypt", "kms:GenerateDataKey*"} <= set(alarms["Action"])
    assert set(alarms["Principal"]["Service"]) == {"cloudwatch.amazonaws.com", "budgets.amazonaws.com"}


def test_only_functions_of_the_stage_reach_the_key_and_only_through_our_services(data: Template) -> None:
    (statement,) = [one for one in data["Key"]["KeyPolicy"]["Statement"] if one["Principal"] == {"AWS": "*"}]

    assert statement["Condition"]["StringEquals"]["kms:CallerAccount"] == ACCOUNT
    assert len(statement["Condition"]["StringEquals"]["kms:ViaService"]) == 3
    assert statement["Condition"]["ArnLike"] == {
        "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/smart-invoice-prod-*"
    }


def test_prods_account_reads_deployments_of_staging_and_nothing_else(optional: Template, data: Template) -> None:
    theirs = {"AWS": f"arn:aws:iam::{PRODS}:root"}
    policies = {one["Bucket"]: one["PolicyDocument"] for one in optional.of_type("AWS::S3::BucketPolicy").values()}
    opened = {bucket: [one for one in two["Statement"] if one["Effect"] == "Allow"] for bucket, two in policies.items()}
    (key,) = [one for one in optional["Key"]["KeyPolicy"]["Statement"] if one["Principal"] == theirs]

    assert opened["Bucket"] == []
    (read,) = opened["DeploymentsBucket"]
    assert (read["Principal"], read["Action"]) == (theirs, ["s3:GetObject", "s3:ListBucket"])
    assert key["Action"] == "kms:Decrypt"
    assert key["Condition"]["ArnLike"] == {
        "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::smart-invoice-prod-deployments-*"
    }
    assert PRODS not in json.dumps(data.resources)
    assert not [one for one in data["Key"]["KeyPolicy"]["Statement"] if one["Sid"] == "ReaderReadsDeployments"]


# What is removed by itself


def test_no_rule_removes_the_newest_version_of_an_original_or_of_an_outcome(optional: Template) -> None:
    expiring = [rule for rule in rules(optional).values() if "ExpirationInDays" in rule or "Expiration" in rule]

    assert [(rule["Prefix"], rule["ExpirationInDays"]) for rule in expiring] == [(OCR_FOLDER, 14)]
    assert expiring[0]["ExpirationInDays"] > 7  # for so long Textract knows a job, and may read its pages


def test_what_was_replaced_or_not_finished_is_forgotten(data: Template) -> None:
    assert rules(data)["end-unfinished-uploads"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    originals, results = rules(data)["originals"], rules(data)["forget-replaced-results"]
    assert (originals["Prefix"], originals["NoncurrentVersionExpiration"]) == (PREFIX, {"NoncurrentDays": 3650})
    assert derived_folder(SystemClock().new_id()).startswith(results["Prefix"])
    assert results["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert "Transitions" not in originals


@pytest.mark.parametrize("template", ["data", "replica"])
def test_no_prefix_of_a_rule_contains_that_of_another(template: str) -> None:
    """S3 may refuse rules whose prefixes overlap."""
    options = {"ArchiveAfterDays": "365"} if template == "data" else {}
    prefixes = [
        rule["Prefix"] for rule in rules(Template(template, Stage="prod", **options)).values() if "Prefix" in rule
    ]

    assert len(prefixes) == 3
    assert not [(one, other) for one, other in permutations(prefixes, 2) if other.startswith(one)]


def test_archived_originals_can_still_be_read_at_once(optional: Template) -> None:
    (transition,) = rules(optional)["originals"]["Transitions"]

    assert (transition["StorageClass"], str(transition["TransitionInDays"])) == ("GLACIER_IR", "365")


# Logs


def test_every_function_has_a_log_group_with_its_real_name_and_an_end(data: Template) -> None:
    groups = data.of_type("AWS::Logs::LogGroup").values()

    assert {group["LogGroupName"] for group in groups} == {
        f"/aws/lambda/{function_name(function, 'prod')}" for function in GRANTS
    }
    assert {group["RetentionInDays"] for group in groups} == {90}


# Options


def test_options_are_off_by_default(data: Template) -> None:
    assert "ReplicationConfiguration" not in data["Bucket"]
    assert "StreamSpecification" not in data["Table"]
    assert "SSESpecification" not in data["Table"]
    assert not data.of_type("AWS::SNS::Subscription")
    assert not data.of_type("AWS::IAM::Role")
    assert "DataKey" not in data.outputs


def test_a_copy_of_the_bucket_goes_to_the_one_that_its_template_makes(optional: Template) -> None:
    replica = Template("replica", Stage="prod", CustomerKey="true")
    (rule,) = optional["Bucket"]["ReplicationConfiguration"]["Rules"]
    written = json.dumps(optional["ReplicationRole"]["Policies"])

    assert rule["Destination"]["Bucket"] == f"arn:aws:s3:::{replica['Bucket']['BucketName']}"
    assert f"arn:aws:s3:::{replica['Bucket']['BucketName']}/*" in written
    assert rule["Destination"]["EncryptionConfiguration"]["ReplicaKmsKeyID"].startswith("arn:aws:kms:eu-west-1")
    assert replica["Bucket"]["VersioningConfiguration"] == {"Status": "Enabled"}
    assert rules(replica) == rules(Template("data", Stage="prod"))


def test_a_copied_table_has_the_stream_that_copies_are_made_from(optional: Template) -> None:
    assert optional["Table"]["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_a_customers_key_encrypts_table_and_logs_too(optional: Template) -> None:
    assert optional["Table"]["SSESpecification"]["KMSMasterKeyId"] == "Key.Arn"
    assert {one["KmsKeyId"] for one in optional.of_type("AWS::Logs::LogGroup").values()} == {"Key.Arn"}
    assert optional.outputs["DataKey"] == "Key.Arn"


def test_an_address_gets_both_kinds_of_alarms_and_a_pager_the_critical_ones(optional: Template) -> None:
    told = {(one["TopicArn"], one["Protocol"]) for one in optional.of_type("AWS::SNS::Subscription").values()}

    assert told == {("CriticalTopic", "email"), ("WarningTopic", "email"), ("CriticalTopic", "https")}
