"""Bedrock in bad moods, at the wire: what is asked again, what is not, what it costs. F… are rows of failure modes."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chalicelib.adapters.aws.bedrock_answers import read_answer
from chalicelib.domain.usage import Unit
from chalicelib.errors import ConfigurationError, RejectedError, SmartInvoiceError, UnavailableError, UncertainError
from local.fakes.bedrock import called_with, raw, said
from local.fakes.faults import CUT, LOST, SHORTENED, Fault, always, an_error, planned
from tests.bedrock import GIVEN, HAIKU, NOVA, Bedrock, a_bedrock, a_model_at, a_question

BUSY = [
    an_error("ThrottlingException", 429),
    an_error("InternalServerException", 500),
    an_error("ServiceUnavailableException", 503),
    an_error("ModelNotReadyException", 429),
]
ANSWER: Mapping[str, Any] = {
    "output": {"message": {"role": "assistant", "content": []}},
    "stopReason": "tool_use",
    "usage": {"inputTokens": 7, "outputTokens": 5, "totalTokens": 12},
}


@pytest.fixture
def bedrock() -> Iterator[Bedrock]:
    """The adapter on a fake."""
    with a_bedrock() as made:
        yield made


def failing(bedrock: Bedrock, kind: type[SmartInvoiceError], **given: Any) -> SmartInvoiceError:
    """The error of asking."""
    with pytest.raises(SmartInvoiceError) as caught:
        bedrock.answer(**given)
    assert type(caught.value) is kind
    return caught.value


@pytest.mark.parametrize("fault", BUSY, ids=lambda fault: fault.code)
def test_f44_a_busy_service_is_asked_once_more_and_paid_once(bedrock: Bedrock, fault: Fault) -> None:
    bedrock.fake.plan = planned({(HAIKU, 1): fault})

    answer = bedrock.answer()

    assert answer.content == GIVEN
    assert bedrock.fake.calls == {HAIKU: 2}
    assert bedrock.fake.billed[HAIKU].input_tokens == answer.usage.count(Unit.INPUT_TOKENS)


@pytest.mark.parametrize("fault", BUSY, ids=lambda fault: fault.code)
def test_f44_a_service_that_stays_busy_is_unavailable_after_two_attempts_and_free(
    bedrock: Bedrock, fault: Fault
) -> None:
    bedrock.fake.plan = always(HAIKU, fault=fault)

    assert failing(bedrock, UnavailableError).code == "bedrock_unavailable"
    assert bedrock.fake.calls == {HAIKU: 2}
    assert bedrock.fake.billed == {}


def test_f44_there_is_no_second_attempt_without_time_for_it(bedrock: Bedrock) -> None:
    bedrock.fake.plan = always(HAIKU, fault=BUSY[0])

    failing(bedrock, UnavailableError, seconds=2)

    assert bedrock.fake.calls == {HAIKU: 1}
    assert bedrock.time.waits == []


def test_f44_both_attempts_together_stay_within_the_time(bedrock: Bedrock) -> None:
    """The first takes 11 of 15 seconds, so the second gets a client that waits 2."""

    def slow(_model: str, nth: int) -> Fault | None:
        bedrock.time.now += 11
        return BUSY[1] if nth == 1 else None

    bedrock.fake.plan = slow

    assert bedrock.answer().content == GIVEN
    first, second = bedrock.clients.asked_seconds
    assert first == 15
    assert 2 <= second <= 4


def test_f44_a_call_never_takes_longer_than_the_settings_allow(bedrock: Bedrock) -> None:
    bedrock.answer(seconds=800)

    assert bedrock.clients.asked_seconds == [15]


@pytest.mark.parametrize(("code", "status"), [("ModelTimeoutException", 408), ("ModelErrorException", 424)])
def test_f45_a_model_that_failed_is_left_to_the_caller(bedrock: Bedrock, code: str, status: int) -> None:
    bedrock.fake.plan = always(HAIKU, fault=an_error(code, status))

    assert failing(bedrock, UnavailableError).code == "bedrock_model_failed"
    assert bedrock.fake.calls == {HAIKU: 1}


@pytest.mark.parametrize(("code", "status"), [("AccessDeniedException", 403), ("ResourceNotFoundException", 404)])
def test_f46_a_model_that_may_not_be_asked_is_a_matter_of_configuration(
    bedrock: Bedrock, code: str, status: int
) -> None:
    bedrock.fake.plan = always(HAIKU, fault=an_error(code, status))

    assert failing(bedrock, ConfigurationError).code == "bedrock_refused"
    assert bedrock.fake.calls == {HAIKU: 1}
    assert bedrock.answer(NOVA).content == GIVEN


def test_f47_a_question_that_is_refused_is_not_asked_again(bedrock: Bedrock) -> None:
    bedrock.fake.plan = always(HAIKU, fault=an_error("ValidationException"))

    assert failing(bedrock, RejectedError).code == "question_refused"
    assert bedrock.fake.calls == {HAIKU: 1}


def test_f48_a_used_up_quota_has_a_code_of_its_own_and_is_not_asked_again(bedrock: Bedrock) -> None:
    bedrock.fake.plan = always(HAIKU, fault=an_error("ServiceQuotaExceededException"))

    assert failing(bedrock, UnavailableError).code == "bedrock_quota"
    assert bedrock.fake.calls == {HAIKU: 1}


@pytest.mark.parametrize("fault", [LOST, SHORTENED, CUT], ids=["lost", "shortened", "cut"])
def test_a_lost_answer_is_uncertain_and_never_paid_twice(bedrock: Bedrock, fault: Fault) -> None:
    bedrock.fake.plan = planned({(HAIKU, 1): fault})

    assert failing(bedrock, UncertainError).code in {"bedrock_uncertain", "bedrock_unreadable"}
    assert bedrock.fake.calls == {HAIKU: 1}
    assert (HAIKU in bedrock.fake.billed) is (not fault.undone)


def test_a_late_answer_is_uncertain(bedrock: Bedrock) -> None:
    bedrock.fake.plan = always(HAIKU, fault=Fault(seconds=3))

    assert failing(bedrock, UncertainError, seconds=2).code == "bedrock_uncertain"
    assert bedrock.fake.calls == {HAIKU: 1}


def test_a_service_that_is_not_there_is_unavailable() -> None:
    """Nothing was sent, so nothing is uncertain."""
    with a_bedrock() as bedrock:
        closed = bedrock.fake.url

    with a_model_at(closed) as model, pytest.raises(SmartInvoiceError) as caught:
        model.answer(HAIKU, a_question(), 15)

    assert (type(caught.value), caught.value.code) == (UnavailableError, "bedrock_unavailable")


@pytest.mark.usefixtures("nothing_collected")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b"\xff\xfe",
        b'{"usage": 3}',
        b'{"usage": {"inputTokens": -1, "outputTokens": 1}}',
        b'{"usage": {"inputTokens": "one", "outputTokens": 1}}',
        b'{"usage": {"inputTokens": 1e400, "outputTokens": 1}}',
        b'{"usage": {"inputTokens": 1}, "output": [], "stopReason": 7}',
        b"[" * 100_000,
        b'{"n": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda body: repr(body[:40]),
)
def test_f50_an_answer_that_does_not_say_what_is_billed_is_uncertain(bedrock: Bedrock, body: bytes) -> None:
    bedrock.fake.twist = raw(body)

    failing(bedrock, UncertainError)

    assert bedrock.fake.calls == {HAIKU: 1}


@pytest.mark.parametrize(
    "given",
    [
        "text", [], None, 7, {"total": 119.0}, {"total": float("nan")}, {"total": float("inf")}, {"total": 10**16},
        {"a": {"b": [{"c": 1.5}]}}, {"long": "x" * 200_001}, {"half": "\ud800"},
    ],
    ids=lambda given: repr(given)[:40],
)  # fmt: skip
def test_f50_a_tool_called_with_anything_but_strict_json_is_no_answer(bedrock: Bedrock, given: Any) -> None:
    bedrock.fake.twist = called_with(given)

    answer = bedrock.answer()

    assert (answer.content, answer.problem) == ({}, "bad_json")
    assert answer.usage.count(Unit.OUTPUT_TOKENS) > 0


@pytest.mark.usefixtures("nothing_collected")
@pytest.mark.parametrize(
    "text",
    [
        "", "The total is 119.00.", '```json\n{"total": "1"}\n```', '{"total": "1"} {"total": "2"}', '["1"]', '"1"',
        '{"total": NaN}', '{"total": -Infinity}', '{"total": 1e400}', '{"total": 1.0}', '{"total": "1", "total": "2"}',
        '{"total": "1"', '{"total": ' + "9" * 5000 + "}", "[" * 100_000, '{"a": ' * 30 + "1" + "}" * 30,
    ],
    ids=lambda text: repr(text)[:40],
)  # fmt: skip
def test_f50_a_text_that_is_not_one_strict_json_object_is_no_answer(bedrock: Bedrock, text: str) -> None:
    bedrock.fake.twist = said(text)

    assert bedrock.answer().problem == "bad_json"


ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4),
    max_leaves=12,
)
STRICT: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=20),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=8), STRICT, max_size=4))
def test_f50_strict_json_arrives_as_it_was_sent(given: Any) -> None:
    assert read_answer(HAIKU, with_content([tool_use(given)])).content == given
    told = {**with_content([{"text": json.dumps(given)}]), "stopReason": "end_turn"}
    assert read_answer(HAIKU, told).content == given


@given(ANY_JSON, ANY_JSON, st.sampled_from(["tool_use", "end_turn", "max_tokens", "odd"]) | ANY_JSON)
@example([{"toolUse": {"name": "answer", "input": {"total": float("nan")}}}], {}, "tool_use")
@example([{"text": "{}"}], {}, "end_turn")
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_f50_any_shape_ends_as_an_answer_or_as_a_named_problem(content: Any, given: Any, reason: Any) -> None:
    for blocks in (content, [tool_use(given)], [{"text": given}]):
        answer = read_answer(HAIKU, {**with_content(blocks), "stopReason": reason})

        assert answer.usage.count(Unit.INPUT_TOKENS) == 7
        assert (answer.problem is None) or (answer.content == {} and answer.problem.replace("_", "").isalpha())
        assert not holds_floats(answer.content)


@given(ANY_JSON)
def test_f50_any_usage_is_counted_exactly_or_uncertain(usage: Any) -> None:
    try:
        read_answer(HAIKU, {**ANSWER, "usage": usage})
    except UncertainError as error:
        assert error.code == "bedrock_unreadable"  # noqa: PT017 - either is right


def with_content(blocks: Any) -> dict[str, Any]:
    return {**ANSWER, "output": {"message": {"role": "assistant", "content": blocks}}}


def tool_use(given: Any) -> Mapping[str, Any]:
    return {"toolUse": {"toolUseId": "t", "name": "answer", "input": given}}


def holds_floats(thing: Any) -> bool:
    if isinstance(thing, Mapping):
        return any(map(holds_floats, thing.values()))
    return isinstance(thing, float) or (isinstance(thing, list) and any(map(holds_floats, thing)))
