"""Taking the app away: everything that Chalice and `ops deploy` made, nothing that holds data."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ops.aws import stacks as cloudformation
from ops.aws import wiring
from ops.aws.failures import missing_permission
from ops.deploy.applying import found_record
from ops.deploy.chalice import chalice
from ops.deploy.packaging import build_folder
from ops.deploy.record import Deployment, State, new_id
from ops.deploy.site import Site
from ops.progress import Step
from ops.project import Project, write_whole

_NOTHING: Mapping[str, Any] = {"resources": [], "schema_version": "2.0", "backend": "api"}
_KINDS = {
    "lambda_function": "functions",
    "iam_role": "roles",
    "rest_api": "API",
    "cloudwatch_event": "schedules",
    "sqs_event": "queue's event mapping",
    "s3_event": "bucket's notification",
}


class Removing:
    """One run of `ops destroy`. What is there is looked for, whatever any record says."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._found = found_record(site, site.project)

    def plan(self) -> str:
        """What goes, and what stays."""
        resources = self._found.record["resources"]
        lines = [f"  goes: {_counted(kind, resources)}" for kind in _KINDS if _counted(kind, resources)]
        lines += [f"  goes: the stack {self._site.names.monitoring_stack}"] * self._has_monitoring()
        names = self._site.names
        stays = f"  stays: the stack {names.data_stack} with bucket, table and queues; logs; records of deployments"
        return "\n".join([f"Take away {self._site.described()}.", *(lines or ["  goes: nothing is there"]), stays])

    def steps(self) -> tuple[Step, ...]:
        """All of it, in an order in which nothing hangs on what has gone."""
        return (
            Step("usage plan", self._usage_plan),
            Step("app", self._app),
            Step("monitoring", self._monitoring),
            Step("record", self._record),
        )

    def what_stays(self) -> str:
        """How to remove the rest by hand."""
        names, site = self._site.names, self._site
        return (
            f"The data of {site.stage} is still there. To go back: python -m ops deploy --stage {site.stage}\n"
            "To remove the data too, for good and with all its backups, by hand:\n"
            f"  aws dynamodb update-table --table-name {site.settings().table_name} --no-deletion-protection-enabled\n"
            f"  aws cloudformation delete-stack --stack-name {names.data_stack}\n"
            f"  then delete the table {site.settings().table_name}, the queues {names.prefix}-*, the log groups\n"
            f"  /aws/lambda/{names.prefix}*, and, with all their versions, the buckets {site.settings().bucket_name}\n"
            f"  and {site.deployments.bucket}.{self._keys()}"
        )

    def _keys(self) -> str:
        """The stack's key by its id, because its alias goes with the stack."""
        found = cloudformation.resources(self._site.account.cloudformation, self._site.names.data_stack)
        keys = [each.id for each in found if each.type == "AWS::KMS::Key"]
        commands = "".join(f"\n  aws kms schedule-key-deletion --key-id {key}" for key in keys)
        return (
            f"\n  Last, because what is left of all that cannot be read without it, the key:{commands}" if keys else ""
        )

    def _usage_plan(self) -> str:
        return "done" if wiring.remove_usage_plan(self._site.account, self._site.names.prefix) else "there was none"

    def _app(self) -> str:
        site, found = self._site, self._found
        wiring.remove_surplus(site.account, found.surplus_apis, found.surplus_mappings)
        folder = build_folder(site.project, site.stage)
        write_whole(Project(folder).deployed_path(site.stage), json.dumps(found.record))
        chalice(folder, ["delete", "--stage", site.stage], site.account.region, missing_permission)
        if site.deployments.exist():
            site.deployments.keep_chalice(dict(_NOTHING))
        site.project.deployed_path(site.stage).unlink(missing_ok=True)
        return f"done, {len(found.record['resources'])} resources"

    def _monitoring(self) -> str:
        gone = cloudformation.deleted(self._site.account.cloudformation, self._site.names.monitoring_stack)
        return "done" if gone else "there was none"

    def _record(self) -> str:
        site, now = self._site, datetime.now(UTC)
        if not site.deployments.exist():
            return "nowhere to note it"
        gone = Deployment(
            id=new_id(now, None),
            kind="destroy",
            build=new_id(now, None),
            stage=site.stage,
            account=site.account.id,
            region=site.account.region,
            who=site.account.caller,
            started_at=now,
            finished_at=now,
            state=State.PASSED,
            package=None,
            inputs={},
        )
        site.deployments.keep(gone)
        return f"done, {gone.id}"

    def _has_monitoring(self) -> bool:
        client, name = self._site.account.cloudformation, self._site.names.monitoring_stack
        return cloudformation.status_of(client, name) is not None


def _counted(kind: str, resources: list[dict[str, Any]]) -> str:
    names = [str(each["name"]) for each in resources if each["resource_type"] == kind]
    return f"{_KINDS[kind]} {', '.join(names)}" if names else ""
