"""The one table of what can go wrong at AWS, and of which kind each error is.

| kind | what follows |
|---|---|
| transient | the same call may succeed later |
| blocked | the same; but a proxy or a certificate is in the way, and if that stays, an operator has to act |
| configuration | a right, a key, a name or an account is wrong: an operator has to act |
| missing | there is no such document |
| conflict | a condition did not hold, or a message is somebody else's by now: no error, but an answer |
| bug | we asked for something that makes no sense: loud, tried a few times, never lost |
| document | the service cannot make anything of this document; another reader may |
| gone | a job is not known (any more): start it anew |
| question | the model will never answer this question (too long, …); another question may do |
| quota | what may be used until the end of the UTC day is used up |
| model | the model broke down over the question; whether to ask again is for the caller |

A code that stands nowhere is transient when its HTTP status is 429 or 5xx, and a bug otherwise. An exception of the SDK
is of the kind of its nearest ancestor here, and a bug without one. The tests hold both lists against the installed SDK.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum


class Kind(StrEnum):
    """What an error asks for; see the table above."""

    TRANSIENT = "transient"
    BLOCKED = "blocked"
    CONFIGURATION = "configuration"
    MISSING = "missing"
    CONFLICT = "conflict"
    BUG = "bug"
    DOCUMENT = "document"
    GONE = "gone"
    QUESTION = "question"
    QUOTA = "quota"
    MODEL = "model"


_CODES: Mapping[Kind, frozenset[str]] = {
    Kind.TRANSIENT: frozenset(
        {
            # any service
            "BandwidthLimitExceeded", "EC2ThrottledException", "InternalError", "InternalFailure",
            "InternalServerError", "PriorRequestNotComplete", "RequestAbortedException", "RequestExpired",
            "RequestThrottled", "RequestThrottledException", "RequestTimeTooSkewed", "RequestTimeout",
            "RequestTimeoutException", "ServiceUnavailable", "SlowDown", "Throttling", "ThrottledException",
            "ThrottlingException", "TooManyRequestsException",
            # DynamoDB
            "LimitExceededException", "ProvisionedThroughputExceededException", "ReplicatedWriteConflictException",
            "RequestLimitExceeded", "TransactionConflictException", "TransactionInProgressException",
            # S3
            "BadDigest", "IncompleteBody", "OperationAborted", "XAmzContentSHA256Mismatch",
            # SQS
            "KmsThrottled", "KMS.ThrottlingException", "OverLimit",
            # Bedrock
            "InternalServerException", "ModelNotReadyException", "ServiceUnavailableException",
        }
    ),
    Kind.CONFIGURATION: frozenset(
        {
            # any service
            "403", "AccessDenied", "AccessDeniedException", "AllAccessDisabled", "ExpiredToken",
            "ExpiredTokenException", "IncompleteSignature", "InvalidAccessKeyId", "InvalidClientTokenId",
            "InvalidSecurity", "InvalidSignatureException", "InvalidToken", "MissingAuthenticationToken",
            "MissingAuthenticationTokenException", "NotAuthorized", "OptInRequired", "SignatureDoesNotMatch",
            "UnrecognizedClientException",
            # DynamoDB
            "ResourceNotFoundException",
            # S3
            "301", "400", "AuthorizationHeaderMalformed", "EncryptionTypeMismatch", "InvalidBucketName",
            "InvalidObjectState", "KMS.DisabledException", "KMS.InvalidKeyUsageException",
            "KMS.KMSInvalidStateException", "KMS.NotFoundException", "NoSuchBucket", "PermanentRedirect",
            # SQS
            "AWS.SimpleQueueService.NonExistentQueue", "InvalidAddress", "KMS.AccessDeniedException",
            "KMS.OptInRequired", "KmsAccessDenied", "KmsDisabled", "KmsInvalidKeyUsage", "KmsInvalidState",
            "KmsNotFound", "KmsOptInRequired", "QueueDoesNotExist",
            # Textract
            "HumanLoopQuotaExceededException", "InvalidKMSKeyException", "InvalidS3ObjectException",
        }
    ),
    Kind.MISSING: frozenset({"404", "NoSuchKey", "NoSuchVersion"}),
    Kind.CONFLICT: frozenset(
        {"ConditionalCheckFailedException", "MessageNotInflight", "PreconditionFailed", "ReceiptHandleIsInvalid"}
    ),
    Kind.BUG: frozenset(
        {
            # any service
            "InvalidAction", "MalformedHttpRequestException", "RequestEntityTooLargeException",
            "SerializationException", "UnknownOperationException", "ValidationError",
            # DynamoDB
            "IdempotentParameterMismatchException", "ItemCollectionSizeLimitExceededException", "ValidationException",
            # S3
            "EntityTooLarge", "InvalidRequest", "InvalidWriteOffset", "KeyTooLongError", "TooManyParts",
            # SQS
            "InvalidAttributeName", "InvalidMessageContents", "UnsupportedOperation",
            # Textract
            "InvalidParameterException",
        }
    ),
    Kind.DOCUMENT: frozenset({"BadDocumentException", "DocumentTooLargeException", "UnsupportedDocumentException"}),
    Kind.GONE: frozenset({"InvalidJobIdException"}),
    Kind.QUOTA: frozenset({"ServiceQuotaExceededException"}),
    Kind.MODEL: frozenset({"ModelErrorException", "ModelTimeoutException"}),
}  # fmt: skip
KINDS: Mapping[str, Kind] = {code: kind for kind, codes in _CODES.items() for code in codes}

_SAME_CODE_OTHER_MEANING = {
    ("HeadBucket", "404"): Kind.CONFIGURATION,  # the bucket itself is missing
    ("Converse", "ValidationException"): Kind.QUESTION,
}

# Where only AWS's words tell two meanings of one code apart. Tokens of a day run out as `ThrottlingException`. A wrong
# model, or one that does not take what we send (`temperature`, tools), is refused as if the question were at fault.
_DAILY = re.compile(r"\b(per|a) day\b|\bdaily\b", re.IGNORECASE)
_WRONG_MODEL = re.compile(
    r"model (identifier|id)\b|on-demand throughput|inference profile|(is not|isn't|doesn't|does not) support"
    r"|deprecated|not allowed|end of (its )?life|\baccess\b",
    re.IGNORECASE,
)
_TOLD_BY_WORDS = (
    ("Converse", "ThrottlingException", _DAILY, Kind.QUOTA),
    ("Converse", "ValidationException", _WRONG_MODEL, Kind.CONFIGURATION),
)

# The reasons why a transaction was cancelled, the kind that counts first before the others.
CANCELLED = "TransactionCanceledException"
CONDITION = "ConditionalCheckFailed"
CONFLICT = "TransactionConflict"
_NO_REASON = "None"  # of a part that would have been written
_CANCELLATIONS: Mapping[str, Kind] = {
    "ItemCollectionSizeLimitExceeded": Kind.BUG,
    "ValidationError": Kind.BUG,
    CONDITION: Kind.CONFLICT,
    CONFLICT: Kind.TRANSIENT,
    "ProvisionedThroughputExceeded": Kind.TRANSIENT,
    "RequestLimitExceeded": Kind.TRANSIENT,
    "ThrottlingError": Kind.TRANSIENT,
}
_FIRST = (Kind.BUG, Kind.CONFLICT, Kind.TRANSIENT)

# The SDK's own exceptions, by name: which of them there are depends on its version.
_EXCEPTIONS: Mapping[Kind, frozenset[str]] = {
    Kind.TRANSIENT: frozenset(
        {
            "CapacityNotAvailableError", "ChecksumError", "ConnectionError", "FlexibleChecksumError",
            "HTTPClientError", "IncompleteReadError", "MetadataRetrievalError", "ResponseParserError",
        }
    ),
    Kind.BLOCKED: frozenset({"ProxyConnectionError", "SSLError"}),
    Kind.CONFIGURATION: frozenset(
        {
            # credentials
            "CredentialRetrievalError", "LoginError", "NoAuthTokenError", "NoCredentialsError",
            "PartialCredentialsError", "RefreshWithMFAUnsupportedError", "SSOError", "TokenRetrievalError",
            "UnknownCredentialError", "UnknownSignatureVersionError", "UnknownTokenProviderError",
            "UnsupportedSignatureVersionError",
            # regions and addresses
            "BaseEndpointResolverError", "EndpointProviderError", "InvalidDNSNameError",
            "InvalidEndpointConfigurationError", "InvalidHostLabelError", "InvalidIMDSEndpointError",
            "InvalidIMDSEndpointModeError", "InvalidRegionError", "InvalidS3AddressingStyleError",
            "ServiceNotInRegionError", "UnknownRegionError", "UnsupportedOutpostResourceError",
            "UnsupportedS3AccesspointConfigurationError", "UnsupportedS3ArnError", "UnsupportedS3ConfigurationError",
            "UnsupportedS3ControlArnError", "UnsupportedS3ControlConfigurationError",
            # profiles, variables and what is installed
            "ConfigNotFound", "ConfigParseError", "InvalidChecksumConfigError", "InvalidConfigError",
            "InvalidDefaultsMode", "InvalidEndpointDiscoveryConfigurationError", "InvalidProxiesConfigError",
            "InvalidRetryConfigurationError", "InvalidS3UsEast1RegionalEndpointConfigError",
            "InvalidSTSRegionalEndpointsConfigError", "MD5UnavailableError", "MissingDependencyException",
            "ProfileNotFound",
        }
    ),
    Kind.BUG: frozenset(
        {
            "ApiVersionNotFoundError", "AwsChunkedWrapperError", "DataNotFoundError", "InvalidExpressionError",
            "MissingParametersError", "MissingServiceIdError", "OperationNotPageableError", "PaginationError",
            "ParamValidationError", "StubResponseError", "UndefinedModelAttributeError", "UnknownClientMethodError",
            "UnknownServiceStyle", "UnseekableStreamError", "UnsupportedServiceProtocolsError", "ValidationError",
            "WaiterConfigError", "WaiterError",
        }
    ),
}  # fmt: skip
EXCEPTIONS: Mapping[str, Kind] = {name: kind for kind, names in _EXCEPTIONS.items() for name in names}


def kind_of(operation: str, code: str, status: int, words: str = "") -> Kind:
    """The kind of an AWS error code that came with this HTTP status, and these words of AWS.

    >>> kind_of("GetItem", "NeverHeardOf", 503), kind_of("GetItem", "NeverHeardOf", 400)
    (<Kind.TRANSIENT: 'transient'>, <Kind.BUG: 'bug'>)
    """
    for its_operation, its_code, pattern, kind in _TOLD_BY_WORDS:
        if (operation, code) == (its_operation, its_code) and pattern.search(words):
            return kind
    known = _SAME_CODE_OTHER_MEANING.get((operation, code)) or KINDS.get(code)
    return known or (Kind.TRANSIENT if status == 429 or status >= 500 else Kind.BUG)


def kind_of_cancellation(reasons: Iterable[str]) -> Kind:
    """The kind of a cancelled transaction; transient when no reason came along: nothing was written.

    >>> kind_of_cancellation(["None", "ConditionalCheckFailed"])
    <Kind.CONFLICT: 'conflict'>
    """
    kinds = {_CANCELLATIONS.get(reason, Kind.BUG) for reason in reasons if reason != _NO_REASON}
    return next((kind for kind in _FIRST if kind in kinds), Kind.TRANSIENT)


def kind_of_exception(kind: type[BaseException]) -> Kind:
    """The kind of an exception of the SDK, by its nearest ancestor in the table."""
    return next((EXCEPTIONS[one.__name__] for one in kind.__mro__ if one.__name__ in EXCEPTIONS), Kind.BUG)
