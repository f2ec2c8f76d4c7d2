"""One stage in one account: where everything of it is."""

import os
from functools import cached_property
from pathlib import Path

from chalicelib.errors import ConfigurationError
from chalicelib.settings import Settings
from ops.aws.account import Account
from ops.aws.deployments import Deployments
from ops.aws.wiring import Throttle
from ops.command import OpsError
from ops.names import Names
from ops.project import BUCKET, CONFIG, Project


class Site:
    """A project, an account, and the stage of it that a command is about."""

    def __init__(self, project: Project, account: Account, stage: str) -> None:
        """`OpsError` where the configuration belongs to another account."""
        self.project, self.account, self.stage, self.names = project, account, stage, Names(stage)
        _check_account(project.environment(stage).get(BUCKET), account, stage)

    def of_folder(self, folder: Path) -> "Site":
        """The same stage as another folder configures it: that of a build."""
        return Site(Project(folder), self.account, self.stage)

    def history_of(self, stage: str) -> "Deployments":
        """The deployments of another stage, in the account where its bucket is, or else in this one."""
        bucket = self.project.environment(stage).get(BUCKET, "")
        return Deployments(self.account.s3, Names(stage).deployments_bucket(_account_of(bucket) or self.account.id))

    @cached_property
    def deployments(self) -> Deployments:
        """What was deployed before."""
        return Deployments(self.account.s3, self.names.deployments_bucket(self.account.id))

    @property
    def partition(self) -> str:
        """`aws`, or what it is called in China and for the US government."""
        return self.account.caller.split(":")[1]

    def settings(self) -> Settings:
        """The settings that the functions get; `OpsError` with all mistakes in them."""
        try:
            return Settings.from_environment(self.project.environment(self.stage))
        except ConfigurationError as error:
            raise OpsError(f"In {CONFIG}, stage {self.stage}: {error.message}") from None

    def throttle(self) -> Throttle:
        """How much may be asked of the API: `api_throttling` in the configuration, of the stage or of all."""
        given = self.project.setting(self.stage, "api_throttling") or {}
        try:
            return Throttle(**given)
        except TypeError:
            raise OpsError(
                f"api_throttling in {CONFIG} may have {', '.join(Throttle._fields)}, and no other."
            ) from None

    def queue_arn(self, queue: str) -> str:
        """The ARN of a queue of this account."""
        return f"arn:{self.partition}:sqs:{self.account.region}:{self.account.id}:{queue}"

    def architecture(self) -> str:
        """x86_64 or arm64."""
        return str(self.project.setting(self.stage, "lambda_architecture") or "x86_64")

    @property
    def api_stage(self) -> str:
        """The first part of every path of the API; Chalice's own default without a setting."""
        return str(self.project.setting(self.stage, "api_gateway_stage") or "api")

    def url(self, api: str) -> str:
        """Where an API answers; an emulator answers for all of them itself."""
        if emulator := os.environ.get("AWS_ENDPOINT_URL"):
            return f"{emulator.rstrip('/')}/restapis/{api}/{self.api_stage}/_user_request_/"
        return self.address.format(api=api)

    @property
    def address(self) -> str:
        """Where AWS itself lets an `{api}` answer, as Chalice records it."""
        return f"https://{{api}}.execute-api.{self.account.region}.amazonaws.com/{self.api_stage}/"

    def described(self) -> str:
        """Which account and region, and as whom."""
        account = self.account
        return f"stage {self.stage}, account {account.id}, region {account.region}, as {account.caller}"


def _check_account(bucket: str | None, account: Account, stage: str) -> None:
    owner = _account_of(bucket or "")
    if owner and owner != account.id:
        raise OpsError(
            f"You are signed in to the account {account.id}, region {account.region}, but {BUCKET} of {stage} in "
            f".chalice/config.json belongs to {owner}. Please sign in there, or take {BUCKET} out to begin anew."
        )


def _account_of(bucket: str) -> str | None:
    """The account in which a bucket is, where its name ends with that."""
    last = bucket.rsplit("-", 1)[-1]
    return last if len(last) == 12 and last.isdecimal() else None
