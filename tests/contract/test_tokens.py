"""The contract of `TokenStore`."""

from datetime import timedelta

import pytest

from chalicelib.domain.client_token import ClientToken
from chalicelib.errors import ConflictError, NotFoundError
from chalicelib.ports import Adapters, TokenStore
from tests.builders import A_MOMENT, a_token


def test_a_token_that_nobody_added_is_none(tokens: TokenStore) -> None:
    assert tokens.find("0" * 64) is None
    assert tokens.listed() == ()


@pytest.mark.parametrize(
    "token",
    [
        a_token(),
        a_token(expires_at=A_MOMENT + timedelta(days=30)),
        a_token(revoked_at=A_MOMENT + timedelta(microseconds=1)),
    ],
    ids=["for good", "with an end", "revoked"],
)
def test_a_token_is_found_by_its_hash_as_it_was_added(tokens: TokenStore, token: ClientToken) -> None:
    tokens.add(token)

    assert tokens.find(token.sha256) == token


def test_a_hash_finds_only_the_whole_token(tokens: TokenStore) -> None:
    token = a_token()
    tokens.add(token)

    assert tokens.find(token.sha256[:-1]) is None
    assert tokens.find(token.sha256.upper()) is None
    assert tokens.find(a_token("another").sha256) is None


def test_the_list_has_all_tokens_the_oldest_first(tokens: TokenStore) -> None:
    added = [a_token(f"client-{number}", created_at=A_MOMENT - timedelta(hours=number)) for number in range(3)]
    for token in added:
        tokens.add(token)

    assert tokens.listed() == tuple(reversed(added))


def test_the_list_is_not_cut_off_where_one_read_ends(tokens: TokenStore) -> None:
    added = [a_token(f"client-{number}", created_at=A_MOMENT + timedelta(hours=number)) for number in range(103)]
    for token in added:
        tokens.add(token)

    assert tokens.listed() == tuple(added)


def test_two_clients_may_have_one_name_and_two_hashes(tokens: TokenStore) -> None:
    first, second = a_token(sha256="1" * 64), a_token(sha256="2" * 64)
    tokens.add(first)
    tokens.add(second)

    assert tokens.listed() == (first, second)


def test_the_same_token_cannot_be_added_twice(tokens: TokenStore) -> None:
    tokens.add(a_token())

    with pytest.raises(ConflictError) as told:
        tokens.add(a_token(revoked_at=A_MOMENT))

    assert told.value.code == "token_exists"
    assert tokens.find(a_token().sha256) == a_token()


def test_a_replaced_token_is_found_and_listed_as_it_is_now(tokens: TokenStore) -> None:
    tokens.add(a_token())
    revoked = a_token(revoked_at=A_MOMENT)

    tokens.replace(revoked)

    assert tokens.find(revoked.sha256) == revoked
    assert tokens.listed() == (revoked,)


def test_what_is_not_there_cannot_be_replaced(tokens: TokenStore) -> None:
    with pytest.raises(NotFoundError) as told:
        tokens.replace(a_token())

    assert told.value.code == "token_not_found"
    assert tokens.listed() == ()


def test_a_removed_token_is_gone_and_can_be_removed_again(tokens: TokenStore) -> None:
    tokens.add(a_token())
    tokens.add(a_token("another"))

    tokens.remove(a_token().sha256)
    tokens.remove(a_token().sha256)

    assert tokens.find(a_token().sha256) is None
    assert tokens.listed() == (a_token("another"),)


def test_a_family_gives_the_same_tokens_every_time(family: Adapters) -> None:
    family.tokens().add(a_token())

    assert family.tokens().find(a_token().sha256) == a_token()
