"""What each function may do, for one stage: the one source of the policy files in `.chalice/`.

No statement names an action by a wildcard. Only Textract and X-Ray, which know no resources, get `*` as theirs.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from chalicelib.settings import Settings

APP = "smart-invoice"
API = "api_handler"  # Chalice's name for it in .chalice/config.json; its function has only app and stage in its name

Statement = Mapping[str, Any]

_PROFILE = re.compile(r"(?:[a-z]{2,6}(?:-gov)?)\.(?P<model>[a-z0-9]+\..+)")
_BUCKETS = "arn:aws:s3:::"
_ACCOUNT = "?" * 12
_PREFIXES = ("uploads/", "derived/")


class Names(NamedTuple):
    """The resources of one stage, as ARNs; those of queues and tables in whatever account and region this runs."""

    stage: str
    bucket: str
    table: str
    dead_letters: str
    parking: str
    models: tuple[str, ...]

    @classmethod
    def of(cls, settings: Settings) -> "Names":
        """The names that a stage's settings give.

        The bucket's default ends with the account's twelve digits, which nobody knows before the first deployment:
        until it stands in the settings, any twelve fit. That opens nobody else's bucket: its owner would have to allow
        it, and the app would have to be told its name.
        """
        queue = "arn:aws:sqs:*:*:"
        return cls(
            stage=settings.stage,
            bucket=f"{_BUCKETS}{settings.bucket or f'{settings.bucket_name}-{_ACCOUNT}'}",
            table=f"arn:aws:dynamodb:*:*:table/{settings.table_name}",
            dead_letters=f"{queue}{settings.dead_letter_queue_name}",
            parking=f"{queue}{settings.parking_queue_name}",
            models=tuple(dict.fromkeys(f"{settings.models},{settings.thrift_models}".strip(",").split(","))),
        )


def statements(function: str, names: Names) -> Sequence[Statement]:
    """What a function of `.chalice/config.json` may do; `KeyError` for one that nobody has thought about."""
    granted = (grant(names) for grant in GRANTS[function])
    return [*(one for one in granted if one["Resource"]), _write_logs(function, names), _trace()]


def function_name(function: str, stage: str) -> str:
    """What a function is called in AWS.

    >>> function_name("inference", "prod"), function_name("api_handler", "prod")
    ('smart-invoice-prod-inference', 'smart-invoice-prod')
    """
    return f"{APP}-{stage}" if function == API else f"{APP}-{stage}-{function}"


def model_arns(model: str) -> list[str]:
    r"""What must be allowed for a model to be asked: itself, or a profile with its model in every region it may choose.

    >>> print(*model_arns("us.amazon.nova-2-lite-v1:0"), sep="\n")
    arn:aws:bedrock:*:*:inference-profile/us.amazon.nova-2-lite-v1:0
    arn:aws:bedrock:*::foundation-model/amazon.nova-2-lite-v1:0

    A profile of one's own does not say which model it is of:

    >>> model_arns("arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/x")[1]
    'arn:aws:bedrock:*::foundation-model/*'
    """
    kind, _, name = model.rpartition("/")
    foundation = "arn:aws:bedrock:*::foundation-model/"
    if "application-inference-profile" in kind:
        return [model, f"{foundation}*"]
    if profile := _PROFILE.fullmatch(name):
        given = model if kind else f"arn:aws:bedrock:*:*:inference-profile/{name}"
        return [given, f"{foundation}{profile['model']}"]
    return [model if kind else f"{foundation}{name}"]


def _statement(sid: str, actions: Sequence[str], *resources: str, **condition: Any) -> Statement:
    statement: dict[str, Any] = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    return statement | ({"Condition": condition} if condition else {})


def _read_originals(names: Names) -> Statement:
    return _statement("ReadOriginals", ["s3:GetObject", "s3:GetObjectVersion"], f"{names.bucket}/uploads/*")


def _store_originals(names: Names) -> Statement:
    actions = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    return _statement("StoreAndHandOutOriginals", actions, f"{names.bucket}/uploads/*")


def _keep_derived(names: Names) -> Statement:
    return _statement("KeepDerived", ["s3:GetObject", "s3:PutObject"], f"{names.bucket}/derived/*")


def _read_derived(names: Names) -> Statement:
    return _statement("ReadDerived", ["s3:GetObject"], f"{names.bucket}/derived/*")


def _tell_missing_from_forbidden(names: Names) -> Statement:
    """Without it, S3 answers 403 and not 404 when an object is not there."""
    return _statement("TellMissingFromForbidden", ["s3:ListBucket"], names.bucket)


def _erase(names: Names) -> Statement:
    """By version, always: without one, S3 would only put a marker before what is to go."""
    folders = [f"{names.bucket}/{prefix}*" for prefix in _PREFIXES]
    return _statement("Erase", ["s3:DeleteObjectVersion"], *folders)


def _find_versions(names: Names) -> Statement:
    prefixes = {"s3:prefix": [f"{prefix}*" for prefix in _PREFIXES]}
    return _statement("FindVersions", ["s3:ListBucketVersions"], names.bucket, StringLike=prefixes)


def _keep_rows(names: Names) -> Statement:
    """Every write is a transaction of these.

    `UpdateItem` is how sums of the ledger are corrected; `ConditionCheckItem` keeps a worker that has lost its document
    from storing further invoices of it.
    """
    kept = ("BatchGetItem", "GetItem", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem")
    return _statement("KeepRows", [f"dynamodb:{action}" for action in kept], names.table)


def _keep_rows_without_sums(names: Names) -> Statement:
    kept = ("BatchGetItem", "GetItem", "PutItem", "DeleteItem")
    return _statement("KeepRows", [f"dynamodb:{action}" for action in kept], names.table)


def _read_row(names: Names) -> Statement:
    return _statement("ReadRow", ["dynamodb:GetItem"], names.table)


def _find_token(names: Names) -> Statement:
    """Of the table, whoever guards the door needs the rows of tokens and nothing else."""
    keys = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["TOKEN#*"]}}
    return _statement("FindToken", ["dynamodb:GetItem"], names.table, **keys)


def _list_rows(names: Names) -> Statement:
    return _statement("ListRows", ["dynamodb:Query"], names.table, f"{names.table}/index/*")


def _count_rows(names: Names) -> Statement:
    return _statement("CountRows", ["dynamodb:Query"], f"{names.table}/index/by_processing")


def _ask_models(names: Names) -> Statement:
    arns = dict.fromkeys(arn for model in names.models if model for arn in model_arns(model))
    return _statement("AskModels", ["bedrock:InvokeModel"], *arns)


def _read_scans(_names: Names) -> Statement:
    operations = (
        "AnalyzeExpense",
        "DetectDocumentText",
        "GetDocumentTextDetection",
        "GetExpenseAnalysis",
        "StartDocumentTextDetection",
        "StartExpenseAnalysis",
    )
    return _statement("ReadScans", [f"textract:{name}" for name in operations], "*")


def _give_up(names: Names) -> Statement:
    """Lambda itself sends what failed for the last time, with the rights of the function."""
    return _statement("GiveUp", ["sqs:SendMessage"], names.dead_letters)


def _take_dead_letters(names: Names) -> Statement:
    actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    return _statement("TakeDeadLetters", actions, names.dead_letters)


def _park(names: Names) -> Statement:
    return _statement("Park", ["sqs:GetQueueUrl", "sqs:SendMessage"], names.parking)


def _ask_queues(names: Names) -> Statement:
    actions = ["sqs:GetQueueUrl", "sqs:GetQueueAttributes"]
    return _statement("AskQueues", actions, names.dead_letters, names.parking)


def _write_logs(function: str, names: Names) -> Statement:
    """The group itself comes from `infra/data.yaml`, with its retention: no function makes one."""
    group = f"arn:aws:logs:*:*:log-group:/aws/lambda/{function_name(function, names.stage)}:*"
    return _statement("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], group)


def _trace() -> Statement:
    return _statement("Trace", ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*")


Grant = Callable[[Names], Statement]

_WORK_ON_DOCUMENTS: Sequence[Grant] = (
    _read_originals,
    _tell_missing_from_forbidden,
    _keep_derived,
    _erase,
    _find_versions,
    _keep_rows,
    _list_rows,
    _ask_models,
    _read_scans,
)

GRANTS: Mapping[str, Sequence[Grant]] = {
    API: (
        _store_originals,
        _tell_missing_from_forbidden,
        _read_derived,
        _erase,
        _find_versions,
        _keep_rows_without_sums,
        _list_rows,
    ),
    "authorize": (_find_token,),
    "inference": (*_WORK_ON_DOCUMENTS, _give_up),
    "reprocess": (*_WORK_ON_DOCUMENTS, _take_dead_letters, _park),
    "sweep": _WORK_ON_DOCUMENTS,
    "health_check": (_tell_missing_from_forbidden, _read_row, _count_rows, _ask_queues),
}
"""By the names that functions have in `.chalice/config.json`; logs and traces are granted to all."""
