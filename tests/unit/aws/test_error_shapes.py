"""Whatever the installed SDK may answer or raise is in our table, so that an update that brings a new error fails here.

Which operations are called is read from the sources: a new call joins by itself, and fails until its errors are in the
table.
"""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import botocore.exceptions
import botocore.session
import pytest
from botocore import xform_name
from botocore.parsers import ResponseParserError
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

import chalicelib.adapters.aws
from chalicelib.adapters.aws import failure_kinds
from chalicelib.adapters.aws.failure_kinds import CANCELLED, EXCEPTIONS, KINDS, Kind

_FOLDER = Path(str(chalicelib.adapters.aws.__file__)).parent
_SOURCES = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.py"))]
_SESSION = botocore.session.get_session()


def services() -> set[str]:
    """The services that the sources make clients of."""
    calls = (node for tree in _SOURCES for node in ast.walk(tree) if isinstance(node, ast.Call))
    made = (call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "_client")
    return {str(call.args[0].value) for call in made if isinstance(call.args[0], ast.Constant)}


def said_in_the_sources() -> set[str]:
    """Every attribute and text of the sources: a method of a client is named by one of these, however it is called."""
    nodes = [node for tree in _SOURCES for node in ast.walk(tree)]
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return attributes | {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def called_operations() -> Iterator[tuple[str, str]]:
    """Each service and operation that the sources name."""
    said = said_in_the_sources()
    for service in sorted(services()):
        for operation in _SESSION.get_service_model(service).operation_names:
            if xform_name(operation) in said:
                yield service, operation


OPERATIONS = sorted(called_operations())


def codes_of(service: str, operation: str) -> set[str]:
    """The codes of all errors that an operation may answer with, by the installed model."""
    shapes = _SESSION.get_service_model(service).operation_model(operation).error_shapes
    return {str(shape.metadata.get("error", {}).get("code") or shape.name) for shape in shapes}


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_every_error_of_every_operation_we_call_is_classified(service: str, operation: str) -> None:
    unknown = codes_of(service, operation) - set(KINDS) - {CANCELLED}  # which is judged by its reasons

    assert not unknown, f"put these into the table of {failure_kinds.__name__}, each with its kind"


def test_the_operations_are_those_that_the_adapters_are_known_to_need() -> None:
    """That reading the sources finds them at all."""
    assert services() == {"s3", "dynamodb", "sqs", "textract", "bedrock-runtime"}
    assert {
        ("s3", "GetObject"), ("s3", "ListObjectVersions"), ("dynamodb", "TransactWriteItems"), ("sqs", "SendMessage"),
        ("textract", "StartExpenseAnalysis"), ("textract", "GetDocumentTextDetection"), ("bedrock-runtime", "Converse"),
    } <= set(OPERATIONS)  # fmt: skip
    assert len(set().union(*(codes_of(*one) for one in OPERATIONS))) > 40


def exceptions_of_the_sdk() -> list[type[Exception]]:
    """Every exception of the installed SDK but the answers of AWS, which have codes."""
    found = [kind for _, kind in inspect.getmembers(botocore.exceptions, inspect.isclass)]
    errors = [kind for kind in found if issubclass(kind, botocore.exceptions.BotoCoreError)]
    return [kind for kind in errors if kind is not botocore.exceptions.BotoCoreError] + [ResponseParserError]


@pytest.mark.parametrize("kind", exceptions_of_the_sdk(), ids=lambda kind: kind.__name__)
def test_every_exception_of_the_sdk_is_classified(kind: type[Exception]) -> None:
    assert {one.__name__ for one in kind.__mro__} & set(EXCEPTIONS), "put it into the table, with its kind"


def test_whatever_the_sdk_itself_repeats_is_transient() -> None:
    throttled: list[str] = vars(ThrottledRetryableChecker)["_THROTTLED_ERROR_CODES"]
    passing: list[str] = vars(TransientRetryableChecker)["_TRANSIENT_ERROR_CODES"]
    repeated = [*throttled, *passing]

    assert len(repeated) > 10
    assert {code: KINDS.get(code) for code in repeated} == dict.fromkeys(repeated, Kind.TRANSIENT)


def test_no_code_and_no_exception_is_of_two_kinds() -> None:
    assert sum(len(codes) for codes in failure_kinds._CODES.values()) == len(KINDS)
    assert sum(len(names) for names in failure_kinds._EXCEPTIONS.values()) == len(EXCEPTIONS)
