"""Who is let in, by which token, and how long."""

import base64
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.bootstrap import Services
from chalicelib.domain.client_token import sha256_of
from chalicelib.errors import ConflictError, NotFoundError, RejectedError
from chalicelib.pipeline.manage_tokens import AddToken
from local.family import EmbeddedAdapters
from tests.builders import A_MOMENT, SetClock, a_clock, some_settings

A_TOKEN = "si_" + base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")


@pytest.fixture
def clock() -> SetClock:
    """The clock of the family."""
    return a_clock()


@pytest.fixture
def adapters(tmp_path: Path, clock: SetClock) -> Iterator[EmbeddedAdapters]:
    """The embedded adapters, empty."""
    family = EmbeddedAdapters(some_settings(tmp_path), clock)
    yield family
    family.close()


@pytest.fixture
def services(adapters: EmbeddedAdapters, tmp_path: Path) -> Services:
    """The use cases on them."""
    return Services(some_settings(tmp_path), adapters)


def test_a_new_token_opens_the_door_for_its_client(services: Services) -> None:
    token = services.add_token("an-erp").text

    assert services.authorize(f"Bearer {token}") == "an-erp"


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER ", "Bearer  "])
def test_the_case_of_the_scheme_does_not_matter(services: Services, scheme: str) -> None:
    assert services.authorize(scheme + services.add_token("an-erp").text) == "an-erp"


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        "Bearer",
        "Bearer ",
        A_TOKEN,
        f"Basic {A_TOKEN}",
        f"Bearer{A_TOKEN}",
        f"Bearer\t{A_TOKEN}",
        f"Bearer {A_TOKEN} ",
        f" Bearer {A_TOKEN}",
        f"Bearer {A_TOKEN}\n",
        f"Bearer {A_TOKEN}, Bearer {A_TOKEN}",
        f"Bearer {A_TOKEN}{A_TOKEN}",
        f"Bearer {A_TOKEN[:-1]}",
        f"Bearer {A_TOKEN}=",
        f"Bearer {A_TOKEN[3:]}",
        f"Bearer {A_TOKEN.upper()}",
        f"Bearer {A_TOKEN[:-1]}é",
        f"Bearer {A_TOKEN[:-1]}\N{FULLWIDTH DIGIT ONE}",
        f"Bearer \x00{A_TOKEN}",
        f"Bearer '{A_TOKEN}'",
        f"Bearer {sha256_of(A_TOKEN)}",
        f"Bearer si_{sha256_of(A_TOKEN)}",
        f"Bearer TOKEN#{sha256_of(A_TOKEN)}",
        "Bearer *",
        "Bearer null",
        "Bearer undefined",
        "Bearer " + "x" * 100_000,
        "Bearer" + " " * 100_000 + A_TOKEN,
    ],
)
def test_whatever_is_not_exactly_the_token_is_refused(
    adapters: EmbeddedAdapters, services: Services, header: str
) -> None:
    AddToken(adapters.tokens(), adapters.clock(), lambda count: bytes(range(count)))("an-erp")
    assert services.authorize(f"Bearer {A_TOKEN}") == "an-erp"

    assert services.authorize(header) is None


def test_a_token_that_nobody_made_is_refused(services: Services) -> None:
    services.add_token("an-erp")

    assert services.authorize(f"Bearer {A_TOKEN}") is None


def test_a_revoked_token_is_refused_from_that_moment(services: Services) -> None:
    token = services.add_token("an-erp").text
    other = services.add_token("another").text

    assert services.revoke_tokens("an-erp") == 1

    assert services.authorize(f"Bearer {token}") is None
    assert services.authorize(f"Bearer {other}") == "another"


def test_a_token_ends_at_its_very_moment(services: Services, clock: SetClock) -> None:
    token = services.add_token("an-erp", timedelta(days=30)).text

    clock.advance(days=30, microseconds=-1)
    assert services.authorize(f"Bearer {token}") == "an-erp"
    clock.advance(microseconds=1)
    assert services.authorize(f"Bearer {token}") is None


def test_tokens_are_of_256_bits_of_chance_and_only_their_hash_is_kept(
    adapters: EmbeddedAdapters, services: Services, tmp_path: Path
) -> None:
    first, second = services.add_token("one").text, services.add_token("two").text

    assert len(base64.urlsafe_b64decode(first.removeprefix("si_") + "=")) == 32
    assert first != second
    assert {token.sha256 for token in adapters.tokens().listed()} == {sha256_of(first), sha256_of(second)}
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert sha256_of(first).encode() in stored
    assert first.removeprefix("si_").encode() not in stored


@pytest.mark.parametrize("name", ["", "-", "An-ERP", "a b", "a" * 51, "a\n", "ärp", "a/b", "*"])
def test_a_name_that_would_not_look_well_in_a_log_is_refused(services: Services, name: str) -> None:
    with pytest.raises(RejectedError) as told:
        services.add_token(name)

    assert told.value.code == "bad_client"


def test_a_client_has_one_valid_token_at_a_time(services: Services, clock: SetClock) -> None:
    services.add_token("an-erp", timedelta(days=1))

    with pytest.raises(ConflictError) as told:
        services.add_token("an-erp")
    clock.advance(days=1)
    services.add_token("an-erp")

    assert told.value.code == "client_exists"


def test_only_valid_tokens_are_revoked_and_keep_the_moment(
    adapters: EmbeddedAdapters, services: Services, clock: SetClock
) -> None:
    services.add_token("an-erp")
    services.revoke_tokens("an-erp")
    clock.advance(hours=1)

    assert services.revoke_tokens("an-erp") == 0

    assert [token.revoked_at for token in adapters.tokens().listed()] == [A_MOMENT]


def test_a_client_that_never_was_cannot_be_revoked(services: Services) -> None:
    with pytest.raises(NotFoundError) as told:
        services.revoke_tokens("an-erp")

    assert told.value.code == "client_not_found"


def test_the_log_says_why_and_never_what_was_sent(
    services: Services, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    token = services.add_token("an-erp", timedelta(days=1)).text
    revoked = services.add_token("revoked").text
    services.revoke_tokens("revoked")
    caplog.set_level(logging.DEBUG)

    clock.advance(days=1)
    for header in ("Basic c2VjcmV0OnNlY3JldA==", f"Bearer {A_TOKEN}", f"Bearer {revoked}", f"Bearer {token}"):
        assert services.authorize(header) is None

    assert [vars(record)["reason"] for record in caplog.records] == ["malformed", "unknown", "revoked", "expired"]
    written = str([vars(record) for record in caplog.records])
    assert [secret for secret in ("c2VjcmV0", A_TOKEN[3:], revoked[3:], token[3:]) if secret in written] == []
    assert sha256_of(token)[:8] in written
