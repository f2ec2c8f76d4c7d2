"""How clients of AWS are made."""

import subprocess
import sys
from typing import Any

import pytest

from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.errors import ConfigurationError, UnavailableError
from tests.families import aws_settings


@pytest.mark.parametrize("name", ["s3", "dynamodb", "sqs", "textract"])
def test_timeouts_and_retries_are_said_and_not_defaulted(aws: None, name: str) -> None:
    config = getattr(AwsClients(), name)().meta.config

    assert config.retries == {"mode": "standard", "total_max_attempts": 3}
    assert config.connect_timeout == 2
    assert config.read_timeout <= 30


def test_a_client_is_made_once(aws: None) -> None:
    clients = AwsClients()

    assert clients.s3() is clients.s3()


@pytest.mark.parametrize(("left", "waits"), [(2, 2), (9.9, 7), (15, 15), (1000, 60)])
def test_a_client_of_models_waits_no_longer_than_there_is_time(aws: None, left: float, waits: int) -> None:
    clients = AwsClients()
    client = clients.bedrock_runtime(left)
    config: Any = client.meta.config  # the stubs know neither

    assert config.read_timeout == waits
    assert config.retries == {"mode": "standard", "total_max_attempts": 1}
    assert clients.bedrock_runtime(left) is client


def test_no_model_is_asked_when_there_is_no_time(aws: None) -> None:
    with pytest.raises(UnavailableError, match="bedrock_no_time"):
        AwsClients().bedrock_runtime(1.9)


def test_the_family_does_not_load_boto3_before_it_is_used() -> None:
    program = (
        "import sys; from chalicelib.adapters.aws.family import AwsAdapters; from chalicelib.settings import Settings;"
        "family = AwsAdapters(Settings()); family.documents(); family.invoices(); family.dead_letters();"
        "family.ledger(); family.shared_state(); family.checkpoints();"
        "family.ocr(); family.model();"
        "print('boto3' in sys.modules)"
    )

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "False"


def test_a_missing_region_is_a_matter_of_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")

    with pytest.raises(ConfigurationError, match="NoRegion"):
        AwsAdapters(aws_settings()).dead_letters().depth()


def test_a_missing_queue_is_a_matter_of_configuration(aws: None) -> None:
    with pytest.raises(ConfigurationError):
        AwsAdapters(aws_settings()).dead_letters().send("x")
