"""Settings: read once from the environment, typed, frozen, and unforgiving about typing errors."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chalicelib.errors import ConfigurationError

PREFIX = "INVOICES_"


class Settings(BaseModel):
    """Everything that may differ between two deployments. Each is the variable `INVOICES_<NAME>`.

    >>> Settings.from_environment({"INVOICES_STAGE": "prod"}).table_name
    'smart-invoice-prod-invoices'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: str = Field(default="dev", pattern=r"^[a-z][a-z0-9-]{0,19}$", description="dev, staging, prod, local, …")
    adapters: str = Field(
        default="chalicelib.adapters.aws.family:AwsAdapters",
        pattern=r"^[\w.]+:\w+$",
        description="the family of adapters, as `module:class`",
    )
    bucket: str | None = Field(default=None, description="default smart-invoice-<stage>-invoices")
    table: str | None = Field(default=None, description="default smart-invoice-<stage>-invoices")
    dead_letter_queue: str | None = Field(default=None, description="default smart-invoice-<stage>-inference-dlq")
    parking_queue: str | None = Field(default=None, description="default smart-invoice-<stage>-inference-parking")
    data_dir: str = Field(default=".local", description="where the embedded adapters keep everything")
    bucket_url: str = Field(default="http://127.0.0.1:8001", description="where the embedded bucket's links point")
    kms_key: str | None = Field(default=None, description="KMS key for what S3 stores; S3's own encryption without")
    auth: bool = Field(default=True, description="whether clients need a token; false for one machine only")
    auth_seconds: int = Field(
        default=60, ge=0, le=300, description="for how long API Gateway remembers a token, even a revoked one"
    )
    log_level: str = Field(default="INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")

    max_request_bytes: int = Field(default=4_400_000, gt=0, description="what fits through API Gateway and Lambda")
    max_document_bytes: int = Field(default=50_000_000, gt=0)
    max_pages: int = Field(default=100, gt=0)
    max_pixels: int = Field(default=50_000_000, gt=0, description="of one image")
    max_image_side: int = Field(default=10_000, gt=0, description="pixels; Textract's own limit")
    max_xml_bytes: int = Field(default=10_000_000, gt=0)
    max_ocr_pages: int = Field(default=20, gt=0)
    read_seconds: float = Field(default=15.0, gt=0, description="wall clock for opening and reading one document")
    read_memory_bytes: int = Field(default=1_500_000_000, gt=0, description="address space of the reading process")
    ocr_seconds: float = Field(default=45.0, gt=0, description="the embedded OCR engine begins no page after that")
    link_seconds: int = Field(default=300, gt=0, le=3600, description="life of a link to an original")
    upload_seconds: int = Field(default=900, gt=0, le=900, description="life of a presigned upload")
    claim_seconds: int = Field(default=900, gt=0, description="how long a document stays with the one working on it")
    max_attempts: int = Field(default=5, gt=0, description="tries per invoice before it is failed for good")
    max_redrives: int = Field(default=3, ge=0, description="how often dead letters open a failed invoice again")
    lost_seconds: int = Field(default=600, gt=0, description="after that, an event that did not come is taken for lost")
    retry_lost_seconds: int = Field(
        default=3600, gt=0, description="the same for a repetition: a dead letter comes back after half an hour"
    )

    day_limit_usd: Decimal = Field(default=Decimal(5), ge=0, description="the most that paid readers may cost a day")
    month_limit_usd: Decimal = Field(default=Decimal(100), ge=0, description="the same for a month")
    invoice_limit_usd: Decimal = Field(default=Decimal("0.25"), ge=0, description="the same for one invoice, for good")
    max_backlog: int = Field(default=1000, gt=0, description="documents that may wait for money")
    switch_seconds: float = Field(
        default=5.0, gt=0, le=10, description="for how long mode, level and breakers are kept"
    )
    breaker_failures: int = Field(default=5, gt=0, description="in a row, before a provider is left alone")
    breaker_seconds: float = Field(default=60.0, gt=0, description="for how long it is left alone")
    shares: bool = Field(default=True, description="whether shares of Lambda, DynamoDB and S3 are booked")
    price_region: str = Field(default="us-east-1", pattern=r"^[a-z]{2}(-[a-z]+)+-\d$", description="whose prices count")
    models: str = Field(
        default="us.anthropic.claude-haiku-4-5-20251001-v1:0,us.amazon.nova-2-lite-v1:0",
        pattern=r"^([\w.:/-]+(,[\w.:/-]+)*)?$",
        description="ids of Bedrock models or inference profiles, the preferred one first; none: no model is asked",
    )
    thrift_models: str = Field(
        default="us.amazon.nova-2-lite-v1:0",
        pattern=r"^([\w.:/-]+(,[\w.:/-]+)*)?$",
        description="the same for when the budget runs low",
    )
    textract: bool = Field(default=True, description="whether Textract may read scans")
    textract_seconds: float = Field(default=60.0, gt=0, description="the longest wait for Textract")
    model_seconds: float = Field(default=15.0, gt=0, description="the longest wait for one answer of a model")
    reserve_seconds: float = Field(default=10.0, gt=0, description="kept free at the end of an invocation")

    @cached_property
    def bucket_name(self) -> str:
        """The bucket of originals; `on_s3_event` listens to its `uploads/`."""
        return self.bucket or f"smart-invoice-{self.stage}-invoices"

    @cached_property
    def table_name(self) -> str:
        """The DynamoDB table of invoices."""
        return self.table or f"smart-invoice-{self.stage}-invoices"

    @cached_property
    def dead_letter_queue_name(self) -> str:
        """The SQS queue that takes what `inference` could not do."""
        return self.dead_letter_queue or f"smart-invoice-{self.stage}-inference-dlq"

    @cached_property
    def parking_queue_name(self) -> str:
        """The SQS queue that keeps what `reprocess` cannot do either, for a person."""
        return self.parking_queue or f"smart-invoice-{self.stage}-inference-parking"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read every `INVOICES_*` variable; raise one `ConfigurationError` that names all mistakes."""
        given = {name[len(PREFIX) :].lower(): text for name, text in environment.items() if name.startswith(PREFIX)}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            mistakes = "; ".join(
                f"{PREFIX}{'_'.join(str(part) for part in item['loc']).upper()}: {item['msg']}"
                for item in error.errors()
            )
            raise ConfigurationError("bad_settings", f"Please correct these variables: {mistakes}") from None
