"""`infra/data.yaml` as moto's CloudFormation creates it, and the adapters on what came of it.

moto leaves out policies, filters and most settings of buckets; those are asserted on the template itself. What it does
create faithfully is the table with its indexes, the queues, the topics and the log groups. It knows the tags of a key
only as KMS spells them (`TagKey`), not as CloudFormation does (`Key`), so the key has none here.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.settings import Settings
from tests.builders import a_clock
from tests.contract import (
    test_checkpoints,
    test_document_store,
    test_invoice_store,
    test_ledger,
    test_queue,
    test_shared_state,
)
from tests.families import aws_settings, moto
from tests.templates import ACCOUNT, Template

# A short run of the contract: every index, every kind of row, objects and queues.
STORED: tuple[Callable[..., None], ...] = (
    test_invoice_store.test_a_registered_record_can_be_loaded,
    test_invoice_store.test_the_same_content_gives_the_first_invoice,
    test_invoice_store.test_two_equal_saves_of_one_revision_do_not_both_win,
    test_invoice_store.test_f58_an_outcome_of_any_size_comes_back,
    test_invoice_store.test_the_newest_invoice_comes_first,
    test_invoice_store.test_an_invoice_moves_from_list_to_list_with_its_status,
    test_invoice_store.test_a_list_of_one_decision_has_no_other,
    test_invoice_store.test_a_supplier_with_an_endless_name_is_stored_and_found,
    test_invoice_store.test_invoices_that_were_never_processed_do_not_count,
)
BOOKED: tuple[Callable[..., None], ...] = (
    test_ledger.test_workers_on_one_invoice_never_overspend_its_budget,
    test_ledger.test_days_are_listed_from_the_first_to_the_last_and_those_without_charges_are_absent,
    test_ledger.test_open_reservations_can_be_settled_while_they_are_listed,
)
SENT: tuple[Callable[..., None], ...] = (
    test_queue.test_every_message_sent_counts,
    test_queue.test_a_message_arrives_as_it_was_sent,
)


@pytest.fixture(scope="module")
def aws() -> Iterator[None]:
    """AWS itself."""
    with moto():
        yield


@pytest.fixture
def settings(aws: None) -> Settings:
    """The settings of a stage whose stack was created from the template."""
    stage = aws_settings().stage
    return Settings(stage=stage, bucket=created(stage)["Bucket"])


@pytest.fixture
def family(settings: Settings) -> AwsAdapters:
    """The AWS family, on what the template created."""
    return AwsAdapters(settings, a_clock())


def created(stage: str) -> dict[str, str]:
    """Create the stack of a stage, and return its outputs."""
    name = f"smart-invoice-{stage}-data"
    client = boto3.client("cloudformation")
    with pytest.warns(UserWarning, match="not supported by moto's CloudFormation"):
        client.create_stack(
            StackName=name,
            TemplateBody=_without_tags_of_keys(Template("data", Stage=stage).text),
            Parameters=[{"ParameterKey": "Stage", "ParameterValue": stage}],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
    (stack,) = client.describe_stacks(StackName=name)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    return {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}


def _without_tags_of_keys(template: str) -> str:
    text, found = re.subn(r"(Description: !Sub Smart Invoice .*\n(?: +#.*\n)*) +Tags: .*\n", r"\1", template)
    assert found == 1
    return text


def test_the_outputs_name_what_was_created(aws: None) -> None:
    outputs = created("prod")

    assert outputs["Bucket"] == f"smart-invoice-prod-invoices-{ACCOUNT}"
    boto3.client("s3").head_bucket(Bucket=outputs["DeploymentsBucket"])
    for name, queue in (("DeadLetterQueueUrl", "inference-dlq"), ("ParkingQueueUrl", "inference-parking")):
        assert outputs[name] == boto3.client("sqs").get_queue_url(QueueName=f"smart-invoice-prod-{queue}")["QueueUrl"]
    topics = {topic["TopicArn"] for topic in boto3.client("sns").list_topics()["Topics"]}
    assert {outputs["CriticalTopic"], outputs["WarningTopic"]} <= topics


@pytest.mark.parametrize("contract", STORED)
def test_invoices_keep_their_contract(family: AwsAdapters, contract: Callable[[Any], None]) -> None:
    contract(family.invoices())


@pytest.mark.parametrize("contract", BOOKED)
def test_the_ledger_keeps_its_contract(family: AwsAdapters, contract: Callable[[Any], None]) -> None:
    contract(family.ledger())


@pytest.mark.parametrize("contract", SENT)
def test_queues_keep_their_contract(family: AwsAdapters, contract: Callable[[Any], None]) -> None:
    contract(family.dead_letters())


def test_objects_and_shared_facts_keep_their_contract(family: AwsAdapters) -> None:
    test_document_store.test_a_second_put_replaces_the_first(family.documents())
    test_checkpoints.test_the_last_to_be_kept_stays(family.checkpoints())
    test_shared_state.test_a_save_replaces_the_same_revision_and_counts(family.shared_state())
