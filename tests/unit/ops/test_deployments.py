"""The bucket of deployments: records, packages, Chalice's record, the lock."""

import hashlib
import itertools

import pytest

from ops.aws.account import Account
from ops.aws.deployments import Deployments, Held
from ops.command import OpsError
from ops.deploy.lock import Lock
from ops.deploy.record import State
from tests.deployments import A_MOMENT, a_deployment
from tests.families import REGION

_numbers = itertools.count()


@pytest.fixture
def store(account: Account) -> Deployments:
    """An empty bucket."""
    bucket = f"smart-invoice-test{next(_numbers)}-deployments-123456789012"
    account.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    return Deployments(account.s3, bucket)


def test_without_a_bucket_there_are_no_deployments(account: Account) -> None:
    assert not Deployments(account.s3, "smart-invoice-nowhere-deployments-123456789012").exist()


def test_the_newest_deployment_is_first_however_they_were_kept(store: Deployments) -> None:
    for number in (2, 3, 1):
        store.keep(a_deployment(number))

    assert store.exist()
    assert store.history() == (a_deployment(3), a_deployment(2), a_deployment(1))
    assert store.history(most=1) == (a_deployment(3),)


def test_a_record_that_is_kept_again_is_the_same_record(store: Deployments) -> None:
    store.keep(a_deployment(1, state=State.STARTED))
    store.keep(a_deployment(1, state=State.PASSED))

    assert [each.state for each in store.history()] == [State.PASSED]


def test_a_package_comes_back_byte_by_byte(store: Deployments) -> None:
    content = b"zip" * 1000
    name = hashlib.sha256(content).hexdigest()

    store.keep_package(name, content)

    assert store.package(name) == content


def test_a_package_that_is_gone_or_damaged_is_not_deployed(account: Account, store: Deployments) -> None:
    name = hashlib.sha256(b"good").hexdigest()
    with pytest.raises(OpsError, match="gone or damaged"):
        store.package(name)

    account.s3.put_object(Bucket=store.bucket, Key=f"packages/{name}.zip", Body=b"bad")
    with pytest.raises(OpsError, match="gone or damaged"):
        store.package(name)


def test_chalices_record_is_there_once_it_was_kept(store: Deployments) -> None:
    assert store.chalice() is None

    store.keep_chalice({"resources": []})

    assert store.chalice() == {"resources": []}


def test_a_second_deployment_is_kept_out_and_told_by_whom_until_the_first_has_ended(store: Deployments) -> None:
    with (
        store.locked("ada"),
        pytest.raises(OpsError, match="ada has been deploying this stage since"),
        store.locked("bob"),
    ):
        pass

    with store.locked("bob"):
        pass


def test_a_lock_is_given_back_when_a_deployment_fails(store: Deployments) -> None:
    with pytest.raises(OpsError, match="no luck"), store.locked("ada"):
        raise OpsError("no luck")

    with store.locked("bob"):
        pass


def test_whoever_lost_the_lock_to_force_is_stopped_at_the_next_step_and_leaves_it_alone(store: Deployments) -> None:
    with store.locked("ada") as first, store.locked("bob", by_force=True) as second:
        with pytest.raises(OpsError, match="Somebody else"):
            first.renew()
        first.release()
        second.renew()


def test_a_renewed_lock_keeps_others_out(store: Deployments) -> None:
    with store.locked("ada") as held:
        held.renew()
        held.renew()
        with pytest.raises(OpsError, match="ada"), store.locked("bob"):
            pass


@pytest.mark.parametrize("place", ["this one", "another"])
def test_a_lock_that_has_run_out_is_taken(account: Account, store: Deployments, place: str) -> None:
    stale = Lock(token="t", owner="ada", place=place, process=1, taken_at=A_MOMENT, expires_at=A_MOMENT)
    account.s3.put_object(Bucket=store.bucket, Key="lock.json", Body=stale.model_dump_json().encode())

    with store.locked("bob") as held:
        held.renew()


def test_two_who_come_at_once_do_not_both_get_in(store: Deployments) -> None:
    """Both saw that the lock was free; the write itself decides."""
    late = Held(store._s3, store.bucket, "bob")

    with store.locked("ada"), pytest.raises(OpsError, match="Somebody else has just begun"):
        late.taken_after(None)
